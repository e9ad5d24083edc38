"""The write doors of the record: the only writers, each named for what a person would say."""

from register.initiatives.services.asking import note_no_answer
from register.initiatives.services.barriers import change_barrier, raise_barrier
from register.initiatives.services.initiative import (
    UPDATE_EVERY,
    Move,
    confirm_still_current,
    delete_initiative,
    edit_initiative,
    log_initiative,
    restore_initiative,
)
from register.initiatives.services.like import log_initiative_like
from register.initiatives.services.money import (
    add_benefit,
    add_cost,
    add_funding,
    add_saving,
    change_benefit,
    change_cost,
    change_funding,
    change_saving,
    change_stated_figure,
    say_why_no_figure,
    state_figure,
    verify_saving,
)
from register.initiatives.services.papers import (
    add_agreement,
    add_document,
    change_agreement,
    change_document,
    cite_source,
    remove_from_record,
)
from register.initiatives.services.partners import Part
from register.initiatives.services.progress import (
    add_milestone,
    add_update,
    change_milestone,
    change_standing,
    change_update,
    move_stage,
)

__all__ = [
    "UPDATE_EVERY",
    "Move",
    "Part",
    "add_agreement",
    "add_benefit",
    "add_cost",
    "add_document",
    "add_funding",
    "add_milestone",
    "add_saving",
    "add_update",
    "change_agreement",
    "change_barrier",
    "change_benefit",
    "change_cost",
    "change_document",
    "change_funding",
    "change_milestone",
    "change_saving",
    "change_standing",
    "change_stated_figure",
    "change_update",
    "cite_source",
    "confirm_still_current",
    "delete_initiative",
    "edit_initiative",
    "log_initiative",
    "log_initiative_like",
    "move_stage",
    "note_no_answer",
    "raise_barrier",
    "remove_from_record",
    "restore_initiative",
    "say_why_no_figure",
    "state_figure",
    "verify_saving",
]

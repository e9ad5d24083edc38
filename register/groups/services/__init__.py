"""The write doors of what a working group does."""

from register.groups.services.asks import (
    Outcome,
    change_ask,
    close_ask,
    correct_answer,
    draw_up_ask,
    mark_as_asked,
    record_answer,
    withdraw_ask,
)
from register.groups.services.considerations import (
    may_speak_for,
    notify_organisation,
    record_consideration,
)
from register.groups.services.decisions import record_decision
from register.groups.services.flags import flag_for_review, withdraw_flag
from register.groups.services.meetings import arrange_meeting, cancel_meeting, change_meeting
from register.groups.services.members import change_group_roles, remove_from_group
from register.groups.services.remits import set_remit

__all__ = [
    "Outcome",
    "arrange_meeting",
    "cancel_meeting",
    "change_ask",
    "change_group_roles",
    "change_meeting",
    "close_ask",
    "correct_answer",
    "draw_up_ask",
    "flag_for_review",
    "mark_as_asked",
    "may_speak_for",
    "notify_organisation",
    "record_answer",
    "record_consideration",
    "record_decision",
    "remove_from_group",
    "set_remit",
    "withdraw_ask",
    "withdraw_flag",
]

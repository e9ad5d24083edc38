"""The write doors of what a working group does."""

from register.groups.services.asks import draw_up_ask
from register.groups.services.considerations import (
    may_speak_for,
    notify_organisation,
    record_consideration,
)
from register.groups.services.decisions import record_decision
from register.groups.services.flags import flag_for_review, withdraw_flag
from register.groups.services.meetings import arrange_meeting
from register.groups.services.remits import set_remit

__all__ = [
    "arrange_meeting",
    "draw_up_ask",
    "flag_for_review",
    "may_speak_for",
    "notify_organisation",
    "record_consideration",
    "record_decision",
    "set_remit",
    "withdraw_flag",
]

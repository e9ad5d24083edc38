"""A working group's remit, meetings, decisions and asks, what it is asked to look at, and what bodies considered."""

from register.groups.models.ask import Ask, AskBarrier
from register.groups.models.consideration import Consideration
from register.groups.models.decision import Decision
from register.groups.models.flag import ReviewFlag
from register.groups.models.meeting import Meeting
from register.groups.models.remit import Remit

__all__ = ["Ask", "AskBarrier", "Consideration", "Decision", "Meeting", "Remit", "ReviewFlag"]

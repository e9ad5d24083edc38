"""A working group with a digest on Mondays at seven, people in it, and a mail server that takes what is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from register.accounts.models import User, WorkingGroup
from register.core.tracking import origin
from register.digests.choosing.schedules import set_schedule
from register.digests.models import Edition, EditionItem
from register.groups.services import set_remit
from tests.factories import person, working_group
from tests.support.mail import Sink

__all__ = ["LAST_MONDAY", "MONDAY", "NEXT_MONDAY", "Sink", "Team", "items_of", "london", "new_team"]


def london(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/London"))


LAST_MONDAY = london("2026-11-16T07:00")
MONDAY = london("2026-11-23T07:00")
NEXT_MONDAY = london("2026-11-30T07:00")


@dataclass
class Team:
    """A group whose remit is Derbyshire, its digest anchored at the Monday before, and one member."""

    group: WorkingGroup
    member: User


def new_team(code: str = "peak", **remit: list[str]) -> Team:
    group = working_group(code=code, name=f"{code.title()} group")
    with origin("test"):
        set_remit(by=None, group=group, name=code, parameters=remit or {"place": ["derbyshire"]})
        set_schedule(by=None, group=group, at=LAST_MONDAY)
    return Team(group, person("group_member", group=group, name="Mo Member"))


def items_of(edition: Edition) -> list[EditionItem]:
    """What an edition says, in its order."""
    items = EditionItem.objects.in_bulk(edition.says)
    return [items[pk] for pk in edition.says]

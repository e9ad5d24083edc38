"""Whom a letter is for, in words: a group's member, or who follows things."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.functional import lazy

from register.accounts.roles import Role
from register.digests.making.following import WHEN, ZONE
from register.digests.models import Delivery
from register.digests.slots import WEEKLY
from register.digests.words import the, when
from register.digests.writing.lines import address

RANK = [Role.CHAIR, Role.SECRETARY, Role.GROUP_MEMBER]
ROLES = {Role.CHAIR: "the chair", Role.SECRETARY: "the secretary", Role.GROUP_MEMBER: "a member"}


@dataclass(frozen=True)
class Audience:
    """Whom an edition is for: a working group, or one person who follows things."""

    name: str
    in_subject: str
    what: str
    zone: str
    period: str
    because: str
    link: str
    link_text: str
    url: Any
    last: str = ""  # what is said of the last one there is


FOLLOWERS = Audience(
    name="What you follow",
    in_subject="what you follow",
    what="what you follow",
    zone=ZONE,
    period=WEEKLY,
    because=f"{WHEN} because you follow initiatives or saved views. What your groups’ digests tell is not in it.",
    link="Open what you follow",
    link_text="What you follow",
    url=lazy(partial(address, "view_list"), str)(),
)


def audience_of(delivery: Delivery) -> Audience:
    """A group's digest for one of its members."""
    group = delivery.edition.group
    assert group is not None
    schedule = group.digest_schedule
    return Audience(
        name=str(group),
        in_subject=str(group),
        what="the remit",
        zone=schedule.zone,
        period=schedule.rhythm,
        because=f"{when(schedule)} because you are {_role(delivery)} of {the(str(group))}.",
        link="Open the group’s dashboard",
        link_text="The group’s dashboard",
        url=address("group", group.code),
        last="" if schedule.is_on else "The group has switched its digest off: this is the last one.",
    )


def _role(delivery: Delivery) -> str:
    held = delivery.user.holdings.groups.get(delivery.edition.group_id or 0, frozenset())
    return next((ROLES[role] for role in RANK if role in held), "a member")

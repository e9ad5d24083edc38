"""Which meetings, decisions and asks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from register.accounts.models import RoleGrant, WorkingGroup
from register.groups.models import Ask, Decision, Meeting

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User


def meetings_to_come(group: WorkingGroup, *, at: datetime) -> QuerySet[Meeting]:
    """Those that have not begun at a moment, the next one first."""
    return Meeting.objects.filter(group=group, starts_at__gt=at).order_by("starts_at")


def meetings_held(group: WorkingGroup, *, at: datetime) -> QuerySet[Meeting]:
    """Those that have begun, the latest first."""
    return Meeting.objects.filter(group=group, starts_at__lte=at).order_by("-starts_at")


def decisions_of(group: WorkingGroup, user: User | AnonymousUser) -> QuerySet[Decision]:
    """A group's decisions on records that the reader may see, the latest first."""
    found = Decision.objects.visible_to(user).filter(group=group)
    return found.select_related("initiative", "meeting", "recorded_by").order_by("-decided_on", "-id")


def asks_of(group: WorkingGroup) -> QuerySet[Ask]:
    """A group's asks; the barriers of each are for the reader's eyes, and filtered where they are shown."""
    return Ask.objects.filter(group=group).select_related("addressee").order_by("-id")


def members_of(group: WorkingGroup) -> QuerySet[RoleGrant]:
    """The roles that people who can still sign in hold in a group, with the people."""
    return (
        RoleGrant.objects.filter(group=group, user__is_active=True)
        .select_related("user")
        .order_by("user__name")
    )

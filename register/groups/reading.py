"""Which meetings, decisions and asks, and whom a decision or a question may go to."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, QuerySet

from register.accounts.models import RoleGrant, User, WorkingGroup
from register.accounts.permissions import Holdings, Table, has_permission
from register.accounts.roles import Audience, Permission, Role
from register.groups.models import Ask, Decision, Meeting, ReviewFlag
from register.initiatives.whole import gather

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.initiatives.models import Initiative


def meetings_to_come(group: WorkingGroup, *, at: datetime) -> QuerySet[Meeting]:
    """Those that have not begun at a moment, the next one first."""
    coming = Meeting.objects.filter(group=group, starts_at__gt=at, began_at=None)
    return coming.order_by("starts_at")


def meetings_held(group: WorkingGroup, *, at: datetime) -> QuerySet[Meeting]:
    """Those that have begun, by the clock or because somebody started them a little early; the latest first."""
    begun = Q(starts_at__lte=at) | Q(began_at__isnull=False)
    decided = Exists(Decision.objects.filter(meeting=OuterRef("pk")))
    return Meeting.objects.filter(begun, group=group).annotate(has_decisions=decided).order_by("-starts_at")


def decisions_of(group: WorkingGroup, user: User | AnonymousUser) -> QuerySet[Decision]:
    """A group's decisions on records that the reader may see, the latest first."""
    found = Decision.objects.visible_to(user).filter(group=group)
    found = found.select_related("initiative", "meeting", "recorded_by", "corrects", "corrected_by")
    return found.order_by("-decided_on", "-id")


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


def who_may_see_to(initiative: Initiative | None, group: WorkingGroup) -> QuerySet[User]:
    """The people of a group, and those who keep the initiative: of the organisations that edit it, or who logged it.

    Of them those who may see it, for nobody else can be told of it.
    """
    found = Q(roles__group=group)
    if initiative is not None:
        editors = initiative.permission_scope().editors
        found |= Q(
            roles__organisation__in=editors, roles__role__in=[Role.CONTRIBUTOR, Role.ORGANISATION_LEAD]
        ) | Q(pk=initiative.created_by_id)
    people = User.objects.filter(found, is_active=True).distinct()
    if initiative is not None and initiative.audience != Audience.EVERYONE:
        people = User.objects.filter(pk__in=_who_see(people, initiative))
    return people.order_by("name", "pk")


def _who_see(people: QuerySet[User], initiative: Initiative) -> list[int]:
    """Asked in memory: each of some tens of people has roles of their own."""
    gather([initiative], ["partners", "named_groups"], named=False)
    seeing = []
    for person in people.prefetch_related("roles"):
        held = [(role.role, role.organisation_id, role.group_id) for role in person.roles.all()]
        person.holdings = Holdings.of(held, person.pk)
        if has_permission(person, Permission.VIEW, initiative):
            seeing.append(person.pk)
    return seeing


def last_recorded(group: WorkingGroup) -> int:
    """The number of the decision that was recorded last: what is recorded meanwhile has a higher one."""
    last = Decision.objects.filter(group=group).order_by("-pk").values_list("pk", flat=True).first()
    return last or 0


def groups_asked(initiative: Initiative) -> list[WorkingGroup]:
    """The groups that have been asked to look at it, and have not yet."""
    asked = ReviewFlag.objects.filter(initiative=initiative).standing().values("group")
    return list(WorkingGroup.objects.filter(pk__in=asked))


def groups_to_ask(initiative: Initiative) -> list[WorkingGroup]:
    """The groups that may be asked to look at it: those whose every member may see it."""
    gather([initiative], ["partners", "named_groups"], named=False)
    asked = ReviewFlag.objects.filter(initiative=initiative).standing().values("group")
    groups = WorkingGroup.objects.exclude(pk__in=asked)
    return [
        group
        for group in groups.order_by("is_fictional", "name")
        if has_permission(Table.of(group), Permission.VIEW, initiative)  # type: ignore[arg-type]
    ]

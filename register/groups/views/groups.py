"""The list of working groups, and who is in one."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from register.accounts.models import RoleGrant, User, WorkingGroup
from register.accounts.roles import Role
from register.core.clock import now
from register.groups.models import Meeting
from register.groups.reading import members_of
from register.groups.views.common import group_for, head

# The order in which a group's people are named.
ROLES = (Role.CHAIR, Role.SECRETARY, Role.GROUP_MEMBER)


@dataclass(frozen=True)
class GroupRow:
    group: WorkingGroup
    roles: str
    next_meeting: Meeting | None
    secretaries: tuple[User, ...]


@dataclass(frozen=True)
class Member:
    user: User
    roles: str


@require_safe
def group_list(request: HttpRequest) -> HttpResponse:
    """`/groups/`: one's own first, with links; the others by name, and whom to ask."""
    secretaries = RoleGrant.objects.filter(role=Role.SECRETARY, user__is_active=True).select_related("user")
    meetings = Meeting.objects.filter(starts_at__gt=now()).order_by("starts_at")
    groups = WorkingGroup.objects.order_by("is_fictional", "name").prefetch_related(
        Prefetch("roles", secretaries, to_attr="secretary_roles"),
        Prefetch("meetings", meetings, to_attr="to_come"),
    )
    holdings = request.user.holdings
    rows = [
        GroupRow(
            group,
            ", ".join(sorted(role.label.lower() for role in holdings.groups.get(group.pk, ()))),
            next(iter(group.to_come), None),
            tuple(grant.user for grant in group.secretary_roles),
        )
        for group in groups
    ]
    context = {
        "mine": [row for row in rows if row.group.pk in holdings.groups],
        "others": [row for row in rows if row.group.pk not in holdings.groups],
        "may_open_all": holdings.sees_everything,
    }
    return render(request, "groups/list.html", context)


@require_safe
def members(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/members/`: who is in it, in which role."""
    group = group_for(request, code)
    return render(
        request, "groups/members.html", head(request, group, "group_members") | {"members": people(group)}
    )


def people(group: WorkingGroup) -> list[Member]:
    """Each person once, with their roles: the chair first, then secretaries, then members."""
    found: dict[int, tuple[User, list[Role]]] = {}
    for grant in members_of(group):
        found.setdefault(grant.user_id, (grant.user, []))[1].append(Role(grant.role))
    ordered = [(user, sorted(roles, key=ROLES.index)) for user, roles in found.values()]
    ordered.sort(key=lambda row: (ROLES.index(row[1][0]), row[0].get_full_name()))
    return [Member(user, ", ".join(role.label for role in roles)) for user, roles in ordered]

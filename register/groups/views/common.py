"""What every page of a working group starts with: may this person be here, and the head with its tabs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from register.accounts.models import WorkingGroup
from register.accounts.permissions import has_permission, require
from register.accounts.roles import Permission
from register.catalogue.filters import list_url
from register.core.clock import now
from register.groups.models import Meeting
from register.groups.remit import remit_parameters

TABS = (
    ("group_state_of_play", "State of play"),
    ("group_opportunities", "Opportunities"),
    ("group_barriers", "Barriers"),
    ("group_queue", "Reviews"),
    ("group_asks", "Asks"),
    ("group_decisions", "Decisions"),
    ("group_meetings", "Meetings"),
    ("group_members", "Members"),
    ("group", "About"),
)


@dataclass(frozen=True)
class Tab:
    label: str
    url: str
    is_current: bool


def group_for(
    request: HttpRequest, code: str, permission: Permission = Permission.VIEW_GROUP
) -> WorkingGroup:
    """The group, with its remit and when it last met (`last_met_at`): one query. 404 without one, 403 with a reason."""
    held = Meeting.objects.filter(group=OuterRef("pk"), starts_at__lte=now()).order_by("-starts_at")
    groups = WorkingGroup.objects.select_related("remit__view")
    group = get_object_or_404(groups.annotate(last_met_at=Subquery(held.values("starts_at")[:1])), code=code)
    require(request.user, permission, group)
    return group


@lru_cache(maxsize=4096)
def address(name: str, **key: str | int) -> str:
    """Of a page that others of the same thing lead to: each of them looks up the same twenty."""
    return reverse(name, kwargs=key)


def head(request: HttpRequest, group: WorkingGroup, current: str) -> dict[str, Any]:
    """What `groups/_head.html` shows: the group, its tabs, and what the reader may do in it."""
    parameters = remit_parameters(group)
    return {
        "group": group,
        "tabs": [Tab(label, address(name, code=group.code), name == current) for name, label in TABS],
        "remit_url": list_url(parameters) if parameters is not None else "",
        "may_decide": has_permission(request.user, Permission.DECIDE, group),
        "may_manage": has_permission(request.user, Permission.MANAGE_GROUP, group),
        "as_of": now(),
    }

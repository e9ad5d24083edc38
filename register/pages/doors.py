"""The links in the foot of every page that only some people's roles open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from register.accounts.permissions import has_permission
from register.accounts.roles import Permission

DOORS = (
    (Permission.AUDIT, "Drafts of others", "draft_list"),
    (Permission.MANAGE_REGISTER, "Components", "components"),
    (Permission.MANAGE_REGISTER, "Administration", "admin:index"),
)


def doors(request: HttpRequest) -> dict[str, Callable[[], list[tuple[str, str]]]]:
    """`doors` in every template, as (label, address). Asked only where they are shown: a plain error page has none."""
    return {"doors": lambda: _doors_of(getattr(request, "user", None))}


def _doors_of(user: Any) -> list[tuple[str, str]]:
    if user is None:
        return []
    return [(label, reverse(name)) for permission, label, name in DOORS if has_permission(user, permission)]

"""Finding the record a page is about."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from register.accounts.permissions import has_permission, require
from register.accounts.roles import Permission
from register.initiatives.models import Initiative
from register.initiatives.whole import gather, whole


def visible_or_404(user: Any, reference: str) -> Initiative:
    """The record, for who may see it; for anybody else, and when it is deleted, there is none."""
    initiative = Initiative.objects.kept().by_reference(reference)
    gather([initiative] if initiative else [], ["partners", "named_groups"])
    if initiative is None or not has_permission(user, Permission.VIEW, initiative):
        raise Http404
    return initiative


def whole_or_404(user: Any, reference: str, *also: str) -> Initiative:
    """The same with all that hangs on it, and what the managers named in `also` give."""
    initiative = whole(reference, *also)
    if initiative is None or not has_permission(user, Permission.VIEW, initiative):
        raise Http404
    return initiative


def editable_or_403(user: Any, reference: str) -> Initiative:
    """The record, for who may keep it current; a page that says why not for who may only see it."""
    initiative = visible_or_404(user, reference)
    require(user, Permission.EDIT, initiative)
    return initiative

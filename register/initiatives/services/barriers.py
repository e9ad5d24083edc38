"""The write doors of what is in the way."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from register.accounts.roles import Permission
from register.core.tracking import write_door
from register.initiatives.models import Barrier, Initiative
from register.initiatives.models.barrier import RESOLVED
from register.initiatives.services.common import create, locked, must_be_allowed, save_new_version

if TYPE_CHECKING:
    from register.accounts.models import User


@write_door
def raise_barrier(
    *, by: User | None, initiative: Initiative, raised_on: date, on: date, **fields: Any
) -> Barrier:
    """Say what is in the way: title, category, severity, remover and more (columns of Barrier)."""
    must_be_allowed(by, Permission.EDIT, initiative)
    _check_dates(raised_on, None, on)
    return create(Barrier, initiative=initiative, raised_on=raised_on, **fields)


@write_door
def change_barrier(
    *, by: User | None, barrier: Barrier, version: int | None, on: date, reason: str = "", **fields: Any
) -> Barrier:
    """Change it. A removed or accepted barrier carries the date; an open one none."""
    current = locked(barrier, version)
    must_be_allowed(by, Permission.EDIT, current.initiative)
    state = fields.get("state", current.state)
    resolved_on = fields.get("resolved_on", current.resolved_on)
    if state in RESOLVED and resolved_on is None:
        raise ValidationError({"resolved_on": "Give the date it was removed or accepted."})
    if state not in RESOLVED:
        resolved_on = None
    _check_dates(fields.get("raised_on", current.raised_on), resolved_on, on)
    save_new_version(current, fields | {"resolved_on": resolved_on})
    return current


def _check_dates(raised_on: date, resolved_on: date | None, on: date) -> None:
    if raised_on > on:
        raise ValidationError({"raised_on": "That date is still to come."})
    if resolved_on and resolved_on > on:
        raise ValidationError({"resolved_on": "That date is still to come."})
    if resolved_on and resolved_on < raised_on:
        raise ValidationError({"resolved_on": f"That is before it was raised ({raised_on:%-d %B %Y})."})

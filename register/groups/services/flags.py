"""What a working group is asked to look at."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

from register.accounts.models import WorkingGroup
from register.accounts.permissions import Table, has_permission, require
from register.accounts.roles import Permission
from register.core.tracking import write_door
from register.groups.models import ReviewFlag
from register.initiatives.models import Initiative
from register.initiatives.services.common import create

if TYPE_CHECKING:
    from register.accounts.models import User


@write_door
def flag_for_review(*, by: User | None, initiative: Initiative, group: WorkingGroup, why: str) -> ReviewFlag:
    """Ask a group to look at an initiative that one keeps.

    ValidationError when it has been asked already, and for a group whose members may not all open the record.
    """
    if by is not None:
        require(by, Permission.EDIT, initiative)
    if not Initiative.objects.visible_to(Table.of(group)).filter(pk=initiative.pk).exists():  # type: ignore[arg-type]
        raise ValidationError(
            {"group": f"Not everyone in “{group}” may see this record. Name the group in who may see it."}
        )
    if ReviewFlag.objects.filter(group=group, initiative=initiative).standing().exists():
        raise ValidationError({"group": f"“{group}” has been asked to look at it already."})
    return create(ReviewFlag, initiative=initiative, group=group, why=why, raised_by=by)


@write_door
def withdraw_flag(*, by: User | None, flag: ReviewFlag, at: datetime) -> ReviewFlag:
    """The group need not look at it after all: said by who keeps the initiative, or by the group."""
    current = ReviewFlag.objects.select_for_update().get(pk=flag.pk)
    if by is not None and not has_permission(by, Permission.EDIT, current.initiative):
        require(by, Permission.DECIDE, current.group)
        require(by, Permission.VIEW, current.initiative)
    if current.withdrawn_at is None and current.settled_by_id is None:
        current.withdrawn_at = at
        current.save(update_fields=["withdrawn_at"])
    return current

"""What a working group is asked to look at."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

from register.accounts.models import WorkingGroup
from register.accounts.permissions import has_permission, require
from register.accounts.roles import Permission
from register.core.tracking import write_door
from register.groups.models import ReviewFlag
from register.initiatives.models import Initiative

if TYPE_CHECKING:
    from register.accounts.models import User


@write_door
def flag_for_review(*, by: User | None, initiative: Initiative, group: WorkingGroup, why: str) -> ReviewFlag:
    """Ask a group to look at an initiative that one keeps. ValidationError when it has been asked already."""
    if by is not None:
        require(by, Permission.EDIT, initiative)
    if ReviewFlag.objects.filter(group=group, initiative=initiative).standing().exists():
        raise ValidationError({"group": f"The {group} has been asked to look at it already."})
    flag = ReviewFlag(initiative=initiative, group=group, why=why, raised_by=by)
    flag.full_clean()
    flag.save()
    return flag


@write_door
def withdraw_flag(*, by: User | None, flag: ReviewFlag, at: datetime) -> ReviewFlag:
    """The group need not look at it after all: said by who keeps the initiative, or by the group."""
    if by is not None and not has_permission(by, Permission.EDIT, flag.initiative):
        require(by, Permission.DECIDE, flag.group)
    if flag.withdrawn_at is None and flag.settled_by_id is None:
        flag.withdrawn_at = at
        flag.save(update_fields=["withdrawn_at"])
    return flag

"""Who is in a working group, and in which role."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

from register.accounts.models import RoleGrant, WorkingGroup
from register.accounts.people.services import let_go
from register.accounts.roles import Permission
from register.accounts.services import grant_role, revoke_role
from register.core.tracking import write_door
from register.groups.services.common import must

if TYPE_CHECKING:
    from register.accounts.models import User


@write_door
def change_group_roles(
    *,
    by: User | None,
    group: WorkingGroup,
    user: User,
    give: Collection[str],
    take: Collection[str] = (),
    reason: str = "",
) -> None:
    """Give and take away a person's roles in a group; what is named in neither stays. Who is left without any role
    anywhere is signed out and can't sign in.

    ValidationError for who can't sign in any more, and for the last secretary who would step down.
    """
    must(by, Permission.MANAGE_GROUP, group)
    if give and not user.is_active:
        raise ValidationError("This person’s account is closed.")
    for role in give:
        grant_role(by=by, user=user, role=role, group=group)
    for grant in RoleGrant.objects.filter(user=user, group=group, role__in=take):
        revoke_role(by=by, grant=grant, reason=reason)
    if take:
        let_go(by=by, user=user)


@write_door
def remove_from_group(*, by: User | None, group: WorkingGroup, user: User, reason: str = "") -> None:
    """Take somebody out of a group, with every role in it."""
    held = RoleGrant.objects.filter(user=user, group=group).values_list("role", flat=True)
    change_group_roles(by=by, group=group, user=user, give=(), take=list(held), reason=reason)

"""Which of the records at hand a person may see: `InitiativeQuerySet.visible_to` for what has been read already."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from register.accounts.permissions import has_permission
from register.accounts.roles import Audience, Permission
from register.initiatives.whole import gather

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User
    from register.initiatives.models import Initiative


def keeps_lines_of(user: User | AnonymousUser, initiative: Initiative) -> Collection[int] | None:
    """The organisations whose lines of money in a record the user keeps; None when everybody's.

    The same rule as `has_permission(user, EDIT, line)`, for a page of them.
    """
    if has_permission(user, Permission.HAND_OVER, initiative):
        return None
    if not has_permission(user, Permission.EDIT, initiative):
        return ()
    return user.holdings.organisations_allowing(Permission.EDIT) & initiative.permission_scope().editors  # type: ignore[union-attr]


def seen_by(user: User | AnonymousUser, initiatives: Sequence[Initiative]) -> set[int]:
    """The keys of those that the user may see; deleted ones never. Asks only of records that not everyone may see."""
    if not user.is_authenticated or not user.is_active:
        return set()
    kept = [initiative for initiative in initiatives if initiative.deleted_at is None]
    restricted = [initiative for initiative in kept if initiative.audience != Audience.EVERYONE]
    gather(restricted, ["partners", "named_groups"], named=False)
    hidden = {one.pk for one in restricted if not has_permission(user, Permission.VIEW, one)}
    return {initiative.pk for initiative in kept} - hidden

"""May this person do that to this? One question, asked of roles (data) and of the scope of the thing.

A thing whose visibility others must judge offers `permission_scope()`, so that this package never imports what
it judges. The same rule as a queryset lives with the thing (`InitiativeQuerySet.visible_to`); a test holds the
two equal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from django.core.exceptions import PermissionDenied

from register.accounts.roles import ALLOWED, SEES_EVERYTHING, Audience, Permission, Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User, WorkingGroup


@dataclass(frozen=True)
class Scope:
    """What a thing says of itself: whose it is and who may see it (ids of organisations, groups, a person)."""

    audience: str | None = None
    lead: frozenset[int] = frozenset()
    partners: frozenset[int] = frozenset()
    editors: frozenset[int] = frozenset()
    groups: frozenset[int] = frozenset()
    author: int | None = None
    deleted: bool = False


class Scoped(Protocol):
    def permission_scope(self) -> Scope: ...


@dataclass(frozen=True)
class Holdings:
    """The roles one person holds: in the register, by organisation id, by working group id."""

    user: int | None = None
    register: frozenset[Role] = frozenset()
    organisations: dict[int, frozenset[Role]] = field(default_factory=dict)
    groups: dict[int, frozenset[Role]] = field(default_factory=dict)
    # Nobody's: the register itself sees every record that is kept, to freeze what readers then see with their own eyes.
    is_the_register: bool = False

    @classmethod
    def of(cls, rows: Iterable[tuple[str, int | None, int | None]], user: int | None) -> Holdings:
        register: set[Role] = set()
        organisations: dict[int, set[Role]] = defaultdict(set)
        groups: dict[int, set[Role]] = defaultdict(set)
        for role, organisation, group in rows:
            if organisation:
                organisations[organisation].add(Role(role))
            elif group:
                groups[group].add(Role(role))
            else:
                register.add(Role(role))
        return cls(
            user,
            frozenset(register),
            {pk: frozenset(roles) for pk, roles in organisations.items()},
            {pk: frozenset(roles) for pk, roles in groups.items()},
        )

    @property
    def sees_everything(self) -> bool:
        """Administrators and auditors answer for the whole register. Others' drafts are in no list or number of
        theirs; they open one by its reference, and that is recorded (`Permission.OPEN`)."""
        return bool(self.register & SEES_EVERYTHING)

    @property
    def is_administrator(self) -> bool:
        return Role.ADMINISTRATOR in self.register

    def organisations_allowing(self, permission: Permission) -> frozenset[int]:
        """The organisations for which one of the person's roles allows it."""
        return frozenset(pk for pk, roles in self.organisations.items() if _any_allows(roles, permission))

    def groups_allowing(self, permission: Permission) -> frozenset[int]:
        return frozenset(pk for pk, roles in self.groups.items() if _any_allows(roles, permission))


@dataclass(frozen=True)
class Table:
    """Whoever sits at a working group's table: a reader who sees what every member may, and no more.

    What a meeting has before it is counted through these eyes, so that nobody reads there what is not theirs.
    """

    holdings: Holdings
    pk: int | None = None
    is_authenticated: bool = True
    is_active: bool = True

    @classmethod
    def of(cls, group: WorkingGroup) -> Table:
        return cls(Holdings(groups={group.pk: frozenset({Role.GROUP_MEMBER})}))


def _any_allows(roles: Iterable[Role], permission: Permission) -> bool:
    return any(permission in ALLOWED[role] for role in roles)


def has_permission(user: User | AnonymousUser, permission: Permission, obj: Scoped | None = None) -> bool:
    """Whether the user may, for this object or (without one) anywhere at all. Nobody signed out may anything."""
    if not user.is_authenticated or not user.is_active:
        return False
    holdings: Holdings = user.holdings
    if permission in (Permission.VIEW, Permission.OPEN) and obj is not None:
        overseen = permission is Permission.OPEN and holdings.sees_everything
        return overseen or _may_see(holdings, obj.permission_scope())
    if _any_allows(holdings.register, permission):
        return True
    if obj is None:
        return bool(holdings.organisations_allowing(permission) or holdings.groups_allowing(permission))
    return _may_do(holdings, permission, obj.permission_scope())


def _may_see(holdings: Holdings, scope: Scope) -> bool:
    if holdings.sees_everything and scope.audience != Audience.DRAFT:
        return True
    if scope.deleted:
        return _may_do(holdings, Permission.DELETE, scope)
    if scope.audience is None or scope.audience == Audience.EVERYONE:
        return True
    if scope.author is not None and scope.author == holdings.user:
        return True
    mine = frozenset(holdings.organisations)
    if scope.audience == Audience.DRAFT:
        return bool(scope.lead & mine)
    if scope.partners & mine:
        return True
    return scope.audience == Audience.PARTNERS_AND_GROUPS and bool(scope.groups & frozenset(holdings.groups))


def _may_do(holdings: Holdings, permission: Permission, scope: Scope) -> bool:
    """Groups act on groups, organisations on what they lead, take part in or host, authors on what they logged."""
    if permission in (Permission.VIEW_GROUP, Permission.MANAGE_GROUP, Permission.DECIDE):
        return bool(scope.groups & holdings.groups_allowing(permission))
    allowing = holdings.organisations_allowing(permission)
    if permission in (Permission.DELETE, Permission.HAND_OVER):
        return bool(scope.lead & allowing) or _is_author(holdings, scope, allowing)
    return bool(scope.editors & allowing) or _is_author(holdings, scope, allowing)


def _is_author(holdings: Holdings, scope: Scope, allowing: frozenset[int]) -> bool:
    """Who logged a record keeps it current too, for as long as they contribute anywhere."""
    return bool(allowing) and scope.author is not None and scope.author == holdings.user


def require(user: Any, permission: Permission, obj: Scoped | None = None) -> None:
    """Raise PermissionDenied (a 403 page that says why) unless the user may."""
    if not has_permission(user, permission, obj):
        raise PermissionDenied(f"Your roles do not let you {permission.value}.")

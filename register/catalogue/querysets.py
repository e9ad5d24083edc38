"""Which saved views: those a person may see, and those they may change."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from register.accounts.roles import Permission

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User


class SavedViewQuerySet(models.QuerySet):
    """A working group's remit is a saved view too: `remits` are the groups' (see `register.groups`)."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """One's own, and those shared with one's groups; every one for administrators and auditors."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.all() if user.holdings.sees_everything else self.meant_for(user)

    def meant_for(self, user: User) -> Self:
        """One's own, and those shared with the groups that one belongs to, whatever else a role lets one see."""
        return self.filter(Q(owner=user) | Q(self._shared(with_groups=user.holdings.groups)))

    def editable_by(self, user: User | AnonymousUser) -> Self:
        """One's own, and those shared with a group that one manages; a remit by who manages its group alone."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        remit = Q(self._remit())
        if user.holdings.is_administrator:  # who manages every group
            return self.filter(Q(owner=user) | Q(self._shared()) | remit)
        managed = user.holdings.groups_allowing(Permission.MANAGE_GROUP)
        others = Q(self._remit(beside=managed))
        mine = Q(owner=user) & ~remit
        return self.filter(mine | (Q(self._shared(with_groups=managed)) & ~others))

    def remits(self) -> Self:
        """Those that are what a working group looks at."""
        return self.filter(self._remit())

    def _shared(self, with_groups: Iterable[int] | None = None) -> Exists:
        shares = self._linked("shares")
        return Exists(shares if with_groups is None else shares.filter(group__in=list(with_groups)))

    def _remit(self, beside: Iterable[int] = ()) -> Exists:
        return Exists(self._linked("remits").exclude(group__in=list(beside)))

    def _linked(self, name: str) -> Any:
        """The rows that point at a view. (The remit's model is a floor above: only its name is known here.)"""
        relation = self.model._meta.get_field(name).related_model
        return relation._default_manager.filter(view=OuterRef("pk"))  # type: ignore[union-attr]

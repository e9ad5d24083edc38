"""Which editions and deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User


class EditionQuerySet(models.QuerySet):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Editions of one's groups and one's own; every one for administrators and auditors."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.holdings.sees_everything:
            return self.all()
        return self.filter(Q(group__in=list(user.holdings.groups)) | Q(person=user))


class DeliveryQuerySet(models.QuerySet):
    def waiting(self) -> Self:
        return self.filter(state="waiting")

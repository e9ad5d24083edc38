"""Which editions and deliveries."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User
    from register.digests.models import Edition


class EditionQuerySet(models.QuerySet):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Editions of one's groups and one's own; every group's for administrators and auditors.

        What somebody follows is nobody else's business.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.holdings.sees_everything:
            return self.filter(Q(person=None) | Q(person=user))
        return self.filter(Q(group__in=list(user.holdings.groups)) | Q(person=user))

    def built(self) -> Self:
        """Ready or quiet: no longer being built."""
        return self.exclude(state="open")

    def before(self, edition: Edition) -> Self:
        """Earlier editions for the same audience, the latest first."""
        return self.filter(
            group=edition.group_id, person=edition.person_id, ends_at__lte=edition.starts_at
        ).order_by("-ends_at")


class DeliveryQuerySet(models.QuerySet):
    def due(self, *, now: datetime) -> Self:
        """Waiting, and their time has come."""
        return self.filter(state="waiting", due_at__lte=now)

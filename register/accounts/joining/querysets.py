"""Which invitations and requests are open, and whose they are to manage."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from register.accounts.roles import Permission

if TYPE_CHECKING:
    from register.accounts.models import User, WorkingGroup
    from register.reference.models import Organisation


class InvitationQuerySet(models.QuerySet):
    def unanswered(self) -> InvitationQuerySet:
        """Neither used nor withdrawn; it may have run out."""
        return self.filter(used_at=None, withdrawn_at=None)

    def ran_out(self, *, now: datetime) -> InvitationQuerySet:
        return self.unanswered().filter(expires_at__lte=now)

    def into(self, organisation: Organisation | None, group: WorkingGroup | None) -> InvitationQuerySet:
        """Into one organisation, one group, or (neither) the register."""
        return self.filter(organisation=organisation, group=group)

    def managed_by(self, user: User) -> InvitationQuerySet:
        """Those that somebody may send again and withdraw."""
        if user.holdings.is_administrator:
            return self.all()
        return self.filter(
            Q(organisation__in=user.holdings.organisations_allowing(Permission.MANAGE_PEOPLE))
            | Q(group__in=user.holdings.groups_allowing(Permission.MANAGE_GROUP))
        )


class AccessRequestQuerySet(models.QuerySet):
    def waiting(self) -> AccessRequestQuerySet:
        """Confirmed by who has the address, and not answered yet."""
        return self.exclude(confirmed_at=None).filter(decided_at=None)

    def managed_by(self, user: User) -> AccessRequestQuerySet:
        """Those that somebody answers."""
        if user.holdings.is_administrator:
            return self.exclude(organisation=None)
        return self.filter(organisation__in=user.holdings.organisations_allowing(Permission.MANAGE_PEOPLE))

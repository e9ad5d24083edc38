"""Which initiatives, and which of what hangs on them: the reading rules."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from register.accounts.roles import Audience, Permission
from register.initiatives.vocabulary import EDITING_ROLES, STANDING_IN_THE_WAY, PartnerRole, Standing

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User
    from register.initiatives.models import Initiative

REFERENCE = re.compile(r"BL-(\d{5,12})", re.IGNORECASE)


def number_of(reference: str) -> int | None:
    """The number in a reference such as BL-00042; None in any other text."""
    match = REFERENCE.fullmatch(reference)
    return int(match[1]) if match else None


class InitiativeQuerySet(models.QuerySet["Initiative"]):
    def by_reference(self, reference: str) -> Initiative | None:
        """The initiative of a reference such as BL-00042, deleted or not; None for any other text."""
        number = number_of(reference)
        return None if number is None else self.filter(number=number).first()

    def kept(self) -> Self:
        """Not deleted."""
        return self.filter(deleted_at=None)

    def real(self) -> Self:
        """Without the fictional Exampleshire, which no national number counts."""
        return self.filter(is_fictional=False)

    def late(self, on: date) -> Self:
        """Those that go on and are past the day their update was due. (A draft is unfinished, not late.)"""
        late = self.kept().filter(standing=Standing.ACTIVE, next_update_due__lt=on)
        return late.exclude(audience=Audience.DRAFT)

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """What a person may see, deleted records left out. The same rule as `has_permission(user, VIEW, …)`."""
        return self.kept().open_to(user)

    def open_to(self, user: User | AnonymousUser) -> Self:
        """What its audience opens to a person, whether it was deleted or not."""
        from register.initiatives.models import InitiativeGroup, InitiativePartner

        if not user.is_authenticated or not user.is_active:
            return self.none()
        holdings = user.holdings
        if holdings.is_the_register:
            return self
        everybody = Q(audience=Audience.EVERYONE)
        seen = ~Q(audience=Audience.DRAFT) if holdings.sees_everything else everybody
        if user.pk is not None:  # a table has logged nothing, and what nobody logged is not a table's
            seen |= Q(created_by=user.pk)
        if holdings.organisations:
            # Lists of keys, made once a query: an EXISTS beside an OR is weighed as if asked of every record.
            partners = InitiativePartner.objects.filter(organisation__in=list(holdings.organisations))
            mine = partners.values("initiative")
            leads = partners.filter(role=PartnerRole.LEAD).values("initiative")
            seen |= ~Q(audience=Audience.DRAFT) & Q(pk__in=mine)
            seen |= Q(audience=Audience.DRAFT) & Q(pk__in=leads)
        if holdings.groups:
            named = InitiativeGroup.objects.filter(group__in=list(holdings.groups)).values("initiative")
            seen |= Q(audience=Audience.PARTNERS_AND_GROUPS) & Q(pk__in=named)
        return self.filter(seen)

    def drafts_unseen_by(self, user: User) -> Self:
        """Others' drafts, deleted ones too: for who oversees the register to open knowingly, one by one."""
        own = self.model._default_manager.open_to(user).filter(audience=Audience.DRAFT)
        return self.filter(audience=Audience.DRAFT).exclude(created_by=user).exclude(pk__in=own.values("pk"))

    def editable_by(self, user: User | AnonymousUser) -> Self:
        """What a person may change. The same rule as `has_permission(user, EDIT, …)`."""
        return self._allowed(user, Permission.EDIT)

    def restorable_by(self, user: User | AnonymousUser) -> Self:
        """Deleted records that a person may restore."""
        return self._allowed(user, Permission.DELETE, deleted=True)

    def _allowed(self, user: Any, permission: Permission, *, deleted: bool = False) -> Self:
        if not user.is_authenticated or not user.is_active:
            return self.none()
        holdings = user.holdings
        found = self.filter(deleted_at__isnull=not deleted)
        if holdings.is_administrator:
            return found
        allowing = list(holdings.organisations_allowing(permission))
        if not allowing:
            return self.none()
        leads = Q(Exists(self._partners(organisation__in=allowing, role=PartnerRole.LEAD)))
        if permission is Permission.DELETE:
            return found.filter(leads | Q(created_by=user))
        takes_part = Q(Exists(self._partners(organisation__in=allowing, role__in=EDITING_ROLES)))
        return found.filter(leads | (~Q(audience=Audience.DRAFT) & takes_part) | Q(created_by=user))

    def _partners(self, **where: Any) -> models.QuerySet:
        from register.initiatives.models import InitiativePartner

        return InitiativePartner.objects.filter(initiative=OuterRef("pk"), **where)

    def of_organisations(self, organisations: Any) -> Self:
        """In which any of these organisations has a role."""
        return self.filter(Exists(self._partners(organisation__in=organisations)))


class HangingQuerySet(models.QuerySet):
    """What hangs on an initiative is seen by who sees the initiative."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        from register.initiatives.models import Initiative

        return self.filter(initiative__in=Initiative.objects.visible_to(user))


class PartnerQuerySet(HangingQuerySet):
    def leads(self) -> Self:
        return self.filter(role=PartnerRole.LEAD)


class BarrierQuerySet(HangingQuerySet):
    def in_the_way(self) -> Self:
        """Open, or being worked on."""
        return self.filter(state__in=STANDING_IN_THE_WAY)


class LineQuerySet(models.QuerySet):
    """Saving lines: forecast and actual, claimed and verified are never added together."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        from register.initiatives.models import Initiative

        return self.filter(benefit__initiative__in=Initiative.objects.visible_to(user))

    def verified(self) -> Self:
        return self.exclude(verified_on=None)

    def claimed(self) -> Self:
        return self.filter(verified_on=None)

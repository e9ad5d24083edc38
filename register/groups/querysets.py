"""Which decisions stand, which flags wait, and what an organisation had to do with in a year."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db.models import Exists, OuterRef, Q

from register.initiatives.querysets import HangingQuerySet


class DecisionQuerySet(HangingQuerySet):
    def standing(self) -> Self:
        """Not corrected by a later one."""
        return self.filter(corrected_by=None)

    def last_words(self) -> Self:
        """The last that each group decided on each initiative, as it stands."""
        later = self.model._default_manager.filter(
            Q(decided_on__gt=OuterRef("decided_on"))
            | Q(decided_on=OuterRef("decided_on"), pk__gt=OuterRef("pk")),
            initiative=OuterRef("initiative"),
            group=OuterRef("group"),
            corrected_by=None,
        )
        return self.standing().filter(~Exists(later))


class FlagQuerySet(HangingQuerySet):
    def standing(self) -> Self:
        """Neither settled by a decision nor withdrawn."""
        return self.filter(settled_by=None, withdrawn_at=None)


class ConsiderationQuerySet(HangingQuerySet):
    def between(self, first: date, last: date) -> Self:
        """Notified or considered from one day to another, both included."""
        return self.filter(
            Q(notified_on__gte=first, notified_on__lte=last)
            | Q(considered_on__gte=first, considered_on__lte=last)
        )

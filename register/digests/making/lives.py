"""The lives of the database: one more after each restore. Snapshots and rows compare within one life alone.

What is of an earlier life was committed before all of a later one, so a snapshot sees all changes of the lives before
its own, and none of those after.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from register.digests.making.models import Restoration
from register.digests.models import Edition
from register.history.models import Change
from register.history.querysets import ChangeQuerySet


@dataclass(frozen=True)
class Lives:
    """The last key of a change, and of an edition, in each life but the last."""

    changes: tuple[int, ...] = ()
    editions: tuple[int, ...] = ()
    # What happened before was told, if not by an edition that is known here.
    told_until: datetime | None = None

    @classmethod
    def read(cls) -> Lives:
        rows = list(Restoration.objects.all())
        return cls(
            tuple(row.last_change for row in rows),
            tuple(row.last_edition for row in rows),
            max((row.told_until for row in rows if row.told_until), default=None),
        )

    @property
    def last(self) -> int:
        return len(self.changes)

    def of_change(self, change: Change) -> int:
        return bisect_left(self.changes, change.pk)

    def of_edition(self, edition: Edition) -> int:
        return bisect_left(self.editions, edition.pk) if edition.pk else self.last

    def seen_by(self, edition: Edition) -> ChangeQuerySet:
        """The changes that were committed when the edition's snapshot was taken."""
        if not self.changes:
            return Change.objects.seen_by(edition.snapshot)
        life = self.of_edition(edition)
        earlier = Q(pk__lte=self.changes[life - 1]) if life else Q(pk__in=())
        return Change.objects.and_seen(edition.snapshot).filter(earlier | (Q(seen=True) & self._of(life)))

    def not_seen_by(self, edition: Edition) -> ChangeQuerySet:
        """Those that were not."""
        unseen = Change.objects.not_seen_by(edition.snapshot)
        if not self.changes:
            return unseen
        life = self.of_edition(edition)
        later = Q(pk__gt=self.changes[life]) if life < self.last else Q(pk__in=())
        return Change.objects.filter(later | Q(pk__in=unseen.filter(self._of(life)).values("pk")))

    def _of(self, life: int) -> Q:
        """The changes of one life."""
        found = Q(pk__gt=self.changes[life - 1]) if life else Q()
        return found & Q(pk__lte=self.changes[life]) if life < self.last else found

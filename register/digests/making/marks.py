"""How far an audience has been told: which changes its editions up to one of them hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from register.digests.models import Edition
from register.history.models import Change
from register.history.snapshots import snapshot_of


@dataclass(frozen=True)
class Mark:
    """Told is what is timed before `at` and what the snapshot saw of that; without one, all of it."""

    at: datetime
    snapshot: str = ""

    @classmethod
    def of(cls, edition: Edition) -> Mark:
        return cls(edition.ends_at, edition.snapshot)

    def holds(self, change: Change) -> bool:
        return change.at < self.at and (not self.snapshot or snapshot_of(self.snapshot).sees(change.tx))


@dataclass(frozen=True)
class Span:
    """What one edition tells: up to its mark, less what those before it told."""

    after: Mark | None
    until: Mark

    def holds(self, change: Change) -> bool:
        return self.until.holds(change) and not (self.after and self.after.holds(change))

"""How far an audience has been told: which changes its editions up to one of them hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from register.digests.making.lives import Lives
from register.digests.models import Edition
from register.history.models import Change
from register.history.snapshots import snapshot_of


@dataclass(frozen=True)
class Mark:
    """Told is what is timed before `at` and what the snapshot saw of that; without one, all of it."""

    at: datetime
    snapshot: str = ""
    life: int = 0
    lives: Lives = field(default=Lives(), compare=False, repr=False)

    @classmethod
    def of(cls, edition: Edition, lives: Lives) -> Mark:
        return cls(edition.ends_at, edition.snapshot, lives.of_edition(edition), lives)

    def holds(self, change: Change) -> bool:
        return change.at < self.at and (not self.snapshot or self._sees(change))

    def _sees(self, change: Change) -> bool:
        life = self.lives.of_change(change)
        return life < self.life or (life == self.life and snapshot_of(self.snapshot).sees(change.tx))


@dataclass(frozen=True)
class Span:
    """What one edition tells: up to its mark, less what those before it told."""

    after: Mark | None
    until: Mark

    def holds(self, change: Change) -> bool:
        return self.until.holds(change) and not (self.after and self.after.holds(change))

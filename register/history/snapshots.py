"""What a snapshot of the database (a `pg_snapshot`) could see, told without asking it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True)
class Snapshot:
    """Transactions before `first` had ended; from `last` on none had begun; of those between, these still ran."""

    first: int
    last: int
    running: frozenset[int]

    def sees(self, tx: int) -> bool:
        """As PostgreSQL's pg_visible_in_snapshot."""
        return tx < self.first or (tx < self.last and tx not in self.running)


@lru_cache(maxsize=1024)
def snapshot_of(text: str) -> Snapshot:
    """The snapshot of a text such as "10:20:10,14"."""
    first, last, running = text.split(":")
    return Snapshot(int(first), int(last), frozenset(int(tx) for tx in running.split(",") if tx))

"""Changes of one object taken together: what it was before the first and is after the last."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from register.history.models import Change

ADDED, CHANGED, REMOVED = "I", "U", "D"


@dataclass
class Row:
    """One object's change: `before` and `after` hold what differs (all of it when added or removed)."""

    table: str
    object_id: int
    root_id: int | None
    operation: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    at: datetime = datetime.min
    tx: int = 0
    actor_id: int | None = None
    source: str = ""
    reason: str = ""

    @property
    def is_new_record(self) -> bool:
        return self.table == "register_initiative" and self.operation == ADDED

    def value(self, column: str) -> Any:
        """What a column is now, or was when the object went; None when the change says nothing of it."""
        return self.after.get(column, self.before.get(column))

    def take(self, change: Change) -> None:
        """Put a later change on top."""
        if change.operation == REMOVED:
            self.before = (change.before or {}) | self.before
            self.after = {}
            self.operation = "" if self.operation == ADDED else REMOVED
        elif change.operation == ADDED:
            self.operation, self.after = ADDED, dict(change.after or {})
        else:
            if self.operation != ADDED:
                self.before = (change.before or {}) | self.before
            self.after = self.after | (change.after or {})
        self._as_of(change)

    def _as_of(self, change: Change) -> None:
        self.at, self.tx, self.actor_id, self.source = change.at, change.tx, change.actor_id, change.source
        self.reason = change.reason or self.reason
        self.root_id = self.root_id or change.root_id

    @property
    def is_something(self) -> bool:
        """Whether anything differs in the end: not what came and went, nor what went there and back."""
        if self.operation == CHANGED:
            self.before = {k: v for k, v in self.before.items() if v != self.after.get(k)}
            self.after = {k: v for k, v in self.after.items() if k in self.before}
            return bool(self.before.keys() - {"version"})
        return bool(self.operation)


def combined(changes: Iterable[Change]) -> list[Row]:
    """Changes in order of time, one row for each object that is not as it was, in the order of first change."""
    rows: dict[tuple[str, int], Row] = {}
    for change in changes:
        key = (change.table_name, change.object_id)
        row = rows.get(key)
        if row is None:
            row = rows[key] = Row(change.table_name, change.object_id, change.root_id, change.operation)
            row.before, row.after = dict(change.before or {}), dict(change.after or {})
            row._as_of(change)
        else:
            row.take(change)
    return [row for row in rows.values() if row.is_something]

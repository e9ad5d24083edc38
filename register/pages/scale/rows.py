"""Rows on their way into the database: by model, with what the ledger is to say of each."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Model

Values = dict[str, Any]


@dataclass(frozen=True)
class Moment:
    """Somebody did something to a record: which of its moments, when and who."""

    initiative: int
    number: int
    at: datetime
    actor: int | None


@dataclass(frozen=True)
class Row:
    """A row of a table. `first` are columns that were otherwise when it was added."""

    model: type[Model]
    position: int
    moment: Moment
    values: Values
    first: Values


@dataclass(frozen=True)
class Change:
    """A change of a row that is there."""

    row: Row
    moment: Moment
    before: Values
    after: Values


@dataclass
class Batch:
    """Some initiatives and all that hangs on them. Rows point to each other by position until they have ids."""

    start: int
    rows: dict[type[Model], list[Row]] = field(default_factory=lambda: defaultdict(list))
    changes: list[Change] = field(default_factory=list)

    def add(self, model: type[Model], moment: Moment, first: Values | None = None, **values: Any) -> Row:
        row = Row(model, len(self.rows[model]), moment, values, first or {})
        self.rows[model].append(row)
        return row

    def change(self, row: Row, moment: Moment, **values: Any) -> None:
        """Columns as they come to be. The row keeps what it was at first for its addition in the ledger."""
        values["version"] = row.values["version"] + 1
        before = {name: row.values[name] for name in values}
        for name, value in before.items():
            row.first.setdefault(name, value)
        row.values.update(values)
        self.changes.append(Change(row, moment, before, dict(values)))


def as_json(values: Values) -> str:
    """As PostgreSQL's to_jsonb has them."""
    return json.dumps(values, default=_plain, ensure_ascii=False)


def _plain(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value)} is not kept in a change")

"""What a record said at one moment and at another; and a field as it was, to be put back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from register.core.dates import LimitedDate
from register.history.columns import label, show
from register.history.details import RECORD, Detail, details_of
from register.history.folding import net_rows
from register.history.lookup import PAIRS, Names, Row, Rows, names_for
from register.history.models import Change
from register.history.sayings import Teller
from register.initiatives.models import Initiative

# What edit_initiative() puts back alone. Stage and standing move by steps of their own; marking and audience go with
# who may see it; what hangs on the record has doors of its own.
RESTORABLE = (
    "title", "purpose", "summary", "description", "depth", "owner", "contact_post", "open_to_replication",
    "starts_on", "ends_on",
)  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """One value that is not the same; `column` names the field, where it can be put back."""

    detail: Detail
    column: str = ""


def differences(initiative: Initiative, *, start: datetime, end: datetime) -> list[Difference]:
    """What is not the same at `end` as it was at `start`, in three queries: the record's own fields first."""
    changes = list(Change.objects.of(initiative).between(start, end))
    rows = Rows(changes)
    nets = net_rows(changes, rows)
    teller = Teller(names_for(changes, rows), rows, nets, changes)
    names = {
        f"{label(RECORD, column)[0].upper()}{label(RECORD, column)[1:]}": column for column in RESTORABLE
    }
    found = []
    for net in sorted(nets, key=lambda net: net.table != RECORD):
        for detail in details_of(net, teller):
            column = names.get(detail.label, "") if net.table == RECORD and net.how == "changed" else ""
            found.append(Difference(detail, column))
    return found


def value_at(initiative: Initiative, column: str, moment: datetime) -> Row | None:
    """A field's columns (a date has two) just before a moment; None when the record was not there yet."""
    told = Change.objects.filter(table_name=RECORD, object_id=initiative.pk, at__lt=moment).order_by("id")
    row: Row = {}
    for after in told.values_list("after", flat=True):
        row |= after or {}
    if not row:
        return None
    return {name: row.get(name) for name in (column, PAIRS.get(column)) if name}


def value_now(initiative: Initiative, column: str) -> Row:
    names = (column, PAIRS.get(column))
    told = {name: getattr(initiative, name) for name in names if name}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in told.items()}


def in_words(column: str, row: Row) -> str:
    return show(RECORD, column, row, Names({}))


def as_field(column: str, row: Row) -> Mapping[str, Any]:
    """The field as edit_initiative() takes it."""
    value = row[column]
    if column not in PAIRS:
        return {column: value}
    name = column.removesuffix("_on")
    first = date.fromisoformat(value) if value else None
    return {name: LimitedDate.of(first, str(row[PAIRS[column]]))}

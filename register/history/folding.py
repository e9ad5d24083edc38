"""From changes to what they come to: each row once, there and back silent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from register.history.lookup import PAIRS, Row, Rows
from register.history.models import Change
from register.history.querysets import NOTED

ADDED, CHANGED, REMOVED = "added", "changed", "removed"
PRECISIONS = {precision: date for date, precision in PAIRS.items()}
# Rows that only link: one that was removed and added again has another id and says nothing.
LINKS = {
    "register_initiativearea": ("area_of_work_id",),
    "register_initiativeplace": ("police_area_id",),
    "register_initiativegroup": ("group_id",),
    "register_initiativepartner": ("organisation_id", "role"),
    "register_agreementparty": ("agreement_id", "organisation_id"),
    "register_askbarrier": ("ask_id", "barrier_id"),
}


# The columns that tell what was done together.
KEY = ("tx", "root_id", "request_id", "actor_id", "operation", "pk")


def key_of(change: Change) -> tuple[object, ...]:
    """What was done together: by one transaction to one record. (A loader's one transaction tells of many days.)

    A note stands alone. It looks at the columns of `KEY` and no other.
    """
    alone = change.pk if change.operation == NOTED else None
    return (change.tx, change.root_id, change.request_id, change.actor_id, alone)


@dataclass(frozen=True)
class Net:
    """What became of one row: what it was, what it is, which columns differ."""

    table: str
    object_id: int
    how: str
    before: Row
    after: Row
    columns: frozenset[str]
    changes: tuple[Change, ...]

    @property
    def row(self) -> Row:
        """What it is, or was when it was removed."""
        return self.before if self.how == REMOVED else self.after

    @property
    def last(self) -> Change:
        return self.changes[-1]


def net_rows(changes: Iterable[Change], rows: Rows) -> list[Net]:
    """What the changes come to, row by row, in the order of the last change of each."""
    of_row: dict[tuple[str, int], list[Change]] = defaultdict(list)
    for change in sorted(changes, key=lambda change: change.pk):
        of_row[change.table_name, change.object_id].append(change)
    found = [net for told in of_row.values() if (net := _net(told, rows)) is not None]
    return sorted(_without_relinked(found), key=lambda net: net.last.pk)


def _net(told: Sequence[Change], rows: Rows) -> Net | None:
    first, last = told[0], told[-1]
    born = first.operation == Change.Operation.ADDED
    gone = last.operation == Change.Operation.REMOVED
    if born and gone:
        return None
    before: Row = {} if born else rows.before(first)
    after = dict(before)
    for change in told:
        # What a removal tells of columns that nobody changed before, the row was from the beginning.
        before |= {} if born else {c: v for c, v in (change.before or {}).items() if c not in before}
        after |= change.after or {}
    if gone:
        return Net(first.table_name, first.object_id, REMOVED, before, {}, frozenset(before), tuple(told))
    how = ADDED if born else CHANGED
    columns = {c for c in after if c not in before or before[c] != after[c]} - {"version", "id"}
    # A precision is its date's: one that changed alone changed the date.
    columns |= {PRECISIONS[c] for c in columns & PRECISIONS.keys()}
    columns -= PRECISIONS.keys()
    if not columns:
        return None
    return Net(first.table_name, first.object_id, how, before, after, frozenset(columns), tuple(told))


def _without_relinked(found: list[Net]) -> list[Net]:
    """Without links that were removed and made again: partners whose note changed on the way stay."""
    removed: dict[tuple[object, ...], Net] = {}
    for net in found:
        if net.table in LINKS and net.how == REMOVED:
            removed[_link(net)] = net
    silent: set[int] = set()
    for net in found:
        other = removed.get(_link(net)) if net.table in LINKS and net.how == ADDED else None
        if other is not None:
            silent |= {id(net), id(other)}
    return [net for net in found if id(net) not in silent]


def _link(net: Net) -> tuple[object, ...]:
    return (net.table, net.last.root_id, *(net.row.get(column) for column in LINKS[net.table]))

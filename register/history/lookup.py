"""What ids are called now, and what rows were then: everything that words need, in two queries at most."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import Q

from register.history.models import Change

# Which columns hold ids of what has a name of its own.
NAMED = {
    "organisation_id": "organisation",
    "funder_id": "organisation",
    "notified_by_id": "organisation",
    "addressee_id": "organisation",
    "predecessor_id": "organisation",
    "successor_id": "organisation",
    "area_of_work_id": "area of work",
    "merged_into_id": "area of work",
    "police_area_id": "police area",
    "group_id": "working group",
}
# Who keeps a record: told by name where somebody hands it over.
KEEPER = "created_by_id"
# Rows that are spoken of by what they hang on.
PARENTS = {
    "benefit_id": "register_benefit",
    "agreement_id": "register_agreement",
    "ask_id": "register_ask",
    "barrier_id": "register_barrier",
}
HOLDERS = ("register_savingline", "register_agreementparty", "register_askbarrier")
# Dates whose precision is a column beside them.
PAIRS = {
    "starts_on": "starts_precision",
    "ends_on": "ends_precision",
    "since_on": "since_precision",
    "happened_on": "happened_precision",
    "due_on": "due_precision",
    "stated_on": "stated_precision",
}
LEFT = "Someone who has left"
NOBODY = "the register"

Row = dict[str, Any]


# Written out, because the ORM takes longer to write five tables' names than the database to give them.
_NAMES = """
    SELECT 'organisation', id, name FROM register_organisation WHERE id = ANY(%(organisation)s)
    UNION ALL SELECT 'area of work', id, name FROM register_areaofwork WHERE id = ANY(%(area of work)s)
    UNION ALL SELECT 'police area', id, name FROM register_policearea WHERE id = ANY(%(police area)s)
    UNION ALL SELECT 'working group', id, name FROM register_workinggroup WHERE id = ANY(%(working group)s)
    UNION ALL SELECT 'person', id, CASE
           WHEN erased_at IS NOT NULL THEN %(left)s WHEN name = '' THEN 'Someone with no name yet' ELSE name END
      FROM register_user WHERE id = ANY(%(person)s)
"""
_KINDS = (*dict.fromkeys(NAMED.values()), "person")


class Names:
    """Names of organisations, areas of work, police areas, groups and people, looked up at once."""

    def __init__(self, wanted: dict[str, set[int]]) -> None:
        self._known: dict[tuple[str, int], str] = {}
        if any(wanted.values()):
            keys: dict[str, Any] = {kind: list(wanted.get(kind, ())) for kind in _KINDS}
            with connection.cursor() as cursor:
                cursor.execute(_NAMES, keys | {"left": LEFT})
                self._known = {(kind, pk): name for kind, pk, name in cursor.fetchall()}

    def get(self, kind: str, pk: int | None) -> str:
        if pk is None:
            return ""
        return self._known.get((kind, pk), f"{'an' if kind[0] in 'aeo' else 'a'} {kind} no longer known")

    def person(self, pk: int | None) -> str:
        """Who it was: by the name of now, which may have been erased. Nobody means the register itself."""
        return NOBODY if pk is None else self._known.get(("person", pk), LEFT)


class Rows:
    """What rows were at moments of the past, told by the ledger alone: changes hold only what changed."""

    def __init__(self, changes: Iterable[Change]) -> None:
        wanted = _wanted_rows(changes)
        self._told: dict[tuple[str, int], list[tuple[int, Row | None, Row | None]]] = defaultdict(list)
        if not wanted:
            return
        which = Q()
        for table, ids in wanted.items():
            which |= Q(table_name=table, object_id__in=ids)
        told = Change.objects.filter(which).order_by("id")
        for pk, table, of, before, after in told.values_list(
            "id", "table_name", "object_id", "before", "after"
        ):
            self._told[table, of].append((pk, before, after))

    def before(self, change: Change) -> Row:
        """All columns as they were just before a change, as far as they were asked for."""
        row: Row = {}
        for pk, _, after in self._told.get((change.table_name, change.object_id), []):
            if pk >= change.pk:
                break
            row |= after or {}
        return row | (change.before or {})

    def latest(self, table: str, pk: int | None) -> Row:
        """All columns as they are, or were when the row was removed."""
        row: Row = {}
        for _, before, after in self._told.get((table, pk or 0), []):
            row |= after if after is not None else before or {}
        return row

    def __iter__(self) -> Iterable[Row]:
        for told in self._told.values():
            for _, before, after in told:
                yield before or {}
                yield after or {}


def _wanted_rows(changes: Iterable[Change]) -> dict[str, set[int]]:
    wanted: dict[str, set[int]] = defaultdict(set)
    for change in changes:
        row = change.after or change.before or {}
        if change.operation == Change.Operation.CHANGED and _needs_the_rest(change.table_name, row):
            wanted[change.table_name].add(change.object_id)
        if change.table_name in HOLDERS and change.operation != Change.Operation.CHANGED:
            for column, table in PARENTS.items():
                if row.get(column):
                    wanted[table].add(row[column])
    return wanted


def _needs_the_rest(table: str, row: Row) -> bool:
    """A record's own columns speak for themselves, but for a date without its precision."""
    if table != "register_initiative":
        return True
    return any((date in row) != (precision in row) for date, precision in PAIRS.items())


def names_for(changes: Iterable[Change], rows: Rows) -> Names:
    """The names of all that the changes, and the rows they speak of, hold ids of; of who made them and who keeps."""
    wanted: dict[str, set[int]] = defaultdict(set)

    def look(row: Row | None) -> None:
        for column in NAMED.keys() & (row or {}).keys():
            if row and row[column] is not None:
                wanted[NAMED[column]].add(row[column])
        if row and row.get(KEEPER):
            wanted["person"].add(row[KEEPER])

    for change in changes:
        look(change.before)
        look(change.after)
        if change.actor_id is not None:
            wanted["person"].add(change.actor_id)
    for row in rows:  # type: ignore[attr-defined]
        look(row)
    return Names(wanted)

"""Bringing the database up to the tables: adds what is new, updates what changed, keeps corrections.

Nothing that records may refer to (organisations, police areas, areas of work) is ever deleted: what has
vanished from the tables is reported. Other names, successions, coverage and borders that the tables brought
and no longer state are removed. What administrators added is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db.models import F, Model

from register.core.tracking import write_door
from register.reference.models import (
    AreaNeighbour,
    AreaOfWork,
    Coverage,
    Organisation,
    OrganisationName,
    PoliceArea,
    Region,
    Succession,
)
from register.reference.tables import FOLDER, read_tables


@dataclass(frozen=True)
class LoadReport:
    """What a load did. `kept` and `vanished` name what a person may want to look at."""

    created: int
    updated: int
    unchanged: int
    removed: int
    kept: tuple[str, ...]
    vanished: tuple[str, ...]

    @property
    def changed_anything(self) -> bool:
        return bool(self.created or self.updated or self.removed)

    def __str__(self) -> str:
        counts = (
            f"created {self.created:,}, updated {self.updated:,}, unchanged {self.unchanged:,}, "
            f"removed {self.removed:,}, kept corrections {len(self.kept):,}, "
            f"no longer in the tables {len(self.vanished):,}"
        )
        lines = [f"Kept a correction: {what}" for what in self.kept]
        lines += [f"No longer in the tables, left in place: {what}" for what in self.vanished]
        return "\n".join([counts, *lines])


@dataclass
class _Tally:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    kept: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)

    def report(self) -> LoadReport:
        return LoadReport(
            self.created, self.updated, self.unchanged, self.removed, tuple(self.kept), tuple(self.vanished)
        )


@write_door
def load_reference(*, by: Any = None, reason: str = "", folder: Path = FOLDER) -> LoadReport:
    """Load a folder's tables. The same tables again change nothing. TableError when one can't be read."""
    tables = read_tables(folder)
    tally = _Tally()
    regions = _settle(tally, Region, "code", tables.regions)
    areas = _settle_police_areas(tally, tables.police_areas, regions)
    organisations = _settle(tally, Organisation, "code", tables.organisations)
    _settle(tally, AreaOfWork, "code", tables.areas_of_work)
    _settle_neighbours(tally, tables.neighbours, areas)
    _settle_facts(
        tally,
        Coverage,
        {(organisations[o], areas[a]): values for (o, a), values in tables.coverage.items()},
        key=lambda row: (row.organisation, row.area),
        fields=("organisation", "area"),
        protected_by="coverage",
    )
    _settle_facts(
        tally,
        OrganisationName,
        {(organisations[o], name): values for (o, name), values in tables.names.items()},
        key=lambda row: (row.organisation, row.name.lower()),
        fields=("organisation",),
        protected_by="other_names",
    )
    _settle_facts(
        tally,
        Succession,
        {(organisations[o], organisations[s]): values for (o, s), values in tables.successions.items()},
        key=lambda row: (row.predecessor, row.successor),
        fields=("predecessor", "successor"),
        protected_by="ends_on",
    )
    return tally.report()


def _settle(
    tally: _Tally, model: type[Any], known_by: str, wanted: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """Create and update the rows of a table that is never emptied. Returns them by what they are known by."""
    existing = {getattr(row, known_by): row for row in model.objects.all()}
    marked = _has(model, "from_tables")
    new = [
        model(**values, **({"from_tables": True} if marked else {}))
        for key, values in wanted.items()
        if key not in existing
    ]
    changed: list[Any] = []
    touched: set[str] = set()
    for key, values in wanted.items():
        if key in existing:
            fields = _bring_up(tally, existing[key], values)
            if fields:
                changed.append(existing[key])
                touched |= fields
            else:
                tally.unchanged += 1
    _write(tally, model, new, changed, touched)
    tally.vanished += [
        str(row)
        for key, row in existing.items()
        if key not in wanted and getattr(row, "from_tables", True) and not getattr(row, "is_fictional", False)
    ]
    return existing | {getattr(row, known_by): row for row in new}


def _bring_up(tally: _Tally, row: Any, values: dict[str, Any]) -> set[str]:
    """Set the fields that differ, except what an administrator corrected or added. Returns those set."""
    differing = {name for name, value in values.items() if getattr(row, name) != value}
    if not differing:
        return set()
    if not getattr(row, "from_tables", True):
        tally.kept.append(f"{row}: added by an administrator")
        return set()
    corrected = set(getattr(row, "corrected_fields", ()))
    if "unverified" in differing and corrected:
        values = values | {"unverified": [name for name in values["unverified"] if name not in corrected]}
        differing = {name for name, value in values.items() if getattr(row, name) != value}
    kept = differing & corrected
    tally.kept += [f"{row}: {row._meta.get_field(name).verbose_name}" for name in sorted(kept)]
    for name in differing - kept:
        setattr(row, name, values[name])
    if differing - kept and _has(type(row), "version"):
        row.version += 1
        return (differing - kept) | {"version"}
    return differing - kept


def _settle_police_areas(
    tally: _Tally, wanted: Mapping[str, dict[str, Any]], regions: Mapping[str, Region]
) -> dict[str, PoliceArea]:
    rows = {slug: values | {"region": regions[values["region"]]} for slug, values in wanted.items()}
    # Two tiles that change places would meet half way: those that move step aside first.
    moving = [
        area.pk
        for area in PoliceArea.objects.on_the_map()
        if area.slug in rows
        and (area.column, area.row) != (rows[area.slug]["column"], rows[area.slug]["row"])
    ]
    if moving:
        PoliceArea.objects.filter(pk__in=moving).update(column=F("column") + 1000)
    return _settle(tally, PoliceArea, "slug", rows)


def _settle_neighbours(
    tally: _Tally, wanted: Collection[tuple[str, str]], areas: Mapping[str, PoliceArea]
) -> None:
    existing = {
        (row.area.slug, row.neighbour.slug): row
        for row in AreaNeighbour.objects.select_related("area", "neighbour")
        if not (row.area.is_fictional or row.neighbour.is_fictional)
    }
    new = [
        AreaNeighbour(area=areas[a], neighbour=areas[b]) for a, b in sorted(wanted) if (a, b) not in existing
    ]
    _write(tally, AreaNeighbour, new, [], set())
    tally.unchanged += len(existing.keys() & set(wanted))
    _remove(tally, AreaNeighbour, [row for pair, row in existing.items() if pair not in wanted])


def _settle_facts(
    tally: _Tally,
    model: type[Any],
    wanted: Mapping[tuple[Any, Any], dict[str, Any]],
    *,
    key: Callable[[Any], Hashable],
    fields: tuple[str, ...],
    protected_by: str,
) -> None:
    """Create, update and remove what is said of organisations (the first of `fields`).

    Left alone where an administrator corrected it: `protected_by` is in the organisation's corrected fields.
    """
    existing = {key(row): row for row in model.objects.select_related(*fields)}
    new: list[Any] = []
    changed: list[Any] = []
    touched: set[str] = set()
    for pair, values in wanted.items():
        organisation = pair[0]
        row = existing.get(pair)
        if protected_by in organisation.corrected_fields:
            if row is None:
                tally.kept.append(f"{organisation}: {model._meta.verbose_name}")
        elif row is None:
            ends = dict(zip(fields, pair, strict=False))
            new.append(model(**ends, **values, from_tables=True))
        elif differing := _bring_up(tally, row, values):
            changed.append(row)
            touched |= differing
        else:
            tally.unchanged += 1
    _write(tally, model, new, changed, touched)
    gone = [
        row
        for pair, row in existing.items()
        if row.from_tables
        and pair not in wanted
        and protected_by not in getattr(row, fields[0]).corrected_fields
    ]
    _remove(tally, model, gone)


def _write(
    tally: _Tally, model: type[Any], new: list[Any], changed: list[Any], touched: Collection[str]
) -> None:
    if new:
        model.objects.bulk_create(new)
    if changed:
        model.objects.bulk_update(changed, sorted(touched))
    tally.created += len(new)
    tally.updated += len(changed)


def _remove(tally: _Tally, model: type[Any], rows: list[Any]) -> None:
    if rows:
        model.objects.filter(pk__in=[row.pk for row in rows]).delete()
    tally.removed += len(rows)


def _has(model: type[Model], name: str) -> bool:
    return any(f.name == name for f in model._meta.get_fields())

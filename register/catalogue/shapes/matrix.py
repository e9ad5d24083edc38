"""The matrix: areas of work by regions, or by the police areas of one region."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from register.catalogue.filters import Parameters, list_url
from register.catalogue.narrowing import linked, listed
from register.catalogue.shapes.counting import areas_to_show, counted
from register.core.charts import Number, level
from register.initiatives.querysets import InitiativeQuerySet
from register.reference.models import AreaOfWork, PoliceArea

# As many police areas as a table can label; of more, their regions.
MOST_COLUMNS = 12


@dataclass(frozen=True)
class Column:
    """A region or a police area: all that is in it, and for a region the address that opens it."""

    label: str
    total: Number
    open_url: str = ""


@dataclass(frozen=True)
class Row:
    """An area of work, in each column and altogether."""

    label: str
    cells: tuple[Number, ...]
    total: Number


@dataclass(frozen=True)
class Matrix:
    total: Number
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    by_region: bool
    region: str  # the one whose police areas are the columns
    wider_url: str  # from there back to all regions
    nowhere: Number  # that name no police area
    without_area: Number  # that name no area of work

    @property
    def has_unlinked(self) -> bool:
        """Whether a number has no list of its own."""
        numbers = [number for row in self.rows for number in (*row.cells, row.total)]
        return any(number.n and not number.href for number in numbers)


@dataclass(frozen=True)
class _Key:
    """What a column is in the language."""

    name: str
    code: str
    label: str


def work_by_place(initiatives: InitiativeQuerySet, parameters: Parameters) -> Matrix:
    """Areas of work by regions or police areas: three queries."""
    every = AreaOfWork.objects.select_related("merged_into")
    work = {area.pk: area.merged_into or area for area in every}
    found = counted(initiatives, "entry__areas", "entry__places")
    areas = areas_to_show(parameters, {key for _, keys, _ in found for key in keys})
    within = _settled(listed(parameters), {area.code: work[area.pk].code for area in every})
    keys = _columns(within, areas)
    by_place = {area.pk: _key_of(area, keys) for area in areas}
    cells: Counter[tuple[str, str]] = Counter()
    for work_keys, place_keys, n in found:
        codes = {work[key].code for key in work_keys}
        columns = {by_place[key] for key in place_keys} - {""}
        for code in (*codes, ""):  # "" is the margin: all of them
            for column in (*columns, ""):
                cells[code, column] += n
    names = {area.code: area.name for area in work.values() if cells[area.code, ""]}
    if within.get("area"):
        names = {code: name for code, name in names.items() if code in within["area"]}
    by_region = any(key.name == "region" for key in keys)
    one = within["region"][0] if not by_region and len(within.get("region", ())) == 1 else ""
    return Matrix(
        total=linked(within, cells["", ""]),
        columns=tuple(_column(parameters, within, key, cells) for key in keys),
        rows=_rows(within, names, keys, cells),
        by_region=by_region,
        region=next((area.region.name for area in areas if area.region.code == one), ""),
        wider_url=list_url({k: v for k, v in within.items() if k != "region"}, **{"as": "matrix"})
        if one
        else "",
        nowhere=Number(sum(n for _, places, n in found if not places)),
        without_area=Number(sum(n for areas_of_work, _, n in found if not areas_of_work)),
    )


def _settled(within: Parameters, now: Mapping[str, str]) -> dict[str, list[str]]:
    """The same records, with areas of work that were merged called what they are now."""
    areas = dict.fromkeys(now.get(code, code) for code in within.get("area", ()))
    return {name: list(areas) if name == "area" else list(values) for name, values in within.items()}


def _columns(within: Parameters, areas: Sequence[PoliceArea]) -> list[_Key]:
    """The police areas that the parameters name, or those of their one region; otherwise regions."""
    places, regions = within.get("place", ()), within.get("region", ())
    asked = [
        area
        for area in areas
        if (not places or area.slug in places) and (not regions or area.region.code in regions)
    ]
    ordered = sorted(asked, key=lambda area: (area.region.name, area.name))
    if (places or len(regions) == 1) and len(ordered) <= MOST_COLUMNS:
        return [_Key("place", area.slug, area.name) for area in ordered]
    named = {area.region.code: area.region.name for area in ordered}
    return [_Key("region", code, name) for code, name in named.items()]


def _key_of(area: PoliceArea, keys: Sequence[_Key]) -> str:
    """The column that a police area belongs to; "" for none."""
    codes = {key.code for key in keys}
    return next((code for code in (area.slug, area.region.code) if code in codes), "")


def _column(
    parameters: Parameters, within: Parameters, key: _Key, cells: Mapping[tuple[str, str], int]
) -> Column:
    total = linked(within, cells["", key.code], 0, **{key.name: key.code})
    opens = key.name == "region"
    return Column(key.label, total, list_url(within, **{"as": "matrix", "region": key.code}) if opens else "")


def _rows(
    within: Parameters,
    names: Mapping[str, str],
    keys: Sequence[_Key],
    cells: Mapping[tuple[str, str], int],
) -> tuple[Row, ...]:
    """The areas of work that occur, those with most first."""
    most = max((cells[code, key.code] for code in names for key in keys), default=0)
    rows = [
        Row(
            name,
            tuple(
                linked(within, n, level(n, most), **{"area": code, key.name: key.code})
                for key in keys
                for n in [cells[code, key.code]]
            ),
            linked(within, cells[code, ""], area=code),
        )
        for code, name in names.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.total.n, row.label)))

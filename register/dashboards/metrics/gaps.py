"""The gap matrix: what is live, what is coming and what is nowhere, by area of work and place (or service)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from register.catalogue.filters import list_url
from register.catalogue.narrowing import narrowed
from register.dashboards.metrics.frame import ACTIVE, Frame
from register.initiatives.vocabulary import Stage
from register.reference.models import Organisation, PoliceArea

PLACES = "place"
# What the columns can be: police areas, or the services of one kind that cover them.
COLUMNS = (
    (PLACES, "Police areas"),
    (Organisation.Kind.POLICE.value, "Police forces"),
    (Organisation.Kind.FIRE.value, "Fire and rescue services"),
    (Organisation.Kind.AMBULANCE.value, "Ambulance services"),
)
# So many columns are no matrix yet; so many of 24 px fit beside the names of areas of work on a page of 1216 px.
FEW, MOST = 3, 43


@dataclass(frozen=True)
class Gap:
    """One area of work in one column: how many go on there, how many of them live, and the address of one or the other:
    of the list, or of what others do where nothing is recorded."""

    work: str
    column: str
    n: int
    live: int
    href: str
    first_of_region: bool = False

    @property
    def coming(self) -> int:
        return self.n - self.live

    @property
    def in_words(self) -> str:
        """Such as "3 going on, 2 live"."""
        if not self.n:
            return "nothing recorded"
        if not self.live:
            return f"{self.n} coming"
        return f"{self.n} live" if not self.coming else f"{self.n} going on, {self.live} live"


@dataclass(frozen=True)
class GapRow:
    work: str
    cells: tuple[Gap, ...]


@dataclass(frozen=True)
class ColumnGaps:
    """The same, of one column: for a phone, and for whoever asks about one place."""

    name: str
    gaps: tuple[Gap, ...]

    @property
    def found(self) -> tuple[Gap, ...]:
        return tuple(gap for gap in self.gaps if gap.n)

    @property
    def nothing(self) -> tuple[Gap, ...]:
        return tuple(gap for gap in self.gaps if not gap.n)


@dataclass(frozen=True)
class RegionGaps:
    name: str
    columns: tuple[ColumnGaps, ...]

    @property
    def with_something(self) -> int:
        return sum(1 for column in self.columns if column.found)


@dataclass(frozen=True)
class GapMatrix:
    by: str
    choices: tuple[tuple[str, str, bool], ...]
    regions: tuple[RegionGaps, ...]
    rows: tuple[GapRow, ...]

    @property
    def is_wide(self) -> bool:
        """Whether there are columns enough for a matrix; of fewer the list says it better."""
        return self._width > FEW

    @property
    def is_wider_than_the_page(self) -> bool:
        """Whether one has to scroll sideways to see all of it, on any screen."""
        return self._width > MOST

    @property
    def _width(self) -> int:
        return sum(len(region.columns) for region in self.regions)


@dataclass(frozen=True)
class _Column:
    """A place or a service: its name, region, code, and which question of the tallies has its initiatives."""

    name: str
    region: str
    code: str
    bits: int


def gap_matrix(frame: Frame, by: str = PLACES) -> GapMatrix:
    """Counted in bits; one query for what areas of work, places and services are called."""
    by = by if by in dict(COLUMNS) else PLACES
    work = [
        (area.code, area.name)
        for area in frame.tallied.atlas.active_work
        if frame.speaks_of("area", area.code)
    ]
    areas = sorted(frame.areas, key=lambda a: (a.region.code, a.row or 0, a.column or 0, a.name))
    columns = _places(frame, areas) if by == PLACES else _services(frame, areas, by)
    rows = tuple(_row(frame, code, name, columns, "place" if by == PLACES else "org") for code, name in work)
    return GapMatrix(
        by, tuple((code, label, code == by) for code, label in COLUMNS), _regions(columns, rows), rows
    )


def _places(frame: Frame, areas: Sequence[PoliceArea]) -> list[_Column]:
    return [
        _Column(area.name, area.region.name, area.slug, frame.tallied.bits("place", area.slug))
        for area in areas
    ]


def _services(frame: Frame, areas: Sequence[PoliceArea], kind: str) -> list[_Column]:
    """The services of a kind that cover these areas today, each under the first of its regions."""
    region_of = {area.pk: (place, area.region.name) for place, area in enumerate(areas)}
    found: dict[int, tuple[int, _Column]] = {}
    for one in frame.tallied.atlas.services_of(areas, kind):
        place, region = region_of[one.area_pk]
        if one.pk not in found or place < found[one.pk][0]:
            found[one.pk] = (
                place,
                _Column(one.name, region, one.code, frame.tallied.bits("org", str(one.pk))),
            )
    return [column for _, column in sorted(found.values(), key=lambda it: (it[0], it[1].name))]


def _row(frame: Frame, code: str, name: str, columns: Sequence[_Column], parameter: str) -> GapRow:
    here = frame.going_on & frame.tallied.bits("area", code)
    live = here & frame.tallied.bits("stage", Stage.LIVE)
    links, cells = _Links(frame, code, parameter), []
    for index, column in enumerate(columns):
        n = (here & column.bits).bit_count()
        first = index > 0 and columns[index - 1].region != column.region
        href = links.to_list(column.code) if n else links.to_others(column.code)
        cells.append(Gap(name, column.name, n, (live & column.bits).bit_count() if n else 0, href, first))
    return GapRow(name, tuple(cells))


class _Links:
    """The addresses of a row's cells, written once and filled in: six hundred are most of what a matrix costs."""

    BLANK = "COLUMN"

    def __init__(self, frame: Frame, area: str, parameter: str) -> None:
        self._frame, self._cell, self._parameter = frame, {"area": area, "standing": ACTIVE}, parameter
        self._is_free = not frame.parameters.get(parameter)
        found = narrowed(frame.parameters, {**self._cell, parameter: self.BLANK}) if self._is_free else None
        self._list = list_url(found) if found else ""
        self._others = frame.subject.page("others") + "?" + urlencode({"area": area, parameter: self.BLANK})

    def to_list(self, code: str) -> str:
        if self._is_free:
            return self._list.replace(self.BLANK, code)
        found = narrowed(self._frame.parameters, {**self._cell, self._parameter: code})
        return list_url(found) if found else ""

    def to_others(self, code: str) -> str:
        return self._others.replace(self.BLANK, code)


def _regions(columns: Sequence[_Column], rows: Sequence[GapRow]) -> tuple[RegionGaps, ...]:
    told: list[tuple[str, ColumnGaps]] = [
        (column.region, ColumnGaps(column.name, tuple(row.cells[index] for row in rows)))
        for index, column in enumerate(columns)
    ]
    return tuple(
        RegionGaps(region, tuple(gaps for _, gaps in some))
        for region, some in groupby(told, key=lambda it: it[0])
    )

"""Barriers: what is in the way and who can remove it, what it holds up, how long, and what was asked of whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Prefetch

from register.catalogue.tallies.columns import Column, Numbers
from register.catalogue.tallies.facts import MOST_WALLS
from register.core.charts import Number, level, percentage, width
from register.core.dates import LimitedDate, financial_year, financial_year_in_words
from register.dashboards.metrics.frame import Frame
from register.dashboards.metrics.lines import Ages, ages
from register.dashboards.metrics.waiting import waited
from register.dashboards.metrics.walls import NOT_HIGH, Open, Walls, open_for, with_days
from register.groups.asking import HELD_UP
from register.groups.models import Ask, AskBarrier
from register.groups.reading import asks_of
from register.initiatives.models import Barrier
from register.initiatives.models.barrier import RESOLVED
from register.initiatives.vocabulary import BarrierCategory, Remover, Severity

MOST_OPEN, MOST_RESOLVED = 12, 8
# Kinds of saving whose forecast is told beside what holds it up; each on its own, and recurring ones only.
FORECASTS = (("cashable", "Cashable"), ("non_cashable", "Non-cashable"))


@dataclass(frozen=True)
class Row:
    """A category of barriers: the initiatives held up, by who can remove them, and altogether; and what those were
    forecast to save this year (pence, by kind; None where no line says)."""

    label: str
    cells: tuple[Number, ...]
    total: Number
    forecasts: tuple[int | None, ...] = ()


@dataclass(frozen=True)
class AgeRow:
    """Open barriers of one age: how many, and where they are listed."""

    label: str
    number: Number
    width: str
    is_late: bool


@dataclass(frozen=True)
class AskRow:
    """An ask and those of its barriers that the reader may see."""

    ask: Ask
    barriers: tuple[Barrier, ...]
    held_up: int


@dataclass(frozen=True)
class Barriers:
    open: Number
    high: Number
    resolved_ever: int
    held_up: Number
    held_up_share: str
    held_up_base: int
    government: Number
    removers: tuple[str, ...]
    rows: tuple[Row, ...]
    totals: Row
    year: str
    forecasts: tuple[str, ...]
    ages: tuple[AgeRow, ...]
    oldest: tuple[Open, ...]
    resolved: tuple[Open, ...]
    asks: tuple[AskRow, ...]

    @property
    def ever(self) -> int:
        return self.open.n + self.resolved_ever

    @property
    def in_the_way(self) -> tuple[Row, ...]:
        """The categories that hold something up: the table's rows."""
        return tuple(row for row in self.rows if row.total.n)

    @property
    def clear(self) -> tuple[str, ...]:
        """The categories that hold nothing up, told in a line instead of a row of noughts each."""
        return tuple(row.label for row in self.rows if not row.total.n)

    @property
    def asks_answered(self) -> int:
        return sum(1 for row in self.asks if row.ask.state in (Ask.State.ANSWERED, Ask.State.CLOSED))


def barriers(frame: Frame) -> Barriers:
    """All of the page's numbers, counted in bits; the rows that it shows by four queries."""
    walls = Walls.of(frame)
    held_up, year = walls.held_up(walls.pairs), financial_year(frame.on)
    totals = _totals(walls, held_up, year)
    high, others = walls.told("open", Severity.HIGH), walls.told("open", *NOT_HIGH)
    standing, resolved = Column.joined((high, others)), walls.told("resolved")
    listed = frame.subject.page("open_barriers")
    return Barriers(
        open=Number(standing.size, listed if standing.size else ""),
        high=Number(high.size, f"{listed}?severity={Severity.HIGH}" if high.size else ""),
        resolved_ever=resolved.size,
        held_up=totals.total,
        held_up_share=percentage(held_up.bit_count(), walls.base.bit_count()),
        held_up_base=walls.base.bit_count(),
        government=totals.cells[Remover.values.index(Remover.GOVERNMENT)],
        removers=tuple("Department" if r is Remover.GOVERNMENT else str(r.label) for r in Remover),
        rows=_categories(walls, year),
        totals=totals,
        year=financial_year_in_words(year),
        forecasts=tuple(label for _, label in FORECASTS),
        ages=_ages(standing.values // MOST_WALLS, ages(frame.on), listed),
        oldest=tuple(
            open_for(row, frame.on)
            for row in _rows(with_days(standing.smallest(MOST_OPEN)), MOST_OPEN, "raised_on", walls)
        ),
        resolved=tuple(
            Open(row, waited(LimitedDate(row.raised_on), row.resolved_on or row.raised_on))
            for row in _rows(
                with_days(resolved.largest(MOST_RESOLVED)),
                MOST_RESOLVED,
                "resolved_on",
                walls,
            )
        ),
        asks=tuple(_asks(frame)),
    )


def _categories(walls: Walls, year: int) -> tuple[Row, ...]:
    found = {
        category: {remover: walls.held_up([(category, remover)]).bit_count() for remover in walls.removers}
        for category in walls.categories
    }
    most = max((n for row in found.values() for n in row.values()), default=0)
    rows = []
    for category, cells in found.items():
        numbers = tuple(
            walls.frame.number(n, level(n, most), barrier=category, remover=remover, standing=HELD_UP)
            for remover in Remover.values
            for n in [cells.get(remover, 0)]
        )
        held_up = walls.held_up([(category, remover) for remover in walls.removers])
        total = walls.frame.number(held_up.bit_count(), barrier=category, standing=HELD_UP)
        rows.append(
            Row(BarrierCategory(category).label, numbers, total, _forecasts(walls.frame, held_up, year))
        )
    return tuple(sorted(rows, key=lambda row: (-row.total.n, row.label)))


def _totals(walls: Walls, held_up: int, year: int) -> Row:
    cells = tuple(
        walls.frame.number(n, remover=remover, standing=HELD_UP)
        for remover in Remover.values
        for pairs in [[pair for pair in walls.pairs if pair[1] == remover]]
        for n in [walls.held_up(pairs).bit_count()]
    )
    total = walls.frame.number(held_up.bit_count(), remover=list(walls.removers), standing=HELD_UP)
    return Row("All", cells, total, _forecasts(walls.frame, held_up, year))


def _forecasts(frame: Frame, held_up: int, year: int) -> tuple[int | None, ...]:
    """What these initiatives were forecast to save in a year, each of them once: recurring savings, by kind."""
    names = [f"saving {kind} recurring {year} forecast" for kind, _ in FORECASTS]
    sums = frame.tallied.sums(names, held_up)
    return tuple(sums.get(name) for name in names)


def _ages(days: Numbers, told: Iterable[Ages], listed: str) -> tuple[AgeRow, ...]:
    counted = []
    for age in told:
        first, last = age.since.toordinal() if age.since else 0, age.until.toordinal()
        counted.append((age, int(((days >= first) & (days <= last)).sum())))
    most = max((n for _, n in counted), default=0)
    return tuple(
        AgeRow(
            age.label,
            Number(n, f"{listed}?age={age.code}" if n else ""),
            width(n, most),
            is_late=age.since is None,
        )
        for age, n in counted
    )


def _rows(chosen: list[tuple[int, int]], most: int, column: str, walls: Walls) -> list[Barrier]:
    """The barriers of these days and initiatives, in that order: one query."""
    if not chosen:
        return []
    rows = Barrier.objects.filter(
        initiative__in={key for _, key in chosen}, category__in=walls.categories, remover__in=walls.removers
    ).select_related("initiative")
    rows = rows.filter(state__in=RESOLVED) if column == "resolved_on" else rows.in_the_way()
    wanted = set(chosen)
    found = [
        row for row in rows.order_by("pk") if (getattr(row, column).toordinal(), row.initiative_id) in wanted
    ]
    found.sort(key=lambda row: (getattr(row, column), row.initiative_id), reverse=column == "resolved_on")
    return found[:most]


def _asks(frame: Frame) -> list[AskRow]:
    """The group's asks, each with those of its barriers that are on records the reader may see."""
    if frame.subject.group is None:
        return []
    seen = AskBarrier.objects.filter(barrier__in=Barrier.objects.visible_to(frame.user))
    links = seen.select_related("barrier__initiative").order_by("pk")
    found = []
    for ask in asks_of(frame.subject.group).prefetch_related(Prefetch("barrier_links", queryset=links)):
        mine = tuple(link.barrier for link in ask.barrier_links.all())
        found.append(AskRow(ask, mine, len({barrier.initiative_id for barrier in mine})))
    return found

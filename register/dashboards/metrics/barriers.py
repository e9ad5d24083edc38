"""Barriers: what is in the way and who can remove it, how long it has been there, and what was asked of whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet

from register.core.charts import Number, level, percentage, width
from register.core.dates import LimitedDate
from register.dashboards.metrics.frame import Frame, answers, question
from register.dashboards.metrics.waiting import waited, whole_months
from register.groups.models import Ask, AskBarrier
from register.groups.reading import asks_of
from register.initiatives.models import Barrier
from register.initiatives.models.barrier import RESOLVED
from register.initiatives.querysets import BarrierQuerySet
from register.initiatives.vocabulary import BarrierCategory, Remover, Severity, Standing

# What is closed or declined is held up no more; what is paused may be paused for the barrier's sake.
HELD_UP = (Standing.ACTIVE, Standing.PAUSED)
# At least so many months, and how that is called; the oldest is drawn as late.
AGES = ((24, "Over 2 years"), (12, "1 to 2 years"), (3, "3 to 12 months"), (0, "Under 3 months"))


@dataclass(frozen=True)
class Row:
    """A category of barriers: the initiatives held up, by who can remove them, and altogether."""

    label: str
    cells: tuple[Number, ...]
    total: Number


@dataclass(frozen=True)
class Open:
    barrier: Barrier
    age: str


@dataclass(frozen=True)
class Ages:
    """Open barriers of one age, oldest first: the count is of the rows under it."""

    code: str
    label: str
    rows: tuple[Open, ...]
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
    open: int
    high: int
    ever: int
    resolved: tuple[Open, ...]
    held_up: Number
    held_up_share: str
    held_up_base: int
    government: Number
    removers: tuple[str, ...]
    rows: tuple[Row, ...]
    totals: Row
    ages: tuple[Ages, ...]
    asks: tuple[AskRow, ...]
    asks_answered: int


def barriers(frame: Frame) -> Barriers:
    """All of the page's numbers, in five queries."""
    found = answers(**_questions(frame))
    held_up, base = found["all"].get(("", ""), 0), sum(found["base"].values())
    totals = _totals(frame, found["remover"], held_up)
    asks = tuple(_asks(frame))
    standing, resolved = _standing(frame), _resolved(frame)
    return Barriers(
        open=len(standing),
        high=sum(1 for row in standing if row.severity == Severity.HIGH),
        ever=len(standing) + len(resolved),
        resolved=tuple(Open(row, _lasted(row)) for row in resolved),
        held_up=totals.total,
        held_up_share=percentage(held_up, base),
        held_up_base=base,
        government=totals.cells[Remover.values.index(Remover.GOVERNMENT)],
        removers=tuple("Department" if r is Remover.GOVERNMENT else str(r.label) for r in Remover),
        rows=_categories(frame, found["cell"], found["category"]),
        totals=totals,
        ages=_ages(standing, frame.on),
        asks=asks,
        asks_answered=sum(1 for row in asks if row.ask.state in (Ask.State.ANSWERED, Ask.State.CLOSED)),
    )


def _mine(frame: Frame) -> BarrierQuerySet:
    """The barriers of initiatives that go on or are paused; those that the remit speaks of."""
    rows = Barrier.objects.filter(initiative__in=frame.initiatives.filter(standing__in=HELD_UP))
    if frame.parameters.get("barrier"):
        rows = rows.filter(category__in=list(frame.parameters["barrier"]))
    if frame.parameters.get("remover"):
        rows = rows.filter(remover__in=list(frame.parameters["remover"]))
    return rows


def _questions(frame: Frame) -> dict[str, QuerySet]:
    """Initiatives, not barriers: one held up by three of them counts once in each cell, row, column and in all."""
    standing = _mine(frame).in_the_way()
    return {
        "cell": question(standing, "category", "remover", count="initiative"),
        "category": question(standing, "category", count="initiative"),
        "remover": question(standing, "remover", count="initiative"),
        "all": question(standing, count="initiative"),
        "base": question(frame.initiatives.filter(standing__in=HELD_UP)),
    }


def _categories(
    frame: Frame, cells: Mapping[tuple[str, str], int], totals: Mapping[tuple[str, str], int]
) -> tuple[Row, ...]:
    most = max(cells.values(), default=0)
    rows = []
    for category in BarrierCategory:
        if not frame.speaks_of("barrier", category):
            continue
        numbers = tuple(
            frame.number(n, level(n, most), barrier=category.value, remover=remover, standing=HELD_UP)
            for remover in Remover.values
            for n in [cells.get((category, remover), 0)]
        )
        total = frame.number(totals.get((category, ""), 0), barrier=category.value, standing=HELD_UP)
        rows.append(Row(str(category.label), numbers, total))
    return tuple(sorted(rows, key=lambda row: -row.total.n))


def _totals(frame: Frame, by_remover: Mapping[tuple[str, str], int], held_up: int) -> Row:
    cells = tuple(
        frame.number(by_remover.get((remover, ""), 0), remover=remover, standing=HELD_UP)
        for remover in Remover.values
    )
    any_of_them = [r for r in Remover.values if frame.speaks_of("remover", r)]
    return Row("All", cells, frame.number(held_up, remover=any_of_them, standing=HELD_UP))


def _standing(frame: Frame) -> list[Barrier]:
    rows = _mine(frame).in_the_way().select_related("initiative")
    return list(rows.order_by("raised_on", "pk"))


def _resolved(frame: Frame) -> list[Barrier]:
    rows = _mine(frame).filter(state__in=RESOLVED).select_related("initiative")
    return list(rows.order_by("-resolved_on", "-pk"))


def _lasted(row: Barrier) -> str:
    return waited(LimitedDate(row.raised_on), row.resolved_on or row.raised_on)


def _ages(rows: list[Barrier], on: date) -> tuple[Ages, ...]:
    found: dict[str, list[Open]] = {label: [] for _, label in AGES}
    for row in rows:
        months = whole_months(row.raised_on, on)
        label = next(label for least, label in AGES if months >= least)
        found[label].append(Open(row, waited(LimitedDate(row.raised_on), on)))
    most = max((len(mine) for mine in found.values()), default=0)
    return tuple(
        Ages(f"open-{least}", label, tuple(found[label]), width(len(found[label]), most), is_late=least == 24)
        for least, label in AGES
    )


def _asks(frame: Frame) -> list[AskRow]:
    """The group's asks, each with those of its barriers that are on records the reader may see."""
    seen = AskBarrier.objects.filter(barrier__in=Barrier.objects.visible_to(frame.user))
    links = seen.select_related("barrier__initiative").order_by("pk")
    found = []
    for ask in asks_of(frame.group).prefetch_related(Prefetch("barrier_links", queryset=links)):
        mine = tuple(link.barrier for link in ask.barrier_links.all())
        found.append(AskRow(ask, mine, len({barrier.initiative_id for barrier in mine})))
    return found

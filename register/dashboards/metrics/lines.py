"""The rows behind the sums: saving lines, what publications state, open barriers, dates. A page at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from register.dashboards.metrics.frame import Frame
from register.initiatives.models import Barrier, SavingLine, StatedFigure
from register.initiatives.vocabulary import FigureBasis, FigureKind, Standing

PER_PAGE = 50
LINES = "lines"


def among(bits: int, frame: Frame) -> RawSQL:
    """Initiatives by their bits, for `__in`: one value, however many they are."""
    return RawSQL("SELECT unnest(%s::bigint[])", [frame.keys(bits)])


@dataclass(frozen=True)
class Part:
    """One kind of row, a page of them, and how many there are in all."""

    code: str
    label: str
    page: Page[Any]

    @property
    def total(self) -> int:
        return self.page.paginator.count


def figure_parts(frame: Frame, *, only: str = "", number: Any = 1) -> tuple[Part, ...]:
    """Saving lines and stated figures by basis: the first page of each, or one page of one of them (`only`)."""
    kept = frame.among & ~frame.tallied.bits("standing", Standing.DECLINED)
    lines = SavingLine.objects.filter(benefit__initiative__in=among(kept, frame))
    lines = lines.select_related("benefit__initiative", "organisation")
    found: list[tuple[str, str, QuerySet]] = [
        (LINES, "", lines.order_by("-financial_year", "benefit__initiative__number", "pk"))
    ]
    stated = StatedFigure.objects.filter(
        initiative__in=among(frame.going_on, frame), kind=FigureKind.SAVING
    ).select_related("initiative")
    found += [
        (basis.value, basis.label, stated.filter(basis=basis).order_by("-amount_pence", "pk"))
        for basis in FigureBasis
    ]
    parts = [
        Part(code, label, Paginator(rows, PER_PAGE).get_page(number if only else 1))
        for code, label, rows in found
        if only in ("", code)
    ]
    return tuple(part for part in parts if part.total or part.code == LINES)


@dataclass(frozen=True)
class Ages:
    """Barriers raised from `since` to `until` (days, both in it; None: from the beginning)."""

    code: str
    label: str
    since: date | None
    until: date


# At least so many months, and how that is called.
AGES = ((24, "over-2-years", "Over 2 years"), (12, "1-to-2-years", "1 to 2 years"),
        (3, "3-to-12-months", "3 to 12 months"), (0, "under-3-months", "Under 3 months"))  # fmt: skip


def ages(on: date) -> tuple[Ages, ...]:
    """The ages of barriers on a day, the oldest first."""
    found, since = [], None
    for months, code, label in AGES:
        until = months_before(on, months)
        found.append(Ages(code, label, since, until))
        since = until + timedelta(days=1)
    return tuple(found)


def months_before(on: date, months: int) -> date:
    """The last day that was at least so many whole months before another."""
    years, month = divmod(on.year * 12 + on.month - 1 - months, 12)
    day = on.day
    while True:
        try:
            return date(years, month + 1, day)
        except ValueError:  # the month is shorter
            day -= 1


def open_barriers(
    frame: Frame, held_up: int, codes: Iterable[tuple[str, str]], *, age: str, severity: str
) -> Any:
    """The barriers in the way of these initiatives, of these categories and removers; the oldest first."""
    rows = Barrier.objects.in_the_way().filter(initiative__in=among(held_up, frame))
    told = list(codes)
    rows = rows.filter(category__in={one for one, _ in told}, remover__in={other for _, other in told})
    chosen = next((one for one in ages(frame.on) if one.code == age), None)
    if chosen:
        rows = rows.filter(raised_on__lte=chosen.until)
        rows = rows.filter(raised_on__gte=chosen.since) if chosen.since else rows
    if severity:
        rows = rows.filter(severity=severity)
    return rows.select_related("initiative").order_by("raised_on", "pk")

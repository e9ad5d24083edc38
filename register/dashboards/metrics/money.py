"""Savings: what lines forecast, claim and verify by year, and what publications state. Never added together.

A sum here is of one year, one kind, recurring or one-off, and one of: forecast, claimed (an actual that nobody
has verified), verified. Stated figures are summed within one basis only, and lie apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.urls import reverse

from register.core.dates import financial_year_in_words
from register.dashboards.metrics.frame import Frame
from register.initiatives.models import SavingLine, StatedFigure
from register.initiatives.vocabulary import BenefitKind, FigureBasis, FigureKind, Standing

TALLEST = 132  # of a column, in pixels
THOUSAND, MILLION = 1_000_00, 1_000_000_00  # pounds, in pence: the unit of a chart's labels
VERIFIED = Q(verified_on__isnull=False)
FORECAST, CLAIMED, VERIFIED_SUM = "forecast", "claimed", "verified"


@dataclass(frozen=True)
class Column:
    """One column of a year: its amount (None: no line says), and how tall it is drawn."""

    code: str
    pence: int | None
    height: int
    label: str


@dataclass(frozen=True)
class Year:
    label: str
    columns: tuple[Column, ...]


@dataclass(frozen=True)
class Savings:
    """One kind of saving by financial year."""

    code: str
    title: str
    unit: str
    years: tuple[Year, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """Which of forecast, claimed and verified occur at all: the columns drawn."""
        return tuple(column.code for column in self.years[0].columns) if self.years else ()


@dataclass(frozen=True)
class Stated:
    """What publications state on one basis."""

    basis: str
    label: str
    pence: int | None
    figures: int
    initiatives: int
    up_to: int
    without_amount: int
    href: str


def saving_lines(frame: Frame) -> QuerySet[SavingLine]:
    """The lines that count: of initiatives in the remit, whatever became of them, unless they were declined."""
    kept = frame.initiatives.exclude(standing=Standing.DECLINED)
    return SavingLine.objects.filter(benefit__initiative__in=kept)


def stated_savings(frame: Frame) -> QuerySet[StatedFigure]:
    """What publications state of initiatives that go on."""
    return StatedFigure.objects.filter(initiative__in=frame.going_on, kind=FigureKind.SAVING)


def savings(frame: Frame) -> tuple[Savings, ...]:
    """By kind and recurrence, each with its years: one query."""
    sums = (
        saving_lines(frame)
        .order_by()
        .values("benefit__kind", "benefit__is_recurring", "financial_year")
        .annotate(
            forecast=Sum("forecast_pence"),
            claimed=Sum("actual_pence", filter=~VERIFIED),
            verified=Sum("actual_pence", filter=VERIFIED),
        )
    )
    found: dict[tuple[str, bool], dict[int, Mapping[str, Any]]] = {}
    for row in sums:
        found.setdefault((row["benefit__kind"], row["benefit__is_recurring"]), {})[row["financial_year"]] = (
            row
        )
    return by_kind(found)


def by_kind(found: Mapping[tuple[str, bool], Mapping[int, Mapping[str, Any]]]) -> tuple[Savings, ...]:
    """Sums by (kind, recurring) and year as series to draw: recurring before one-off, cashable first."""
    order = {code: place for place, code in enumerate(BenefitKind.values)}
    return tuple(
        _series(kind, recurring, years)
        for (kind, recurring), years in sorted(found.items(), key=lambda it: (not it[0][1], order[it[0][0]]))
    )


@dataclass(frozen=True)
class Headline:
    """The one sum that stands at the head of the page where lines say more than publications do."""

    pence: int
    label: str
    detail: str


def headline(found: tuple[Savings, ...]) -> Headline | None:
    """The latest year of the first kind of saving (recurring before one-off, cashable first), and its best evidence."""
    if not found:
        return None
    series = found[0]
    for year in reversed(series.years):
        for code in (VERIFIED_SUM, CLAIMED, FORECAST):
            column = next((c for c in year.columns if c.code == code and c.pence is not None), None)
            if column is not None and column.pence is not None:
                return Headline(column.pence, f"{code.capitalize()} for {year.label}", series.title.lower())
    return None


def _series(kind: str, recurring: bool, by_year: Mapping[int, Mapping[str, Any]]) -> Savings:
    codes = [
        c for c in (FORECAST, CLAIMED, VERIFIED_SUM) if any(row[c] is not None for row in by_year.values())
    ]
    most = max((row[code] or 0 for row in by_year.values() for code in codes), default=0)
    unit = MILLION if most >= MILLION else THOUSAND
    years = tuple(
        Year(
            financial_year_in_words(year),
            tuple(_column(code, by_year.get(year, {}).get(code), most, unit) for code in codes),
        )
        for year in range(min(by_year), max(by_year) + 1)
    )
    return Savings(
        f"{kind}-{'recurring' if recurring else 'one-off'}",
        f"{BenefitKind(kind).label}, {'recurring' if recurring else 'one-off'}",
        "£ million" if unit == MILLION else "£ thousand",
        years,
    )


def _column(code: str, pence: int | None, most: int, unit: int) -> Column:
    height = max(1, round(TALLEST * pence / most)) if pence and most and pence > 0 else 0
    if pence is None:
        label = "–"
    else:
        label = f"{pence / unit:,.1f}" if unit == MILLION else f"{(pence + unit // 2) // unit:,}"
    return Column(code, pence, height, label)


def stated(frame: Frame) -> tuple[Stated, ...]:
    """By basis: a year, in total, over a period. One query."""
    rows = (
        stated_savings(frame)
        .order_by()
        .values("basis")
        .annotate(
            pence=Sum("amount_pence"),
            figures=Count("pk"),
            initiatives=Count("initiative", distinct=True),
            up_to=Count("pk", filter=Q(qualifier__icontains="up to")),
            without_amount=Count("pk", filter=Q(amount_pence=None)),
        )
    )
    page = reverse("group_figures", args=[frame.group.code])
    by_basis: dict[str, dict[str, Any]] = {row["basis"]: dict(row) for row in rows}
    return tuple(
        Stated(label=FigureBasis(basis).label, href=f"{page}#stated-{basis}", **by_basis[basis])
        for basis in FigureBasis.values
        if basis in by_basis
    )


@dataclass(frozen=True)
class FigureRows:
    """Every line and stated figure behind the sums."""

    lines: tuple[SavingLine, ...]
    stated: tuple[tuple[str, str, tuple[StatedFigure, ...]], ...]  # basis, label, figures


def figure_rows(frame: Frame) -> FigureRows:
    lines = saving_lines(frame).select_related("benefit__initiative", "organisation")
    stated_rows = list(stated_savings(frame).select_related("initiative").order_by("-amount_pence", "pk"))
    return FigureRows(
        tuple(lines.order_by("-financial_year", "benefit__initiative__number", "pk")),
        tuple(
            (basis.value, basis.label, tuple(row for row in stated_rows if row.basis == basis))
            for basis in FigureBasis
            if any(row.basis == basis for row in stated_rows)
        ),
    )

"""Savings: what lines forecast, claim and verify by year, and what publications state. Never added together.

A sum here is of one year, one kind, recurring or one-off, and one of: forecast, claimed (an actual that nobody
has verified), verified. Stated figures are summed within one basis only, and lie apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from register.core.dates import financial_year_in_words
from register.dashboards.metrics.frame import Frame
from register.initiatives.vocabulary import BenefitKind, FigureBasis, Standing

TALLEST = 132  # of a column, in pixels
# What is tallied of what publications state: see `register.catalogue.tallies.facts`.
STATED = ("figures", "pence", "up-to", "without")
THOUSAND, MILLION = 1_000_00, 1_000_000_00  # pounds, in pence: the unit of a chart's labels
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


def savings(frame: Frame) -> tuple[Savings, ...]:
    """By kind and recurrence, each with its years. Of initiatives in the remit, whatever became of them, unless they
    were declined."""
    kept = frame.among & ~frame.tallied.bits("standing", Standing.DECLINED)
    names = [name for name in frame.tallied.names() if name.startswith("saving ")]
    found: dict[tuple[str, bool], dict[int, dict[str, int | None]]] = {}
    for name, pence in frame.tallied.sums(names, kept).items():
        _, kind, recurring, year, what = name.split(" ")
        years = found.setdefault((kind, recurring == "recurring"), {})
        years.setdefault(int(year), {FORECAST: None, CLAIMED: None, VERIFIED_SUM: None})[what] = pence
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
    """By basis: a year, in total, over a period. Of initiatives that go on."""
    page = frame.subject.page("figures")
    found = []
    for basis in FigureBasis:
        name = f"stated {basis.value}"
        sums = frame.tallied.sums([f"{name} {what}" for what in STATED], frame.going_on)
        figures = sums.get(f"{name} figures", 0)
        if figures:
            found.append(
                Stated(
                    basis.value,
                    basis.label,
                    sums.get(f"{name} pence"),
                    figures,
                    (frame.tallied.bits("stated", basis.value) & frame.going_on).bit_count(),
                    sums.get(f"{name} up-to", 0),
                    sums.get(f"{name} without", 0),
                    f"{page}#stated-{basis.value}",
                )
            )
    return tuple(found)

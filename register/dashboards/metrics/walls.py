"""The barriers that a dashboard speaks of, as they are tallied and as rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
from django.core.paginator import Page, Paginator

from register.catalogue.tallies.columns import Column
from register.catalogue.tallies.facts import MOST_WALLS, WALLS
from register.core.dates import LimitedDate
from register.dashboards.metrics.frame import Frame
from register.dashboards.metrics.lines import ages, open_barriers
from register.dashboards.metrics.waiting import waited
from register.groups.asking import HELD_UP
from register.initiatives.models import Barrier
from register.initiatives.vocabulary import BarrierCategory, Remover, Severity

PER_PAGE = 50
NOT_HIGH = [severity for severity in Severity.values if severity != Severity.HIGH]


@dataclass(frozen=True)
class Walls:
    """The barriers that a subject speaks of, on initiatives that go on or are paused."""

    frame: Frame
    categories: tuple[str, ...]
    removers: tuple[str, ...]
    base: int  # initiatives that could be held up

    @classmethod
    def of(cls, frame: Frame) -> Walls:
        return cls(
            frame,
            tuple(frame.spoken_of("barrier", BarrierCategory.values)),
            tuple(frame.spoken_of("remover", Remover.values)),
            frame.with_standing(*HELD_UP),
        )

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [(category, remover) for category in self.categories for remover in self.removers]

    def held_up(self, pairs: Iterable[tuple[str, str]]) -> int:
        """The initiatives with one of these in the way. One held up by three counts once."""
        codes = [f"{category}:{remover}" for category, remover in pairs]
        return self.frame.tallied.any_of("barriers", codes) & self.base

    def names(self, state: str, *severities: str) -> list[str]:
        """Names of the amounts that hold barriers (see `register.catalogue.tallies.facts`)."""
        return [f"barrier {state} {severity}" for severity in severities or Severity.values]

    @cached_property
    def numbers(self) -> list[int]:
        return [WALLS[pair] for pair in self.pairs]

    def told(self, state: str, *severities: str) -> Column:
        """Each of the barriers as it is tallied: the day it was raised, or of a resolved one that day."""
        found = self.frame.tallied.column(self.names(state, *severities), self.base)
        if len(self.numbers) == len(WALLS):
            return found
        return found.where(np.isin(found.values % MOST_WALLS, self.numbers))


def with_days(some: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Day and initiative of barriers as they are tallied."""
    return [(value // MOST_WALLS, key) for value, key in some]


@dataclass(frozen=True)
class Open:
    """A barrier, how long it has stood, and whether that is longer than it should."""

    barrier: Barrier
    age: str
    is_late: bool = False


def open_for(row: Barrier, on: date) -> Open:
    return Open(row, waited(LimitedDate(row.raised_on), on), is_late=row.raised_on <= ages(on)[0].until)


@dataclass(frozen=True)
class OpenBarriers:
    """A page of the open barriers, of an age or a severity, and what else can be chosen."""

    page: Page[Any]
    rows: tuple[Open, ...]
    ages: tuple[tuple[str, str, bool], ...]
    severities: tuple[tuple[str, str, bool], ...]


def barriers_listed(frame: Frame, *, age: str = "", severity: str = "", number: Any = 1) -> OpenBarriers:
    """What the page of open barriers shows, of an age and a severity if they are asked for."""
    walls = Walls.of(frame)
    rows = open_barriers(frame, walls.held_up(walls.pairs), walls.pairs, age=age, severity=severity)
    page = Paginator(rows, PER_PAGE).get_page(number)
    return OpenBarriers(
        page,
        tuple(open_for(row, frame.on) for row in page.object_list),
        tuple((one.code, one.label, one.code == age) for one in ages(frame.on)),
        tuple((code, label, code == severity) for code, label in Severity.choices),
    )

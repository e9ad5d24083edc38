"""Opportunities: what is live where and what is nowhere, what has waited longest, and which dates open a door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, Q

from register.catalogue.tallies.columns import Column, Numbers
from register.catalogue.tallies.facts import FAR, day_and_end
from register.catalogue.tallies.store import last_keys
from register.core.charts import Number
from register.core.dates import LimitedDate
from register.dashboards.metrics.frame import ACTIVE, Frame
from register.dashboards.metrics.gaps import GapMatrix, gap_matrix
from register.dashboards.metrics.waiting import waited
from register.initiatives.models import Agreement, Initiative, InitiativePartner, Milestone, StageMove
from register.initiatives.vocabulary import Stage

EARLY = (Stage.OPPORTUNITY, Stage.CONSIDERED, Stage.BUSINESS_CASE)
SOON = timedelta(days=183)
MOST_WAITING, MOST_REPLICABLE = 12, 8
MOST_LATE, MOST_COMING, PER_PAGE = 5, 10, 50


@dataclass(frozen=True)
class Waiting:
    initiative: Initiative
    since: LimitedDate | None
    words: str


@dataclass(frozen=True)
class Door:
    """A date that opens a door: an agreement due for review or at its end, a milestone."""

    on: date
    precision: str
    initiative: Initiative
    what: str
    anchor: str
    is_late: bool


@dataclass(frozen=True)
class Doors:
    """The dates missed lately and those that come next, and how many there are of each."""

    late: tuple[Door, ...]
    coming: tuple[Door, ...]
    late_in_all: int
    coming_in_all: int

    @property
    def shown(self) -> tuple[Door, ...]:
        return (*self.late, *self.coming)

    @property
    def in_all(self) -> int:
        return self.late_in_all + self.coming_in_all


@dataclass(frozen=True)
class Opportunities:
    early: Number
    waiting: tuple[Waiting, ...]
    matrix: GapMatrix
    doors: Doors
    replicable_in_all: Number
    replicable: tuple[Initiative, ...]


def opportunities(frame: Frame, *, by: str = "") -> Opportunities:
    """All of the page's numbers, counted in bits; the rows that it shows by six queries."""
    early = frame.at(*EARLY)
    replicable = frame.going_on & frame.tallied.bits("replicable", "yes")
    return Opportunities(
        early=frame.number(early.bit_count(), stage=EARLY, standing=ACTIVE),
        waiting=_waiting(frame, early),
        matrix=gap_matrix(frame, by),
        doors=doors(frame),
        replicable_in_all=frame.number(replicable.bit_count(), replicable="yes", standing=ACTIVE),
        replicable=_latest(frame, replicable),
    )


def _waiting(frame: Frame, early: int) -> tuple[Waiting, ...]:
    """Longest waiting first; those whose stage no source dates come last. Two queries."""
    keys = [key for _, key in frame.tallied.column(["since"], early).smallest(MOST_WAITING)][:MOST_WAITING]
    if len(keys) < MOST_WAITING:
        keys += [key for key in frame.keys(early) if key not in set(keys)][: MOST_WAITING - len(keys)]
    moves = StageMove.objects.filter(initiative__in=keys).order_by("pk")
    arrived = {(m.initiative_id, m.to_stage): m for m in moves if m.from_stage != m.to_stage}
    found = []
    for one in Initiative.objects.filter(pk__in=keys):
        move = arrived.get((one.pk, one.stage))
        since = move.happened if move else None
        found.append(Waiting(one, since, waited(since, frame.on)))
    return tuple(
        sorted(
            found,
            key=lambda w: (w.since is None, w.since.first if w.since else frame.on, w.initiative.number),
        )
    )


def _latest(frame: Frame, bits: int) -> tuple[Initiative, ...]:
    """Some of these, those that were logged last first."""
    partners = InitiativePartner.objects.select_related("organisation")
    rows = Initiative.objects.filter(pk__in=last_keys(bits, MOST_REPLICABLE))
    return tuple(rows.order_by("-pk").prefetch_related(Prefetch("partners", partners)))


def _dated(frame: Frame) -> tuple[Column, Column]:
    """The dates that are missed, and those that come within half a year, as they are tallied (`with_end`).

    A review of an agreement that has ended, and an end that has passed, are neither.
    """
    on, beyond = frame.on.toordinal(), ((frame.on + SOON).toordinal() + 1) * FAR

    def due(what: str) -> Column:
        found = frame.tallied.column([f"door {what}"], frame.going_on)
        return found.where(found.values < beyond)

    def ends(some: Column) -> Numbers:
        return some.values % FAR

    milestones, agreed, reviews = due("milestone"), due("end"), due("review")
    reviews = reviews.where((ends(reviews) == 0) | (ends(reviews) >= on))
    is_missed, is_past = ends(milestones) < on, reviews.values < on * FAR
    return (
        Column.joined((milestones.where(is_missed), reviews.where(is_past))),
        Column.joined(
            (
                milestones.where(~is_missed),
                agreed.where(agreed.values >= on * FAR),
                reviews.where(~is_past),
            )
        ),
    )


def doors(frame: Frame) -> Doors:
    """What has been missed (the latest of it), and what comes next: two queries for the rows."""
    late, coming = _dated(frame)
    told = door_rows(frame, {key for _, key in (*late.largest(MOST_LATE), *coming.smallest(MOST_COMING))})
    return Doors(
        tuple(door for door in told if door.is_late)[-MOST_LATE:],
        tuple(door for door in told if not door.is_late)[:MOST_COMING],
        late.size,
        coming.size,
    )


@dataclass(frozen=True)
class DoorPage:
    """A page of all the dates, the earliest first."""

    page: Page[Any]
    rows: tuple[Door, ...]


def doors_listed(frame: Frame, *, number: Any = 1) -> DoorPage:
    dated = Column.joined(_dated(frame))
    page = Paginator(np.sort(dated.values).tolist(), PER_PAGE).get_page(number)
    there = dated.where(np.isin(dated.values, list(page.object_list)))
    wanted = {(day_and_end(value)[0], key) for value, key in there.pairs()}
    rows = door_rows(frame, {key for _, key in wanted})
    return DoorPage(page, tuple(row for row in rows if (row.on.toordinal(), row.initiative.pk) in wanted))


def door_rows(frame: Frame, keys: Sequence[int] | set[int]) -> list[Door]:
    """The dates of these initiatives that open a door, in order: two queries."""
    until = frame.on + SOON
    found: list[Door] = []
    due = Q(review_on__lte=until) | Q(ends_on__range=(frame.on, until))
    agreements = Agreement.objects.filter(due, initiative__in=keys).exclude(ends_on__lt=frame.on)
    for agreement in agreements.select_related("initiative"):
        found += _agreement_doors(agreement, frame.on, until)
    milestones = Milestone.objects.filter(initiative__in=keys, reached_on=None, due_on__lte=until)
    for milestone in milestones.select_related("initiative"):
        period = LimitedDate(milestone.due_on, milestone.due_precision)
        found.append(
            Door(
                milestone.due_on,
                milestone.due_precision,
                milestone.initiative,
                f"milestone: {milestone.what}",
                "milestones",
                is_late=period.last < frame.on,
            )
        )
    return sorted(found, key=lambda door: (door.on, door.initiative.number))


def _agreement_doors(agreement: Agreement, on: date, until: date) -> list[Door]:
    kind = agreement.get_kind_display()
    name = agreement.title or kind[:1].lower() + kind[1:]
    told = (agreement.initiative, name)
    found = []
    if agreement.review_on and agreement.review_on <= until:
        found.append(_door(agreement.review_on, *told, "due for review", is_late=agreement.review_on < on))
    if agreement.ends_on and agreement.ends_on <= until:
        found.append(_door(agreement.ends_on, *told, "ends", is_late=False))
    return found


def _door(day: date, initiative: Initiative, name: str, what: str, *, is_late: bool) -> Door:
    return Door(day, "day", initiative, f"{name} {what}", "agreements", is_late)

"""Opportunities: what is live where and what is nowhere, what has waited longest, and which dates open a door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, F, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from register.core.charts import Number
from register.core.dates import LimitedDate
from register.dashboards.metrics.frame import Frame
from register.dashboards.metrics.state_of_play import ACTIVE, EARLY
from register.dashboards.metrics.waiting import waited
from register.groups.remit import areas_of_remit
from register.initiatives.models import Agreement, Initiative, InitiativePartner, Milestone, StageMove
from register.initiatives.vocabulary import Stage
from register.reference.models import AreaOfWork, PoliceArea

SOON = timedelta(days=183)
MOST_WAITING = 12


@dataclass(frozen=True)
class Gap:
    """One area of work in one police area: what goes on there, live or coming, or nothing recorded."""

    work: str
    place: str
    number: Number
    live: int
    first_of_region: bool = False

    @property
    def coming(self) -> int:
        return self.number.n - self.live

    @property
    def in_words(self) -> str:
        """Such as "3 going on, 2 of them live"."""
        if not self.number.n:
            return "nothing recorded"
        if not self.live:
            return f"{self.number.n} coming"
        return f"{self.number.n} live" if not self.coming else f"{self.number.n} going on, {self.live} live"


@dataclass(frozen=True)
class GapRow:
    work: str
    cells: tuple[Gap, ...]


@dataclass(frozen=True)
class PlaceGaps:
    """The same, of one police area: for a phone, and for whoever asks about one place."""

    area: PoliceArea
    found: tuple[Gap, ...]
    nothing: tuple[str, ...]


@dataclass(frozen=True)
class RegionGaps:
    name: str
    places: tuple[PlaceGaps, ...]

    @property
    def with_something(self) -> tuple[PlaceGaps, ...]:
        return tuple(place for place in self.places if place.found)

    @property
    def with_nothing(self) -> tuple[PoliceArea, ...]:
        return tuple(place.area for place in self.places if not place.found)


@dataclass(frozen=True)
class GapMatrix:
    regions: tuple[RegionGaps, ...]
    rows: tuple[GapRow, ...]

    @property
    def is_wide(self) -> bool:
        """Whether there are places enough for a matrix; of fewer the list says it better."""
        return sum(len(region.places) for region in self.regions) > 3


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
class Opportunities:
    early: Number
    waiting: tuple[Waiting, ...]
    matrix: GapMatrix
    doors: tuple[Door, ...]
    replicable: tuple[Initiative, ...]


def opportunities(frame: Frame) -> Opportunities:
    rows = _rows(frame)
    waiting = _waiting([row for row in rows if row.stage in EARLY], frame.on)
    return Opportunities(
        early=frame.number(len(waiting), stage=EARLY, standing=ACTIVE),
        waiting=tuple(waiting[:MOST_WAITING]),
        matrix=gap_matrix(frame),
        doors=tuple(_doors(frame)),
        replicable=tuple(row for row in rows if row.open_to_replication),
    )


def _rows(frame: Frame) -> list[Any]:
    """What is not yet agreed, and what others may copy, each with since when it is at its stage."""
    arrived = (
        StageMove.objects.filter(initiative=OuterRef("pk"), to_stage=OuterRef("stage"))
        .exclude(from_stage=OuterRef("stage"))
        .order_by("-pk")
    )
    wanted = frame.going_on.filter(Q(stage__in=EARLY) | Q(open_to_replication=True))
    rows = wanted.annotate(
        since=Subquery(arrived.values("happened_on")[:1]),
        since_precision=Subquery(arrived.values("happened_precision")[:1]),
    )
    partners = InitiativePartner.objects.select_related("organisation")
    return list(rows.order_by("-changed_at", "-pk").prefetch_related(Prefetch("partners", partners)))


def _waiting(rows: Sequence[Any], on: date) -> list[Waiting]:
    """Longest waiting first; those whose stage no source dates come last."""
    found = []
    for row in rows:
        since = LimitedDate.of(row.since, row.since_precision or "day")
        found.append(Waiting(row, since, waited(since, on)))
    return sorted(
        found, key=lambda w: (w.since is None, w.since.first if w.since else on, w.initiative.number)
    )


def gap_matrix(frame: Frame) -> GapMatrix:
    """Areas of work by police areas: three queries."""
    areas = sorted(
        areas_of_remit(frame.parameters), key=lambda a: (a.region.code, a.row or 0, a.column or 0, a.name)
    )
    work = [
        (code, name)
        for code, name in AreaOfWork.objects.active().values_list("code", "name")
        if frame.speaks_of("area", code)
    ]
    found = _gap_counts(frame)
    gaps = {
        (code, area.slug): _gap(frame, code, name, area, index, areas, found)
        for code, name in work
        for index, area in enumerate(areas)
    }
    rows = tuple(GapRow(name, tuple(gaps[code, area.slug] for area in areas)) for code, name in work)
    return GapMatrix(_regions(areas, work, gaps), rows)


def _gap(
    frame: Frame,
    code: str,
    name: str,
    area: PoliceArea,
    index: int,
    areas: Sequence[PoliceArea],
    found: Mapping[tuple[str, str], tuple[int, int]],
) -> Gap:
    n, live = found.get((code, area.slug), (0, 0))
    first = index > 0 and areas[index - 1].region_id != area.region_id
    return Gap(name, area.name, frame.number(n, area=code, place=area.slug, standing=ACTIVE), live, first)


def _gap_counts(frame: Frame) -> dict[tuple[str, str], tuple[int, int]]:
    """(area of work, police area) → how many go on, how many of them are live."""
    rows = (
        frame.going_on.exclude(area_links=None)
        .exclude(place_links=None)
        .values(
            work=Coalesce("area_links__area_of_work__merged_into__code", "area_links__area_of_work__code"),
            place=F("place_links__police_area__slug"),
        )
        .annotate(n=Count("pk", distinct=True), live=Count("pk", distinct=True, filter=Q(stage=Stage.LIVE)))
    )
    return {(row["work"], row["place"]): (row["n"], row["live"]) for row in rows}


def _regions(
    areas: Sequence[PoliceArea], work: Sequence[tuple[str, str]], gaps: Mapping[tuple[str, str], Gap]
) -> tuple[RegionGaps, ...]:
    by_region: dict[str, list[PlaceGaps]] = {}
    for area in areas:
        here = [gaps[code, area.slug] for code, _ in work]
        place = PlaceGaps(
            area,
            tuple(gap for gap in here if gap.number.n),
            tuple(gap.work for gap in here if not gap.number.n),
        )
        by_region.setdefault(area.region.name, []).append(place)
    return tuple(RegionGaps(name, tuple(places)) for name, places in by_region.items())


def _doors(frame: Frame) -> list[Door]:
    """What is due in the next six months, and what was due and has not been reached."""
    until = frame.on + SOON
    found: list[Door] = []
    for agreement in _agreements(frame, until):
        found += _agreement_doors(agreement, frame.on, until)
    milestones = Milestone.objects.filter(initiative__in=frame.going_on, reached_on=None, due_on__lte=until)
    for milestone in milestones.select_related("initiative"):
        due = LimitedDate.of(milestone.due_on, milestone.due_precision)
        found.append(
            Door(
                milestone.due_on,
                milestone.due_precision,
                milestone.initiative,
                f"milestone: {milestone.what}",
                "milestones",
                is_late=bool(due and due.last < frame.on),
            )
        )
    return sorted(found, key=lambda door: (door.on, door.initiative.number))


def _agreements(frame: Frame, until: date) -> Any:
    due = Q(review_on__lte=until) | Q(ends_on__range=(frame.on, until))
    rows = Agreement.objects.filter(due, initiative__in=frame.going_on).exclude(ends_on__lt=frame.on)
    return rows.select_related("initiative")


def _agreement_doors(agreement: Agreement, on: date, until: date) -> list[Door]:
    kind = agreement.get_kind_display()
    name = agreement.title or kind[:1].lower() + kind[1:]
    found = []
    if agreement.review_on and agreement.review_on <= until:
        found.append(
            Door(
                agreement.review_on,
                "day",
                agreement.initiative,
                f"{name} due for review",
                "agreements",
                agreement.review_on < on,
            )
        )
    if agreement.ends_on and agreement.ends_on <= until:
        found.append(
            Door(agreement.ends_on, "day", agreement.initiative, f"{name} ends", "agreements", is_late=False)
        )
    return found

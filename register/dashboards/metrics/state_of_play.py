"""State of play: how far it has come, where, how deep, who with, how fresh, and what it is said to save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.contrib.postgres.aggregates import BitOr
from django.db.models import Case, CharField, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from register.catalogue.choices import FRESHNESS, SERVICE_LABELS, SERVICES, freshness
from register.catalogue.tiles import TileMap, tile_map
from register.core.charts import Bar, Number, bars, level, percentage
from register.dashboards.metrics.frame import Frame, answers, question
from register.dashboards.metrics.money import Headline, Savings, Stated, headline, savings, stated
from register.dashboards.metrics.organisations import in_none, taking_part
from register.groups.remit import areas_of_remit
from register.initiatives.models import InitiativePartner
from register.initiatives.vocabulary import EDITING_ROLES, Depth, NoFigureReason, Stage, Standing
from register.reference.models import AreaOfWork, PoliceArea

ON_THE_WAY = (Stage.AGREED, Stage.PILOT)
EARLY = (Stage.OPPORTUNITY, Stage.CONSIDERED, Stage.BUSINESS_CASE)
ACTIVE = Standing.ACTIVE.value
MOST_MIXES = 10


@dataclass(frozen=True)
class Row:
    """An area of work, at each stage and altogether."""

    label: str
    cells: tuple[Number, ...]
    total: Number


@dataclass(frozen=True)
class StateOfPlay:
    everything: Number
    going_on: Number
    standings: tuple[tuple[str, Number], ...]
    live: Number
    live_share: str
    on_the_way: Number
    early: Number
    organisations: int
    organisations_in_none: int
    without_figure: Number
    says_why: int
    stages: tuple[str, ...]
    pipeline: tuple[Row, ...]
    map: TileMap
    map_beyond: int
    depths: tuple[Bar, ...]
    mixes: tuple[Bar, ...]
    rarer_mixes: tuple[Bar, ...]
    no_services: int
    freshness: tuple[Bar, ...]
    reasons: tuple[Bar, ...]
    savings: tuple[Savings, ...]
    stated: tuple[Stated, ...]
    money: Headline | None

    @property
    def stated_a_year(self) -> Stated | None:
        return next((row for row in self.stated if row.basis == "a_year"), None)


def state_of_play(frame: Frame) -> StateOfPlay:
    """All of the page's numbers, in five queries."""
    areas = list(areas_of_remit(frame.parameters))
    found = answers(**_questions(frame, areas))
    stages = {stage: found["stage"].get((stage, ACTIVE), 0) for stage in Stage.values}
    everything, going_on = sum(found["stage"].values()), sum(stages.values())
    without = sum(found["why"].values())
    mixes, rarer = _mixes(frame, found["mix"])
    lines = savings(frame)
    return StateOfPlay(
        everything=frame.number(everything),
        going_on=frame.number(going_on, standing=ACTIVE),
        standings=_standings(frame, found["stage"]),
        live=frame.number(stages[Stage.LIVE], stage=Stage.LIVE, standing=ACTIVE),
        live_share=percentage(stages[Stage.LIVE], going_on),
        on_the_way=frame.number(sum(stages[s] for s in ON_THE_WAY), stage=ON_THE_WAY, standing=ACTIVE),
        early=frame.number(sum(stages[s] for s in EARLY), stage=EARLY, standing=ACTIVE),
        organisations=found["organisations"].get(("", ""), 0),
        organisations_in_none=found["in_none"].get(("", ""), 0),
        without_figure=frame.number(without, stage=Stage.LIVE, standing=ACTIVE, figure="none"),
        says_why=without
        - found["why"].get(("", ""), 0)
        - found["why"].get((NoFigureReason.NEVER_ASKED, ""), 0),
        stages=tuple(Stage.labels),
        pipeline=_pipeline(frame, list(found["work"]), found["area"], found["area_total"]),
        map=_map(frame, areas, found["place"]),
        map_beyond=found["nowhere"].get(("", ""), 0),
        depths=_depths(frame, found["depth"]),
        mixes=mixes,
        rarer_mixes=rarer,
        no_services=found["mix"].get(("", ""), 0) + found["mix"].get(("0", ""), 0),
        freshness=_freshness(frame, found["fresh"]),
        reasons=_reasons(frame, found["why"]),
        savings=lines,
        stated=stated(frame),
        money=headline(lines),
    )


def _questions(frame: Frame, areas: list[PoliceArea]) -> dict[str, QuerySet]:
    area = Coalesce("area_links__area_of_work__merged_into__code", "area_links__area_of_work__code")
    active, live = frame.going_on, frame.live
    with_area = active.exclude(area_links=None)
    return {
        "stage": question(frame.initiatives, "stage", "standing"),
        "work": question(AreaOfWork.objects.active(), "code", "name"),
        "area": question(with_area, area, "stage"),
        "area_total": question(with_area, area),
        "place": question(live.exclude(place_links=None), "place_links__police_area__slug"),
        "nowhere": question(live.exclude(places__in=areas)),
        "depth": question(active, "depth"),
        "fresh": question(active, _fresh_code(frame.on)),
        "why": question(live.with_figures().filter(Q(has_figure=False)), "no_figure_reason"),
        "mix": question(active.annotate(mask=_service_mask()), "mask"),
        "organisations": question(taking_part(frame)),
        "in_none": question(in_none(frame, areas)),
    }


def _fresh_code(on: date) -> Case:
    whens = [When(freshness(code, on), then=Value(code)) for code, _ in FRESHNESS]
    return Case(*whens, default=Value(""), output_field=CharField())


def _service_mask() -> Subquery:
    """Which services take part, as a bit for each: what `mix` in the catalogue's filter asks. NULL for none."""
    bits = [
        When(organisation__kind__in=kinds, then=Value(1 << place))
        for place, kinds in enumerate(SERVICES.values())
    ]
    rows = (
        InitiativePartner.objects.filter(initiative=OuterRef("pk"), role__in=EDITING_ROLES)
        .order_by()
        .values("initiative")
        .annotate(mask=BitOr(Case(*bits, default=Value(0), output_field=IntegerField())))
    )
    return Subquery(rows.values("mask"), output_field=IntegerField())


def _standings(frame: Frame, by_stage: Mapping[tuple[str, str], int]) -> tuple[tuple[str, Number], ...]:
    """Those that do not go on: paused, closed, declined."""
    found = []
    for standing in (Standing.PAUSED, Standing.CLOSED, Standing.DECLINED):
        n = sum(n for (_, code), n in by_stage.items() if code == standing)
        found.append((standing.label.lower(), frame.number(n, standing=standing)))
    return tuple(found)


def _pipeline(
    frame: Frame,
    work: Sequence[tuple[str, str]],
    cells: Mapping[tuple[str, str], int],
    totals: Mapping[tuple[str, str], int],
) -> tuple[Row, ...]:
    """The areas of work (code, name), those with most first."""
    most = max(cells.values(), default=0)
    rows = []
    for code, name in work:
        if not frame.speaks_of("area", code):
            continue
        numbers = tuple(
            frame.number(n, level(n, most), area=code, stage=stage, standing=ACTIVE)
            for stage in Stage.values
            for n in [cells.get((code, stage), 0)]
        )
        total = frame.number(totals.get((code, ""), 0), area=code, standing=ACTIVE)
        rows.append(Row(name, numbers, total))
    return tuple(sorted(rows, key=lambda row: (-row.total.n, row.label)))


def _map(frame: Frame, areas: list[PoliceArea], found: Mapping[tuple[str, str], int]) -> TileMap:
    counts = {area.slug: found.get((area.slug, ""), 0) for area in areas}
    most = max(counts.values(), default=0)
    numbers = {
        slug: frame.number(n, level(n, most), place=slug, stage=Stage.LIVE, standing=ACTIVE)
        for slug, n in counts.items()
    }
    return tile_map(areas, numbers)


def _depths(frame: Frame, found: Mapping[tuple[str, str], int]) -> tuple[Bar, ...]:
    rows = [
        (code, label, frame.number(found.get((code, ""), 0), depth=code, standing=ACTIVE))
        for code, label in Depth.choices
    ]
    unknown = found.get(("", ""), 0)
    if unknown:
        rows.append(("", "Not stated", frame.number(unknown, depth="none", standing=ACTIVE)))
    return bars(rows)


def _mixes(frame: Frame, found: Mapping[tuple[str, str], int]) -> tuple[tuple[Bar, ...], tuple[Bar, ...]]:
    """The combinations of services that occur, commonest first, and those beyond what a chart can label."""
    rows: list[tuple[str, str, Number]] = []
    for (mask, _), n in sorted(found.items(), key=lambda it: (-it[1], it[0])):
        codes = [code for place, code in enumerate(SERVICES) if int(mask or 0) & 1 << place]
        if codes:
            rows.append(
                ("-".join(codes), _mix_label(codes), frame.number(n, mix="-".join(codes), standing=ACTIVE))
            )
    drawn = [replace(bar, services=tuple(bar.code.split("-"))) for bar in bars(rows)]
    return tuple(drawn[:MOST_MIXES]), tuple(drawn[MOST_MIXES:])


def _mix_label(codes: list[str]) -> str:
    """Such as "Police and fire", "Police, fire, council", "All four and others"; short enough for a bar's label."""
    names = [dict(SERVICE_LABELS)[code].lower() for code in codes]
    if len(names) == 1:
        return f"{names[0]} only".capitalize()
    if len(names) == 2:
        return " and ".join(names).capitalize()
    if codes[:4] == ["police", "fire", "ambulance", "council"]:
        return "All four and others" if len(codes) == 5 else "All four"
    return ", ".join(names).capitalize()


def _freshness(frame: Frame, found: Mapping[tuple[str, str], int]) -> tuple[Bar, ...]:
    labels = {
        "3-months": "Last 3 months",
        "6-months": "3 to 6 months",
        "12-months": "6 to 12 months",
        "late": "Late",
        "never": "Never confirmed",
    }
    rows = [
        (code, labels[code], frame.number(found.get((code, ""), 0), fresh=code, standing=ACTIVE))
        for code, _ in FRESHNESS
    ]
    return bars(rows, late="late")


def _reasons(frame: Frame, found: Mapping[tuple[str, str], int]) -> tuple[Bar, ...]:
    labels = {
        NoFigureReason.NOT_STATED: "Not stated in the source",
        NoFigureReason.NEVER_ASKED: "Nobody has asked",
        NoFigureReason.POOLED_IN_BUDGETS: "Pooled in budgets",
        NoFigureReason.TOO_EARLY: "Too early to say",
        NoFigureReason.NOT_ABOUT_MONEY: "Not about money",
        NoFigureReason.OTHER: "Another reason",
    }
    rows = []
    for code, label in labels.items():
        n = found.get((code.value, ""), 0)
        if n:
            number = frame.number(n, why=code.value, stage=Stage.LIVE, standing=ACTIVE)
            rows.append((code.value, label, number))
    return bars(sorted(rows, key=lambda row: -row[2].n))

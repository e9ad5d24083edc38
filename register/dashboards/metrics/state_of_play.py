"""State of play: how far it has come, where, how deep, who with, how fresh, and what it is said to save."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from register.catalogue.choices import FRESHNESS, SERVICE_LABELS
from register.catalogue.grouping import FRESH, grouped, room_to_group
from register.catalogue.tiles import TileMap, tile_map
from register.core.charts import Bar, Number, bars, level, percentage
from register.dashboards.metrics.frame import Frame, answers, question
from register.dashboards.metrics.money import Headline, Savings, Stated, headline, savings, stated
from register.dashboards.metrics.organisations import in_none, taking_part
from register.groups.remit import areas_of_remit
from register.initiatives.vocabulary import Depth, NoFigureReason, Stage, Standing
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
    """All of the page's numbers, in seven queries."""
    areas = list(areas_of_remit(frame.parameters))
    work = list(AreaOfWork.objects.select_related("merged_into"))
    counted = _counted(frame, areas, work)
    services = answers(organisations=question(taking_part(frame)), in_none=question(in_none(frame, areas)))
    stages = {stage: counted.stage[stage, ACTIVE] for stage in Stage.values}
    everything, going_on = counted.stage.total(), sum(stages.values())
    mixes, rarer = _mixes(frame, counted.mix)
    lines = savings(frame)
    return StateOfPlay(
        everything=frame.number(everything),
        going_on=frame.number(going_on, standing=ACTIVE),
        standings=_standings(frame, counted.stage),
        live=frame.number(stages[Stage.LIVE], stage=Stage.LIVE, standing=ACTIVE),
        live_share=percentage(stages[Stage.LIVE], going_on),
        on_the_way=frame.number(sum(stages[s] for s in ON_THE_WAY), stage=ON_THE_WAY, standing=ACTIVE),
        early=frame.number(sum(stages[s] for s in EARLY), stage=EARLY, standing=ACTIVE),
        organisations=services["organisations"].get(("", ""), 0),
        organisations_in_none=services["in_none"].get(("", ""), 0),
        without_figure=frame.number(counted.why.total(), stage=Stage.LIVE, standing=ACTIVE, figure="none"),
        says_why=counted.why.total() - counted.why[""] - counted.why[NoFigureReason.NEVER_ASKED],
        stages=tuple(Stage.labels),
        pipeline=_pipeline(frame, [area for area in work if area.is_active], counted.work),
        map=_map(frame, areas, counted.place),
        map_beyond=counted.nowhere,
        depths=_depths(frame, counted.depth),
        mixes=mixes,
        rarer_mixes=rarer,
        no_services=counted.mix[""],
        freshness=_freshness(frame, counted.fresh),
        reasons=_reasons(frame, counted.why),
        savings=lines,
        stated=stated(frame),
        money=headline(lines),
    )


@dataclass
class Counted:
    """The initiatives of a remit, counted in one pass. Of those that go on, but for `stage`."""

    stage: Counter[tuple[str, str]] = field(default_factory=Counter)  # by stage and standing
    work: Counter[tuple[str, str]] = field(default_factory=Counter)  # by code and stage; in all stages ""
    place: Counter[str] = field(default_factory=Counter)  # live ones by slug
    nowhere: int = 0  # live ones in none of the areas
    depth: Counter[str] = field(default_factory=Counter)
    mix: Counter[str] = field(default_factory=Counter)
    fresh: Counter[str] = field(default_factory=Counter)
    why: Counter[str] = field(default_factory=Counter)  # live ones with no figure, by the reason given


def _counted(frame: Frame, areas: Sequence[PoliceArea], work: Sequence[AreaOfWork]) -> Counted:
    code_of = {str(area.pk): (area.merged_into or area).code for area in work}
    slug_of = {str(area.pk): area.slug for area in areas}
    sets = [
        ["stage", "standing", "entry__areas"],
        ["stage", "standing", "entry__places"],
        ["standing", "depth", "entry__mix"],
        ["standing", FRESH],
        ["stage", "standing", "entry__has_figure", "no_figure_reason"],
    ]
    with room_to_group():
        by_work, by_place, by_depth, by_fresh, by_figure = grouped(frame.initiatives, sets, frame.on)
    found = Counted()
    for (stage, standing, keys), n in by_work:
        found.stage[stage, standing] += n
        if standing == ACTIVE:
            for code in {code_of[key] for key in keys.split()}:
                found.work[code, stage] += n
                found.work[code, ""] += n
    for (stage, standing, keys), n in by_place:
        if (stage, standing) == (Stage.LIVE, ACTIVE):
            here = [slug_of[key] for key in keys.split() if key in slug_of]
            found.place.update(dict.fromkeys(here, n))
            found.nowhere += 0 if here else n
    for (standing, depth, mix), n in by_depth:
        if standing == ACTIVE:
            found.depth[depth] += n
            found.mix[mix] += n
    for (standing, fresh), n in by_fresh:
        if standing == ACTIVE:
            found.fresh[fresh] += n
    for (stage, standing, has_figure, reason), n in by_figure:
        if (stage, standing, has_figure) == (Stage.LIVE, ACTIVE, False):
            found.why[reason] += n
    return found


def _standings(frame: Frame, by_stage: Counter[tuple[str, str]]) -> tuple[tuple[str, Number], ...]:
    """Those that do not go on: paused, closed, declined."""
    found = []
    for standing in (Standing.PAUSED, Standing.CLOSED, Standing.DECLINED):
        n = sum(n for (_, code), n in by_stage.items() if code == standing)
        found.append((standing.label.lower(), frame.number(n, standing=standing)))
    return tuple(found)


def _pipeline(frame: Frame, work: Sequence[AreaOfWork], found: Counter[tuple[str, str]]) -> tuple[Row, ...]:
    """The areas of work, those with most first."""
    most = max((n for (_, stage), n in found.items() if stage), default=0)
    rows = []
    for area in work:
        if not frame.speaks_of("area", area.code):
            continue
        numbers = tuple(
            frame.number(n, level(n, most), area=area.code, stage=stage, standing=ACTIVE)
            for stage in Stage.values
            for n in [found[area.code, stage]]
        )
        total = frame.number(found[area.code, ""], area=area.code, standing=ACTIVE)
        rows.append(Row(area.name, numbers, total))
    return tuple(sorted(rows, key=lambda row: (-row.total.n, row.label)))


def _map(frame: Frame, areas: list[PoliceArea], counts: Counter[str]) -> TileMap:
    most = max(counts.values(), default=0)
    numbers = {
        area.slug: frame.number(n, level(n, most), place=area.slug, stage=Stage.LIVE, standing=ACTIVE)
        for area in areas
        for n in [counts[area.slug]]
    }
    return tile_map(areas, numbers)


def _depths(frame: Frame, found: Counter[str]) -> tuple[Bar, ...]:
    rows = [
        (code, label, frame.number(found[code], depth=code, standing=ACTIVE)) for code, label in Depth.choices
    ]
    if found[""]:
        rows.append(("", "Not stated", frame.number(found[""], depth="none", standing=ACTIVE)))
    return bars(rows)


def _mixes(frame: Frame, found: Counter[str]) -> tuple[tuple[Bar, ...], tuple[Bar, ...]]:
    """The combinations of services that occur, commonest first, and those beyond what a chart can label."""
    rows = [
        (mix, _mix_label(mix.split("-")), frame.number(n, mix=mix, standing=ACTIVE))
        for mix, n in sorted(found.items(), key=lambda it: (-it[1], it[0]))
        if mix
    ]
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


def _freshness(frame: Frame, found: Counter[str]) -> tuple[Bar, ...]:
    labels = {
        "3-months": "Last 3 months",
        "6-months": "3 to 6 months",
        "12-months": "6 to 12 months",
        "late": "Late",
        "never": "Never confirmed",
    }
    rows = [
        (code, labels[code], frame.number(found[code], fresh=code, standing=ACTIVE)) for code, _ in FRESHNESS
    ]
    return bars(rows, late="late")


def _reasons(frame: Frame, found: Counter[str]) -> tuple[Bar, ...]:
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
        n = found[code.value]
        if n:
            number = frame.number(n, why=code.value, stage=Stage.LIVE, standing=ACTIVE)
            rows.append((code.value, label, number))
    return bars(sorted(rows, key=lambda row: -row[2].n))

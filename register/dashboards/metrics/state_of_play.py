"""State of play: how far it has come, where, how deep, who with, how fresh, and what it is said to save."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from register.catalogue.choices import FRESHNESS, SERVICE_LABELS
from register.core.charts import Bar, Number, bars, level, percentage
from register.dashboards.metrics.frame import ACTIVE, Frame
from register.dashboards.metrics.money import Headline, Savings, Stated, headline, savings, stated
from register.dashboards.metrics.opportunities import EARLY
from register.dashboards.metrics.organisations import keys_taking_part, services_of
from register.dashboards.metrics.where import Where, where
from register.initiatives.vocabulary import Depth, NoFigureReason, Stage, Standing
from register.reference.models import AreaOfWork

ON_THE_WAY = (Stage.AGREED, Stage.PILOT)
MOST_MIXES, MOST_CHARTS = 10, 3


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
    where: Where
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
    def charted(self) -> tuple[Savings, ...]:
        """The kinds of saving that are drawn; of more, a page would be long and say little."""
        return self.savings[:MOST_CHARTS]

    @property
    def uncharted(self) -> tuple[Savings, ...]:
        return self.savings[MOST_CHARTS:]

    @property
    def stated_a_year(self) -> Stated | None:
        return next((row for row in self.stated if row.basis == "a_year"), None)


def state_of_play(frame: Frame, *, measure: str = "") -> StateOfPlay:
    """All of the page's numbers: counted in bits, with one query for what they are called. `measure` is the map's."""
    work = frame.tallied.atlas.active_work
    stages = {stage: frame.at(stage).bit_count() for stage in Stage.values}
    going_on = frame.going_on.bit_count()
    live = frame.at(Stage.LIVE)
    # Of live ones only: one that goes on but is not live need have no figure yet.
    without = live & frame.tallied.bits("figure", "none")
    why = frame.counts("why", without)
    mixes, rarer = _mixes(frame, frame.counts("mix"))
    lines = savings(frame)
    taking_part = keys_taking_part(frame)
    return StateOfPlay(
        everything=frame.number(frame.among.bit_count()),
        going_on=frame.number(going_on, standing=ACTIVE),
        standings=_standings(frame),
        live=frame.number(stages[Stage.LIVE], stage=Stage.LIVE, standing=ACTIVE),
        live_share=percentage(stages[Stage.LIVE], going_on),
        on_the_way=frame.number(sum(stages[s] for s in ON_THE_WAY), stage=ON_THE_WAY, standing=ACTIVE),
        early=frame.number(sum(stages[s] for s in EARLY), stage=EARLY, standing=ACTIVE),
        organisations=len(taking_part),
        organisations_in_none=sum(1 for key in services_of(frame) if key not in taking_part),
        without_figure=frame.number(without.bit_count(), stage=Stage.LIVE, standing=ACTIVE, figure="none"),
        says_why=sum(n for reason, n in why.items() if reason not in ("", NoFigureReason.NEVER_ASKED)),
        stages=tuple(Stage.labels),
        pipeline=_pipeline(frame, work),
        where=where(frame, measure),
        depths=_depths(frame, frame.counts("depth")),
        mixes=mixes,
        rarer_mixes=rarer,
        no_services=frame.counts("mix", frame.going_on).get("", 0),
        freshness=_freshness(frame),
        reasons=_reasons(frame, why),
        savings=lines,
        stated=stated(frame),
        money=headline(lines),
    )


def _standings(frame: Frame) -> tuple[tuple[str, Number], ...]:
    """Those that do not go on: paused, closed, declined."""
    found = frame.counts("standing", frame.among)
    return tuple(
        (standing.label.lower(), frame.number(found.get(standing, 0), standing=standing))
        for standing in (Standing.PAUSED, Standing.CLOSED, Standing.DECLINED)
    )


def _pipeline(frame: Frame, work: Sequence[AreaOfWork]) -> tuple[Row, ...]:
    """The areas of work, those with most first."""
    at_stage = {stage: frame.at(stage) for stage in Stage.values}
    found = {
        area.code: {stage: (bits & at_stage[stage]).bit_count() for stage in Stage.values}
        for area in work
        if frame.speaks_of("area", area.code)
        for bits in [frame.tallied.bits("area", area.code)]
    }
    most = max((n for row in found.values() for n in row.values()), default=0)
    rows = []
    for area in work:
        if area.code not in found:
            continue
        numbers = tuple(
            frame.number(n, level(n, most), area=area.code, stage=stage, standing=ACTIVE)
            for stage, n in found[area.code].items()
        )
        total = frame.number(sum(found[area.code].values()), area=area.code, standing=ACTIVE)
        rows.append(Row(area.name, numbers, total))
    return tuple(sorted(rows, key=lambda row: (-row.total.n, row.label)))


def _depths(frame: Frame, found: Mapping[str, int]) -> tuple[Bar, ...]:
    rows = [
        (code, label, frame.number(found.get(code, 0), depth=code, standing=ACTIVE))
        for code, label in Depth.choices
    ]
    if found.get("none"):
        rows.append(("", "Not stated", frame.number(found["none"], depth="none", standing=ACTIVE)))
    return bars(rows)


def _mixes(frame: Frame, found: Mapping[str, int]) -> tuple[tuple[Bar, ...], tuple[Bar, ...]]:
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


def _freshness(frame: Frame) -> tuple[Bar, ...]:
    found = frame.counts("fresh", None)
    labels = {
        "3-months": "Last 3 months",
        "6-months": "3 to 6 months",
        "12-months": "6 to 12 months",
        "late": "Late",
        "never": "Never confirmed",
    }
    rows = [
        (code, labels[code], frame.number(found.get(code, 0), fresh=code, standing=ACTIVE))
        for code, _ in FRESHNESS
    ]
    return bars(rows, late="late")


def _reasons(frame: Frame, found: Mapping[str, int]) -> tuple[Bar, ...]:
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
        n = found.get(code.value, 0)
        if n:
            number = frame.number(n, why=code.value, stage=Stage.LIVE, standing=ACTIVE)
            rows.append((code.value, label, number))
    return bars(sorted(rows, key=lambda row: -row[2].n))

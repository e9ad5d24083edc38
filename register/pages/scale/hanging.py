"""What hangs on an initiative: benefits with their money, stated figures, barriers, milestones, updates."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from register.initiatives.models import Barrier, Benefit, Milestone, SavingLine, StatedFigure, Update
from register.initiatives.services import UPDATE_EVERY
from register.initiatives.vocabulary import BarrierCategory, Severity
from register.pages.scale.rows import Moment, Row

if TYPE_CHECKING:
    from register.pages.scale.drawing import Drawing

KINDS = (
    "cashable",
    "cashable",
    "non_cashable",
    "cost_avoidance",
    "service_improvement",
    "service_improvement",
)
MONEY = ("cashable", "non_cashable", "cost_avoidance", "income")
OUTCOMES = (
    "reduced_cost",
    "reduced_cost",
    "better_service",
    "better_service",
    "shorter_response",
    "joined_up",
)
REMOVERS = ("local", "local", "local", "regional", "national_body", "government")
CATEGORIES = [str(category) for category in BarrierCategory]
# A few categories are most of what is in the way.
WEIGHTS = (3, 9, 12, 16, 14, 11, 9, 7, 4, 3, 12)


def hang_something(
    about: Drawing, row: Row, moment: Moment, *, what: str = "", at_once: bool = False
) -> None:
    """What people told when they logged it (`at_once`), or one thing they did later."""
    draw = about.draw
    if at_once:
        for chance, hang in (
            (0.3, benefit),
            (0.16, stated),
            (0.33, barrier),
            (0.4, milestone),
            (0.1, milestone),
        ):
            if draw.random() < chance:
                hang(about, moment)
        return
    {"benefit": benefit, "barrier": barrier, "milestone": milestone, "update": update}.get(what, _nothing)(
        about, moment
    )
    if what in ("update", "confirm"):
        day = moment.at.date()
        about.batch.change(row, moment, confirmed_on=day, next_update_due=day + UPDATE_EVERY)


def _nothing(about: Drawing, moment: Moment) -> None:
    """To confirm is to change the record alone."""


def update(about: Drawing, moment: Moment) -> None:
    draw, day = about.draw, moment.at.date()
    about.batch.add(
        Update,
        moment,
        initiative_id=about.position,
        noted_on=day - timedelta(days=draw.randint(0, 6)),
        text=" ".join(about.writer.note() for _ in range(draw.choice((1, 1, 2)))),
        confidence=draw.choice(("green", "green", "green", "amber", "amber", "red")),
        organisation_id=about.partners[0],
        author_id=about.author,
        created_at=moment.at,
    )


def milestone(about: Drawing, moment: Moment) -> None:
    """Something to come, or already reached when it was written down."""
    draw, day = about.draw, moment.at.date()
    due = day + timedelta(days=draw.randint(-60, 400))
    past = due < about.setting.on
    about.batch.add(
        Milestone,
        moment,
        initiative_id=about.position,
        what=f"{draw.choice(about.writer.field.milestones)} at {about.writer.site}",
        due_on=due,
        due_precision="day",
        reached_on=due + timedelta(days=draw.randint(-20, 20)) if past and due < day else None,
    )


def barrier(about: Drawing, moment: Moment) -> None:
    """Raised now; some are dealt with at once, as far as the register knows."""
    draw, day = about.draw, moment.at.date()
    raised = day - timedelta(days=draw.randint(0, 120))
    state = draw.choices(("open", "being_worked_on", "removed", "accepted"), (50, 24, 19, 7))[0]
    row = about.batch.add(
        Barrier,
        moment,
        initiative_id=about.position,
        title=draw.choice(about.writer.field.barriers),
        description=about.writer.sentences(1)[0] if draw.random() < 0.4 else "",
        category=draw.choices(CATEGORIES, WEIGHTS)[0],
        severity=str(draw.choice(list(Severity))),
        remover=draw.choice(REMOVERS),
        remedy=about.writer.remedy(),
        state="open" if state in ("removed", "accepted") else state,
        raised_on=raised,
        resolved_on=None,
        version=1,
    )
    if state in ("removed", "accepted"):
        to_come = about.setting.until - moment.at
        later = Moment(
            moment.initiative, 100 + row.position, moment.at + to_come * draw.random() * 0.9, moment.actor
        )
        about.batch.change(row, later, state=state, resolved_on=later.at.date())
        about.latest = max(about.latest, later.at)


def benefit(about: Drawing, moment: Moment) -> None:
    """With lines of one to three years for one or two partners, when it is money."""
    draw, day = about.draw, moment.at.date()
    kind, outcome = draw.choice(KINDS), draw.choice(OUTCOMES)
    measured = kind == "service_improvement" and draw.random() < 0.6
    base = draw.randint(8, 90)
    row = about.batch.add(
        Benefit,
        moment,
        initiative_id=about.position,
        title=draw.choice(about.writer.field.benefits),
        outcome=outcome,
        kind=kind,
        is_recurring=draw.random() < 0.75,
        measure="Time or number, by the partners' own count" if measured else "",
        unit=draw.choice(("minutes", "days", "visits")) if measured else "",
        baseline=base if measured else None,
        target=base * 3 // 4 if measured else None,
        actual=base * 4 // 5 if measured and draw.random() < 0.5 else None,
        actual_on=None,
        evidence=draw.choice(("", "", "worked", "promising", "new", "did_not_work")),
    )
    if row.values["actual"] is not None:
        row.values["actual_on"] = day
    if kind in MONEY:
        _lines(about, moment, row, about.partners[: draw.choice((1, 1, 2))])


def _lines(about: Drawing, moment: Moment, row: Row, organisations: list[int]) -> None:
    draw, day = about.draw, moment.at.date()
    this_year = day.year if day.month > 3 else day.year - 1
    first = this_year - draw.randint(0, 2)
    for organisation in organisations:
        amount = _amount(about)
        for year in range(first, first + draw.randint(1, 3)):
            actual = int(amount * (0.7 + draw.random() * 0.5)) // 100 * 100 if year < this_year else None
            verified = actual is not None and draw.random() < 0.25
            about.batch.add(
                SavingLine,
                moment,
                benefit_id=row.position,
                organisation_id=organisation,
                financial_year=year,
                forecast_pence=amount,
                actual_pence=actual,
                verified_by="Internal audit" if verified else "",
                verified_on=day if verified else None,
            )
    about.has_figure = True


def stated(about: Drawing, moment: Moment) -> None:
    draw = about.draw
    kind = draw.choice(("saving", "saving", "saving", "cost", "funding"))
    amount, basis = _amount(about), draw.choice(("a_year", "a_year", "in_total", "over_period"))
    said = {"a_year": "a year", "in_total": "in total", "over_period": "over five years"}[basis]
    values: dict[str, Any] = {"qualifier": draw.choice(("", "", "about", "up to"))}
    about.batch.add(
        StatedFigure,
        moment,
        initiative_id=about.position,
        kind=kind,
        amount_pence=amount,
        basis=basis,
        as_stated=f"{values['qualifier']} £{amount // 100:,} {said}".strip(),
        period_text="five years" if basis == "over_period" else "",
        **values,
    )
    about.has_figure = about.has_figure or kind == "saving"


def _amount(about: Drawing) -> int:
    """Pence: most are tens of thousands of pounds, a few are millions."""
    return max(1_000, int(about.draw.lognormvariate(10.8, 1.3))) // 100 * 100 * 100

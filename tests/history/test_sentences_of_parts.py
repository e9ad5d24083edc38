"""What the ledger says in words of all that hangs on a record."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from register.core.dates import LimitedDate
from register.groups.services import draw_up_ask, mark_as_asked, record_decision
from register.history.events import fold
from register.initiatives.models import Initiative
from register.initiatives.services import (
    add_agreement,
    add_benefit,
    add_cost,
    add_document,
    add_funding,
    add_milestone,
    add_saving,
    add_update,
    change_agreement,
    change_barrier,
    change_benefit,
    change_cost,
    change_milestone,
    change_saving,
    cite_source,
    raise_barrier,
    remove_from_record,
    say_why_no_figure,
    state_figure,
    verify_saving,
)
from tests.factories import TODAY, initiative, organisation, working_group
from tests.history.support import do, one, since, so_far, told

pytestmark = pytest.mark.django_db

ON_THE_DAY = LimitedDate(TODAY, "day")
AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def record() -> Initiative:
    return initiative()


POLICE, FIRE = "derbyshire-police", "derbyshire-fire"


def test_savings_are_told_by_year_amount_and_how_sure_they_are(record: Initiative) -> None:
    benefit = do(
        add_benefit, initiative=record, title="Fewer workshops", outcome="reduced_cost", kind="cashable"
    )
    last = so_far()
    line = do(
        add_saving, benefit=benefit, organisation=organisation(POLICE), financial_year=2025,
        forecast_pence=310_000_00,
    )  # fmt: skip
    do(change_saving, line=line, version=None, forecast_pence=1_250_000_00)
    do(change_saving, line=line, version=None, actual_pence=290_000_00)
    do(verify_saving, line=line, verified_by="Internal audit", verified_on=TODAY)
    line.refresh_from_db()
    do(remove_from_record, row=line)
    assert told(last) == [
        "now has a saving: £310,000 for 2025–26, forecast",
        "the forecast saving for 2025–26 rose from £310,000 to £1.3 million",
        "the actual saving for 2025–26 was set to £290,000, claimed",
        "a saving was verified: £290,000 for 2025–26, actual (forecast £1.3 million), by Internal audit",
        "no longer has a saving: £290,000 for 2025–26, actual (forecast £1.3 million), verified",
    ]
    assert {event.kind for event in fold(since(last))} == {"saving"}


def test_a_saving_of_a_removed_benefit_stays_in_the_history_of_its_record(record: Initiative) -> None:
    benefit = do(
        add_benefit, initiative=record, title="Fewer workshops", outcome="reduced_cost", kind="cashable"
    )
    do(add_saving, benefit=benefit, organisation=organisation(POLICE), financial_year=2025, actual_pence=100)
    last = so_far()
    do(remove_from_record, row=benefit)
    event = one(last)
    assert event.root_id == record.pk
    assert (
        event.sentence
        == "no longer has a saving: £1 for 2025–26, actual, claimed; a benefit was removed: Fewer workshops"
    )


def test_costs_funding_and_stated_figures_are_told(record: Initiative) -> None:
    police = organisation(POLICE)
    last = so_far()
    cost = do(
        add_cost,
        initiative=record,
        organisation=police,
        financial_year=2024,
        what_for="Lifts",
        actual_pence=100_00,
    )
    do(change_cost, line=cost, version=None, actual_pence=90_00)
    do(
        add_funding, initiative=record, organisation=police, financial_year=2024, source="Innovation fund",
        forecast_pence=3_000_000_00,
    )  # fmt: skip
    do(
        state_figure, initiative=record, kind="saving", basis="a_year", as_stated="Up to £4m a year together.",
        amount_pence=4_000_000_00,
    )  # fmt: skip
    assert told(last) == [
        "now has a cost: £100 for 2024–25, actual (lifts)",
        "the actual cost for 2024–25 fell from £100 to £90 (lifts)",
        "now has funding: £3.0 million for 2024–25, forecast from Innovation fund",
        "now has a stated saving: “Up to £4m a year together”",
    ]


def test_a_reason_for_no_figure_is_told_alone_and_not_beside_a_figure(record: Initiative) -> None:
    last = so_far()
    do(say_why_no_figure, initiative=record, no_figure_reason="pooled_in_budgets")
    do(state_figure, initiative=record, kind="saving", basis="a_year", as_stated="About £1m")
    assert told(last) == [
        "has no figure, because it is pooled in budgets",
        "now has a stated saving: “About £1m”",
    ]


def test_benefits_are_told(record: Initiative) -> None:
    last = so_far()
    benefit = do(
        add_benefit, initiative=record, title="Faster calls", outcome="shorter_response",
        kind="service_improvement", unit="minutes",
    )  # fmt: skip
    do(change_benefit, benefit=benefit, version=None, actual=4.5, actual_on=TODAY)
    do(change_benefit, benefit=benefit, version=None, evidence="did_not_work")
    assert told(last) == [
        "a benefit was added: Faster calls",
        "a benefit was measured: Faster calls, 4.5 minutes",
        "the evidence of a benefit is now “didn't work”: Faster calls",
    ]


def test_barriers_are_raised_worked_on_removed_and_opened_again(record: Initiative) -> None:
    last = so_far()
    barrier = do(
        raise_barrier, initiative=record, title="Lease on the workshop", category="estates_and_planning",
        severity="medium", remover="local", raised_on=TODAY, on=TODAY,
    )  # fmt: skip
    do(change_barrier, barrier=barrier, version=None, on=TODAY, severity="high")
    do(change_barrier, barrier=barrier, version=None, on=TODAY, state="being_worked_on")
    do(
        change_barrier, barrier=barrier, version=None, on=TODAY, state="removed", resolved_on=TODAY,
        reason="The landlord signed.",
    )  # fmt: skip
    do(change_barrier, barrier=barrier, version=None, on=TODAY, state="open")
    assert told(last) == [
        "a barrier was raised: Lease on the workshop",
        "a barrier went from medium to high: Lease on the workshop",
        "a barrier is being worked on: Lease on the workshop",
        "a barrier was removed: Lease on the workshop",
        "a barrier is open again: Lease on the workshop",
    ]
    events = fold(since(last))
    assert {event.heading for event in events} == {"barriers"}
    assert [event.kind for event in events] == [
        "barrier",
        "barrier_removed",
        "barrier",
        "barrier",
        "barrier_raised",
    ]
    assert events[1].reason == "The landlord signed."


def test_an_ask_says_whose_it_is_and_of_whom(record: Initiative) -> None:
    group = working_group(name="Eastern group")
    barrier = do(
        raise_barrier, initiative=record, title="Radio licences", category="ict_and_data", severity="low",
        remover="government", raised_on=TODAY, on=TODAY,
    )  # fmt: skip
    made = do(
        draw_up_ask, group=group, title="Licences", addressee=organisation("home-office"), what="Change the rule.",
        barriers=[barrier],
    )  # fmt: skip
    last = so_far()
    do(mark_as_asked, ask=made, version=None, asked_on=TODAY, on=TODAY)
    event = next(event for event in fold(since(last)) if event.root_id)
    assert (
        event.sentence
        == "a barrier was taken into an ask by the Eastern group of Home Office: Radio licences"
    )
    assert event.heading == "barriers"


def test_a_decision_says_which_group_what_and_why(record: Initiative) -> None:
    group = working_group(name="Eastern group")
    last = so_far()
    do(
        record_decision, initiative=record, group=group, outcome="support_with_conditions", on=TODAY, decided_on=TODAY,
        reasons="The pilot is open.", conditions="Share out the cost.",
    )  # fmt: skip
    event = one(last)
    assert event.kind == "decision"
    assert (
        event.sentence
        == "was reviewed by the Eastern group: support with conditions, because the pilot is open"
    )
    assert ("Review: conditions", "", "Share out the cost.") in [
        (d.label, d.before, d.after) for d in event.details
    ]


def test_updates_and_milestones_are_told_and_the_confirmation_they_bring_is_not(record: Initiative) -> None:
    last = so_far()
    do(
        add_update, initiative=record, text="The lift\nis in use.", confidence="green", noted_on=TODAY,
        on=date(2026, 11, 30),
    )  # fmt: skip
    stone = do(
        add_milestone, initiative=record, what="Doors open", due=LimitedDate(date(2026, 12, 1), "month")
    )
    how = {"milestone": stone, "version": None, "what": "Doors open", "on": TODAY}
    later = LimitedDate(date(2027, 1, 1), "month")
    do(change_milestone, **how, due=later, reached_on=None)
    do(change_milestone, **how, due=later, reached_on=TODAY)
    assert told(last) == [
        "an update, green: The lift is in use",
        "a milestone was set: Doors open, due December 2026",
        "a milestone moved from December 2026 to January 2027: Doors open",
        "a milestone was reached: Doors open",
    ]


def test_papers_are_told(record: Initiative) -> None:
    police, fire = organisation(POLICE), organisation(FIRE)
    last = so_far()
    agreement = do(add_agreement, initiative=record, kind="s22a", parties=[police], signed_on=TODAY)
    do(change_agreement, agreement=agreement, version=None, parties=[police, fire])
    do(
        change_agreement,
        agreement=agreement,
        version=None,
        parties=[police, fire],
        review_on=date(2027, 11, 23),
    )
    do(add_document, initiative=record, title="Business case", link="https://example.org/case")
    do(cite_source, initiative=record, citation="National overview 2016")
    assert told(last) == [
        "an agreement was added: section 22A agreement, signed 23 November 2026",
        f"an agreement changed: {fire.name} joined it, section 22A agreement",
        "an agreement is to be reviewed on 23 November 2027: section 22A agreement",
        "a document was added: Business case",
        "a source was added: National overview 2016",
    ]


def test_no_sentence_ends_in_a_full_stop_or_breaks_a_line(record: Initiative) -> None:
    last = so_far()
    do(add_update, initiative=record, text="One.\n\nTwo. " * 60, confidence="red", noted_on=TODAY, on=TODAY)
    [sentence] = told(last)
    assert "\n" not in sentence
    assert len(sentence) < 260
    assert not sentence.endswith(".")

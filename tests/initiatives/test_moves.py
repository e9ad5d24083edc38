"""Moves of stage and standing are kept as they happened; what is live says what it saves, or why not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from register.core.dates import LimitedDate
from register.core.errors import EditConflictError
from register.core.tracking import origin
from register.initiatives.models import Initiative, SavingLine, StageMove
from register.initiatives.services import (
    add_benefit,
    add_saving,
    change_standing,
    confirm_still_current,
    move_stage,
    remove_from_record,
    verify_saving,
)
from tests.factories import TODAY, initiative, organisation, person
from tests.initiatives.support import LEAD, do, path, refused

pytestmark = pytest.mark.django_db


def test_every_stage_move_is_kept_with_the_day_it_really_happened_and_why() -> None:
    record = initiative(stage="opportunity", stage_since=LimitedDate(date(2024, 1, 1), "year"))
    do(
        move_stage,
        record,
        to_stage="pilot",
        happened=LimitedDate(date(2025, 3, 1), "month"),
        on=TODAY,
        why="Funded.",
    )
    do(move_stage, record, to_stage="agreed", happened=None, on=TODAY)
    assert path(record) == [
        ("", "opportunity", "active", "2024"),
        ("opportunity", "pilot", "active", "March 2025"),
        ("pilot", "agreed", "active", ""),
    ]
    record.refresh_from_db()
    assert (record.stage, record.version) == ("agreed", 3)
    assert StageMove.objects.get(to_stage="pilot").why == "Funded."


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"to_stage": "agreed"}, "to_stage", "It is at that stage already: Agreed."),
        ({"happened": LimitedDate(TODAY + timedelta(days=1))}, "happened", "That date is still to come."),
        (
            {"happened": LimitedDate(date(2025, 5, 31))},
            "happened",
            "That is before its last move (June 2025).",
        ),
    ],
)
def test_a_stage_move_that_cannot_have_been_is_refused(wrong: dict[str, Any], field: str, said: str) -> None:
    record = initiative(stage_since=LimitedDate(date(2025, 6, 1), "month"))
    move = {"to_stage": "pilot", "happened": None, "on": TODAY} | wrong
    assert refused(do, move_stage, record, **move)[field][0].startswith(said)


@pytest.mark.parametrize("standing", ["paused", "closed", "declined"])
def test_nothing_is_paused_closed_or_declined_without_a_reason_and_it_keeps_its_stage(standing: str) -> None:
    record, move = initiative(stage="pilot"), {"to_standing": standing, "happened": None, "on": TODAY}
    assert "standing_reason" in refused(do, change_standing, record, **move)
    move |= {"standing_reason": "funding_ended"}
    assert "standing_text" in refused(do, change_standing, record, **move, standing_text="\n")
    do(change_standing, record, **move, standing_text="The grant was for two years.")
    record.refresh_from_db()
    assert (record.stage, record.standing, record.standing_reason) == ("pilot", standing, "funding_ended")
    do(change_standing, record, to_standing="active", happened=None, on=TODAY)
    record.refresh_from_db()
    assert (record.standing, record.standing_reason, record.standing_text) == ("active", "", "")
    assert [step[2] for step in path(record)] == ["active", standing, "active"]


def test_a_move_of_something_that_moved_on_is_refused() -> None:
    record = initiative()
    do(confirm_still_current, record, on=TODAY)
    with pytest.raises(EditConflictError):
        do(move_stage, record, version=1, to_stage="live", happened=None, on=TODAY)
    assert len(path(record)) == 1


def test_a_live_record_has_a_figure_or_says_why_not_and_never_both() -> None:
    record = initiative(stage="pilot")

    def why_not() -> str:
        return str(Initiative.objects.get().no_figure_reason)

    assert why_not() == ""
    do(move_stage, record, to_stage="live", happened=None, on=TODAY)
    assert why_not() == "never_asked"
    benefit = do(add_benefit, record, title="Cheaper", outcome="reduced_cost", kind="cashable")
    with origin("test"):
        line = add_saving(
            by=None, benefit=benefit, organisation=organisation(LEAD), financial_year=2025, actual_pence=0
        )
        assert why_not() == ""
        remove_from_record(by=None, row=line)
    assert why_not() == "never_asked"


@pytest.mark.parametrize("what", ["line", "benefit"])
def test_a_verified_saving_is_taken_off_only_by_who_may_verify(what: str) -> None:
    record = initiative()
    benefit = do(add_benefit, record, title="Cheaper", outcome="reduced_cost", kind="cashable")
    with origin("test"):
        line = add_saving(
            by=None, benefit=benefit, organisation=organisation(LEAD), financial_year=2025, actual_pence=100
        )
        line = verify_saving(by=None, line=line, verified_by="Internal audit", verified_on=TODAY)
        row = line if what == "line" else benefit
        with pytest.raises(PermissionDenied):
            remove_from_record(by=person("contributor", at=LEAD), row=row)
        assert SavingLine.objects.exists()
        remove_from_record(by=person("organisation_lead", at=LEAD), row=row)
        assert not SavingLine.objects.exists()

"""What waits, what is nowhere, and which dates open a door."""

from __future__ import annotations

from datetime import date

import pytest

from register.core.dates import LimitedDate
from register.core.tracking import origin
from register.dashboards.metrics.frame import Frame
from register.dashboards.metrics.opportunities import Opportunities, opportunities
from register.dashboards.metrics.waiting import waited
from register.initiatives.services import add_agreement, add_milestone, change_milestone, move_stage
from tests.dashboards.support import group_with
from tests.factories import TODAY, initiative, person


@pytest.mark.parametrize(
    ("since", "words"),
    [
        (LimitedDate(date(2026, 11, 23)), "0 days"),
        (LimitedDate(date(2026, 11, 22)), "1 day"),
        (LimitedDate(date(2026, 10, 24)), "30 days"),
        (LimitedDate(date(2026, 10, 23)), "1 month"),
        (LimitedDate(date(2025, 11, 24)), "11 months"),
        (LimitedDate(date(2025, 11, 23)), "1 year"),
        (LimitedDate(date(2015, 1, 23)), "11 years 10 months"),
        (LimitedDate(date(2026, 11, 1), "month"), "less than a month"),
        (LimitedDate(date(2026, 9, 1), "month"), "2 months"),
        (LimitedDate(date(2026, 1, 1), "year"), "less than a year"),
        (LimitedDate(date(2015, 1, 1), "year"), "about 11 years"),
        (None, "not stated"),
    ],
)
def test_how_long_is_said_no_more_exactly_than_it_is_known(since: LimitedDate | None, words: str) -> None:
    assert waited(since, TODAY) == words


def page(remit: dict[str, list[str]] | None = None) -> Opportunities:
    return opportunities(Frame.of_group(group_with(remit or {}), person("reader"), TODAY))


@pytest.mark.django_db
def test_what_has_waited_longest_comes_first_and_what_nobody_dated_last() -> None:
    initiative("Undated", stage="considered")
    initiative("Since 2019", stage="business_case", stage_since=LimitedDate(date(2019, 1, 1), "year"))
    initiative("Since spring", stage="opportunity", stage_since=LimitedDate(date(2026, 4, 1), "month"))
    initiative("Agreed", stage="agreed")
    shown = page()
    assert [row.initiative.title for row in shown.waiting] == ["Since 2019", "Since spring", "Undated"]
    assert shown.early.n == 3


@pytest.mark.django_db
def test_waiting_begins_with_the_move_to_the_present_stage() -> None:
    record = initiative(stage="opportunity", stage_since=LimitedDate(date(2019, 1, 1), "year"))
    with origin("test"):
        move_stage(
            by=None,
            initiative=record,
            to_stage="considered",
            happened=LimitedDate(date(2026, 11, 13)),
            on=TODAY,
        )
    assert [row.words for row in page().waiting] == ["10 days"]


@pytest.mark.django_db
def test_a_cell_of_the_matrix_tells_live_from_coming_and_counts_both() -> None:
    initiative(areas=["fleet"], places=["kent"], stage="live")
    initiative(areas=["fleet"], places=["kent"], stage="opportunity")
    initiative(areas=["estates"], places=["kent"], stage="pilot")
    initiative(
        areas=["training"], places=["kent"], standing="declined", standing_reason="other", standing_text="No."
    )
    cells = {(cell.work, cell.column): cell for row in page().matrix.rows for cell in row.cells}
    assert cells["Fleet", "Kent"].in_words == "2 going on, 1 live"
    assert cells["Estates", "Kent"].in_words == "1 coming"
    assert cells["Training", "Kent"].in_words == "nothing recorded"
    assert "stage" not in cells["Fleet", "Kent"].href
    assert not cells["Fleet", "Surrey"].href.startswith("/initiatives/")


@pytest.mark.django_db
def test_the_list_for_a_phone_says_the_same_as_the_matrix() -> None:
    initiative(areas=["fleet"], places=["kent"], stage="live")
    matrix = page().matrix
    wide = {(cell.work, cell.column) for row in matrix.rows for cell in row.cells if cell.n}
    narrow = {
        (gap.work, gap.column) for region in matrix.regions for one in region.columns for gap in one.found
    }
    assert wide == narrow == {("Fleet", "Kent")}
    assert sum(len(region.columns) for region in matrix.regions) == 43


@pytest.mark.django_db
def test_dates_of_the_next_six_months_are_shown_in_order_and_what_is_late_says_so() -> None:
    record = initiative()
    with origin("test"):
        add_agreement(by=None, initiative=record, kind="s22a", review_on=date(2027, 1, 31), parties=[])
        add_agreement(
            by=None, initiative=record, kind="contract", title="Lease", ends_on=date(2027, 3, 1), parties=[]
        )
        add_agreement(by=None, initiative=record, kind="contract", ends_on=date(2026, 1, 1), parties=[])
        add_agreement(by=None, initiative=record, kind="contract", review_on=date(2028, 1, 1), parties=[])
        add_milestone(
            by=None, initiative=record, what="Open the doors", due=LimitedDate(date(2026, 10, 1), "month")
        )
        done = add_milestone(by=None, initiative=record, what="Sign", due=LimitedDate(date(2026, 12, 1)))
        change_milestone(
            by=None,
            milestone=done,
            version=None,
            what="Sign",
            due=LimitedDate(date(2026, 12, 1)),
            on=TODAY,
            reached_on=date(2026, 11, 1),
        )
    doors = page().doors
    assert [(door.what, door.is_late) for door in doors.shown] == [
        ("milestone: Open the doors", True),
        ("section 22A agreement due for review", False),
        ("Lease ends", False),
    ]


@pytest.mark.django_db
def test_only_what_its_owners_opened_is_offered_for_replication() -> None:
    initiative("Open", open_to_replication=True)
    initiative("Closed to it", open_to_replication=False)
    initiative("Not asked")
    assert [row.title for row in page().replicable] == ["Open"]

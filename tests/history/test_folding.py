"""What belongs together is told once, and what came to nothing is not told."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from register.core.tracking import origin, recorded
from register.history.events import fold, net
from register.history.models import Change
from register.initiatives.models import Initiative
from register.initiatives.services import (
    Part,
    add_benefit,
    add_update,
    change_barrier,
    change_standing,
    confirm_still_current,
    delete_initiative,
    edit_initiative,
    move_stage,
    raise_barrier,
    remove_from_record,
    restore_initiative,
)
from register.reference.models import PoliceArea
from tests.factories import TODAY, initiative, organisation, person
from tests.history.support import do, in_the_end, one, since, so_far, told

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
BARRIER = {
    "title": "Lease", "category": "estates_and_planning", "severity": "low", "remover": "local", "raised_on": TODAY,
}  # fmt: skip


@pytest.fixture
def record() -> Initiative:
    return initiative()


def edit(record: Initiative, **fields: object) -> None:
    do(edit_initiative, initiative=record, version=None, on=TODAY, **fields)


def test_there_and_back_is_silent(record: Initiative) -> None:
    last = so_far()
    edit(record, depth="co_location", summary="New")
    edit(record, depth="", summary="")
    assert len(told(last)) == 2
    assert in_the_end(last) == []


def test_a_stage_there_and_back_is_silent(record: Initiative) -> None:
    last = so_far()
    for stage in ("pilot", "agreed"):
        do(move_stage, initiative=record, to_stage=stage, happened=None, on=TODAY, why="A slip.")
    assert in_the_end(last) == []


def test_several_moves_come_to_one_with_the_last_reason(record: Initiative) -> None:
    last = so_far()
    for stage, why in (("pilot", "It began."), ("live", "It works.")):
        do(move_stage, initiative=record, to_stage=stage, happened=None, on=TODAY, why=why)
    [event] = net(since(last))
    assert (event.sentence, event.reason) == ("moved from agreed to live", "It works.")


def test_the_end_of_a_window_is_told_as_of_the_change_that_brought_it(record: Initiative) -> None:
    mover, other = person("administrator"), person("administrator")
    last = so_far()
    do(move_stage, by=mover, initiative=record, to_stage="live", happened=None, on=TODAY)
    moved = Change.objects.filter(pk__gt=last, after__stage="live").get()
    do(confirm_still_current, by=other, initiative=record, on=date(2026, 11, 30))
    [event] = net(since(last))
    assert (event.kind, event.actor_id, event.at) == ("stage", mover.pk, moved.at)


def test_what_was_added_and_removed_again_is_silent(record: Initiative) -> None:
    last = so_far()
    benefit = do(add_benefit, initiative=record, title="A slip", outcome="joined_up", kind="income")
    do(remove_from_record, row=benefit)
    assert in_the_end(last) == []


def test_a_place_or_partner_taken_off_and_put_back_is_silent_though_its_row_is_new(
    record: Initiative,
) -> None:
    last = so_far()
    derbyshire, kent = (PoliceArea.objects.get(slug=slug) for slug in ("derbyshire", "kent"))
    lead = Part(organisation("derbyshire-police"), "lead")
    party = Part(organisation("derbyshire-fire"), "party")
    edit(record, places=[kent], partners=[lead])
    edit(record, places=[derbyshire], partners=[lead, party])
    assert in_the_end(last) == []


def test_deleted_and_restored_is_silent_and_deleted_is_all_that_is_told(record: Initiative) -> None:
    last = so_far()
    do(delete_initiative, initiative=record, reason="A double.", at=AT)
    do(restore_initiative, initiative=record)
    assert in_the_end(last) == []
    edit(record, depth="co_location")
    do(delete_initiative, initiative=record, reason="A double.", at=AT)
    assert in_the_end(last) == ["was deleted"]


def test_a_record_logged_closed_deleted_and_restored_says_why_it_closed_and_not_why_it_was_deleted() -> None:
    last = so_far()
    record = initiative()
    do(
        change_standing,
        initiative=record,
        to_standing="closed",
        standing_reason="funding_ended",
        standing_text="The funding ended.",
        happened=None,
        on=TODAY,
    )
    do(delete_initiative, initiative=record, reason="A double.", at=AT)
    do(restore_initiative, initiative=record)
    [event] = net(since(last))
    assert event.sentence == "was logged at stage agreed, closed, because the funding ended"
    assert event.reason == ""


def test_logged_and_deleted_in_one_window_is_silent() -> None:
    last = so_far()
    do(delete_initiative, initiative=initiative(), reason="A double.", at=AT)
    assert in_the_end(last) == []


def test_a_record_logged_in_the_window_is_one_event_at_the_stage_it_has_come_to() -> None:
    last = so_far()
    record = initiative(stage="considered")
    edit(record, summary="More is known.")
    do(move_stage, initiative=record, to_stage="pilot", happened=None, on=TODAY)
    assert in_the_end(last) == ["was logged at stage pilot"]


def test_what_hangs_on_a_new_record_is_told_of_its_own() -> None:
    last = so_far()
    do(raise_barrier, initiative=initiative(), on=TODAY, **BARRIER)
    assert sorted(in_the_end(last)) == ["a barrier was raised: Lease", "was logged at stage agreed"]


def test_a_barrier_raised_and_removed_in_one_window_is_told_as_removed(record: Initiative) -> None:
    last = so_far()
    barrier = do(raise_barrier, initiative=record, on=TODAY, **BARRIER)
    do(change_barrier, barrier=barrier, version=None, on=TODAY, state="removed", resolved_on=TODAY)
    [event] = net(since(last))
    assert (event.kind, event.sentence) == ("barrier_removed", "a barrier was raised and removed: Lease")


def test_a_confirmation_is_told_only_where_nothing_else_is(record: Initiative) -> None:
    last = so_far()
    do(confirm_still_current, initiative=record, on=date(2026, 11, 24))
    assert in_the_end(last) == ["was confirmed still current"]
    do(add_update, initiative=record, text="Fine.", confidence="green", noted_on=TODAY, on=TODAY)
    edit(record, depth="co_location")
    assert sorted(in_the_end(last)) == ["an update, green: Fine", "had its depth set to co-location"]


def test_one_transaction_on_one_record_is_one_event_led_by_what_matters_most(record: Initiative) -> None:
    last = so_far()
    with origin("test"), recorded(by=None, reason="After the board."):
        raise_barrier(by=None, initiative=record, on=TODAY, **BARRIER)
        edit_initiative(by=None, initiative=record, version=None, on=TODAY, depth="co_location")
        move_stage(by=None, initiative=record, to_stage="live", happened=None, on=TODAY)
    event = one(last)
    assert event.kind == "stage"
    assert (
        event.sentence
        == "moved from agreed to live; had its depth set to co-location; a barrier was raised: Lease"
    )
    assert event.reason == "After the board."


def test_one_transaction_on_two_records_is_two_events() -> None:
    first, second = initiative(), initiative(title="Another")
    last = so_far()
    with origin("test"), recorded(by=None):
        for record in (first, second):
            change_standing(
                by=None, initiative=record, to_standing="paused", happened=None, on=TODAY,
                standing_reason="funding_ended", standing_text="The money ran out.",
            )  # fmt: skip
    events = fold(since(last))
    assert {event.root_id for event in events} == {first.pk, second.pk}


def test_transactions_that_ran_side_by_side_are_still_one_event_each(record: Initiative) -> None:
    last = so_far()
    other = initiative(title="Another")
    edit(record, summary="A", depth="co_location", places=[])
    rows = since(last)
    mixed = rows[::2] + rows[1::2]
    assert len(fold(mixed)) == 2
    assert {event.root_id for event in fold(mixed)} == {record.pk, other.pk}


def test_events_come_newest_first_and_net_ones_oldest_first(record: Initiative) -> None:
    last = so_far()
    for depth in ("co_location", "shared_service"):
        edit(record, depth=depth)
    do(raise_barrier, initiative=record, on=TODAY, **BARRIER)
    folded, netted = fold(since(last)), net(since(last))
    assert [event.at for event in folded] == sorted((event.at for event in folded), reverse=True)
    assert [event.kind for event in netted] == ["edited", "barrier_raised"]


def test_folding_asks_for_the_same_few_things_however_much_there_is(record: Initiative) -> None:
    def asked() -> int:
        changes = list(Change.objects.exclude(root_id=None))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            fold(changes)
        return len(queries)

    barrier = do(raise_barrier, initiative=record, on=TODAY, **BARRIER)
    do(change_barrier, barrier=barrier, version=None, on=TODAY, severity="high")
    few = asked()
    for number in range(8):
        other = initiative(title=f"Record {number}", lead="kent-police", places=["kent"])
        barrier = do(raise_barrier, initiative=other, on=TODAY, **BARRIER)
        do(change_barrier, barrier=barrier, version=None, on=TODAY, severity="high")
    assert asked() == few <= 3


def test_early_records_and_barriers_come_under_their_own_headings() -> None:
    last = so_far()
    early, late = initiative(stage="considered"), initiative(title="Late", stage="live")
    for record in (early, late):
        edit(record, depth="co_location")
        do(raise_barrier, initiative=record, on=TODAY, **BARRIER)
    headings = {(event.root_id, event.kind): event.heading for event in fold(since(last))}
    assert headings == {
        (early.pk, "logged"): "opportunities",
        (late.pk, "logged"): "state_of_play",
        (early.pk, "edited"): "opportunities",
        (late.pk, "edited"): "state_of_play",
        (early.pk, "barrier_raised"): "barriers",
        (late.pk, "barrier_raised"): "barriers",
    }

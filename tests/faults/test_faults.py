"""A few scripts of `make test-faults`, and whether what counts can count."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bluelight.embedded import processes
from tests.faults.drawing import Drawing
from tests.faults.judging import Facts, Judge, Verdict
from tests.faults.model import LONDON, Audience, Edit, Timing
from tests.faults.tally import Tally
from tests.support.run import BASE

# Together they kill workers, beats, broker and database, empty the broker, let a worker stand still, release what
# is held, and have most of what mail can do; two zones, a month, a pause, and two digests of the same at one slot.
SEEDS = (135, 1993, 551)


def test_a_few_random_scripts_of_faults_double_nothing_and_lose_nothing(tmp_path: Path) -> None:
    told, said = tmp_path / "faults.json", tmp_path / "said.txt"
    command = ["-m", "tests.faults", "--json", str(told), "--seed", *map(str, SEEDS)]
    running = processes.spawn([sys.executable, *command], cwd=BASE, log=said)
    try:
        code = running.wait(timeout=300)
    except subprocess.TimeoutExpired:
        code = -1
    finally:
        processes.stop(running)
    assert code == 0, said.read_text(encoding="utf-8")
    counted = json.loads(told.read_text(encoding="utf-8"))
    assert counted["scripts"] == len(SEEDS)
    assert counted["messages_due"] > 12
    assert counted["duplicates"] == counted["lost"] == 0


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=LONDON)


def group() -> Audience:
    """Mondays at seven; two members; something happened in the first week, nothing in the second."""
    anchor = at("01-03T08:00")
    joined = {"mo@example.org": anchor, "jo@example.org": anchor}
    return Audience("north", Timing(0, 7), anchor, joined, edits=[Edit("T0001K", at("01-04T10:00"))])


def taken(message: str, to: str, *tokens: str) -> dict[str, Any]:
    line = {"what": "taken", "id": message, "to": to, "tokens": list(tokens or ("T0001K",))}
    return line | {"list": "<digest.north.localhost>", "session": 1, "at": 100.0}


def well() -> Facts:
    """Everything went well."""
    edition = {"key": "north", "state": "ready", "said": "New T0001K"}
    edges = [at("01-03T08:00"), at("01-05T07:00"), at("01-12T07:00")]
    first = edition | {"id": 1, "starts_at": edges[0], "ends_at": edges[1]}
    second = edition | {"id": 2, "starts_at": edges[1], "ends_at": edges[2], "state": "quiet", "said": ""}
    row = {"edition_id": 1, "state": "sent", "why": "", "sent_at": edges[1]}
    rows = [
        row | {"email": "mo@example.org", "message_id": "<a>"},
        row | {"email": "jo@example.org", "message_id": "<b>"},
    ]
    mail = [taken("<a>", "mo@example.org"), taken("<b>", "jo@example.org")]
    return Facts([first, second], rows, mail, at("01-12T09:00"))


UNDISTURBED = {"undisturbed_due": 2, "undisturbed": 2}


def verdict(facts: Facts) -> Verdict:
    return Judge([group()], facts).judge()


def test_where_all_went_well_nothing_is_said() -> None:
    told = verdict(well())
    assert told.complaints == []
    assert told.is_calm
    assert +told.counts == {"messages_due": 2, "delivered": 2} | UNDISTURBED


def _twice(facts: Facts) -> None:
    facts.mail = [*facts.mail, facts.mail[0]]


def _in_another_message(facts: Facts) -> None:
    facts.mail = [*facts.mail, taken("<c>", "mo@example.org")]


def _never_arrived(facts: Facts) -> None:
    facts.mail = facts.mail[1:]


def _never_written_down(facts: Facts) -> None:
    facts.deliveries, facts.mail = facts.deliveries[1:], facts.mail[1:]


def _still_waiting(facts: Facts) -> None:
    facts.deliveries[0]["state"] = "waiting"
    facts.mail = facts.mail[1:]


def _held_for_nothing(facts: Facts) -> None:
    facts.deliveries[0].update(state="held", why="It may have been sent.")


def _without_a_why(facts: Facts) -> None:
    facts.deliveries[0].update(state="failed", why="")


def _quiet(facts: Facts) -> None:
    facts.editions[0].update(state="quiet", said="")


def _a_gap(facts: Facts) -> None:
    facts.editions[1]["starts_at"] += timedelta(minutes=1)


def _a_slot_forgotten(facts: Facts) -> None:
    facts.editions = facts.editions[:1]


def _told_again(facts: Facts) -> None:
    facts.editions[1].update(state="ready", said="T0001K")


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        (_twice, "got <a> 2 times"),
        (_in_another_message, "was told T0001K in 2 messages"),
        (_never_arrived, "lost, its delivery is sent"),
        (_never_written_down, "lost, its delivery is missing"),
        (_still_waiting, "lost, its delivery is waiting"),
        (_held_for_nothing, "nothing fell between its acceptance and its mark"),
        (_without_a_why, "says nothing of why"),
        (_quiet, "does not tell ['T0001K']"),
        (_a_gap, "its windows do not meet"),
        (_a_slot_forgotten, "a slot passed without an edition"),
        (_told_again, "T0001K was told 2 times"),
    ],
)
def test_what_went_wrong_is_noticed(spoil: Callable[[Facts], None], complaint: str) -> None:
    facts = well()
    spoil(facts)
    assert any(complaint in said for said in verdict(facts).complaints)


def test_a_second_copy_that_a_person_let_go_is_their_choice() -> None:
    facts = well()
    _twice(facts)
    facts.released = {"<a>": 1}
    told = verdict(facts)
    assert told.complaints == []
    assert +told.counts == {"messages_due": 2, "delivered": 2, "persons_choice": 1} | UNDISTURBED


def test_held_is_right_after_a_kill_between_acceptance_and_mark_only() -> None:
    facts = well()
    _held_for_nothing(facts)
    closed = {"what": "closed", "session": 1, "at": 103.0}
    facts.mail = [facts.mail[1], facts.mail[0], closed]
    for kill, is_right in ((102.0, True), (95.0, False), (110.0, False)):
        facts.kills = [kill]
        assert (verdict(facts).complaints == []) is is_right
    # Another message was asked for by then, and its text had not begun.
    facts.kills, facts.mail = (
        [102.5],
        [*facts.mail[:2], {**facts.mail[0], "what": "asked", "at": 102.0}, closed],
    )
    assert verdict(facts).complaints == []
    facts.mail = [*facts.mail[:2], closed]
    # The connection went on to another message, before which the end of this one was written down.
    facts.kills, facts.mail = [102.0], [facts.mail[1], facts.mail[0], closed]
    assert verdict(facts).complaints != []


def test_a_script_is_calm_unless_something_fell_between_acceptance_and_mark() -> None:
    facts = well()
    facts.kills = [50.0, 150.0]
    assert verdict(facts).is_calm
    facts.mail = [*facts.mail, {"what": "closed", "session": 1, "at": 103.0}]
    facts.kills = [101.0]
    assert not verdict(facts).is_calm


def test_who_has_paused_it_gets_nothing_until_their_day() -> None:
    facts, peak = well(), group()
    peak.paused["mo@example.org"] = (at("01-04T08:00"), date(2026, 1, 12))
    assert any("was paused" in said for said in Judge([peak], facts).judge().complaints)
    facts.deliveries[0].update(state="skipped", sent_at=None, why="They paused it until 12 January 2026.")
    facts.mail = facts.mail[1:]
    assert Judge([peak], facts).judge().complaints == []


def test_what_another_groups_digest_brought_is_left_out() -> None:
    facts = well()
    wide = Audience("wide", Timing(0, 7), at("01-03T08:00"), {"mo@example.org": at("01-03T08:00")})
    wide.edits = group().edits
    for edition in list(facts.editions):
        facts.editions = [*facts.editions, edition | {"key": "wide", "id": edition["id"] + 10}]
    row = {
        "edition_id": 11,
        "email": "mo@example.org",
        "message_id": "<w>",
        "state": "skipped",
        "sent_at": None,
    }
    facts.deliveries = [*facts.deliveries, row | {"why": "Nothing new that they may see."}]
    assert Judge([group(), wide], facts).judge().complaints == []
    # Not what none brought.
    mail, facts.mail = facts.mail, facts.mail[1:]
    assert any("though nothing kept it" in said for said in Judge([group(), wide], facts).judge().complaints)
    # And it is to be left out.
    facts.mail = [*mail, {**mail[0], "at": mail[0]["at"] + 60, "list": "wide", "id": "<w>"}]
    facts.deliveries[-1].update(state="sent", sent_at=at("01-05T07:01"), why="")
    said = Judge([group(), wide], facts).judge().complaints
    assert said == ["mo@example.org was told ['T0001K'] by north and by wide"]


def test_the_tally_is_good_only_without_complaint_and_with_enough_delivered() -> None:
    tally = Tally(1)
    tally.add(1, verdict(well()))
    assert tally.is_good
    facts = well()
    _never_arrived(facts)
    tally.add(2, verdict(facts))
    assert not tally.is_good
    assert tally.failing == [2]
    assert tally.counts["lost"] == 1


def test_what_was_refused_or_given_up_counts_as_not_delivered_and_what_was_not_wanted_does_not_count() -> (
    None
):
    facts = well()
    facts.deliveries[0].update(state="failed", sent_at=None, why="The mail server said 550")
    facts.mail = [facts.mail[1], {"what": "refused", "code": 550, "to": "mo@example.org"}]
    tally = Tally(1)
    tally.add(1, verdict(facts))
    assert tally.failing == []
    assert tally.undisturbed_share == tally.calm_share == 0.5
    assert not tally.is_good
    facts = well()
    facts.deliveries[0].update(state="skipped", sent_at=None, why="They paused it until 12 January 2026.")
    facts.mail = facts.mail[1:]
    peak = group()
    peak.paused["mo@example.org"] = (at("01-04T08:00"), date(2026, 1, 12))
    tally = Tally(1)
    tally.add(1, Judge([peak], facts).judge())
    assert tally.undisturbed_share == tally.calm_share == 1.0
    assert tally.is_good


def test_a_seed_always_draws_the_same_script_and_another_seed_another() -> None:
    assert Drawing(5).script() == Drawing(5).script() != Drawing(6).script()


def test_slots_move_to_the_next_working_day_and_keep_their_hour_over_a_change_of_clocks() -> None:
    easter = Audience("north", Timing(0, 7), at("03-28T08:00"))
    found = list(easter.slots(at("04-14T00:00")))
    assert [slot.astimezone(LONDON).isoformat() for slot in found] == [
        "2026-03-30T07:00:00+01:00",
        "2026-04-07T07:00:00+01:00",
        "2026-04-13T07:00:00+01:00",
    ]
    assert found[0].date() == date(2026, 3, 30)


def test_slots_come_by_fortnights_and_months_in_their_own_zone() -> None:
    fortnight = Audience("north", Timing(1, 9, "America/New_York", "fortnight", 1), at("01-03T08:00"))
    found = [slot.isoformat() for slot in fortnight.slots(at("02-14T00:00"))]
    assert found == ["2026-01-13T09:00:00-05:00", "2026-01-27T09:00:00-05:00", "2026-02-10T09:00:00-05:00"]
    month = Audience("north", Timing(0, 7, rhythm="month"), at("01-03T08:00"))
    assert [slot.day for slot in month.slots(at("04-30T00:00"))] == [5, 2, 2, 7]

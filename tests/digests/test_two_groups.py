"""Nothing comes to anybody twice in a week, and nothing that was left to another digest is lost."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from register.accounts.models import RoleGrant
from register.accounts.services import grant_role, revoke_role
from register.core.tracking import origin
from register.digests.choosing.schedules import set_schedule
from register.digests.choosing.wishes import pause_digest, want_what_one_follows
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import Delivery
from register.digests.sending.delivery import deliver
from register.digests.writing.letter import MOST
from register.initiatives.services import (
    add_update,
)
from tests.digests.letters import beat, flat, send, text_of
from tests.digests.support import LAST_MONDAY, MONDAY, Sink, Team, new_team
from tests.factories import TODAY, initiative


def test_what_two_groups_would_say_to_one_person_is_said_once(team: Team, committed: Any, sink: Sink) -> None:
    other = new_team("vale")
    with origin("test"):
        grant_role(by=None, user=team.member, role="group_member", group=other.group)
    initiative("Seen by both groups")
    send()
    told = [message for message in sink.to(team.member) if "Seen by both groups" in text_of(message)]
    assert len(told) == 1
    assert "Peak group" in told[0]["Subject"]
    assert len(sink.to(other.member)) == 1
    skipped = Delivery.objects.get(user=team.member, edition__group=other.group)
    assert skipped.why == "Another digest of this week has brought them all that is new in it."


def in_two(team: Team, *, weekday: int) -> Team:
    """The member is in another group, too, which looks at the same and whose digest comes on that day."""
    other = new_team("vale")
    with origin("test"):
        grant_role(by=None, user=team.member, role="group_member", group=other.group)
        set_schedule(by=None, group=other.group, at=LAST_MONDAY, weekday=weekday)
    return other


def test_nothing_comes_twice_in_a_week_when_groups_have_different_slots(
    team: Team, committed: Any, sink: Sink
) -> None:
    other = in_two(team, weekday=2)
    initiative("Seen by both groups")
    beat(committed, MONDAY)
    committed.set(MONDAY + timedelta(hours=4))
    initiative("Later in the week")
    for days in (2, 7, 9, 14):
        beat(committed, MONDAY + timedelta(days=days))
    told = {text_of(message): message["Subject"] for message in sink.to(team.member)}
    for title, group in (
        ("Seen by both groups was logged", "Peak"),
        ("Later in the week was logged", "Vale"),
    ):
        [subject] = [subject for said, subject in told.items() if title in " ".join(said.split())]
        assert group in subject
    # Whoever is only in the other group hears of all of it there.
    [message] = sink.to(other.member)
    assert "Seen by both groups was logged" in flat(message)
    assert "Later in the week was logged" in flat(message)


def test_what_a_group_told_before_one_left_it_is_not_told_again_by_another(
    team: Team, committed: Any, sink: Sink
) -> None:
    in_two(team, weekday=2)
    initiative("Seen by both groups")
    beat(committed, MONDAY)
    with origin("test"):
        revoke_role(by=None, grant=RoleGrant.objects.get(user=team.member, group=team.group))
    beat(committed, MONDAY + timedelta(days=2))
    [message] = sink.to(team.member)
    assert "Peak group" in message["Subject"]


def test_what_was_cut_from_one_groups_long_week_is_told_by_the_other(
    team: Team, committed: Any, sink: Sink
) -> None:
    """Nobody has read what was only counted."""
    in_two(team, weekday=2)
    for number in range(MOST + 3):
        initiative(f"Workshop {number}")
    beat(committed, MONDAY)
    beat(committed, MONDAY + timedelta(days=2))
    [first, second] = [set(re.findall(r"Workshop \d+", text_of(message))) for message in sink.to(team.member)]
    assert len(first) == MOST
    assert len(second) == 3
    assert not first & second


def test_digests_of_different_slots_that_catch_up_together_tell_it_once(
    team: Team, committed: Any, sink: Sink
) -> None:
    in_two(team, weekday=2)
    initiative("Seen by both groups")
    beat(committed, MONDAY + timedelta(days=3))
    [message] = sink.to(team.member)
    assert "Peak group" in message["Subject"]


def test_a_digest_that_is_late_leaves_out_what_another_has_brought_by_then(
    team: Team, committed: Any, sink: Sink
) -> None:
    in_two(team, weekday=2)
    initiative("Seen by both groups")
    sink.answers = ["451 later"]
    beat(committed, MONDAY)
    assert sink.to(team.member) == []
    Delivery.objects.filter(state="waiting").update(due_at=MONDAY + timedelta(days=3))
    beat(committed, MONDAY + timedelta(days=2))
    beat(committed, MONDAY + timedelta(days=3))
    [message] = sink.to(team.member)
    assert "Vale group" in message["Subject"]
    skipped = Delivery.objects.get(edition__group=team.group)
    assert skipped.state == "skipped"
    assert skipped.why == "Another digest of this week has brought them all that is new in it."


def test_of_two_digests_that_say_the_same_words_of_new_things_each_says_its_own(
    team: Team, committed: Any, sink: Sink
) -> None:
    """ "No change this week" is said of each week."""
    other = in_two(team, weekday=2)
    record = initiative("Said again and again")
    for days in range(0, 28, 7):
        for group_day in (0, 2):
            at = MONDAY + timedelta(days=days + group_day)
            committed.set(at - timedelta(hours=20))
            with origin("test"):
                add_update(
                    by=None,
                    initiative=record,
                    text="No change this week.",
                    confidence="green",
                    noted_on=TODAY,
                    on=TODAY,
                )
            beat(committed, at)
    assert len(sink.to(team.member)) == 8
    assert len(sink.to(other.member)) == 4
    for message in sink.to(team.member)[1:]:
        assert flat(message).count("No change this week") == 1


def test_what_the_other_digest_could_not_bring_is_said_here(team: Team, committed: Any, sink: Sink) -> None:
    other = new_team("vale")
    with origin("test"):
        grant_role(by=None, user=team.member, role="group_member", group=other.group)
    initiative("Seen by both groups")
    sink.answers = ["451 later"]
    open_due_editions(now=MONDAY)
    build_open_editions(now=MONDAY)
    mine = Delivery.objects.filter(user=team.member)
    deliver(list(mine.values_list("pk", flat=True)), clock=lambda: MONDAY)
    assert [message["Subject"].startswith("Blue light digest, Vale") for message in sink.received] == [True]
    assert "Seen by both groups" in text_of(sink.received[0])


@pytest.mark.parametrize("wish", ["paused", "only followed"])
def test_what_another_groups_digest_will_not_say_after_all_is_said_here(
    team: Team, committed: Any, sink: Sink, wish: str
) -> None:
    other = new_team("vale")
    record = initiative("Seen by both groups")
    with origin("test"):
        grant_role(by=None, user=team.member, role="group_member", group=other.group)
    open_due_editions(now=MONDAY)
    build_open_editions(now=MONDAY)
    with origin("test"):
        if wish == "paused":
            pause_digest(
                by=None, user=team.member, group=team.group, until=MONDAY.date() + timedelta(9), on=TODAY
            )
        else:
            want_what_one_follows(by=None, user=team.member, group=team.group)
    deliver(list(Delivery.objects.values_list("pk", flat=True)), clock=lambda: MONDAY)
    [message] = sink.to(team.member)
    assert "Vale group" in message["Subject"]
    assert record.title in text_of(message)

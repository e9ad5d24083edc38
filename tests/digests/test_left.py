"""What a person's own edition leaves to a group's digest is told by it, or else by their next own: once, never not."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from register.accounts.models import RoleGrant
from register.accounts.services import grant_role, revoke_role
from register.catalogue.services import follow_initiative, save_view, stop_following_initiative
from register.core.tracking import origin
from register.digests.choosing.schedules import set_schedule
from register.digests.choosing.wishes import pause_digest, stop_digest, want_digest
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.making.personal import contents_of
from register.digests.models import Delivery, Edition
from register.digests.sending.delivery import deliver
from register.groups.services import set_remit
from register.initiatives.models import Initiative
from register.initiatives.services import raise_barrier
from tests.digests.support import LAST_MONDAY, Sink, Team, new_team
from tests.factories import initiative, person

NAME = re.compile(r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day \d+\b(?! \w+ 2026)")


def do(door: Any, **told: Any) -> Any:
    with origin("test"):
        return door(**{"by": None} | told)


class Story:
    """A group on Wednesdays, whose member follows a record in its remit: their own edition is on Mondays."""

    def __init__(self, clock: Any, sink: Sink, rhythm: str = "week") -> None:
        self.clock, self.sink = clock, sink
        clock.set("2026-11-16 06:00")
        self.team: Team = new_team()
        do(set_schedule, group=self.team.group, at=LAST_MONDAY, weekday=2, rhythm=rhythm)
        self.member, self.group = self.team.member, self.team.group
        self.record: Initiative = initiative("Shared hub", on=clock.now.date())
        clock.set("2026-11-16 08:00")
        do(follow_initiative, by=self.member, initiative=self.record)

    def barrier(self, moment: str, title: str) -> None:
        at = self.clock.set(moment)
        do(
            raise_barrier, initiative=self.record, title=title, category="governance", severity="high",
            remover="local", raised_on=at.date(), on=at.date(),
        )  # fmt: skip

    def beat(self, moment: str) -> list[tuple[str, list[str]]]:
        """What goes to the member: whose digest, and what of ours it says."""
        at, before = self.clock.set(moment), len(self.sink.received)
        open_due_editions(now=at)
        build_open_editions(now=at)
        deliver(list(Delivery.objects.due(now=at).values_list("pk", flat=True)), clock=lambda: at)
        return [
            ("own" if "what you follow" in message["Subject"] else "group", said_in(message))
            for message in self.sink.received[before:]
            if message["To"] == self.member.email
        ]

    def leave(self) -> None:
        for grant in RoleGrant.objects.filter(user=self.member, group=self.group):
            do(revoke_role, grant=grant)


def said_in(message: Any) -> list[str]:
    text = " ".join(message.get_body(("plain",)).get_content().split())
    return sorted(set(re.findall(r"[Bb]arrier (\w+)", text)) & {"One", "Two", "Three"})


@pytest.fixture
def story(committed: Any, sink: Sink) -> Story:
    return Story(committed, sink)


def test_who_leaves_the_group_before_its_digest_comes_is_told_by_their_own(story: Story) -> None:
    story.barrier("2026-11-21 10:00", "Barrier One")
    assert story.beat("2026-11-23 07:00") == []  # left to Wednesday's
    story.clock.set("2026-11-24 10:00")
    story.leave()
    story.barrier("2026-11-24 11:00", "Barrier Two")
    assert story.beat("2026-11-25 07:00") == []
    assert story.beat("2026-11-30 07:00") == [("own", ["One", "Two"])]
    assert story.beat("2026-12-07 07:00") == []


def test_what_the_groups_digest_brings_is_not_told_again(story: Story) -> None:
    story.barrier("2026-11-21 10:00", "Barrier One")
    assert story.beat("2026-11-23 07:00") == []
    assert story.beat("2026-11-25 07:00") == [("group", ["One"])]
    story.clock.set("2026-11-26 10:00")
    story.leave()
    assert story.beat("2026-11-30 07:00") == []


def test_a_digest_that_is_switched_off_tells_to_its_end_and_ones_own_goes_on(story: Story) -> None:
    story.barrier("2026-11-21 10:00", "Barrier One")
    assert story.beat("2026-11-23 07:00") == []
    at = story.clock.set("2026-11-24 10:00")
    do(set_schedule, group=story.group, at=at, weekday=2, is_on=False)
    assert story.beat("2026-11-24 10:05") == [("group", ["One"])]
    story.barrier("2026-11-24 11:00", "Barrier Two")
    assert story.beat("2026-11-30 07:00") == [("own", ["Two"])]


def test_a_record_that_leaves_the_remit_is_told_by_their_own(story: Story) -> None:
    story.barrier("2026-11-21 10:00", "Barrier One")
    assert story.beat("2026-11-23 07:00") == []
    story.clock.set("2026-11-24 10:00")
    do(set_remit, group=story.group, name="Kent", parameters={"place": ["kent"]})
    assert story.beat("2026-11-25 07:00") == []
    assert story.beat("2026-11-30 07:00") == [("own", ["One"])]


def test_one_that_comes_into_the_remit_after_its_digest_is_told_by_their_own(
    committed: Any, sink: Sink
) -> None:
    story = Story(committed, sink)
    do(set_remit, group=story.group, name="Kent", parameters={"place": ["kent"]})
    story.barrier("2026-11-17 10:00", "Barrier One")
    assert story.beat("2026-11-18 07:00") == []
    story.clock.set("2026-11-20 10:00")
    do(set_remit, group=story.group, name="Derbyshire", parameters={"place": ["derbyshire"]})
    story.barrier("2026-11-21 10:00", "Barrier Two")
    assert story.beat("2026-11-23 07:00") == [("own", ["One"])]
    assert story.beat("2026-11-25 07:00") == [("group", ["Two"])]
    assert story.beat("2026-11-30 07:00") == []


def test_a_pause_that_ends_early_loses_nothing(story: Story) -> None:
    story.clock.set("2026-11-17 09:00")
    do(pause_digest, user=story.member, group=story.group, until=date(2026, 12, 16), on=date(2026, 11, 17))
    story.barrier("2026-11-17 10:00", "Barrier One")
    assert story.beat("2026-11-18 07:00") == []
    story.clock.set("2026-11-20 10:00")
    do(want_digest, user=story.member, group=story.group)
    story.barrier("2026-11-21 10:00", "Barrier Two")
    assert story.beat("2026-11-23 07:00") == [("own", ["One"])]  # which the group's held back
    assert story.beat("2026-11-25 07:00") == [("group", ["Two"])]
    assert story.beat("2026-11-30 07:00") == []


def test_what_ones_own_told_in_a_pause_the_groups_does_not_tell_after_it(story: Story) -> None:
    story.clock.set("2026-11-20 09:00")
    do(pause_digest, user=story.member, group=story.group, until=date(2026, 12, 16), on=date(2026, 11, 20))
    story.barrier("2026-11-21 10:00", "Barrier One")
    assert story.beat("2026-11-23 07:00") == [("own", ["One"])]
    story.clock.set("2026-11-24 10:00")
    do(want_digest, user=story.member, group=story.group)
    assert story.beat("2026-11-25 07:00") == []


def test_who_wants_none_of_the_groups_any_more_is_told_by_their_own(story: Story) -> None:
    story.barrier("2026-11-21 10:00", "Barrier One")
    assert story.beat("2026-11-23 07:00") == []
    story.clock.set("2026-11-24 10:00")
    do(stop_digest, user=story.member, group=story.group)
    assert story.beat("2026-11-25 07:00") == []
    assert story.beat("2026-11-30 07:00") == [("own", ["One"])]


def test_who_joins_a_group_is_not_told_again_what_their_own_told(story: Story) -> None:
    story.leave()
    story.barrier("2026-11-21 10:00", "Barrier One")
    assert story.beat("2026-11-23 07:00") == [("own", ["One"])]
    story.clock.set("2026-11-24 10:00")
    do(grant_role, user=story.member, role="group_member", group=story.group)
    story.barrier("2026-11-24 11:00", "Barrier Two")
    assert story.beat("2026-11-25 07:00") == [("group", ["Two"])]


def test_it_is_left_for_as_long_as_a_months_digest_takes(committed: Any, sink: Sink) -> None:
    story = Story(committed, sink, rhythm="month")
    story.barrier("2026-11-17 10:00", "Barrier One")
    assert [story.beat(f"{day} 07:00") for day in ("2026-11-23", "2026-11-30")] == [[], []]
    story.clock.set("2026-12-01 10:00")
    story.leave()
    story.barrier("2026-12-01 11:00", "Barrier Two")
    assert story.beat("2026-12-02 07:00") == []
    assert story.beat("2026-12-07 07:00") == [("own", ["One", "Two"])]
    assert story.beat("2026-12-14 07:00") == []


def test_of_both_at_the_same_slot_the_groups_tells_and_a_late_leaver_is_told_a_week_later(
    story: Story,
) -> None:
    do(set_schedule, group=story.group, at=LAST_MONDAY, weekday=0)
    story.barrier("2026-11-21 10:00", "Barrier One")
    at = story.clock.set("2026-11-23 07:00")
    open_due_editions(now=at)
    build_open_editions(now=at)
    story.leave()  # after it was addressed, before it was sent
    assert story.beat("2026-11-23 07:01") == []
    assert story.beat("2026-11-30 07:00") == [("own", ["One"])]


def test_nobody_is_told_of_what_they_no_longer_follow(story: Story) -> None:
    do(
        save_view, by=story.member, name="Kent", parameters={"place": ["kent"]}, groups=(), follow=True,
        on=date(2026, 11, 16),
    )  # fmt: skip
    story.barrier("2026-11-21 10:00", "Barrier One")
    assert story.beat("2026-11-23 07:00") == []
    story.clock.set("2026-11-24 10:00")
    story.leave()
    do(stop_following_initiative, by=story.member, initiative=story.record)
    assert story.beat("2026-11-30 07:00") == []


def test_there_and_back_over_two_weeks_is_silent_whoever_tells_it(story: Story) -> None:
    from register.initiatives.services import edit_initiative

    for moment, title in (("2026-11-21 10:00", "Renamed"), ("2026-11-24 09:00", "Shared hub")):
        if title == "Shared hub":
            assert story.beat("2026-11-23 07:00") == []
        at = story.clock.set(moment)
        do(edit_initiative, initiative=story.record, version=None, on=at.date(), title=title)
    story.leave()
    assert story.beat("2026-11-30 07:00") == []
    assert Edition.objects.filter(person=story.member, state="quiet").count() == 2


def test_queries_do_not_grow_with_people(story: Story) -> None:
    for _ in range(6):
        other = person("group_member", group=story.group)
        do(follow_initiative, by=other, initiative=story.record)
    story.barrier("2026-11-21 10:00", "Barrier One")
    assert story.beat("2026-11-23 07:00") == []
    open_due_editions(now=story.clock.set("2026-11-30 07:00"))
    personal = list(Edition.objects.filter(state="open", group=None).select_related("person").order_by("pk"))
    assert all(edition.left for edition in Edition.objects.filter(person__isnull=False, state="quiet"))
    counts = []
    for some in (personal[:2], personal):
        with CaptureQueriesContext(connection) as asked:
            contents_of(some)
        counts.append(len(asked))
    assert counts[0] == counts[1]

"""What a person wishes of each digest: all of it, only what they follow, none before a day, or none at all."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from register.catalogue.services import follow_initiative, save_view
from register.core.tracking import origin, recorded
from register.digests.choosing.schedules import set_schedule
from register.digests.choosing.wishes import pause_digest, stop_digest, want_digest, want_what_one_follows
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import Delivery, DigestWish, Edition
from register.digests.reading.readers import Readers
from register.digests.sending.delivery import deliver
from register.initiatives.models import Initiative
from register.initiatives.services import edit_initiative
from tests.digests.support import LAST_MONDAY, MONDAY, NEXT_MONDAY, Sink, Team, new_team
from tests.factories import TODAY, initiative, person, working_group

PAGE = "/account/digests/"
IN_JANUARY = date(2027, 1, 4)


def do(door: Any, **told: Any) -> Any:
    with origin("test"):
        return door(by=None, **told)


def pause(user: Any, group: Any, until: date = IN_JANUARY) -> DigestWish:
    return do(pause_digest, user=user, group=group, until=until, on=TODAY)


def send(at: Any = MONDAY) -> dict[Any, tuple[str, str]]:
    """What became of each person's copy of the editions due."""
    open_due_editions(now=at)
    build_open_editions(now=at)
    due = Delivery.objects.due(now=at).values_list("pk", flat=True)
    return {outcome.delivery.user: (outcome.state, outcome.why) for outcome in deliver(due, clock=lambda: at)}


def text_of(message: Any) -> str:
    return message.get_body(("plain",)).get_content()


class TestAPause:
    def test_a_digest_that_is_paused_is_skipped_saying_until_when_and_comes_back_by_itself(
        self, team: Team, sink: Sink, committed: Any
    ) -> None:
        pause(team.member, team.group, date(2026, 11, 30))
        initiative("In the pause")
        assert send() == {team.member: ("skipped", "They paused it until 30 November 2026.")}
        assert sink.received == []
        committed.set("2026-11-25 10:00")
        initiative("After the pause")
        assert send(NEXT_MONDAY) == {team.member: ("sent", "")}
        [message] = sink.to(team.member)
        assert "After the pause" in text_of(message)
        assert "In the pause" not in text_of(message)

    def test_it_pauses_one_persons_and_one_groups_alone(self, team: Team, sink: Sink) -> None:
        other = person("group_member", group=team.group)
        pause(team.member, team.group)
        pause(team.member, working_group("another"))
        initiative()
        assert {user: state for user, (state, _) in send().items()} == {team.member: "skipped", other: "sent"}

    def test_the_wish_before_it_comes_back_with_it(self, team: Team) -> None:
        do(want_what_one_follows, user=team.member, group=team.group)
        assert pause(team.member, team.group).wish == "followed"
        do(stop_digest, user=team.member, group=team.group)
        assert DigestWish.objects.get().paused_until is None
        # Who had none and pauses it says that they want it one day.
        assert pause(team.member, team.group).wish == "all"
        do(want_digest, user=team.member, group=team.group)
        assert not DigestWish.objects.exists()

    @pytest.mark.parametrize("until", [TODAY, date(2026, 1, 1), date(2028, 1, 1)])
    def test_it_ends_on_a_day_to_come_within_a_year(self, team: Team, until: date) -> None:
        with pytest.raises(ValidationError):
            pause(team.member, team.group, until)

    def test_what_one_follows_is_told_by_the_personal_one_meanwhile(self, team: Team, sink: Sink) -> None:
        followed = initiative("Followed")
        do_follow(team.member, followed)
        pause(team.member, team.group)
        retitle(followed, "Followed, renamed")
        initiative("In the remit only")
        send()
        [message] = sink.to(team.member)
        assert message["Subject"].startswith("Blue light digest, what you follow")
        assert "Followed, renamed" in text_of(message)
        assert "In the remit only" not in text_of(message)

    def test_what_a_paused_digest_holds_back_and_what_it_tells_is_told_once_in_all(
        self, team: Team, sink: Sink, committed: Any
    ) -> None:
        """The group’s comes on Wednesdays, the personal one on Mondays; the pause is from a Thursday to a Wednesday."""
        do(set_schedule, group=team.group, at=LAST_MONDAY, weekday=2)
        committed.set("2026-11-16 10:00")
        record = initiative("Followed")
        do_follow(team.member, record)
        told: dict[str, list[str]] = {}
        for moment, what in [
            ("2026-11-17 10:00", "Name of Tuesday 17"),
            ("2026-11-18 07:00", "send"),
            ("2026-11-19 10:00", "pause"),
            ("2026-11-20 10:00", "Name of Friday 20"),
            ("2026-11-23 07:00", "send"),
            ("2026-11-24 10:00", "Name of Tuesday 24"),
            ("2026-11-25 07:00", "send"),
            ("2026-11-26 10:00", "Name of Thursday 26"),
            ("2026-11-30 07:00", "send"),
            ("2026-12-02 07:00", "send"),
            ("2026-12-07 07:00", "send"),
        ]:
            at = committed.set(moment)
            before = len(sink.received)
            if what == "send":
                send(at)
                told[moment[5:10]] = [text_of(message) for message in sink.received[before:]]
            elif what == "pause":
                pause(team.member, team.group, date(2026, 12, 2))
            else:
                retitle(record, what)
        names = {day: re.findall(r"\* (Name of \w+ \d+)", "".join(texts)) for day, texts in told.items()}
        assert names == {
            "11-18": ["Name of Tuesday 17"],  # by the group, before the pause
            "11-23": ["Name of Friday 20"],  # by the personal one, for the group's is held back
            "11-25": [],
            "11-30": [
                "Name of Thursday 26"
            ],  # of Tuesday 24, which the group's held back: its title is today's
            "12-02": ["Name of Thursday 26"],  # by the group, which is back
            "12-07": [],
        }
        assert "it was “Name of Friday 20”" in " ".join("".join(told["11-30"]).split())

    def test_the_personal_one_can_be_paused_too(self, team: Team, sink: Sink) -> None:
        elsewhere = initiative("Elsewhere", lead="kent-police", parties=[], places=["kent"])
        do_follow(team.member, elsewhere)
        pause(team.member, None)
        retitle(elsewhere, "Elsewhere, renamed")
        assert send() == {team.member: ("skipped", "They paused it until 4 January 2027.")}


def retitle(record: Initiative, title: str) -> None:
    with origin("test"):
        edit_initiative(by=None, initiative=record, version=None, on=TODAY, title=title)


def do_follow(user: Any, record: Initiative) -> None:
    with origin("test"):
        follow_initiative(by=user, initiative=record)


class TestOnlyWhatOneFollows:
    @pytest.fixture
    def member(self, team: Team) -> Any:
        do(want_what_one_follows, user=team.member, group=team.group)
        return team.member

    def test_the_rest_is_left_out_of_every_part_and_every_count(self, member: Any, sink: Sink) -> None:
        do_follow(member, initiative("Followed"))
        initiative("Not followed")
        send()
        [message] = sink.to(member)
        assert message["Subject"] == "Blue light digest, Peak group: 1 new"
        for body in (message.get_body(("plain",)), message.get_body(("html",))):
            said = " ".join(body.get_content().split())
            assert "One initiative was logged." in said
            assert "Followed" in said
            assert "You follow it" in said
            assert "Not followed" not in said
            assert "In the remit of" not in said

    def test_a_view_that_one_follows_is_what_one_follows(self, team: Team, member: Any, sink: Sink) -> None:
        with origin("test"):
            told = {"area": ["governance"]}
            save_view(by=member, name="Boards", parameters=told, groups=[], follow=True, on=TODAY)
        initiative("Joint board", areas=["governance"])
        initiative("Workshop")
        send()
        [message] = sink.to(member)
        assert "Joint board" in text_of(message)
        assert "In the view “Boards” that you follow" in " ".join(text_of(message).split())
        assert "Workshop" not in text_of(message)

    def test_nothing_followed_is_no_email_and_the_reason_is_on_record(self, member: Any, sink: Sink) -> None:
        initiative("Not followed")
        assert send() == {member: ("skipped", "Nothing new that they may see.")}
        assert sink.received == []

    def test_nothing_comes_twice_for_the_group_goes_on_telling_it(
        self, team: Team, member: Any, sink: Sink
    ) -> None:
        record = initiative("Followed")
        do_follow(member, record)
        retitle(record, "Followed, renamed")
        send()
        assert len(sink.to(member)) == 1

    def test_queries_do_not_grow_with_who_gets_only_what_they_follow(self, team: Team) -> None:
        record = initiative("Followed")
        for _ in range(10):
            user = person("group_member", group=team.group)
            do(want_what_one_follows, user=user, group=team.group)
            do_follow(user, record)
        open_due_editions(now=MONDAY)
        build_open_editions(now=MONDAY)
        group = Delivery.objects.filter(edition__group=team.group).select_related("edition", "user")
        due = list(group.exclude(user=team.member).order_by("pk"))
        counts = []
        for some in (due[:2], due):
            with CaptureQueriesContext(connection) as asked:
                readers = Readers(some, now=MONDAY)
                kept = [readers.kept(delivery) for delivery in some]
            assert [set(theirs or ()) for theirs in kept] == [{record.pk}] * len(some)
            counts.append(len(asked))
        assert counts[0] == counts[1]

    def test_the_archive_still_shows_the_whole_edition(self, team: Team, member: Any, sink: Sink) -> None:
        do_follow(member, initiative("Followed"))
        initiative("Not followed")
        send()
        client = Client()
        client.force_login(member)
        edition = Edition.objects.get(group=team.group)
        assert "Not followed" in client.get(edition.get_absolute_url()).content.decode()


class TestTheChoice:
    @pytest.fixture
    def client(self, team: Team) -> Client:
        client = Client()
        client.force_login(team.member)
        return client

    def test_each_is_chosen_on_one_page_without_a_script(self, team: Team, client: Client) -> None:
        told = {"wish_peak": "followed", "wish": "pause", "until": "4 January 2027", "until_peak": ""}
        assert client.post(PAGE, told).status_code == 302
        wishes = {wish.group: (wish.wish, wish.paused_until) for wish in DigestWish.objects.all()}
        assert wishes == {team.group: ("followed", None), None: ("all", IN_JANUARY)}
        html = client.get(PAGE).content.decode()
        assert 'value="4 January 2027"' in html
        client.post(PAGE, {"wish_peak": "all", "wish": "all", "until": "4 January 2027"})
        assert not DigestWish.objects.exists()

    @pytest.mark.parametrize("until", ["", "nonsense", "2027", "1 November 2026", "1 January 2031"])
    def test_a_pause_without_a_day_to_come_is_refused_at_its_field(self, client: Client, until: str) -> None:
        told = {"wish_peak": "pause", "until_peak": until, "wish": "none"}
        answer = client.post(PAGE, told)
        html = answer.content.decode()
        assert answer.status_code == 422
        assert 'href="#id_until_peak"' in html
        assert not DigestWish.objects.exists()

    def test_a_day_left_beside_another_choice_is_no_mistake(self, client: Client) -> None:
        told = {"wish_peak": "none", "until_peak": "nonsense", "wish": "all"}
        assert client.post(PAGE, told).status_code == 302

    def test_a_pause_that_is_over_shows_as_what_it_was_before(
        self, team: Team, client: Client, committed: Any
    ) -> None:
        pause(team.member, team.group)
        committed.set("2027-01-04 08:00")
        client.force_login(team.member)
        html = client.get(PAGE).content.decode()
        assert "4 January 2027" not in html
        assert html.count("checked") == 2

    def test_it_says_when_each_comes(self, client: Client) -> None:
        assert "Comes on Mondays at 07:00" in client.get(PAGE).content.decode()

    def test_of_what_one_follows_one_cannot_get_only_what_one_follows(self, client: Client) -> None:
        assert client.post(PAGE, {"wish_peak": "all", "wish": "followed"}).status_code == 422


def test_the_database_keeps_wishes_that_mean_something(committed: Any) -> None:
    team = new_team()
    wrong = [
        {"wish": "none", "paused_until": IN_JANUARY, "group": team.group},
        {"wish": "followed", "group": None},
        {"wish": "perhaps", "group": team.group},
    ]
    for row in wrong:
        with pytest.raises(IntegrityError), origin("test"), recorded(by=None), transaction.atomic():
            DigestWish.objects.create(user=team.member, **row)
    do(stop_digest, user=team.member, group=None)
    with pytest.raises(IntegrityError), origin("test"), recorded(by=None), transaction.atomic():
        DigestWish.objects.create(user=team.member, group=None)

"""Home: what waits for a person, their initiatives, and what changed in them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from register.core.dates import LimitedDate
from register.core.tracking import origin
from register.groups.services import arrange_meeting, record_decision
from register.initiatives.services import Part, add_agreement, add_milestone, edit_initiative
from tests.factories import TODAY, initiative, organisation, person, working_group

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    clock.set("2026-11-23 09:14")


def home(user: Any) -> str:
    client = Client()
    client.force_login(user)
    return " ".join(re.sub(r"<[^>]+>", " ", client.get("/").content.decode().split("<main", 1)[1]).split())


def waiting(told: str) -> str:
    return told.split("Needs your attention", 1)[1].split("Your initiatives", 1)[0]


def decide(record: Any, group: Any, outcome: str, on: date) -> None:
    with origin("test"):
        record_decision(
            by=None,
            initiative=record,
            group=group,
            outcome=outcome,
            reasons=f"Because of {outcome}.",
            decided_on=on,
            on=TODAY,
            owner="Head of estates",
            **({"conditions": "Soon."} if outcome == "conditions" else {}),
        )


def test_my_initiatives_are_those_of_my_organisations_and_those_that_i_logged() -> None:
    me = person("contributor", at="derbyshire-police")
    initiative("Led by mine")
    initiative("With mine", lead="derbyshire-fire", parties=["derbyshire-police"])
    initiative("Logged by me", lead="kent-police", parties=[], by=me)
    initiative("Of others", lead="kent-police", parties=[])
    told = home(me)
    assert "You and your organisations take part in 3 initiatives." in told
    mine = told.split("Your initiatives", 1)[1].split("Next meetings", 1)[0]
    assert "Led by mine lead" in mine
    assert "With mine party" in mine
    assert "Logged by me logged by you" in mine
    assert "Of others" not in told


def test_what_waits_is_in_the_order_of_its_days_and_drafts_come_last() -> None:
    me = person("contributor", at="derbyshire-police")
    group = working_group()
    draft = initiative("Half written", audience="draft")
    stale = initiative("Not confirmed for long", on=TODAY - timedelta(days=190))
    asked = initiative("Asked about")
    decide(asked, group, "more_information", TODAY - timedelta(days=3))
    papers = initiative("With papers")
    with origin("test"):
        day = TODAY + timedelta(days=20)
        add_agreement(
            by=None,
            initiative=papers,
            kind="memorandum",
            review_on=day,
            parties=[organisation("derbyshire-fire")],
        )
        add_milestone(
            by=None, initiative=papers, what="Doors open", due=LimitedDate(day + timedelta(days=9), "day")
        )
        add_milestone(
            by=None, initiative=papers, what="Far away", due=LimitedDate(day + timedelta(days=99), "day")
        )
    told = waiting(home(me))
    wanted = [
        f"{stale.title} Is this entry still current? It was last confirmed on",
        f"{papers.title} Its agreement comes up for review: Memorandum of understanding.",
        f"{papers.title} Milestone: Doors open.",
        f"{asked.title} The {group.code} group asked for more information on 20 November 2026: Because of",
        f"{draft.title} This is a draft: only the lead organisation sees it.",
    ]
    places = [told.find(text) for text in wanted]
    assert -1 not in places, told
    assert places[:3] == sorted(places[:3])
    assert max(places[:3]) < min(places[3:])
    assert "Far away" not in told


def test_a_group_that_has_spoken_again_no_longer_waits_for_an_answer() -> None:
    me = person("contributor", at="derbyshire-police")
    group, other = working_group(), working_group()
    record = initiative()
    decide(record, group, "more_information", TODAY - timedelta(days=3))
    decide(record, group, "support", TODAY - timedelta(days=2))
    decide(record, other, "more_information", TODAY - timedelta(days=5))
    told = waiting(home(me))
    assert f"{other} asked for more information" in told
    assert f"{group} asked" not in told


def test_nothing_is_asked_of_who_may_not_change_the_record() -> None:
    old = TODAY - timedelta(days=190)
    record = initiative(on=old)
    with origin("test"):
        edit_initiative(
            by=None,
            initiative=record,
            version=record.version,
            on=old,
            partners=[
                Part(organisation("derbyshire-police"), "lead"),
                Part(organisation("kent-fire"), "consulted"),
            ],
        )
    told = home(person("contributor", at="kent-fire"))
    assert "take part in 1 initiative. Nothing waits for you." in told
    assert "None of your organisations takes part in an initiative yet. Nothing waits" in home(
        person("reader")
    )


def test_however_many_there_are_home_counts_all_shows_the_first_and_asks_no_more() -> None:
    me = person("contributor", at="derbyshire-police")
    old = TODAY - timedelta(days=190)

    def asked() -> tuple[str, int]:
        client = Client()
        client.force_login(me)
        client.get("/")
        with CaptureQueriesContext(connection) as queries:
            html = client.get("/").content.decode()
        return html, len(queries)

    initiative("Number 0", on=old)
    _, few = asked()
    for number in range(1, 14):
        initiative(f"Number {number}", on=old)
    html, many = asked()
    assert many <= few + 1 <= 18  # one for what changed in records that are not among the first
    assert html.count('<li>\n          <div class="bl-wait__d') == 8
    assert "14 things wait for you" in " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert html.count('<th scope="row">') == 12


def test_who_sits_in_groups_finds_their_pages_and_meetings_from_home(client: Client) -> None:
    group = working_group("eastern", name="Eastern group")
    with origin("test"):
        meeting = arrange_meeting(by=None, group=group, starts_at=datetime(2027, 1, 14, 10, tzinfo=UTC))
    secretary = person("secretary", group=group)
    assert "You are in 1 working group. Nothing waits for you." in home(secretary)
    assert "Your working groups" not in home(person("reader"))
    client.force_login(secretary)
    html = client.get("/").content.decode()
    for page in ("state-of-play/", "opportunities/", "barriers/", "queue/", f"meetings/{meeting.pk}/"):
        assert f'href="/groups/eastern/{page}"' in html

"""The next edition before it goes out: as it would be now, through the secretary's eyes, and owed to nobody."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from register.core.tracking import origin
from register.digests.choosing.schedules import set_schedule
from register.digests.choosing.wishes import stop_digest
from register.digests.desk.previewing import MOST_SENT
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.making.notes import write_covering_note
from register.digests.models import CoveringNote, Delivery, Edition, EditionItem
from register.initiatives.models import Initiative
from register.initiatives.services import delete_initiative
from tests.digests.support import MONDAY, Sink, Team, items_of
from tests.factories import initiative, person, working_group
from tests.groups.support import EVERY_ROLE, MANAGERS, somebody

PAGE = "/groups/peak/digest/preview/"
EMAIL = f"{PAGE}email/"
SEND = f"{PAGE}send/"


@pytest.fixture
def secretary(team: Team) -> Any:
    cache.clear()
    return person("secretary", group=team.group, name="Sam Secretary")


@pytest.fixture
def desk(secretary: Any) -> Client:
    client = Client()
    client.force_login(secretary)
    return client


@pytest.fixture
def workshop(team: Team, committed: Any) -> Initiative:
    record = initiative("Shared workshop")
    committed.advance(minutes=1)  # what happens at this moment is in the window after it
    return record


def look(client: Client, at: str = PAGE) -> str:
    answer = client.get(at)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_is_for_the_secretary_and_administrators(team: Team, workshop: Initiative, sink: Sink) -> None:
    for role in EVERY_ROLE:
        client, before = Client(), len(sink.received)
        client.force_login(somebody(role, team.group))
        may = role in MANAGERS
        for address in (PAGE, EMAIL):
            assert client.get(address).status_code == (200 if may else 403), role
        assert client.post(SEND).status_code == (302 if may else 403), role
        assert len(sink.received) - before == may, role


def test_it_shows_what_the_edition_will_say_as_a_page_and_in_both_forms(
    desk: Client, workshop: Initiative, committed: Any
) -> None:
    committed.set("2026-11-18 10:30")
    html = look(desk)
    assert "Monday 16 to Wednesday 18 November 2026, as of 18 November 2026, 10:30" in html
    assert "One initiative was logged." in html
    assert "Subject: <b>Blue light digest, Peak group: 1 new</b>" in html
    assert "* Shared workshop was logged" in html
    email = look(desk, EMAIL)
    assert "Shared workshop" in email
    assert "prefers-color-scheme" in email


def test_looking_writes_nothing(desk: Client, workshop: Initiative) -> None:
    with CaptureQueriesContext(connection) as asked:
        look(desk)
        look(desk, EMAIL)
    assert [
        q["sql"] for q in asked if re.match(r"\s*(INSERT|UPDATE|DELETE|MERGE)", q["sql"], re.IGNORECASE)
    ] == []
    assert not any(model.objects.exists() for model in (Edition, EditionItem, Delivery))


def test_looking_and_sending_take_nothing_from_the_edition_to_come(
    team: Team, desk: Client, workshop: Initiative, sink: Sink, committed: Any
) -> None:
    with origin("test"):
        note = write_covering_note(by=None, group=team.group, text="Hello", at=MONDAY)
    look(desk)
    desk.post(SEND)
    committed.set("2026-11-23 07:00")
    open_due_editions(now=MONDAY)
    with origin("task"):
        [edition] = build_open_editions(now=MONDAY)
    assert [item.content["title"] for item in items_of(edition)] == ["Shared workshop"]
    assert edition.deliveries.count() == 2
    note.refresh_from_db()
    assert note.edition == edition


def test_it_begins_where_the_last_edition_ended(
    desk: Client, team: Team, secretary: Any, workshop: Initiative, committed: Any
) -> None:
    committed.set("2026-11-23 07:00")
    open_due_editions(now=MONDAY)
    build_open_editions(now=MONDAY)
    committed.set("2026-11-25 10:00")
    desk.force_login(secretary)
    html = look(desk)
    assert "Nothing new that you may see has happened in this window" in html
    assert "Shared workshop" not in html
    assert desk.get(EMAIL).status_code == 404
    initiative("Of this week")
    committed.advance(minutes=1)
    assert "Of this week" in look(desk)


def test_it_is_seen_with_the_secretarys_eyes(
    desk: Client, team: Team, workshop: Initiative, committed: Any
) -> None:
    initiative("For its partners", audience="partners")
    secret = initiative("Secret", marking="official_sensitive", audience="partners")
    gone = initiative("Deleted")
    committed.advance(minutes=1)
    with origin("test"):
        delete_initiative(by=None, initiative=gone, reason="Twice.", at=MONDAY)
    for page in (PAGE, EMAIL):
        html = look(desk, page)
        assert "Shared workshop" in html
        for hidden in ("For its partners", "Secret", secret.reference, "Deleted"):
            assert hidden not in html.replace("Sam Secretary", "")


def test_the_covering_note_is_shown_as_it_would_stand(desk: Client, team: Team, workshop: Initiative) -> None:
    with origin("test"):
        write_covering_note(by=None, group=team.group, text="Bring a pen.", at=MONDAY)
    assert look(desk).count("Bring a pen.") == 2
    assert "Bring a pen." in look(desk, EMAIL)
    assert CoveringNote.objects.get().edition is None


def test_no_page_of_it_holds_a_token(desk: Client, workshop: Initiative) -> None:
    assert "unsubscribe" not in look(desk)
    assert "unsubscribe" not in look(desk, EMAIL)


def test_the_email_alone_may_be_framed_by_us_and_runs_nothing(desk: Client, workshop: Initiative) -> None:
    page, email = desk.get(PAGE).headers, desk.get(EMAIL).headers
    assert page["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert "frame-src 'self'" in page["Content-Security-Policy"]
    assert "unsafe-inline" not in page["Content-Security-Policy"]
    assert email["X-Frame-Options"] == "SAMEORIGIN"
    assert "script-src" not in email["Content-Security-Policy"]
    assert email["Content-Security-Policy"].startswith("default-src 'none'")
    assert "allow-scripts" not in email["Content-Security-Policy"]
    assert email["Cache-Control"] == "private, no-store"


def test_one_sends_it_to_oneself_marked_and_to_nobody_else(
    desk: Client, secretary: Any, workshop: Initiative, sink: Sink
) -> None:
    answer = desk.post(SEND, follow=True).content.decode()
    assert "on its way to your own address" in answer
    [message] = sink.received
    assert message["To"] == secretary.email
    assert message["Subject"] == "Preview: Blue light digest, Peak group: 1 new"
    assert not [name for name in message if name.startswith("List-")]
    assert not Delivery.objects.exists()
    for kind in ("plain", "html"):
        body = message.get_body((kind,)).get_content()
        assert "http://localhost:8000/groups/peak/digest/preview/" in body
        assert "unsubscribe" not in body


def test_who_wants_none_still_gets_the_preview_they_ask_for(
    desk: Client, team: Team, secretary: Any, workshop: Initiative, sink: Sink
) -> None:
    with origin("test"):
        stop_digest(by=None, user=secretary, group=team.group)
    desk.post(SEND)
    assert len(sink.received) == 1


def test_a_few_an_hour_are_sent_and_no_more(
    desk: Client, workshop: Initiative, sink: Sink, committed: Any
) -> None:
    for _ in range(MOST_SENT):
        desk.post(SEND)
    assert "Wait a while" in desk.post(SEND, follow=True).content.decode()
    assert len(sink.received) == MOST_SENT
    committed.advance(minutes=61)
    desk.post(SEND)
    assert len(sink.received) == MOST_SENT + 1


def test_a_look_sends_nothing(desk: Client, workshop: Initiative, sink: Sink) -> None:
    assert desk.get(SEND).status_code == 405
    assert sink.received == []


def test_what_the_mail_server_refused_is_said(desk: Client, workshop: Initiative, sink: Sink) -> None:
    sink.answers = ["451 try later"]
    assert "was not sent. The mail server said 451 try later" in desk.post(SEND, follow=True).content.decode()


@pytest.mark.parametrize("state", ["off", "none", "just begun"])
def test_when_none_is_to_come_it_says_so(desk: Client, team: Team, state: str, committed: Any) -> None:
    if state == "off":
        with origin("test"):
            set_schedule(by=None, group=team.group, at=MONDAY, is_on=False)
    elif state == "just begun":
        committed.set("2026-11-16 07:00")
    else:
        other = working_group("bare")
        with origin("test"):
            desk.force_login(person("secretary", group=other))
        assert "There is nothing to show" in look(desk, "/groups/bare/digest/preview/")
        return
    assert "There is nothing to show" in look(desk)
    assert "was nothing" in desk.post(SEND, follow=True).content.decode().replace(
        "There is nothing", "was nothing"
    )


def test_how_many_queries_it_takes_does_not_grow_with_what_it_says(
    desk: Client, team: Team, committed: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        initiative(f"Workshop {number}")
    committed.advance(minutes=1)
    with django_assert_max_num_queries(45):
        look(desk)

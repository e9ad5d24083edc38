"""The covering note: one waits for the next edition that has something to say, and stays with it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client

from register.accounts.services import erase_person
from register.core.errors import EditConflictError
from register.core.tracking import origin
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.making.notes import remove_covering_note, write_covering_note
from register.digests.models import CoveringNote, Delivery, Edition
from register.digests.sending.delivery import deliver
from register.history.models import Change
from tests.digests.support import MONDAY, NEXT_MONDAY, Sink, Team
from tests.factories import initiative, person
from tests.groups.support import EVERY_ROLE, MANAGERS, somebody

PAGE = "/groups/peak/digest/note/"
SAID = "The board meets on Thursday.\nBring the figures <for 2026> & a pen."
AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


@pytest.fixture
def secretary(team: Team) -> Any:
    return person("secretary", group=team.group, name="Sam Secretary")


@pytest.fixture
def desk(secretary: Any) -> Client:
    client = Client()
    client.force_login(secretary)
    return client


def write(team: Team, by: Any = None, text: str = SAID, **told: Any) -> CoveringNote:
    with origin("test"):
        return write_covering_note(by=by, group=team.group, text=text, at=AT, **told)


def build(at: Any = MONDAY) -> Edition:
    open_due_editions(now=at)
    with origin("task"):
        [edition] = build_open_editions(now=at)
    return edition


def test_it_stands_above_the_email_in_both_forms_and_on_the_page(
    team: Team, secretary: Any, sink: Sink
) -> None:
    write(team, secretary)
    initiative("Shared workshop")
    edition = build()
    deliver(Delivery.objects.values_list("pk", flat=True), clock=lambda: MONDAY)
    [message] = sink.to(team.member)
    html, text = (message.get_body((kind,)).get_content() for kind in ("html", "plain"))
    assert "Bring the figures &lt;for 2026&gt; &amp; a pen." in html
    assert "Bring the figures <for 2026> & a pen." in text
    assert "\nA note from Sam Secretary" in text
    for said in (html, text):
        assert said.index("The board meets") < said.index("Shared workshop")
    client = Client()
    client.force_login(team.member)
    page = client.get(edition.get_absolute_url()).content.decode()
    assert "Bring the figures &lt;for 2026&gt; &amp; a pen." in page
    assert "A note from Sam Secretary" in page


def test_it_belongs_to_one_edition_and_stays_with_it(team: Team, committed: Any) -> None:
    note = write(team)
    initiative()
    first = build()
    write(team, text="Of the week after.")
    note.refresh_from_db()
    assert (note.edition, note.text) == (first, SAID)
    committed.set("2026-11-25 10:00")
    initiative("Another")
    assert build(NEXT_MONDAY).covering_note.text == "Of the week after."


def test_a_note_alone_makes_no_news_and_waits_past_a_quiet_week(
    team: Team, committed: Any, sink: Sink
) -> None:
    note = write(team)
    assert build().state == Edition.State.QUIET
    note.refresh_from_db()
    assert note.edition is None
    assert not Delivery.objects.exists()
    committed.set("2026-11-25 10:00")
    initiative()
    edition = build(NEXT_MONDAY)
    note.refresh_from_db()
    assert note.edition == edition


def test_no_note_is_no_empty_line(team: Team, sink: Sink) -> None:
    initiative()
    build()
    deliver(Delivery.objects.values_list("pk", flat=True), clock=lambda: MONDAY)
    [message] = sink.received
    for kind in ("html", "plain"):
        assert "A note from" not in message.get_body((kind,)).get_content()
    assert "\n\n\n\n" not in message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def test_who_wrote_it_and_when_is_kept_and_in_the_ledger(team: Team, secretary: Any) -> None:
    note = write(team, secretary)
    write(team, secretary, text="Another", version=1)
    note.refresh_from_db()
    assert (note.written_by, note.written_at, note.version) == (secretary, AT, 2)
    told = Change.objects.of_row(note).order_by("pk").values_list("operation", "actor_id")
    assert list(told) == [("I", secretary.pk), ("U", secretary.pk)]


def test_a_note_of_somebody_who_was_erased_names_nobody(team: Team, secretary: Any, client: Client) -> None:
    write(team, secretary)
    initiative()
    edition = build()
    with origin("test"):
        erase_person(by=None, user=secretary, at=AT)
    client.force_login(team.member)
    html = client.get(edition.get_absolute_url()).content.decode()
    assert "The board meets" in html
    assert "Sam" not in html


def test_only_who_runs_the_group_writes_it(team: Team) -> None:
    with pytest.raises(PermissionDenied):
        write(team, team.member)
    write(team)
    with pytest.raises(PermissionDenied), origin("test"):
        remove_covering_note(by=team.member, group=team.group)


def test_the_service_refuses_what_a_form_would(team: Team) -> None:
    for text in ("", "  \n", "x" * 601, "SECRET: the plan", "a\u202eb"):
        with pytest.raises(ValidationError):
            write(team, text=text)
    assert not CoveringNote.objects.exists()


def test_two_first_notes_at_once_are_one_note_and_the_second_is_told(team: Team) -> None:
    start, ended = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        try:
            ended.append(write(team, version=0))
        except EditConflictError as conflict:
            ended.append(conflict)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ended) == 4
    assert CoveringNote.objects.count() == sum(isinstance(end, CoveringNote) for end in ended) == 1


class TestThePage:
    def test_it_is_the_secretarys_and_administrators(self, team: Team) -> None:
        for role in EVERY_ROLE:
            client = Client()
            client.force_login(somebody(role, team.group))
            may = role in MANAGERS
            assert client.get(PAGE).status_code == (200 if may else 403), role
            assert client.post(PAGE, {"text": SAID, "version": "0"}).status_code == (302 if may else 403), (
                role
            )
            with origin("test"):
                assert remove_covering_note(by=None, group=team.group) is may, role

    def test_it_is_written_changed_and_removed(self, team: Team, desk: Client) -> None:
        assert "Remove the note" not in desk.get(PAGE).content.decode()
        desk.post(PAGE, {"text": SAID, "version": "0"})
        shown = desk.get(PAGE).content.decode()
        assert "Bring the figures &lt;for 2026&gt;" in shown
        assert "Written by Sam Secretary" in shown
        assert "The board meets" in desk.get("/groups/peak/digest/").content.decode()
        desk.post(PAGE, {"text": "Shorter.", "version": "1"})
        assert CoveringNote.objects.get().text == "Shorter."
        desk.post(PAGE, {"remove": "1", "version": "2"})
        assert not CoveringNote.objects.exists()
        assert "no note to remove" in desk.post(PAGE, {"remove": "1"}, follow=True).content.decode()

    def test_a_wrong_one_is_refused_at_its_field_and_kept(self, team: Team, desk: Client) -> None:
        for text in ("", "x" * 601, "TOP SECRET\nthe plan"):
            answer = desk.post(PAGE, {"text": text, "version": "0"})
            html = answer.content.decode()
            assert answer.status_code == 422
            assert 'href="#id_text"' in html
            assert text in html
        assert not CoveringNote.objects.exists()

    def test_six_hundred_characters_fit(self, team: Team, desk: Client) -> None:
        assert desk.post(PAGE, {"text": "x\r\n" + "y" * 598, "version": "0"}).status_code == 302

    def test_two_who_write_are_told_of_each_other(self, team: Team, desk: Client) -> None:
        write(team, text="Theirs")
        answer = desk.post(PAGE, {"text": "Mine", "version": "0"})
        assert answer.status_code == 409
        assert "Theirs" in answer.content.decode()
        assert CoveringNote.objects.get().text == "Theirs"
        assert desk.post(PAGE, {"text": "Mine", "version": "1", "save": ""}).status_code == 302
        assert CoveringNote.objects.get().text == "Mine"
        assert desk.post(PAGE, {"remove": "1", "version": "1"}).status_code == 409

    def test_a_note_that_went_out_while_it_was_changed_is_not_written_over(
        self, team: Team, desk: Client
    ) -> None:
        write(team)
        initiative()
        edition = build()
        answer = desk.post(PAGE, {"text": "Corrected.", "version": "1"})
        assert answer.status_code == 422
        assert "has gone out" in answer.content.decode()
        assert "Corrected." in answer.content.decode()
        assert edition.covering_note.text == SAID
        assert desk.post(PAGE, {"text": "For the next.", "version": "0"}).status_code == 302

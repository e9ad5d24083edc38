"""The three answers in the email, the page that asks, and what neither of them may give away."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client

from register.accounts.models import RoleGrant, User
from register.accounts.services import erase_person, revoke_role
from register.core.tracking import origin
from register.digests.chasing.links import SALT, Question, question_of, token_for
from register.digests.chasing.models import Chase
from register.digests.chasing.sending import deliver_chases
from register.digests.chasing.services import MOST, open_due_round
from register.history.models import Change
from register.initiatives.models import Initiative
from register.initiatives.services import change_standing, confirm_still_current, delete_initiative
from tests.digests.support import Sink, london
from tests.factories import initiative

TUESDAY = london("2026-11-24T09:00")
WEDNESDAY = london("2026-11-25T10:00")


@pytest.fixture
def on_tuesday(recorded_clock: Any) -> Any:
    recorded_clock.set(TUESDAY)
    return recorded_clock


def late(title: str = "Shared workshop", **fields: Any) -> Initiative:
    return initiative(title, on=TUESDAY.date() - timedelta(weeks=30), **fields)


def ask(on_tuesday: Any, sink: Sink) -> Any:
    """The email of Tuesday, and then it is Wednesday."""
    with origin("test"):
        open_due_round(now=TUESDAY)
        deliver_chases(list(Chase.objects.values_list("pk", flat=True)), clock=lambda: TUESDAY)
    on_tuesday.set(WEDNESDAY)
    return sink.received[0]


def parts(message: Any) -> tuple[str, str]:
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    return text.replace("\r\n", "\n"), html


def links(message: Any) -> set[str]:
    """Every address in both forms, without the host."""
    found = re.findall(r'https?://localhost:8000([^\s"<]+)', "\n".join(parts(message)))
    return {address.replace("&amp;", "&") for address in found}


def no_change(owner: User, record: Initiative) -> str:
    return f"/digests/still-current/{token_for(owner, record, TUESDAY.date())}/"


def changes() -> int:
    return Change.objects.count()


def test_each_record_has_its_three_answers_in_both_forms(owner: User, sink: Sink, on_tuesday: Any) -> None:
    records = [late("Shared workshop"), late("Fire & police <joint> control room")]
    message = ask(on_tuesday, sink)
    for record in records:
        answers = [
            f"/initiatives/{record.reference}/updates/new/",
            f"/initiatives/{record.reference}/standing/?to=closed",
        ]
        for said in parts(message):
            assert all(f"http://localhost:8000{answer}" in said for answer in answers)
            tokens = re.findall(r"/digests/still-current/([^/]+)/", said)
            assert Question(owner, record.number, TUESDAY.date()) in map(question_of, tokens)
    text, html = parts(message)
    assert "* Fire & police <joint> control room (BL-" in text
    assert "Fire &amp; police &lt;joint&gt; control room" in html
    assert text.count("No change, it is still current:") == html.count(">No change</a>") == 2


def test_it_says_why_one_gets_it(owner: User, sink: Sink, on_tuesday: Any) -> None:
    late()
    for said in parts(ask(on_tuesday, sink)):
        assert "because you keep these records current" in " ".join(said.split())


def test_its_style_is_inlined_and_as_many_records_as_it_may_hold_fit(
    owner: User, sink: Sink, on_tuesday: Any
) -> None:
    for number in range(MOST):
        late(f"Workshop {number} " + "of a long name " * 9)
    text, html = parts(ask(on_tuesday, sink))
    assert 'style="' in html
    assert "prefers-color-scheme" in html
    assert not re.search(r"<img|<link|<script|@import|url\(|<svg|flex", html)
    assert len(html.encode()) < 100_000
    assert all(len(line) <= 78 or "http" in line for line in text.splitlines())


def test_a_mail_scanner_that_follows_every_link_changes_nothing(
    owner: User, sink: Sink, on_tuesday: Any
) -> None:
    late()
    late("Joined control room", audience="partners", marking="official_sensitive")
    message = ask(on_tuesday, sink)
    before, scanner, signed_in = changes(), Client(), Client()
    signed_in.force_login(owner)
    found = links(message)
    assert len([address for address in found if "still-current" in address]) == 2
    for client in (scanner, signed_in):
        for address in found:
            for method in (client.get, client.head, client.get):
                assert method(address).status_code in (200, 302, 405)
    assert changes() == before
    assert not Initiative.objects.filter(confirmed_on=WEDNESDAY.date()).exists()


def test_pressing_the_button_confirms_it_as_the_person_without_sign_in(
    owner: User, sink: Sink, on_tuesday: Any
) -> None:
    record = late()
    ask(on_tuesday, sink)
    address, stranger = no_change(owner, record), Client()
    asked = stranger.get(address).content.decode()
    assert "Is “Shared workshop” still current?" in asked
    assert f"/initiatives/{record.reference}/updates/new/" in asked
    assert f"/initiatives/{record.reference}/standing/?to=closed" in asked
    answered = stranger.post(address, follow=True)
    assert f"{record.reference} is confirmed as current" in answered.content.decode()
    record.refresh_from_db()
    assert (record.confirmed_on, record.days_late(WEDNESDAY.date())) == (WEDNESDAY.date(), 0)
    change = Change.objects.of(record).first()
    assert (change.actor_id, change.source) == (owner.pk, "web")
    assert change.after["confirmed_on"] == "2026-11-25"


def test_the_button_is_protected(owner: User, sink: Sink, on_tuesday: Any) -> None:
    record = late()
    assert Client(enforce_csrf_checks=True).post(no_change(owner, record)).status_code == 403
    record.refresh_from_db()
    assert record.confirmed_on != WEDNESDAY.date()


def test_pressing_it_twice_confirms_once(owner: User, sink: Sink, on_tuesday: Any, client: Client) -> None:
    record = late()
    ask(on_tuesday, sink)
    client.post(no_change(owner, record))
    before = changes()
    assert client.post(no_change(owner, record)).status_code == 200
    assert changes() == before


def test_a_link_of_a_question_that_was_answered_stays_without_effect_for_ever(
    owner: User, sink: Sink, on_tuesday: Any, client: Client
) -> None:
    record = late()
    ask(on_tuesday, sink)
    client.post(no_change(owner, record))
    on_tuesday.set("2027-08-03 10:00")
    record.refresh_from_db()
    assert record.days_late(on_tuesday.now.date())
    before = changes()
    said = client.post(no_change(owner, record)).content.decode()
    assert "It was confirmed on 25 November 2026." in said
    assert changes() == before


def _is_confirmed(owner: User, record: Initiative) -> None:
    confirm_still_current(by=owner, initiative=record, on=WEDNESDAY.date())


def _is_closed(owner: User, record: Initiative) -> None:
    change_standing(
        by=owner, initiative=record, to_standing="closed", happened=None, on=WEDNESDAY.date(),
        standing_reason="objectives_met", standing_text="It did what it was for.",
    )  # fmt: skip


def _is_deleted(owner: User, record: Initiative) -> None:
    delete_initiative(by=owner, initiative=record, reason="Logged twice.", at=WEDNESDAY)


def _loses_the_role(owner: User, record: Initiative) -> None:
    revoke_role(by=None, grant=RoleGrant.objects.get(user=owner))


def _is_erased(owner: User, record: Initiative) -> None:
    erase_person(by=None, user=owner, at=WEDNESDAY)


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        (_is_confirmed, "There is nothing more to do."),
        (_is_closed, "Nobody needs to confirm it."),
        (_is_deleted, "It was taken out of the register, or others keep it now."),
        (_loses_the_role, "It was taken out of the register, or others keep it now."),
        (_is_erased, "This link was for somebody who has left"),
    ],
)
def test_what_happened_meanwhile_is_said_kindly_and_nothing_is_confirmed(
    owner: User, sink: Sink, on_tuesday: Any, client: Client, happens: Any, said: str
) -> None:
    record = late()
    ask(on_tuesday, sink)
    address = no_change(owner, record)
    with origin("test"):
        happens(owner, record)
    before = changes()
    for method in (client.get, client.post):
        answer = method(address)
        assert answer.status_code == 200
        assert said in answer.content.decode()
        assert "Shared workshop" not in answer.content.decode()
    assert changes() == before


def test_a_damaged_or_foreign_link_says_so(owner: User, on_tuesday: Any, client: Client) -> None:
    record = late()
    for address in (
        no_change(owner, record)[:-4] + "/",
        f"/digests/still-current/{signing.dumps(['x', 1, '2026-11-24'], salt='another')}/",
        f"/digests/still-current/{signing.dumps(['x', 1, 'Tuesday'], salt=SALT)}/",
        f"/digests/still-current/{signing.dumps('x', salt=SALT)}/",
    ):
        assert client.get(address).status_code == client.post(address).status_code == 404
        assert "This link is not complete" in client.get(address).content.decode()


def test_of_a_sensitive_record_there_is_only_the_reference(
    owner: User, sink: Sink, on_tuesday: Any, client: Client
) -> None:
    record = late("Informants’ flat", audience="partners", marking="official_sensitive")
    message = ask(on_tuesday, sink)
    page = client.get(no_change(owner, record)).content.decode()
    for said in (*parts(message), message["Subject"], page):
        assert "Informants" not in said
        assert record.reference in said
    assert f"* {record.reference} (OFFICIAL-SENSITIVE)" in message.get_body(("plain",)).get_content()
    assert all("OFFICIAL-SENSITIVE" in part for part in parts(message))
    assert "SENSITIVE" not in message["Subject"]


def test_a_subject_counts_nothing_that_is_sensitive(owner: User, sink: Sink, on_tuesday: Any) -> None:
    late()
    late("Informants’ flat", audience="partners", marking="official_sensitive")
    message = ask(on_tuesday, sink)
    assert message["Subject"] == "Blue light register: are these records still current?"
    assert "wo records" not in "".join(parts(message))


def test_a_title_is_one_line_of_the_subject(owner: User, sink: Sink, on_tuesday: Any) -> None:
    late("Shared\r\nBcc: all@example.org workshop")
    assert ask(on_tuesday, sink)["Subject"].strip() == (
        "Blue light register: is “Shared Bcc: all@example.org workshop” still current?"
    )


def test_close_leads_to_the_form_with_closed_chosen(owner: User, on_tuesday: Any, client: Client) -> None:
    record = late()
    client.force_login(owner)
    shown = client.get(f"/initiatives/{record.reference}/standing/?to=closed").content.decode()
    assert re.search(r'<input[^>]*value="closed"[^>]*checked', shown)
    for odd in ("", "active", "<b>"):
        plain = client.get(f"/initiatives/{record.reference}/standing/", {"to": odd}).content.decode()
        assert "checked" not in plain

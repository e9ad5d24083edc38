"""Emails about signing in leave by a worker: no page waits for the mail server, nobody reads what waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from register.accounts import mail
from register.accounts.joining import letters
from register.accounts.joining.forgetting import forget
from register.accounts.joining.models import Letter
from register.accounts.models import User
from register.accounts.services import erase_person
from register.core.clock import now
from register.core.tracking import origin
from tests.accounts.support import with_password
from tests.support.mail import Sink, deliver

pytestmark = pytest.mark.django_db

State = Letter.State


@pytest.fixture(autouse=True)
def no_limits_yet(db: None) -> None:
    cache.clear()


@pytest.fixture
def kim() -> User:
    return with_password("reader", name="Kim Novak", email="kim@kent.police.uk")


def ask(email: str) -> Any:
    return Client().post("/account/password/reset/", {"email": email})


def owed() -> Letter:
    return Letter.objects.get(kind=Letter.Kind.NOTICE)


def test_a_mail_server_that_hangs_holds_no_page_up(kim: User, settings: Any) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "192.0.2.1", 9  # goes nowhere
    assert ask(kim.email).status_code == 302
    assert (owed().state, owed().person) == (State.WAITING, kim)


def test_what_waits_can_be_read_by_nobody_and_is_forgotten_when_it_has_left(kim: User, sink: Sink) -> None:
    ask(kim.email)
    waiting = bytes(owed().sealed)
    assert b"kim" not in waiting
    assert b"/account/password/reset/key/" not in waiting
    assert deliver() == 1
    assert "/account/password/reset/key/" in sink.received[0].get_content()
    assert sink.received[0]["Auto-Submitted"] == "auto-generated"
    assert (owed().state, bytes(owed().sealed)) == (State.SENT, b"")
    assert deliver() == 0


def test_the_database_itself_lets_nothing_that_has_left_lie_there(kim: User, sink: Sink) -> None:
    ask(kim.email)
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.update(state=State.SENT)


def test_nothing_of_it_goes_through_the_broker(
    kim: User, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(letters.current_app, "send_task", lambda *args, **how: told.append((args, how)))
    with django_capture_on_commit_callbacks(execute=True):
        ask(kim.email)
    assert told == [(("accounts.send_letters",), {"retry": False, "expires": 300})]


def test_asking_for_a_password_is_the_same_work_whether_somebody_has_the_address(kim: User) -> None:
    writes = []
    for email in (kim.email, "nobody@kent.police.uk"):
        with CaptureQueriesContext(connection) as asked:
            ask(email)
        writes.append([one["sql"].split("(")[0] for one in asked if "register_letter" in one["sql"]])
    assert len(writes[0]) == 1
    assert writes[0] == writes[1]
    lengths = [len(bytes(one.sealed)) for one in Letter.objects.all()]
    assert abs(lengths[0] - lengths[1]) < 400


def test_whoever_rolls_back_owes_nothing(kim: User, sink: Sink) -> None:
    with transaction.atomic():
        mail.send("mfa/email/forgotten", kim.email, {}, person=kim)
        transaction.set_rollback(True)
    assert deliver() == 0
    assert not sink.received


@pytest.mark.parametrize(
    ("answer", "state", "is_kept"),
    [
        ("451 later", State.WAITING, True),
        ("550 never", State.FAILED, False),
        ("hang up", State.SENDING, False),
    ],
)
def test_it_is_kept_for_as_long_as_it_is_to_be_tried(
    kim: User, sink: Sink, answer: str, state: str, is_kept: bool
) -> None:
    ask(kim.email)
    sink.answers.append(answer)
    assert deliver() == 0
    assert (owed().state, bool(owed().sealed)) == (state, is_kept)
    assert deliver() == is_kept
    assert len(sink.received) == is_kept


def test_whom_it_was_for_is_erased_with_it(kim: User, sink: Sink) -> None:
    ask(kim.email)
    with origin("test"):
        erase_person(by=None, user=kim, at=now())
    assert (owed().state, bytes(owed().sealed)) == (State.DROPPED, b"")
    assert deliver() == 0
    assert not sink.received


def test_without_its_key_it_is_dropped(kim: User, sink: Sink, settings: Any) -> None:
    ask(kim.email)
    settings.SECRET_KEY = "another secret key of fifty characters or more, as it should be"
    assert deliver() == 0
    assert (owed().state, bytes(owed().sealed)) == (State.DROPPED, b"")
    assert not sink.received


def test_a_worker_that_died_leaves_no_link_for_long(kim: User) -> None:
    ask(kim.email)
    Letter.objects.update(state=State.SENDING)
    with origin("test"):
        forget(now=now() + timedelta(hours=23))
        assert owed().sealed
        forget(now=now() + timedelta(hours=25))
        assert not owed().sealed
        forget(now=now() + timedelta(days=400))
    assert not Letter.objects.exists()


def test_a_subject_stays_one_line(kim: User, sink: Sink) -> None:
    letters.owe_notice(to=kim.email, subject="One\nBcc: eve@evil.example", text="x")
    assert deliver() == 0
    assert owed().state == State.FAILED
    assert not sink.received

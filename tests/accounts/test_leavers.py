"""Accounts that nobody uses are asked about, then paused; whoever comes meanwhile keeps theirs."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from register.accounts.joining.letters import send_letters
from register.accounts.joining.links import still_needed_url
from register.accounts.joining.models import Letter
from register.accounts.models import User
from register.accounts.people.leavers import ask_unused, pause_silent
from register.accounts.people.tasks import see_to_unused
from register.core.clock import now
from register.core.tracking import origin
from register.history.models import Change
from tests.factories import person
from tests.support.mail import Sink

pytestmark = pytest.mark.django_db

PASSWORD = "a kettle of seven herons"


@pytest.fixture
def lead(clock: Any) -> User:
    clock.set("2026-08-01 09:00")
    return person("organisation_lead", at="kent-police", name="Ivy Lead", email="ivy@kent.police.uk")


@pytest.fixture
def sam(lead: User) -> User:
    user = person("contributor", at="kent-police", name="Sam Okafor", email="sam@kent.police.uk")
    user.set_password(PASSWORD)
    user.save(update_fields=["password"])
    return user


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def here(user: User) -> None:
    User.objects.filter(pk=user.pk).update(last_seen_at=now(), asked_if_needed_at=None)


def hourly() -> None:
    see_to_unused()
    send_letters(clock=now)


def path_of(user: User) -> str:
    return "/" + still_needed_url(user).split("/", 3)[3]


def sign_in(user: User) -> Any:
    return Client().post("/account/login/", {"login": user.email, "password": PASSWORD})


def test_who_was_not_here_for_90_days_is_asked_once(sam: User, lead: User, clock: Any, sink: Sink) -> None:
    clock.advance(days=89)
    here(lead)
    hourly()
    assert sink.received == []
    clock.advance(days=1)
    for _ in range(3):
        hourly()
    [message] = sink.received
    assert message["To"] == "sam@kent.police.uk"
    assert "within 14 days" in re.sub(r"\s+", " ", message.get_content())
    assert fresh(sam).is_active


def test_who_does_not_answer_is_paused_two_weeks_later_and_the_history_says_why(
    sam: User, lead: User, clock: Any, sink: Sink
) -> None:
    clock.advance(days=90)
    here(lead)
    hourly()
    clock.advance(days=13)
    hourly()
    assert fresh(sam).is_active
    clock.advance(days=1)
    hourly()
    hourly()
    assert (fresh(sam).is_active, fresh(sam).paused_at) == (False, now())
    [change] = Change.objects.filter(table_name="register_user", object_id=sam.pk, operation="U")
    assert change.after is not None
    assert set(change.after) == {"is_active", "paused_at"}
    assert (change.reason, change.actor_id) == ("Not used, and no answer when asked", None)
    assert sam.roles.exists()


def test_opening_the_link_keeps_nothing_and_pressing_its_button_does(
    sam: User, lead: User, clock: Any, sink: Sink
) -> None:
    clock.advance(days=90)
    here(lead)
    hourly()
    text = sink.received[0].get_content()
    [path] = re.findall(r"http://localhost:8000(/still-needed/\S+)", text)
    assert b"I still need it" in Client().get(path).content
    assert fresh(sam).asked_if_needed_at
    answer = Client().post(path, follow=True)
    assert b"Your account stays" in answer.content
    clock.advance(days=20)
    hourly()
    assert fresh(sam).is_active


def test_signing_in_is_an_answer(sam: User, lead: User, clock: Any, sink: Sink) -> None:
    clock.advance(days=90)
    hourly()
    assert sign_in(sam).status_code == 302
    clock.advance(days=14)
    hourly()
    assert fresh(sam).is_active
    assert not fresh(lead).is_active


def test_who_could_not_be_written_to_is_not_paused(sam: User, clock: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"  # and nobody answers there
    clock.advance(days=90)
    hourly()
    assert Letter.objects.filter(state=Letter.State.WAITING).count() == 2
    clock.advance(days=30)
    hourly()
    assert fresh(sam).is_active


def test_who_signs_in_while_their_question_waits_gets_no_email(
    sam: User, lead: User, clock: Any, sink: Sink
) -> None:
    clock.advance(days=90)
    here(lead)
    see_to_unused()
    here(sam)
    assert send_letters(clock=now) == 0


def test_a_paused_person_who_signs_in_is_told_whom_to_ask_and_a_guesser_is_not(
    sam: User, lead: User, clock: Any, sink: Sink
) -> None:
    clock.advance(days=90)
    here(lead)
    hourly()
    clock.advance(days=14)
    here(lead)
    hourly()
    answer = sign_in(sam)
    assert answer.status_code == 403
    assert "Ivy Lead" in answer.content.decode()
    wrong = Client().post("/account/login/", {"login": sam.email, "password": "wrong"})
    assert "Ivy Lead" not in wrong.content.decode()
    answer = Client().post(path_of(sam))
    assert "Ivy Lead" in answer.content.decode()
    assert not fresh(sam).is_active


def test_the_last_administrator_is_never_paused(clock: Any, sink: Sink) -> None:
    clock.set("2026-08-01 09:00")
    last = person("administrator")
    clock.advance(days=90)
    hourly()
    clock.advance(days=14)
    hourly()
    assert fresh(last).is_active


def test_a_forged_link_opens_nothing(sam: User) -> None:
    assert Client().post("/still-needed/x/").status_code == 404
    assert Client().post(path_of(sam)[:-3] + "/").status_code == 404


def test_several_beats_at_once_ask_and_pause_once(sam: User, clock: Any) -> None:
    clock.advance(days=90)
    with origin("test"):
        assert ask_unused(now=now()) == 2
        assert ask_unused(now=now()) == 0
        Letter.objects.update(state=Letter.State.SENT)
        clock.advance(days=14)
        assert pause_silent(now=now()) == 2
        assert pause_silent(now=now()) == 0

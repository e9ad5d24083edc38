"""Whoever sees to a decision gets one email, or the group is told why not."""

from __future__ import annotations

import json
import logging
import re
import threading
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from register.accounts.models import RoleGrant, User
from register.accounts.services import erase_person, revoke_role
from register.core.tracking import origin
from register.groups import notices
from register.groups.models import Decision
from register.groups.notices import MOST_TRIES, send_notices
from register.groups.tasks import send_waiting_notices
from register.initiatives.services import delete_initiative, edit_initiative
from tests.factories import TODAY, initiative, person, working_group
from tests.groups.support import decided
from tests.support.mail import Sink

Notice = Decision.Notice


@pytest.fixture
def group(committed: Any) -> Any:
    return working_group("eastern", name="Eastern group")


@pytest.fixture
def keeper(group: Any) -> User:
    return person("contributor", at="derbyshire-police", name="Kit Keeper", email="kit@example.org")


def work() -> int:
    with origin("task"):
        return send_notices()


def notice(decision: Decision) -> str:
    decision.refresh_from_db()
    return decision.notice


def body(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert part is not None
    return " ".join(part.get_content().split())


def page(group: Any, decision: Decision) -> str:
    client = Client()
    client.force_login(person("group_member", group=group))
    return client.get(f"/groups/{group.code}/decisions/{decision.pk}/").content.decode()


def test_the_owner_gets_one_email_with_the_decision_and_its_reasons(
    group: Any, keeper: User, sink: Sink
) -> None:
    decision = decided(
        group, initiative("Shared workshop"), owner_person=keeper, outcome="support_with_conditions",
        reasons="It works elsewhere.", conditions="Share the cost.",
    )  # fmt: skip
    assert notice(decision) == Notice.WAITING
    assert (work(), work()) == (1, 0)
    [message] = sink.received
    assert message["To"] == "kit@example.org"
    assert message["Subject"] == (
        f"[OFFICIAL] For you to see to: support with conditions, {decision.initiative.reference}"
    )
    for kind in ("plain", "html"):
        text = body(message, kind)
        assert "The Eastern group decided on" in text
        for words in ("Shared workshop", "It works elsewhere.", "Share the cost.", "23 November 2026"):
            assert words in text
        assert f"http://localhost:8000/initiatives/{decision.initiative.reference}/" in text
    assert notice(decision) == Notice.SENT
    assert "Kit Keeper was told by email." in page(group, decision)


def test_without_an_owner_nobody_is_told(group: Any, sink: Sink) -> None:
    decision = decided(group, initiative(), owner="Head of estates")
    assert work() == 0
    assert sink.received == []
    assert notice(decision) == Notice.NONE


def test_the_task_of_the_worker_sends_them(group: Any, keeper: User, sink: Sink) -> None:
    decided(group, initiative(), owner_person=keeper)
    send_waiting_notices()
    assert len(sink.to(keeper)) == 1


def test_a_decision_hands_its_notice_to_a_worker_once_it_is_committed(
    group: Any, keeper: User, monkeypatch: Any
) -> None:
    found: list[int] = []
    monkeypatch.setattr(
        "register.groups.services.decisions.hand_out_notices",
        lambda: found.append(Decision.objects.filter(notice=Notice.WAITING).count()),
    )
    decided(group, initiative(), owner_person=keeper)
    decided(group, initiative())
    assert found == [1]


def test_a_broker_that_is_away_does_not_stop_a_decision(
    group: Any, keeper: User, monkeypatch: Any, caplog: Any
) -> None:
    from bluelight.celery import app

    monkeypatch.setattr(app.conf, "broker_url", "redis://127.0.0.1:1/0")
    monkeypatch.setattr(app, "send_task", _away)
    with caplog.at_level(logging.WARNING):
        decision = decided(group, initiative(), owner_person=keeper)
    assert notice(decision) == Notice.WAITING
    assert "The broker is away" in caplog.text


def _away(*args: Any, **kwargs: Any) -> None:
    from kombu.exceptions import OperationalError

    raise OperationalError("no broker")


def test_of_a_sensitive_record_an_email_holds_the_reference_and_a_link_only(
    group: Any, keeper: User, sink: Sink
) -> None:
    record = initiative(
        "Zephyr protection", audience="partners", marking="official_sensitive", areas=["estates"]
    )
    decided(
        group,
        record,
        owner_person=keeper,
        outcome="pause",
        reasons="Zephyr is watched.",
        conditions="Zephyr hides.",
    )
    assert work() == 1
    [message] = sink.received
    assert message["Subject"] == "[OFFICIAL] For you to see to: a decision"
    assert record.reference not in body(message, "plain")[:140]  # what is seen before it is opened
    for kind in ("plain", "html"):
        text = body(message, kind)
        assert record.reference in text
        for word in ("Zephyr", "Pause", "pause", "Derbyshire", "Estates"):
            assert word not in text


def test_what_people_wrote_cannot_become_markup(group: Any, keeper: User, sink: Sink) -> None:
    decided(
        group, initiative("A & B <b>workshop</b>"), owner_person=keeper, reasons="<script>alert(1)</script>"
    )
    work()
    html = sink.received[0].get_body(("html",)).get_content()
    assert "<script>" not in html
    assert "<b>workshop" not in html
    assert "<script>alert(1)</script>" in body(sink.received[0])


# Who may not be told any more


def lose_sight(record: Any, keeper: User) -> None:
    with origin("test"):
        edit_initiative(by=None, initiative=record, version=None, on=TODAY, audience="partners")
        revoke_role(by=None, grant=RoleGrant.objects.get(user=keeper))


def leave(record: Any, keeper: User) -> None:
    with origin("test"):
        erase_person(by=None, user=keeper, at=datetime(2026, 11, 23, tzinfo=UTC))


def delete(record: Any, keeper: User) -> None:
    with origin("test"):
        delete_initiative(
            by=None, initiative=record, reason="A double.", at=datetime(2026, 11, 23, tzinfo=UTC)
        )


@pytest.mark.parametrize("happens", [lose_sight, leave, delete])
def test_who_may_not_see_the_record_when_it_is_sent_gets_nothing(
    group: Any, keeper: User, sink: Sink, happens: Any
) -> None:
    record = initiative()
    decision = decided(group, record, owner_person=keeper)
    happens(record, keeper)
    assert work() == 0
    assert sink.received == []
    assert notice(decision) == Notice.WITHHELD
    if happens is leave:
        assert "Someone who has left was not told" in page(group, decision)


# What may go wrong on the way


def test_while_the_mail_server_is_away_it_waits_and_goes_later_however_long_that_takes(
    group: Any, keeper: User, settings: Any, request: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 2
    decision = decided(group, initiative(), owner_person=keeper)
    Decision.objects.filter(pk=decision.pk)
    for _ in range(MOST_TRIES + 2):
        assert work() == 0
    assert notice(decision) == Notice.WAITING
    assert "An email to Kit Keeper waits to be sent." in page(group, decision)
    sink = request.getfixturevalue("sink")
    assert work() == 1
    assert len(sink.to(keeper)) == 1
    assert notice(decision) == Notice.SENT


def test_a_refusal_for_good_is_told_to_the_group(group: Any, keeper: User, sink: Sink, caplog: Any) -> None:
    sink.answers = ["550 no such user kit@example.org"]
    decision = decided(group, initiative(), owner_person=keeper)
    with caplog.at_level(logging.DEBUG, logger="register"):
        assert work() == 0
    assert notice(decision) == Notice.FAILED
    assert "Kit Keeper could not be told" in page(group, decision)
    assert work() == 0
    assert sink.received == []
    assert "kit@" not in caplog.text


def test_a_refusal_for_now_does_not_hold_up_the_others_and_ends(
    group: Any, keeper: User, sink: Sink, monkeypatch: Any
) -> None:
    monkeypatch.setattr(notices, "MOST_TRIES", 2)
    first = decided(group, initiative(), owner_person=keeper)
    second = decided(group, initiative("Another"), owner_person=keeper)
    sink.answers = ["450 mailbox busy"]
    assert work() == 1
    assert (notice(first), notice(second)) == (Notice.WAITING, Notice.SENT)
    sink.answers = ["450 mailbox busy"]
    assert work() == 0
    assert notice(first) == Notice.FAILED


def test_one_that_may_have_been_sent_is_not_sent_again_and_says_so(
    group: Any, keeper: User, sink: Sink
) -> None:
    sink.answers = ["hang up"]
    decision = decided(group, initiative(), owner_person=keeper)
    assert work() == 0
    assert notice(decision) == Notice.SENDING
    assert (work(), len(sink.received)) == (0, 0)
    assert "Kit Keeper may not have been told" in page(group, decision)


def test_one_whose_worker_was_killed_is_never_sent_twice(
    group: Any, keeper: User, sink: Sink, monkeypatch: Any
) -> None:
    """The worker dies after the mail server has taken the message, before it could write that down."""
    decision = decided(group, initiative(), owner_person=keeper)

    class Killed(BaseException):
        pass

    send = notices.Post.send

    def send_and_die(self: Any, message: Any) -> Any:
        send(self, message)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(notices.Post, "send", send_and_die)
        with pytest.raises(Killed):
            work()
    assert notice(decision) == Notice.SENDING
    assert work() == 0
    assert len(sink.received) == 1
    assert "may not have been told" in page(group, decision)


def test_of_many_workers_at_once_one_sends(group: Any, keeper: User, sink: Sink) -> None:
    decided(group, initiative(), owner_person=keeper)
    start = threading.Barrier(4)

    def one() -> None:
        try:
            start.wait()
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sink.received) == 1


def test_a_correction_tells_its_owner_and_the_older_email_says_that_it_was_corrected(
    group: Any, keeper: User, sink: Sink
) -> None:
    record = initiative()
    earlier = decided(group, record, owner_person=keeper, reasons="First words.")
    decided(group, record, owner_person=keeper, corrects=earlier, outcome="stop", reasons="Second words.")
    assert work() == 2
    old, new = (body(message) for message in sink.received)
    assert "First words." in old
    assert "has corrected this decision since" in old
    assert "Second words." in new
    assert "has corrected" not in new


# What is written down of it


def test_no_ledger_and_no_log_holds_the_address(group: Any, keeper: User, sink: Sink, caplog: Any) -> None:
    with caplog.at_level(logging.DEBUG, logger="register"):
        decided(group, initiative(), owner_person=keeper)
        work()
    assert len(sink.received) == 1
    assert "kit@example" not in caplog.text
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM register_change c WHERE c::text ILIKE '%kit@example%'")
        assert cursor.fetchone() == (0,)
        cursor.execute(
            "SELECT before, after FROM register_change WHERE table_name = 'register_decision' AND operation = 'U'"
        )
        # That it was sent is no change of the decision.
        assert cursor.fetchall() == []
        cursor.execute("SELECT after FROM register_change WHERE table_name = 'register_decision'")
        told = json.dumps(cursor.fetchall(), default=str)
    assert "notice" not in told
    assert not re.search(r"Kit|Keeper", told)

"""Each person gets each edition once, or it is written down why not."""

from __future__ import annotations

import socket
import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from register.accounts.models import RoleGrant, User
from register.accounts.services import erase_person, revoke_role
from register.core.tracking import origin
from register.digests.choosing.wishes import stop_digest
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import Delivery, Edition, RefusedAddress
from register.digests.posting.claiming import CLAIM_LASTS, JITTER, WAITS
from register.digests.posting.refused import (
    PAUSED,
    note_refusal,
    refused_of,
    tell_secretaries,
    try_address_again,
)
from register.digests.sending.delivery import claim, deliver, expire_held, hold_abandoned, send_again
from register.digests.writing.letter import Writer
from register.history.models import Change
from register.initiatives.models import Initiative
from tests.digests.support import LAST_MONDAY, MONDAY, NEXT_MONDAY, Sink, Team
from tests.factories import initiative, person

State = Delivery.State


@pytest.fixture
def shared_workshop(team: Team) -> Initiative:
    return initiative()


@pytest.fixture
def delivery(team: Team, shared_workshop: Initiative) -> Delivery:
    make_edition()
    return Delivery.objects.get(user=team.member)


def make_edition(at: datetime = MONDAY) -> Edition:
    open_due_editions(now=at)
    [edition] = build_open_editions(now=at)
    return edition


def deliver_all(at: datetime = MONDAY) -> dict[int, str]:
    """How each of the deliveries due ended, by person."""
    due = list(Delivery.objects.due(now=at).values_list("pk", flat=True))
    return {outcome.delivery.user_id: outcome.state for outcome in deliver(due, clock=lambda: at)}


def test_everybody_in_the_group_gets_one_over_one_connection(
    team: Team, shared_workshop: Any, sink: Sink
) -> None:
    others = [person("secretary", group=team.group), person("chair", group=team.group)]
    person("reader")
    make_edition()
    deliver_all()
    assert sorted(message["To"] for message in sink.received) == sorted(
        u.email for u in [team.member, *others]
    )
    assert len(sink.sessions) == 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENT}


def test_delivering_again_sends_nothing(delivery: Delivery, sink: Sink) -> None:
    deliver_all()
    assert deliver([delivery.pk], clock=lambda: MONDAY) == []
    assert len(sink.received) == 1


def test_of_many_workers_at_once_one_sends(delivery: Delivery, sink: Sink) -> None:
    start = threading.Barrier(5)

    def work() -> None:
        try:
            start.wait()
            deliver([delivery.pk], clock=lambda: MONDAY)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    delivery.refresh_from_db()
    assert (len(sink.received), delivery.state, delivery.attempts) == (1, State.SENT, 1)


def test_a_claim_inside_a_transaction_is_refused(delivery: Delivery) -> None:
    """Undone with the transaction, it would let the same message go out again."""
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"):
        claim(delivery_ids=[delivery.pk], now=MONDAY)


def test_nothing_is_sent_inside_a_transaction(delivery: Delivery, sink: Sink) -> None:
    seen: list[str] = []

    def look() -> None:
        # The server's own thread: what others see in the database while the message is on its way.
        seen.append(Delivery.objects.get(pk=delivery.pk).state)
        connection.close()

    sink.at_the_text = lambda: _elsewhere(look)
    deliver_all()
    assert seen == [State.SENDING]


def _elsewhere(work: Any) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_the_next_is_written_while_the_mail_server_is_busy_with_the_one_before(
    team: Team, shared_workshop: Any, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("secretary", group=team.group)
    make_edition()
    write, written, both, waited = Writer.write, list[int](), threading.Event(), list[bool]()

    def watched(writer: Writer, delivery: Delivery, readers: Any) -> Any:
        message = write(writer, delivery, readers)
        written.append(delivery.pk)
        if len(written) == 2:
            both.set()
        return message

    monkeypatch.setattr(Writer, "write", watched)
    sink.at_the_text = lambda: waited.append(both.wait(4))
    deliver_all()
    assert waited == [True, True]
    assert len(sink.received) == 2


def test_the_message_id_is_the_same_whenever_it_is_tried(delivery: Delivery, sink: Sink) -> None:
    sink.answers = ["451 try later"]
    deliver_all()
    deliver_all(MONDAY + 2 * WAITS[0])
    [message] = sink.received
    assert message["Message-ID"] == delivery.message_id


def test_a_temporary_refusal_is_tried_again_after_growing_waits_until_the_next_edition_is_due(
    delivery: Delivery, sink: Sink
) -> None:
    sink.answers = ["451 4.3.0 try later"] * 40
    at, waits = MONDAY, []
    while deliver_all(at) == {delivery.user_id: State.WAITING}:
        delivery.refresh_from_db()
        waits.append(delivery.due_at - at)
        assert deliver_all(delivery.due_at - timedelta(seconds=1)) == {}
        at = delivery.due_at
    delivery.refresh_from_db()
    assert delivery.state == State.FAILED
    assert delivery.why == "Given up: the next edition is due. The mail server said 451 4.3.0 try later"
    assert NEXT_MONDAY - max(WAITS) * (1 + JITTER) < at < NEXT_MONDAY
    for wait, plain in zip(waits, [*WAITS, *[WAITS[-1]] * len(waits)], strict=False):
        assert plain * (1 - JITTER) <= wait <= plain * (1 + JITTER)
    assert list(WAITS) == sorted(WAITS)


def test_what_failed_together_does_not_come_back_together(
    team: Team, shared_workshop: Any, sink: Sink
) -> None:
    for _ in range(4):
        person("group_member", group=team.group)
    make_edition()
    sink.answers = ["451 later"] * 5
    deliver_all()
    assert len(set(Delivery.objects.values_list("due_at", flat=True))) == 5


def test_being_refused_as_sender_is_ours_to_mend_and_is_tried_again(
    team: Team, shared_workshop: Any, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    person("group_member", group=team.group)
    make_edition()
    sink.to_senders = ["550 5.7.1 not from here"]
    assert set(deliver_all().values()) == {State.WAITING}
    assert "refuses the register as sender" in caplog.text
    assert set(deliver_all(MONDAY + 2 * WAITS[0]).values()) == {State.SENT}
    assert not RefusedAddress.objects.exists()


def test_not_being_let_in_by_the_mail_server_is_ours_to_mend_too(
    delivery: Delivery, sink: Sink, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "register", "of last year"
    sink.let_in = False
    assert deliver_all() == {delivery.user_id: State.WAITING}
    assert "does not let the register in" in caplog.text
    delivery.refresh_from_db()
    assert "535" in delivery.why
    sink.let_in = True
    assert deliver_all(MONDAY + 2 * WAITS[0]) == {delivery.user_id: State.SENT}
    assert not RefusedAddress.objects.exists()


def test_a_text_refused_for_who_sends_it_is_ours_to_mend_too(
    delivery: Delivery, sink: Sink, caplog: pytest.LogCaptureFixture
) -> None:
    sink.answers = ["550 5.7.1 the domain of the sender is not authenticated"]
    assert deliver_all() == {delivery.user_id: State.WAITING}
    assert "policy" in caplog.text
    assert deliver_all(MONDAY + 2 * WAITS[0]) == {delivery.user_id: State.SENT}


def test_one_that_cannot_be_written_as_an_email_does_not_stop_the_others(
    team: Team, shared_workshop: Any, sink: Sink
) -> None:
    User.objects.filter(pk=team.member.pk).update(email="no\nbody@peak.example")
    other = person("group_member", group=team.group)
    make_edition()
    assert deliver_all() == {team.member.pk: State.FAILED, other.pk: State.SENT}


def test_an_address_that_is_refused_twice_is_paused_and_the_secretary_told_once(
    team: Team, committed: Any, sink: Sink
) -> None:
    secretary = person("secretary", group=team.group)
    for week in range(3):
        committed.set(LAST_MONDAY + timedelta(weeks=week, days=1))
        initiative()
        at = MONDAY + timedelta(weeks=week)
        committed.set(at)
        make_edition(at)
        refuse(sink, team.member)
        ends = deliver_all(at)
        assert ends[team.member.pk] == (State.FAILED if week < 2 else State.SKIPPED)
        assert ends[secretary.pk] == State.SENT
        tell_secretaries(now=at)
    assert Delivery.objects.filter(user=team.member).last().why == PAUSED
    [told] = [message for message in sink.received if "does not reach" in message["Subject"]]
    assert told["To"] == secretary.email
    assert team.member.email not in told.get_content()


def test_administrators_are_told_of_a_groups_only_secretary(team: Team, sink: Sink) -> None:
    secretary = person("secretary", group=team.group)
    administrator = person("administrator")
    for _ in range(2):
        note_refusal(secretary, now=MONDAY)
    assert tell_secretaries(now=MONDAY) == 1
    [told] = sink.received
    assert told["To"] == administrator.email
    assert str(secretary) in told["Subject"]
    assert tell_secretaries(now=MONDAY + timedelta(days=1)) == 0


def test_a_worker_that_dies_while_it_tells_leaves_it_to_another_with_the_same_message_id(
    team: Team, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    person("secretary", group=team.group)
    for _ in range(2):
        note_refusal(team.member, now=MONDAY)
    with monkeypatch.context() as patch:
        patch.setattr("register.digests.posting.refused._are_told", _die)
        with pytest.raises(SystemExit):
            tell_secretaries(now=MONDAY)
    assert tell_secretaries(now=MONDAY + timedelta(minutes=5)) == 0
    assert tell_secretaries(now=MONDAY + timedelta(minutes=20)) == 1
    assert len({message["Message-ID"] for message in sink.received}) == 1
    assert tell_secretaries(now=MONDAY + timedelta(minutes=40)) == 0


def _die(*_: Any) -> None:
    raise SystemExit


def refuse(sink: Sink, user: User) -> None:
    """The mail server knows all others."""
    sink.unknown.add(user.email)


def test_another_address_or_a_secretary_who_says_so_ends_the_pause(
    team: Team, committed: Any, sink: Sink
) -> None:
    secretary = person("secretary", group=team.group)
    for _ in range(2):
        note_refusal(team.member, now=MONDAY)
    assert refused_of([team.member]) == {team.member.pk: 2}
    with origin("test"), pytest.raises(PermissionDenied):
        try_address_again(by=person("reader"), user=team.member, group=team.group)
    team.member.email = "another@peak.example"
    assert refused_of([team.member]) == {}
    assert note_refusal(team.member, now=MONDAY) == 1
    with origin("test"):
        try_address_again(by=secretary, user=team.member, group=team.group)
    assert not RefusedAddress.objects.exists()


def test_an_address_that_took_one_is_counted_anew(delivery: Delivery, sink: Sink) -> None:
    note_refusal(delivery.user, now=MONDAY)
    assert deliver_all() == {delivery.user_id: State.SENT}
    assert not RefusedAddress.objects.exists()


def test_a_permanent_refusal_is_not_tried_again_and_says_why_without_the_address(
    delivery: Delivery, sink: Sink
) -> None:
    sink.answers = [f"550 5.1.1 <{delivery.user.email}> is not here"]
    assert deliver_all() == {delivery.user_id: State.FAILED}
    delivery.refresh_from_db()
    assert delivery.why == "The mail server said 550 5.1.1 <the address> is not here"


def test_a_refusal_of_one_does_not_stop_the_others(team: Team, shared_workshop: Any, sink: Sink) -> None:
    for _ in range(3):
        person("group_member", group=team.group)
    make_edition()
    sink.answers = ["250 taken", "550 no", "451 later"][1:]
    states = sorted(deliver_all().values())
    assert states == [State.FAILED, State.SENT, State.SENT, State.WAITING]


def test_a_server_that_is_not_there_is_tried_again(delivery: Delivery, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert deliver_all() == {delivery.user_id: State.WAITING}


def test_a_server_that_says_nothing_is_tried_again(delivery: Delivery, settings: Any) -> None:
    """It takes the connection, and no more."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 0.2
        assert deliver_all() == {delivery.user_id: State.WAITING}
    delivery.refresh_from_db()
    assert delivery.why == "The mail server could not be reached: Connection unexpectedly closed: timed out"
    assert delivery.due_at > MONDAY


def test_a_connection_that_breaks_after_the_text_began_holds_the_message(
    delivery: Delivery, sink: Sink
) -> None:
    """Nobody knows whether the server took it: sending again could be a second copy."""
    sink.answers = ["hang up"]
    assert deliver_all() == {delivery.user_id: State.HELD}
    assert deliver_all(MONDAY + timedelta(days=1)) == {}


def test_what_a_worker_claimed_and_never_began_to_send_goes_out_later(delivery: Delivery, sink: Sink) -> None:
    assert claim(delivery_ids=[delivery.pk], now=MONDAY)
    assert hold_abandoned(now=MONDAY + CLAIM_LASTS + timedelta(seconds=1)) == 0
    assert deliver_all(MONDAY + timedelta(hours=1)) == {delivery.user_id: State.SENT}


def test_what_a_worker_began_to_send_and_never_marked_is_held_and_never_sent_again(
    delivery: Delivery, sink: Sink
) -> None:
    dies_while_sending(delivery)
    assert hold_abandoned(now=MONDAY + CLAIM_LASTS) == 0
    assert hold_abandoned(now=MONDAY + CLAIM_LASTS + timedelta(seconds=1)) == 1
    deliver_all(MONDAY + timedelta(days=3))
    delivery.refresh_from_db()
    assert delivery.state == State.HELD
    assert sink.received == []


def dies_while_sending(delivery: Delivery) -> None:
    claim(delivery_ids=[delivery.pk], now=MONDAY)
    Delivery.objects.filter(pk=delivery.pk).update(state=State.SENDING)


def test_what_is_held_expires_when_the_next_edition_is_due(delivery: Delivery, sink: Sink) -> None:
    sink.answers = ["hang up"]
    deliver_all()
    assert expire_held(now=NEXT_MONDAY - timedelta(minutes=1)) == 0
    assert expire_held(now=NEXT_MONDAY) == 1
    delivery.refresh_from_db()
    assert delivery.state == State.FAILED
    assert delivery.why.startswith("Nobody released it before the next edition was due. The connection broke")


def test_a_worker_that_comes_back_after_its_claim_was_given_away_does_not_send(
    team: Team, shared_workshop: Any, sink: Sink
) -> None:
    """It slept while the first of its batch was sent, and another took the second."""
    person("group_member", group=team.group)
    make_edition()
    second = Delivery.objects.order_by("pk")[1]

    def taken() -> None:
        Delivery.objects.filter(pk=second.pk).update(attempts=F("attempts") + 1)
        connection.close()

    sink.at_the_text = lambda: _elsewhere(taken)
    deliver_all()
    assert len(sink.received) == 1
    second.refresh_from_db()
    assert second.state == State.CLAIMED


def test_what_was_held_goes_out_when_somebody_decides_so_and_the_ledger_says_who(
    delivery: Delivery, sink: Sink
) -> None:
    sink.answers = ["hang up"]
    deliver_all()
    secretary = person("secretary", group=delivery.edition.group)
    with origin("test"):
        assert send_again(by=secretary, deliveries=Delivery.objects.all(), now=MONDAY) == 1
    assert deliver_all() == {delivery.user_id: State.SENT}
    with origin("test"):
        assert send_again(by=secretary, deliveries=Delivery.objects.all(), now=MONDAY) == 0
    [note] = Change.ledger.filter(table_name="sent_again")
    assert (note.actor_id, note.object_id, note.after["was"]) == (secretary.pk, delivery.pk, "held")


def test_a_slow_worker_whose_claim_was_held_still_marks_what_it_sent(delivery: Delivery, sink: Sink) -> None:
    sink.at_the_text = lambda: _elsewhere(_hold)
    deliver_all()
    delivery.refresh_from_db()
    assert delivery.state == State.SENT


def _hold() -> None:
    hold_abandoned(now=MONDAY + timedelta(hours=1))
    connection.close()


def test_a_message_that_could_not_be_written_is_tried_again(
    delivery: Delivery, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(Writer, "write", fail)
        assert deliver_all() == {delivery.user_id: State.WAITING}
    deliver_all(MONDAY + 2 * WAITS[0])
    assert len(sink.received) == 1


def _leaves(user: User) -> None:
    revoke_role(by=None, grant=RoleGrant.objects.get(user=user))


def _refuses(user: User) -> None:
    stop_digest(by=user, user=user, group=RoleGrant.objects.get(user=user).group)


def _is_erased(user: User) -> None:
    erase_person(by=None, user=user, at=MONDAY)


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (_leaves, "They are no longer in the group."),
        (_refuses, "They switched it off."),
        (_is_erased, "They have left."),
    ],
)
def test_who_no_longer_wants_or_may_have_it_when_it_is_sent_does_not_get_it(
    delivery: Delivery, sink: Sink, happens: Any, why: str
) -> None:
    with origin("test"):
        happens(delivery.user)
    assert deliver_all() == {delivery.user_id: State.SKIPPED}
    delivery.refresh_from_db()
    assert (delivery.why, sink.received) == (why, [])


def test_who_refused_before_is_not_even_addressed(team: Team, shared_workshop: Any) -> None:
    with origin("test"):
        stop_digest(by=team.member, user=team.member, group=team.group)
    make_edition()
    assert not Delivery.objects.exists()


def test_a_week_without_news_is_recorded_as_quiet_and_sends_nothing(team: Team, committed: Any) -> None:
    assert make_edition().state == Edition.State.QUIET
    assert not Delivery.objects.exists()


def test_what_is_asked_of_readers_is_asked_once_for_a_batch(
    team: Team, shared_workshop: Any, sink: Sink
) -> None:
    """Each message more is one commit: how the last one ended, with the beginning of this one."""

    def queries(readers: int) -> int:
        Delivery.objects.all().delete()
        Edition.objects.all().delete()
        while User.objects.in_group(team.group).count() < readers:
            person("group_member", group=team.group)
        make_edition()
        with CaptureQueriesContext(connection) as asked:
            deliver_all()
        return len(asked)

    few, many = queries(2), queries(12)
    assert len(sink.received) == 14
    assert many - few <= 10 * len(["BEGIN", "mark", "begin", "COMMIT"])
    assert few <= 30

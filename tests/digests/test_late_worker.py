"""A worker that stood still for long (a suspended machine) finds that others have gone on with what it had claimed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from register.core.tracking import origin
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import Delivery
from register.digests.posting.claiming import CLAIM_LASTS
from register.digests.sending.delivery import claim, deliver, expire_held, hold_abandoned, send_again
from tests.digests.support import MONDAY, NEXT_MONDAY, Sink, Team
from tests.factories import initiative, person

State = Delivery.State
LATER = MONDAY + CLAIM_LASTS + timedelta(minutes=1)


@pytest.fixture
def deliveries(team: Team) -> list[int]:
    person("group_member", group=team.group)
    initiative()
    open_due_editions(now=MONDAY)
    build_open_editions(now=MONDAY)
    return list(Delivery.objects.order_by("pk").values_list("pk", flat=True))


def begin_elsewhere(delivery_id: int) -> None:
    """Another worker claims it and begins to send it; how that ends is still to come."""
    [claimed] = claim(delivery_ids=[delivery_id], now=LATER)
    Delivery.objects.filter(pk=claimed.pk).update(state=State.SENDING, claimed_at=LATER)


def stand_still(deliveries: list[int], sink: Sink, meanwhile: Callable[[], None]) -> None:
    """One worker delivers; while the mail server has the text of its first message, it is suddenly much later."""
    time = [MONDAY]

    def work() -> None:
        sink.at_the_text = None
        time[0] = LATER
        meanwhile()
        connection.close()

    def elsewhere() -> None:
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    sink.at_the_text = elsewhere
    deliver(deliveries, clock=lambda: time[0])


def state_of(delivery_id: int) -> Any:
    return Delivery.objects.get(pk=delivery_id).state


def test_what_another_is_sending_by_now_is_not_given_back(deliveries: list[int], sink: Sink) -> None:
    _, second = deliveries

    def meanwhile() -> None:
        hold_abandoned(now=LATER)
        begin_elsewhere(second)

    stand_still(deliveries, sink, meanwhile)
    # Were it waiting, the next sweep would send it a second time.
    assert state_of(second) == State.SENDING


def test_what_another_sends_because_a_person_released_it_is_not_put_off(
    deliveries: list[int], sink: Sink
) -> None:
    first, _ = deliveries
    sink.answers = ["451 4.3.0 not now"]

    def meanwhile() -> None:
        hold_abandoned(now=LATER)
        with origin("test"):
            send_again(by=None, deliveries=Delivery.objects.filter(pk=first), now=LATER)
        begin_elsewhere(first)

    stand_still(deliveries[:1], sink, meanwhile)
    assert state_of(first) == State.SENDING


def test_what_has_failed_meanwhile_is_not_marked_as_sent(deliveries: list[int], sink: Sink) -> None:
    """It was held, and nobody released it: who looks at it must not find another end from one hour to the next."""
    first, _ = deliveries

    def meanwhile() -> None:
        hold_abandoned(now=LATER)
        assert expire_held(now=NEXT_MONDAY) == 1

    stand_still(deliveries[:1], sink, meanwhile)
    assert len(sink.received) == 1
    found = Delivery.objects.get(pk=first)
    assert (found.state, found.sent_at, found.failed_at) == (State.FAILED, None, NEXT_MONDAY)


def test_nor_by_who_begins_the_next_one(deliveries: list[int], sink: Sink) -> None:
    first, second = deliveries

    def meanwhile() -> None:
        hold_abandoned(now=LATER)
        expire_held(now=NEXT_MONDAY)

    stand_still(deliveries, sink, meanwhile)
    assert state_of(first) == State.FAILED
    assert state_of(second) in (State.SENT, State.WAITING)

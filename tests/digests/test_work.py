"""Tasks and the command: what beat does, what is picked up when broker or worker were down, what a person sees."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from kombu.exceptions import OperationalError

from register.core.tracking import origin
from register.digests import tasks
from register.digests.making.anchoring import anchor_digest
from register.digests.models import Delivery, Edition
from tests.digests.support import MONDAY, Sink, Team
from tests.factories import initiative, person

State = Delivery.State


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """What is handed to the broker is done at once."""
    handed: list[list[int]] = []

    def do(args: list[list[int]], **_: Any) -> None:
        handed.append(args[0])
        tasks.deliver_batch(args[0])

    monkeypatch.setattr(tasks.deliver_batch, "apply_async", do)
    return handed


@pytest.fixture
def broker_down(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("Connection refused")

    monkeypatch.setattr(tasks.deliver_batch, "apply_async", fail)
    return monkeypatch


def run(*args: str) -> str:
    out = StringIO()
    call_command("send_due_digests", *args, stdout=out)
    return out.getvalue()


def test_beat_opens_builds_and_delivers(team: Team, committed: Any, sink: Sink, in_process: Any) -> None:
    initiative()
    committed.set("2026-11-23 07:05")
    tasks.open_due()
    assert len(sink.received) == 1
    tasks.open_due()
    tasks.sweep()
    assert len(sink.received) == 1


def test_batches_share_a_connection_and_are_of_bounded_size(
    team: Team, committed: Any, sink: Sink, in_process: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "SHARE", 22)
    for _ in range(22 + 2):
        person("group_member", group=team.group)
    initiative()
    committed.set("2026-11-23 07:05")
    tasks.open_due()
    assert [len(batch) for batch in in_process] == [22, 3]
    assert len(sink.received) == 22 + 3
    assert len(sink.sessions) == 2


def test_what_the_broker_could_not_be_told_is_picked_up_from_the_database(
    team: Team, committed: Any, sink: Sink, broker_down: pytest.MonkeyPatch
) -> None:
    initiative()
    committed.set("2026-11-23 07:05")
    tasks.open_due()
    assert (Delivery.objects.get().state, sink.received) == (State.WAITING, [])
    broker_down.setattr(tasks.deliver_batch, "apply_async", lambda args, **_: tasks.deliver_batch(args[0]))
    committed.advance(minutes=30)
    tasks.sweep()
    assert len(sink.received) == 1


def test_an_edition_that_could_not_be_built_is_built_by_the_next_beat(
    team: Team, committed: Any, sink: Sink, in_process: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    initiative()
    committed.set("2026-11-23 07:05")

    def fail(_: Any) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr("register.digests.making.editions.content_of", fail)
        tasks.open_due()
    assert Edition.objects.get().state == Edition.State.OPEN
    committed.advance(minutes=5)
    tasks.open_due()
    assert Edition.objects.get().state == Edition.State.READY
    assert len(sink.received) == 1


def test_the_sweep_holds_what_a_dead_worker_left(
    team: Team, committed: Any, sink: Sink, in_process: Any
) -> None:
    initiative()
    run("--now", "2026-11-23T07:05")
    Delivery.objects.update(state=State.SENDING, claimed_at=MONDAY, sent_at=None)
    committed.set("2026-11-23 08:00")
    tasks.sweep()
    assert Delivery.objects.get().state == State.HELD
    assert len(sink.received) == 1


def test_the_command_does_it_by_hand_with_a_line_for_each(team: Team, sink: Sink) -> None:
    initiative()
    said = run("--now", "2026-11-23T07:05")
    assert said == (f"Peak group, to 23 November 2026: ready\n  {team.member.email}: sent\n")
    assert run("--now", "2026-11-23T07:05") == "Nothing is due.\n"
    assert len(sink.received) == 1


def test_the_command_reads_now_as_london_time_unless_told_otherwise(team: Team) -> None:
    assert run("--now", "2026-10-26T06:59", "--dry-run") == "Nothing is due.\n"
    assert run("--now", "2026-11-23T06:59", "--dry-run") == "Nothing is due.\n"
    due = "Peak group: 16 November 2026 07:00 to 23 November 2026 07:00\n"
    assert run("--now", "2026-11-23T07:00", "--dry-run") == due
    assert run("--now", "2026-11-23T08:00+01:00", "--dry-run") == due
    with pytest.raises(CommandError, match="not a moment"):
        run("--now", "next Monday")


def test_a_dry_run_writes_and_sends_nothing(team: Team, sink: Sink) -> None:
    initiative()
    run("--now", "2026-11-23T07:05", "--dry-run")
    assert not Edition.objects.exists()
    assert sink.received == []


def test_the_command_can_do_one_group(team: Team, sink: Sink) -> None:
    initiative()
    with pytest.raises(CommandError, match="no working group"):
        run("--group", "nowhere")
    assert "Peak group" in run("--now", "2026-11-23T07:05", "--group", "peak")


def test_the_last_complete_week_is_sent_once_on_a_first_start(team: Team, committed: Any, sink: Sink) -> None:
    initiative("In the last complete week")
    committed.set("2026-11-25 15:00")
    initiative("In this week")
    with origin("test"):
        anchor_digest(by=None, group=team.group, at=committed.now)
    assert "ready" in run("--last-week", "peak")
    edition = Edition.objects.get()
    assert edition.ends_at == MONDAY
    assert edition.ends_at - edition.starts_at == timedelta(weeks=1)
    [message] = sink.received
    said = message.get_body(("plain",)).get_content()
    assert "In the last complete week" in said
    assert "In this week" not in said
    assert run("--last-week", "peak") == "Nothing is due.\n"
    assert len(sink.received) == 1

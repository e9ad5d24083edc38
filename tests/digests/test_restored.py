"""A database restored into another server counts its transactions anew: windows go on, and nothing is told twice."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg.types.json import Jsonb

from register.accounts.models import RoleGrant
from register.accounts.services import revoke_role
from register.catalogue.services import follow_initiative
from register.core.tracking import origin
from register.digests.alarms import alarms
from register.digests.choosing.schedules import set_schedule
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.making.models import Restoration
from register.digests.models import Delivery, Edition
from register.digests.sending.delivery import deliver
from register.initiatives.models import Initiative
from register.initiatives.services import raise_barrier
from tests.digests.support import MONDAY, NEXT_MONDAY, Sink, Team
from tests.digests.test_left import said_in
from tests.factories import initiative

AHEAD = 1_000_000_000


@pytest.fixture
def restore(fresh_database: Any) -> Any:
    """As if the database came from a server that had counted a thousand million transactions more."""

    def shift(ahead: int = AHEAD) -> None:
        with psycopg.connect(fresh_database.owner_url, autocommit=True) as owner:
            owner.execute("ALTER TABLE register_change DISABLE TRIGGER USER")
            owner.execute("UPDATE register_change SET tx = (tx::text::bigint + %s)::text::xid8", [ahead])
            owner.execute("ALTER TABLE register_change ENABLE TRIGGER USER")
            rows = owner.execute('SELECT id, snapshot, "left" FROM register_edition').fetchall()
            for pk, snapshot, left in rows:
                shifted = [[at, _shifted(text, ahead), life, pks] for at, text, life, pks in left]
                told = [_shifted(snapshot, ahead), Jsonb(shifted), pk]
                owner.execute('UPDATE register_edition SET snapshot = %s, "left" = %s WHERE id = %s', told)

    return shift


def _shifted(snapshot: str, ahead: int) -> str:
    first, last, running = snapshot.split(":")
    moved = ",".join(str(int(tx) + ahead) for tx in running.split(",") if tx)
    return f"{int(first) + ahead}:{int(last) + ahead}:{moved}"


def barrier(record: Initiative, at: Any, title: str) -> None:
    with origin("test"):
        raise_barrier(
            by=None, initiative=record, title=title, category="governance", severity="high", remover="local",
            raised_on=at.date(), on=at.date(),
        )  # fmt: skip


def run(*told: str) -> str:
    out = io.StringIO()
    call_command("anchor_digests", *told, stdout=out)
    return out.getvalue()


class Week:
    """What goes out to a member when a moment has come."""

    def __init__(self, clock: Any, sink: Sink) -> None:
        self.clock, self.sink = clock, sink

    def beat(self, at: Any) -> list[tuple[str, list[str]]]:
        self.clock.set(at)
        before = len(self.sink.received)
        open_due_editions(now=at)
        build_open_editions(now=at)
        deliver(list(Delivery.objects.due(now=at).values_list("pk", flat=True)), clock=lambda: at)
        return [
            ("own" if "what you follow" in message["Subject"] else "group", said_in(message))
            for message in self.sink.received[before:]
        ]


@pytest.fixture
def week(team: Team, committed: Any, sink: Sink) -> Week:
    return Week(committed, sink)


@pytest.fixture
def record(team: Team, committed: Any) -> Initiative:
    return initiative("Shared hub", on=committed.now.date())


def test_nothing_is_made_before_somebody_has_said_that_it_was_restored(
    week: Week, record: Initiative, restore: Any
) -> None:
    restore()
    assert week.beat(MONDAY) == []
    assert not Edition.objects.exists()
    assert "restored from a backup" in alarms(now=MONDAY + timedelta(minutes=1))[0]
    assert "Nothing was written" in run("--dry-run")
    assert not Restoration.objects.exists()
    run()
    assert week.beat(MONDAY) == [("group", [])]
    assert not alarms(now=MONDAY + timedelta(minutes=1))


def test_windows_go_on_without_loss_and_without_telling_again(
    week: Week, record: Initiative, restore: Any, committed: Any
) -> None:
    barrier(record, committed.now, "Barrier One")
    assert week.beat(MONDAY) == [("group", ["One"])]
    barrier(record, committed.set("2026-11-24 10:00"), "Barrier Two")
    restore()
    run()
    barrier(record, committed.set("2026-11-25 10:00"), "Barrier Three")
    assert week.beat(NEXT_MONDAY) == [("group", ["Three", "Two"])]


def test_when_the_new_server_has_counted_as_far_what_was_told_long_before_does_not_look_new(
    week: Week, record: Initiative, restore: Any, committed: Any
) -> None:
    barrier(record, committed.now, "Barrier One")
    assert week.beat(MONDAY) == [("group", ["One"])]
    restore(ahead=200)
    run()
    for at in (NEXT_MONDAY, NEXT_MONDAY + timedelta(weeks=1)):
        assert week.beat(at) == []
        with connection.cursor() as cursor:
            for _ in range(150):
                cursor.execute("SELECT pg_current_xact_id()")
    barrier(record, committed.now, "Barrier Two")
    assert week.beat(NEXT_MONDAY + timedelta(weeks=2)) == [("group", ["Two"])]


def test_an_edition_that_waited_to_be_built_is_built_as_it_was_meant(
    week: Week, record: Initiative, restore: Any, committed: Any
) -> None:
    barrier(record, committed.now, "Barrier One")
    committed.set(MONDAY)
    open_due_editions(now=MONDAY)
    restore()
    run()
    barrier(record, committed.set(MONDAY + timedelta(hours=1)), "Barrier Two")
    assert week.beat(MONDAY + timedelta(hours=2)) == [("group", ["One"])]
    assert week.beat(NEXT_MONDAY) == [("group", ["Two"])]


def test_what_a_persons_own_left_to_a_group_is_still_asked_after(
    week: Week, team: Team, record: Initiative, restore: Any, committed: Any
) -> None:
    with origin("test"):
        follow_initiative(by=team.member, initiative=record)
        set_schedule(by=None, group=team.group, at=committed.now, weekday=2)
    committed.set("2026-11-21 10:00")
    barrier(record, committed.now, "Barrier One")
    assert week.beat(MONDAY) == []
    restore()
    run()
    with origin("test"):
        revoke_role(by=None, grant=RoleGrant.objects.get(user=team.member, group=team.group))
    assert week.beat(NEXT_MONDAY) == [("own", ["One"])]
    assert week.beat(NEXT_MONDAY + timedelta(weeks=1)) == []


def test_what_was_on_its_way_may_have_been_sent_since_and_is_held(
    week: Week, record: Initiative, restore: Any, committed: Any
) -> None:
    committed.set(MONDAY)
    open_due_editions(now=MONDAY)
    build_open_editions(now=MONDAY)
    restore()
    assert "1 digests" in run("--dry-run")
    run()
    assert week.beat(MONDAY + timedelta(minutes=10)) == []
    assert Delivery.objects.get().state == Delivery.State.HELD


def test_what_was_told_after_the_backup_is_not_told_again_when_one_says_until_when(
    week: Week, record: Initiative, restore: Any, committed: Any
) -> None:
    """The backup is of Sunday; Monday's digest went out before the server was lost on Tuesday."""
    barrier(record, committed.now, "Barrier One")
    restore()
    committed.set("2026-11-24 12:00")
    run("--told-until", "2026-11-23T07:00")
    assert week.beat(committed.now) == []
    barrier(record, committed.set("2026-11-25 10:00"), "Barrier Two")
    assert week.beat(NEXT_MONDAY) == [("group", ["Two"])]
    [edition] = Edition.objects.all()
    assert edition.starts_at == MONDAY


def test_the_command_asks_before_it_anchors_what_was_not_restored(team: Team) -> None:
    with pytest.raises(CommandError, match="not restored"):
        run()
    run("--same-server")
    with pytest.raises(CommandError, match="not restored"):
        run()
    with pytest.raises(CommandError, match="not a moment"):
        run("--same-server", "--told-until", "yesterday")

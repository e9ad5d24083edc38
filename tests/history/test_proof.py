"""The ledger is sealed into a chain, and the chain finds what even the owner of the database changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from psycopg import errors

from register.core.noted import Noted
from register.core.tracking import note, origin
from register.history import proof as proving
from register.history import sealing
from register.history.models import Change, Seal
from register.history.proof import prove
from register.history.sealing import alarms, seal, unsealed
from register.history.tasks import seal_history
from register.initiatives.models import Initiative
from register.initiatives.services import edit_initiative
from tests.factories import TODAY, initiative
from tests.history.support import do
from tests.support.database import Database

# Seconds. A file of tests beside this one may hold one transaction for minutes on a busy machine, as the walk of
# permissions does, and nothing newer is sealed until it ends.
PATIENCE = 20 * 60


def sql(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def seal_all() -> None:
    """Transactions of other tests on the same server may still run: what came after them is sealed once they end."""
    end = time.monotonic() + PATIENCE
    while seal() or unsealed().exists():
        assert time.monotonic() < end, "a transaction of somebody else's does not end"


def wait_for_others() -> None:
    """Until every transaction on this server that is older than what was just written has ended, so that it can be
    sealed: tests beside this one have theirs."""
    [(written,)] = sql("SELECT max(tx)::text FROM register_change")
    end = time.monotonic() + PATIENCE
    while not sql("SELECT pg_snapshot_xmin(pg_current_snapshot()) > %s::xid8", written)[0][0]:
        assert time.monotonic() < end, "a transaction of somebody else's does not end"


def edit(record: Initiative, **fields: Any) -> None:
    do(edit_initiative, initiative=record, version=None, on=TODAY, **fields)


@pytest.fixture(scope="module")
def database(django_db_setup: None, worker_database: Database, django_db_blocker: Any) -> Iterator[Database]:
    """A database of this file's own, in which records were logged and everything is sealed, in small seals too."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patched:
        patched.setattr(sealing, "MOST", 10)
        try:
            first, second = initiative(), initiative(title="Another")
            for number in range(3):
                edit(first, title=f"Title {number}")
                edit(second, summary=f"Summary {number}")
            seal_all()
            yield worker_database
        finally:
            worker_database.renew()


@contextmanager
def as_owner(database: Database) -> Iterator[None]:
    """What is done inside is done by the owner of the database, and undone in the end."""
    with transaction.atomic():
        sql(f"SET LOCAL ROLE {database.run.owner}")
        yield
        transaction.set_rollback(True)


def verify(**how: Any) -> str:
    out = StringIO()
    call_command("verify_history", stdout=out, **how)
    return out.getvalue()


class TestAWholeLedger:
    def test_is_proved_whole(self, database: Database) -> None:
        proof = prove(now=datetime.now(UTC))
        assert (proof.broken, proof.unsealed) == ("", 0)
        assert proof.sealed == Change.ledger.count() == sum(len(seal.ids) for seal in Seal.objects.all())
        assert proof.seals == Seal.objects.count() >= 3
        said, newest = verify().splitlines()
        assert said.startswith(f"whole: {proof.sealed:,} changes in {proof.seals:,} seals, last sealed ")
        assert said.endswith("; 0 not sealed yet")
        assert newest == proof.newest == Seal.objects.latest("number").hash

    def test_holds_the_hash_that_was_kept_elsewhere(self, database: Database) -> None:
        for seal_ in Seal.objects.all():
            assert prove(now=datetime.now(UTC), anchor=seal_.hash).has_anchor
        assert not prove(now=datetime.now(UTC), anchor="0" * 64).has_anchor

    def test_is_sealed_by_what_covers_every_column(self, database: Database) -> None:
        for field in Change._meta.concrete_fields:
            assert f"c.{field.column}" in proving.LEAF.replace("c.tx::text", "c.tx")
        other = sql(f"SELECT count(*) FROM register_change c WHERE register_leaf(c) <> {proving.LEAF}")
        assert other == [(0,)]

    def test_takes_memory_for_one_seal_and_one_read_of_the_rows(self, database: Database) -> None:
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            prove(now=datetime.now(UTC))
        assert len([query for query in queries if "FROM register_change" in query["sql"]]) <= 1
        assert len(queries) <= 5


PAST = "(SELECT id FROM register_change WHERE table_name = 'register_initiative' ORDER BY id LIMIT 1)"
FIRST_TX = "(SELECT min(tx::text::bigint)::text::xid8 FROM register_change)"
NEWEST = "(SELECT max(number) FROM register_seal)"


def changed(column: str) -> tuple[str, str]:
    return f"UPDATE register_change SET {column} WHERE id = {PAST}", "row {id} changed"


# What the owner does, and what is said of it.
FORGERIES = {
    "changes a value": changed('after = after || \'{"title": "X"}\''),
    "changes who did it": changed("actor_id = 7"),
    "changes when": changed("at = at + interval '1 microsecond'"),
    "changes why": changed("reason = 'Another'"),
    "deletes a row": (f"DELETE FROM register_change WHERE id = {PAST}", "row {id} missing"),
    "deletes the very first": (
        "DELETE FROM register_change WHERE id = (SELECT min(id) FROM register_change)",
        "missing",
    ),
    "adds a row in the past": (
        "INSERT INTO register_change (tx, at, table_name, object_id, operation, source, request_id, reason)"
        f" SELECT tx, at, table_name, 999, 'D', source, '', '' FROM register_change WHERE id = {PAST}",
        "added",
    ),
    "adds a row before all others": (
        "INSERT INTO register_change (id, tx, at, table_name, object_id, operation, source, request_id, reason)"
        " VALUES (-5, '3', '2020-01-01', 'register_user', 1, 'I', 'web', '', '')",
        "row -5 added",
    ),
    "moves a row to another transaction": (
        f"UPDATE register_change SET tx = {FIRST_TX} WHERE id = {PAST}",
        "row {id} ",
    ),
    "swaps two rows": (
        "UPDATE register_change c SET after = o.after, before = o.before FROM register_change o"
        f" WHERE c.id IN ({PAST}, {PAST} + 1) AND o.id IN ({PAST}, {PAST} + 1) AND o.id <> c.id",
        "rows {id}, ",
    ),
    "removes a seal": ("DELETE FROM register_seal WHERE number = 2", "Seal 2 is missing"),
    "changes a seal's hash": (
        "UPDATE register_seal SET hash = repeat('0', 64) WHERE number = 2",
        "Seal 3 does not follow from seal 2",
    ),
    "changes the newest seal": (
        f"UPDATE register_seal SET sealed_at = sealed_at - interval '1 day' WHERE number = {NEWEST}",
        "the seal itself was changed",
    ),
    "changes a seal's list of rows": (
        "UPDATE register_seal SET ids[1] = -1 WHERE number = 2",
        "Seal 2 lists other rows than it was made of",
    ),
    "changes what tells the rows of a seal apart": (
        "UPDATE register_seal SET leaves = sha256('') || substr(leaves, 33) WHERE number = 2",
        "Seal 2 lists other rows than it was made of",
    ),
    "changes what a seal covers": (
        "UPDATE register_seal SET rows = rows + 1 WHERE number = 2",
        "the seal itself was changed",
    ),
}


@pytest.mark.parametrize("what", FORGERIES)
def test_what_the_owner_does_is_found(database: Database, what: str) -> None:
    forgery, said = FORGERIES[what]
    [(pk,)] = sql(f"SELECT {PAST}")
    with as_owner(database):
        sql(forgery)
        broken = prove(now=datetime.now(UTC)).broken
        assert said.format(id=pk) in broken
        with pytest.raises(CommandError, match="broken: ") as stopped:
            verify()
        assert stopped.value.returncode == 1
    assert prove(now=datetime.now(UTC)).broken == ""


def test_a_chain_that_was_cut_or_made_anew_is_found_by_a_hash_kept_elsewhere(database: Database) -> None:
    anchor = prove(now=datetime.now(UTC)).newest
    with as_owner(database):
        sql("DELETE FROM register_seal WHERE number = (SELECT max(number) FROM register_seal)")
        assert prove(now=datetime.now(UTC)).broken == ""
        assert prove(now=datetime.now(UTC)).unsealed > 0
        with pytest.raises(CommandError, match="no seal has the hash that you kept"):
            verify(anchor=anchor)
        sql("DELETE FROM register_seal")
        sql(f"UPDATE register_change SET reason = 'Made anew' WHERE id = {PAST}")
        assert seal()
        assert prove(now=datetime.now(UTC)).broken == ""
        with pytest.raises(CommandError, match="made anew or cut"):
            verify(anchor=anchor)
    assert "whole" in verify(anchor=anchor)


# A row that the owner adds to what is not sealed yet: when it says it was written, and by which transaction.
ADDED = """
    INSERT INTO register_change (tx, at, table_name, object_id, operation, source, request_id, reason)
    VALUES ({tx}, {at}, 'register_user', 1, 'D', '{source}', '', 'Agreed by the chief')"""


def add(
    database: Database, *, tx: str = "pg_current_xact_id()", at: str = "now()", source: str = "web"
) -> None:
    with transaction.atomic():
        sql(f"SET LOCAL ROLE {database.run.owner}")
        sql(ADDED.format(tx=tx, at=at, source=source))


@pytest.mark.parametrize("at", ["'2024-02-03'", "now() - interval '2 days'", "now() + interval '2 hours'"])
def test_a_row_of_another_time_than_its_seal_was_added(fresh_database: Database, at: str) -> None:
    seal_all()
    add(fresh_database, at=at)
    seal_all()
    last = Change.ledger.latest("pk").pk
    assert prove(now=datetime.now(UTC)).broken.startswith(f"Row {last} says that it is of ")
    with pytest.raises(CommandError, match="it was added, or the clock was set") as stopped:
        verify()
    assert stopped.value.returncode == 1


def test_a_row_of_the_same_day_and_a_sample_are_whole(fresh_database: Database) -> None:
    seal_all()
    add(fresh_database, at="now() - interval '20 hours'")
    add(fresh_database, at="'2024-02-03'", source="sample")
    seal_all()
    assert verify().startswith("whole: ")


def test_a_row_of_a_transaction_that_has_not_begun_was_added(fresh_database: Database) -> None:
    seal_all()
    add(fresh_database, tx="'9000000000000000'")
    last = Change.ledger.latest("pk").pk
    with pytest.raises(CommandError, match=f"row {last} is of a transaction that has not begun") as stopped:
        verify()
    assert stopped.value.returncode == 1


def test_changes_without_any_seal_prove_nothing(database: Database) -> None:
    with as_owner(database):
        sql("TRUNCATE register_seal")
        with pytest.raises(CommandError, match="changes and no seal") as stopped:
            verify()
        assert stopped.value.returncode == 1


def test_what_should_long_be_sealed_is_not_proved(fresh_database: Database) -> None:
    seal_all()
    initiative()
    now = datetime.now(UTC)
    assert prove(now=now + timedelta(minutes=50)).late == ""
    assert "of more than an hour ago are in no seal" in prove(now=now + timedelta(hours=2)).late


def test_what_is_sealed_again_at_once_is_nothing(database: Database) -> None:
    seal_all()
    before = Seal.objects.count()
    assert seal() == []
    assert Seal.objects.count() == before


@pytest.mark.parametrize(
    "attempt",
    [
        "INSERT INTO register_seal (number) VALUES (99)",
        "UPDATE register_seal SET rows = 0",
        "DELETE FROM register_seal",
        "TRUNCATE register_seal",
    ],
)
def test_the_application_writes_no_seal_but_by_the_function(
    web: psycopg.Connection[Any], attempt: str
) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        web.execute(attempt)


def test_what_commits_late_falls_into_the_next_seal(fresh_database: Database) -> None:
    seal_all()
    record = initiative()
    with psycopg.connect(fresh_database.web_url) as late:
        late.execute("SELECT set_config('register.source', 'web', true)")
        late.execute("UPDATE register_initiative SET depth = 'co_location' WHERE id = %s", [record.pk])
        found = late.execute("SELECT max(id) FROM register_change").fetchone()
        assert found is not None
        other = initiative(title="After it began")
        seal()
        sealed = set(Seal.objects.values_list("ids", flat=True).latest("number"))
        assert found[0] not in sealed
        assert not set(Change.objects.of(other).values_list("pk", flat=True)) & sealed
        assert prove(now=datetime.now(UTC)).broken == ""
        late.commit()
    before = Seal.objects.latest("number").number
    seal_all()
    later = [pk for one in Seal.objects.filter(number__gt=before) for pk in one.ids]
    assert {found[0], *Change.objects.of(other).values_list("pk", flat=True)} <= set(later)
    assert (prove(now=datetime.now(UTC)).broken, prove(now=datetime.now(UTC)).unsealed) == ("", 0)


def test_two_that_seal_at_once_make_one_chain(fresh_database: Database) -> None:
    for number in range(5):
        initiative(title=f"Record {number}")
    wait_for_others()
    with psycopg.connect(fresh_database.web_url) as one, psycopg.connect(fresh_database.web_url) as two:
        first = one.execute("SELECT * FROM register_seal_next(3)").fetchone()
        two.execute("SET lock_timeout = '200ms'")
        with pytest.raises(errors.LockNotAvailable):
            two.execute("SELECT * FROM register_seal_next(3)")
        two.rollback()
        one.commit()
        second = two.execute("SELECT * FROM register_seal_next(3)").fetchone()
        two.commit()
        assert first is not None
        assert second is not None
        assert second[0] == first[0] + 1
    seal_all()
    assert prove(now=datetime.now(UTC)).broken == ""


def test_a_database_restored_into_a_server_with_lower_numbers_is_sealed_on(fresh_database: Database) -> None:
    initiative(title="Before")
    with _numbers_that_run_ahead(fresh_database):
        seal()
    assert int(Seal.objects.latest("number").to_tx) > 10**15
    after = initiative(title="After it was restored")
    assert set(unsealed()) == set(Change.objects.of(after)), "it is told as not sealed until it is"
    seal_all()
    last = Seal.objects.latest("number")
    assert last.above > 0
    assert set(Change.objects.of(after).values_list("pk", flat=True)) <= set(last.ids)
    proof = prove(now=datetime.now(UTC))
    assert (proof.broken, proof.unsealed, proof.sealed) == ("", 0, Change.ledger.count())
    with as_owner(fresh_database):
        sql(f"UPDATE register_change SET reason = 'x' WHERE id = {PAST}")
        assert "changed" in prove(now=datetime.now(UTC)).broken


@contextmanager
def _numbers_that_run_ahead(database: Database) -> Iterator[None]:
    """The sealing function as it would have run where transactions had far higher numbers."""
    function = "register_seal_next(integer)"

    def make(change: Callable[[str], str]) -> None:
        [(made,)] = sql("SELECT pg_get_functiondef(%s::regprocedure)", function)
        with transaction.atomic():
            sql(f"SET LOCAL ROLE {database.run.owner}")
            sql(change(made).replace("%", "%%"))

    real, ahead = "pg_snapshot_xmin(pg_current_snapshot())", "'2000000000000000'"
    make(lambda made: made.replace(real, ahead))
    yield
    make(lambda made: made.replace(ahead, real))


def test_the_task_tells_the_log_the_newest_hash(
    fresh_database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    seal_all()
    with origin("web"):
        note(Noted.SIGNED_IN, by=None)
    with caplog.at_level("INFO", logger="register.history.tasks"):
        end = time.monotonic() + PATIENCE
        while unsealed().exists() and time.monotonic() < end:
            seal_history()
    assert Seal.objects.latest("number").hash in caplog.text


def test_an_hour_without_a_seal_is_an_alarm_where_there_is_something_to_seal(
    fresh_database: Database,
) -> None:
    now = datetime.now(UTC)
    seal_all()
    assert alarms(now=now + timedelta(days=3)) == []
    initiative()
    assert alarms(now=now + timedelta(minutes=50)) == []
    end = time.monotonic() + PATIENCE
    while not (said := alarms(now=now + timedelta(hours=2))) and time.monotonic() < end:
        pass
    assert "not sealed" in said[0]
    seal_all()
    assert alarms(now=now + timedelta(hours=2)) == []


def test_loading_seals_what_it_loaded(db: None) -> None:
    """The template of every test was loaded by load_reference."""
    assert Seal.objects.exists()
    assert not unsealed().exists()

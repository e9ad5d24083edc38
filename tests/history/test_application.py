"""What the application's own login can and cannot do to the ledger, its clock and its triggers.

The roles are the real ones: a login in `bluelight_app`, which owns nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import errors

Web = psycopg.Connection[Any]
CHANGE = "UPDATE register_organisation SET note = note || 'x' WHERE code = 'kent-police'"
SAY_SOURCE = "SELECT set_config('register.source', 'web', true)"
LAST = "SELECT operation, source, at, tx::text, actor_id FROM register_change ORDER BY id DESC LIMIT 1"


def row(web: Web, query: str) -> tuple[Any, ...]:
    found = web.execute(query).fetchone()
    assert found is not None
    return found


def test_it_writes_with_a_source_and_the_real_time(web: Web) -> None:
    web.execute(SAY_SOURCE)
    web.execute(CHANGE)
    _, source, at, tx, _ = row(web, LAST)
    assert source == "web"
    assert abs(at - datetime.now(UTC)) < timedelta(minutes=1)
    assert tx == row(web, "SELECT pg_current_xact_id()::text")[0]


def test_it_is_refused_without_a_source(web: Web) -> None:
    with pytest.raises(errors.RaiseException, match="without who made it"):
        web.execute(CHANGE)


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE register_change SET reason = 'x'",
        "UPDATE register_change SET at = at - interval '1 day'",
        "UPDATE register_change SET tx = '3'",
        "DELETE FROM register_change",
        "TRUNCATE register_change",
        "MERGE INTO register_change USING (SELECT 1) o ON true WHEN MATCHED THEN DELETE",
        "SELECT * FROM register_change FOR UPDATE",
    ],
)
def test_it_does_not_change_what_is_written(web: Web, attempt: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        web.execute(attempt)


ROW = "'3', '2020-01-01', 'register_initiative', 1, 1, 'U', '{}', '{}', 1, 'web', '', ''"


@pytest.mark.parametrize(
    "attempt",
    [
        "INSERT INTO register_change (tx, at, table_name, object_id, root_id, operation, before, after, actor_id,"
        f" source, request_id, reason) VALUES ({ROW})",
        "COPY register_change FROM STDIN",
        "SELECT nextval('register_change_id_seq')",
        "SELECT setval('register_change_id_seq', 1)",
        "SELECT register_track()",
    ],
)
def test_it_adds_no_row_of_its_own(web: Web, attempt: str) -> None:
    web.execute(SAY_SOURCE)
    with pytest.raises((errors.InsufficientPrivilege, errors.FeatureNotSupported)):
        web.execute(attempt)


def test_it_hangs_the_ledgers_writer_on_no_table_of_its_own(web: Web) -> None:
    web.execute("CREATE TEMPORARY TABLE register_initiative (id int)")
    with pytest.raises(errors.InsufficientPrivilege, match="permission denied for function"):
        web.execute(
            "CREATE TRIGGER mine AFTER INSERT ON register_initiative FOR EACH ROW"
            " EXECUTE FUNCTION public.register_track('id', '{}')"
        )


@pytest.mark.parametrize(
    "attempt",
    [
        "ALTER TABLE register_organisation DISABLE TRIGGER ALL",
        "CREATE TRIGGER mine BEFORE INSERT ON register_change FOR EACH ROW"
        " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE RULE mine AS ON INSERT TO register_change DO INSTEAD NOTHING",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION register_now() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'",
        "ALTER FUNCTION register_track() RESET ALL",
        "DROP FUNCTION register_note(text, bigint, bigint, jsonb)",
        "ALTER TABLE register_change ADD COLUMN mine int",
        "DO $$ BEGIN EXECUTE (SELECT format('SET ROLE %s', relowner::regrole) FROM pg_class"
        " WHERE relname = 'register_change'); END $$",
        "DO $$ BEGIN EXECUTE (SELECT format('SET SESSION AUTHORIZATION %s', relowner::regrole) FROM pg_class"
        " WHERE relname = 'register_change'); END $$",
        "DO $$ BEGIN EXECUTE (SELECT format('DROP TRIGGER %I ON register_organisation', tgname) FROM pg_trigger"
        " WHERE tgrelid = 'register_organisation'::regclass AND tgfoid = 'register_track'::regproc); END $$",
    ],
)
def test_it_does_not_unmake_what_writes_the_ledger(web: Web, attempt: str) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        web.execute(attempt)


def test_a_setting_that_switches_triggers_off_leaves_the_ledgers_on(web: Web) -> None:
    """pgtrigger's own functions look at `pgtrigger.ignore`, which anybody may set."""
    web.execute(SAY_SOURCE)
    web.execute("SELECT set_config('pgtrigger.ignore', array_agg(tgname)::text, true) FROM pg_trigger")
    before = row(web, "SELECT count(*) FROM register_change")[0]
    web.execute(CHANGE)
    assert row(web, "SELECT count(*) FROM register_change")[0] == before + 1


class TestTheClock:
    @pytest.mark.parametrize("write", [CHANGE, "SELECT register_note('signed_in', 0, NULL, '{}')"])
    def test_it_does_not_set(self, web: Web, write: str) -> None:
        web.execute(SAY_SOURCE)
        web.execute("SELECT set_config('register.now', '2020-01-01T00:00:00Z', true)")
        with pytest.raises(errors.InsufficientPrivilege, match="Only the owner"):
            web.execute(write)

    def test_it_does_not_set_behind_a_table_of_its_own(self, web: Web) -> None:
        """A temporary table hides the real one of its name from whoever does not say which it means."""
        web.execute("CREATE TEMPORARY TABLE register_change (id int)")
        web.execute("SELECT set_config('register.now', '2020-01-01T00:00:00Z', true)")
        with pytest.raises(errors.InsufficientPrivilege, match="Only the owner"):
            web.execute("SELECT register_now()")

    def test_nor_a_clock_function_of_its_own(self, web: Web) -> None:
        web.execute(SAY_SOURCE)
        web.execute(
            "CREATE FUNCTION pg_temp.register_now() RETURNS timestamptz LANGUAGE sql AS"
            " $$ SELECT timestamptz '2020-01-01' $$"
        )
        web.execute("SET search_path = pg_temp, public")
        web.execute(CHANGE)
        assert row(web, LAST)[2].year >= datetime.now(UTC).year


@pytest.mark.parametrize("write", [CHANGE, "SELECT register_note('signed_in', 0, NULL, '{}')"])
def test_it_keeps_nothing_from_the_ledger_behind_a_table_of_its_own(web: Web, write: str) -> None:
    web.execute("CREATE TEMPORARY TABLE register_change (LIKE public.register_change INCLUDING ALL)")
    web.execute(SAY_SOURCE)
    count = "SELECT count(*) FROM public.register_change"
    before = row(web, count)[0]
    web.execute(write)
    assert row(web, count)[0] == before + 1


def test_a_note_carries_the_real_time_and_transaction(web: Web) -> None:
    web.execute(SAY_SOURCE)
    web.execute("SELECT register_note('signed_in', 0, NULL, '{}')")
    operation, _, at, tx, _ = row(web, LAST)
    assert operation == "N"
    assert abs(at - datetime.now(UTC)) < timedelta(minutes=1)
    assert tx == row(web, "SELECT pg_current_xact_id()::text")[0]

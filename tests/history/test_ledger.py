"""The ledger, as the database writes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.models import F
from django.test import Client

from register.core.tracking import UnrecordedWriteError, origin, recorded
from register.history.models import Change
from register.initiatives.models import Barrier, Initiative
from register.initiatives.services import add_milestone, edit_initiative, raise_barrier
from register.reference.models import AreaOfWork, Organisation
from tests.factories import TODAY, initiative, organisation, person
from tests.history.support import do, since, so_far
from tests.support.database import Database


def sql(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.django_db
class TestWhatIsWritten:
    def test_an_addition_holds_every_column_a_change_those_that_changed_a_removal_what_was(self) -> None:
        last = so_far()
        with origin("test"), recorded(by=None):
            area = AreaOfWork.objects.create(code="boats", name="Boats")
            AreaOfWork.objects.filter(pk=area.pk).update(name="Boats and rafts", description="Afloat.")
            area.delete()
        added, changed, removed = sorted(since(last), key=lambda change: change.pk)
        assert (added.operation, added.before, added.after["name"]) == ("I", None, "Boats")
        assert added.after.keys() == {field.attname for field in AreaOfWork._meta.concrete_fields}
        assert changed.before == {"name": "Boats", "description": ""}
        assert changed.after == {"name": "Boats and rafts", "description": "Afloat."}
        assert (removed.operation, removed.before["name"], removed.after) == ("D", "Boats and rafts", None)

    def test_what_changes_nothing_writes_nothing(self) -> None:
        record = initiative()
        last = so_far()
        with origin("test"), recorded(by=None):
            Initiative.objects.filter(pk=record.pk).update(title=record.title)
            Initiative.objects.filter(pk=record.pk).update(version=F("version") + 1)
            Initiative.objects.filter(pk=record.pk).update(contact_email="desk@example.org")
        assert since(last) == []

    def test_a_bulk_update_writes_a_row_for_each_row_it_changed(self) -> None:
        first, second = initiative(), initiative(title="Another")
        last = so_far()
        with origin("test"), recorded(by=None):
            Initiative.objects.all().update(depth="co_location")
        assert {change.object_id for change in since(last)} == {first.pk, second.pk}

    def test_plain_sql_is_in_it(self) -> None:
        record = initiative()
        last = so_far()
        with origin("test"), recorded(by=None):
            sql("UPDATE register_initiative SET depth = 'co_location' WHERE id = %s", record.pk)
        [change] = since(last)
        assert (change.root_id, change.after) == (record.pk, {"depth": "co_location"})

    def test_what_is_done_in_administration_is_in_it(self, client: Client) -> None:
        administrator = person("administrator")
        client.force_login(administrator)
        last = so_far()
        response = client.post(
            "/admin/register/workinggroup/add/",
            {"name": "Eastern group", "code": "eastern", "kind": "regional", "terms": ""},
        )
        assert response.status_code == 302
        change = next(change for change in since(last) if change.table_name == "register_workinggroup")
        assert (change.source, change.actor_id) == ("admin", administrator.pk)

    def test_a_change_says_who_from_where_in_which_request_and_why(self) -> None:
        author, record = person("contributor", at="derbyshire-police"), initiative()
        last = so_far()
        with origin("import", request_id="file-7"):
            edit_initiative(
                by=author, initiative=record, version=None, on=TODAY, depth="co_location", reason="A slip."
            )
        [change] = since(last)
        assert (change.actor_id, change.source, change.request_id, change.reason) == (
            author.pk, "import", "file-7", "A slip."
        )  # fmt: skip

    def test_all_that_one_transaction_did_carries_its_id(self) -> None:
        last = so_far()
        initiative()
        assert {change.tx for change in since(last)} == {int(sql("SELECT pg_current_xact_id()::text")[0][0])}

    def test_what_hangs_on_a_record_is_written_under_it(self) -> None:
        record = initiative()
        last = so_far()
        do(
            raise_barrier, initiative=record, title="Lease", category="boundaries", severity="low", remover="local",
            raised_on=TODAY, on=TODAY,
        )  # fmt: skip
        do(lambda by: _remove_all(), by=None)
        assert [change.root_id for change in since(last)] == [record.pk, record.pk]

    def test_a_record_was_last_changed_when_the_ledger_says(self, clock: Any) -> None:
        clock.set("2026-11-02 09:00")
        record = initiative()
        clock.set("2026-11-09 09:00")
        do(
            raise_barrier, initiative=record, title="Lease", category="boundaries", severity="low", remover="local",
            raised_on=TODAY, on=TODAY,
        )  # fmt: skip
        record.refresh_from_db()
        last = Change.objects.of(record).first()
        assert record.changed_at == last.at == clock.now
        clock.set("2026-11-05 09:00")
        do(edit_initiative, initiative=record, version=None, on=TODAY, depth="co_location")
        record.refresh_from_db()
        assert record.changed_at == last.at  # the latest line, not the one written last
        do(edit_initiative, initiative=record, version=None, on=TODAY, title=record.title)
        assert Change.objects.of(record).first() == last

    def test_time_in_the_ledger_goes_on_within_a_transaction(self) -> None:
        last = so_far()
        initiative()
        times = [change.at for change in sorted(since(last), key=lambda change: change.pk)]
        assert times == sorted(times)
        assert times[0] < times[-1]
        assert abs(times[0] - datetime.now(UTC)) < timedelta(minutes=1)


def _remove_all() -> None:
    with recorded(by=None):
        Barrier.objects.all().delete()


@pytest.mark.django_db
class TestWhatIsRefused:
    def test_a_change_without_a_source(self) -> None:
        with pytest.raises(match="without who made it and from where"), transaction.atomic():
            Organisation.objects.filter(code="kent-police").update(note="Anything")

    def test_a_write_door_outside_any_origin(self) -> None:
        record = initiative()
        with pytest.raises(UnrecordedWriteError):
            edit_initiative(by=None, initiative=record, version=None, on=TODAY, depth="co_location")

    def test_an_origin_that_is_none(self) -> None:
        with pytest.raises(ValueError, match="unknown source"), origin("nowhere"):
            pass

    @pytest.mark.parametrize(
        "attempt",
        [
            "UPDATE register_change SET reason = 'Another'",
            "DELETE FROM register_change",
            "TRUNCATE register_change",
            "ALTER TABLE register_initiative DISABLE TRIGGER ALL",
            "DROP TABLE register_change",
            "SELECT setval('register_change_id_seq', 1)",
            "CREATE TABLE public.register_other (id int)",
            "CREATE SCHEMA mine",
        ],
    )
    def test_the_application_changing_the_ledger_or_its_making(self, attempt: str) -> None:
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic():
            sql(attempt)


def test_a_source_is_said_for_one_transaction_only(fresh_database: Database) -> None:
    do(lambda by: _note("Said"), by=None)
    with pytest.raises(ProgrammingError, match="without who made it"):
        Organisation.objects.filter(code="kent-police").update(note="Unsaid")
    assert organisation("kent-police").note == "Said"


def _note(text: str) -> None:
    with recorded(by=None):
        Organisation.objects.filter(code="kent-police").update(note=text)


def test_history_of_one_record_is_read_by_its_index(db: None) -> None:
    record = initiative()
    do(add_milestone, initiative=record, what="Doors open", due=_day())
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = Change.objects.of(record).order_by("-at", "-id").explain()
    assert "change_of_initiative" in plan
    assert "Sort" not in plan


def _day() -> Any:
    from register.core.dates import LimitedDate

    return LimitedDate(TODAY, "day")


def test_many_rows_are_written_by_one_statement(db: None, django_assert_num_queries: Any) -> None:
    """(How long that takes is for `make bench` to say.)"""
    names = [f"Organisation {number}" for number in range(1000)]
    with origin("test"), recorded(by=None):
        Organisation.objects.bulk_create(
            [Organisation(code=f"made-{n}", name=name, kind="council") for n, name in enumerate(names)]
        )
        with django_assert_num_queries(1):
            Organisation.objects.filter(code__startswith="made-").update(note="Changed")
    assert (
        Change.objects.filter(table_name="register_organisation", after={"note": "Changed"}).count() == 1000
    )
    assert organisation("made-1").note == "Changed"

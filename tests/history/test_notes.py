"""What somebody did that changes no row is in the ledger, and never among what changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse

from register.core.noted import Noted
from register.core.tracking import UnrecordedWriteError, note, origin, recorded
from register.digests.chasing.querysets import _tables_of_the_record
from register.history.events import fold, net
from register.history.models import Change
from register.history.recent import recent_events
from register.history.since import changed_since
from register.history.views import may_see_notes
from register.initiatives.models import Initiative
from tests.factories import initiative, person
from tests.history.support import so_far
from tests.readers import READERS
from tests.support.database import Database


def noted(kind: str, **more: Any) -> Change:
    last = Change.ledger.order_by("-id").values_list("id", flat=True).first() or 0
    with origin("web", request_id="r-1"):
        note(kind, **({"by": None} | more))
    return Change.ledger.get(pk__gt=last)


def draft() -> Initiative:
    return initiative(audience="draft", lead="derbyshire-police", parties=[])


def test_a_note_says_who_when_from_where_what_kind_about_what(db: None) -> None:
    user, record = person("auditor"), initiative()
    row = noted(Noted.OPENED_DRAFT, by=user, root=record, object_id=7, detail={"page": "history"})
    assert (row.operation, row.table_name, row.object_id, row.root_id) == ("N", "opened_draft", 7, record.pk)
    assert (row.actor_id, row.source, row.request_id, row.after) == (
        user.pk,
        "web",
        "r-1",
        {"page": "history"},
    )
    assert row.before is None
    assert abs(row.at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_failed_sign_in_is_nobodys(db: None) -> None:
    row = noted("sign_in_failed", detail={"user": 4})
    assert (row.actor_id, row.object_id, row.root_id, row.after) == (None, 0, None, {"user": 4})


def test_a_kind_that_is_none_and_a_note_from_nowhere_are_refused(db: None) -> None:
    with pytest.raises(ValueError, match="is not a valid Noted"), origin("web"):
        note("looked_out_of_the_window", by=None)
    with pytest.raises(UnrecordedWriteError):
        note(Noted.SIGNED_OUT, by=None)
    with pytest.raises(ProgrammingError, match="without who made it"), transaction.atomic():
        _sql("SELECT register_note('signed_in', 0, NULL, '{}')")


def test_a_note_never_passes_for_a_change_of_a_table(db: None) -> None:
    with pytest.raises(ProgrammingError, match="called like"), origin("web"), recorded(by=None):
        _sql("SELECT register_note('register_initiative', 1, 1, '{}')")


def test_every_kind_of_note_has_words_that_follow_a_name() -> None:
    for kind in Noted:
        assert kind.label == kind.label.strip() != ""
        assert kind.label[0].islower()


def test_a_note_taken_while_a_page_is_only_read_is_kept(fresh_database: Database) -> None:
    noted(Noted.SIGNED_IN)
    connection.close()
    assert Change.ledger.filter(table_name="signed_in").exists()


def test_a_note_taken_with_a_change_goes_with_it(db: None) -> None:
    before = Change.ledger.count()
    with pytest.raises(ZeroDivisionError):
        _change_a_password_and_fail()
    assert Change.ledger.count() == before


def _change_a_password_and_fail() -> None:
    with origin("web"), recorded(by=None):
        note(Noted.PASSWORD_CHANGED, by=None)
        raise ZeroDivisionError


class TestWhatChangedIsToldWithoutNotes:
    def test_to_whoever_reads_changes(self, db: None) -> None:
        record = initiative()
        told = list(Change.objects.of(record))
        noted(Noted.OPENED_SENSITIVE, root=record)
        assert list(Change.objects.of(record)) == told
        assert Change.ledger.of(record).count() == len(told) + 1

    def test_to_a_digest_and_since_a_moment(self, db: None) -> None:
        record = initiative()
        at = Change.objects.of(record).latest("at").at + timedelta(microseconds=1)
        noted(Noted.OPENED_SENSITIVE, root=record)
        assert changed_since({record.pk: at}, person("reader"), known=[record]) == {}
        assert net(Change.ledger.filter(operation="N")) == []

    @pytest.mark.parametrize("who", ["administrator", "auditor", "reader"])
    def test_as_recent_changes_on_home_and_elsewhere(self, db: None, client: Client, who: str) -> None:
        record, user = initiative(), READERS[who]()
        before = recent_events(user, limit=6)
        noted(Noted.OPENED_SENSITIVE, root=record, by=user)
        noted(Noted.SIGNED_IN, by=user)
        assert recent_events(user, limit=6) == before
        client.force_login(user)
        days = client.get(reverse("recent_changes")).context["days"]
        assert {row.event.kind for _, rows in days for row in rows}.isdisjoint(Noted.values)

    def test_to_whoever_asks_whether_an_owner_answered(self) -> None:
        assert not set(Noted.values) & set(_tables_of_the_record())

    def test_and_a_record_that_was_looked_at_is_no_newer(self, db: None) -> None:
        record = initiative()
        record.refresh_from_db()
        was = record.changed_at
        noted(Noted.OPENED_DRAFT, root=record)
        record.refresh_from_db()
        assert record.changed_at == was


def test_a_note_is_an_event_of_its_own_also_in_the_transaction_of_a_change(db: None) -> None:
    last = so_far()
    with origin("web"), recorded(by=None):
        record = initiative()
        note(Noted.OPENED_DRAFT, by=None, root=record)
        note(Noted.OPENED_DOCUMENT, by=None, root=record)
    told = fold(Change.ledger.filter(pk__gt=last, root_id=record.pk))
    assert [event.sentence for event in told] == [
        "had a document opened", "was opened, a draft", "was logged at stage agreed"
    ]  # fmt: skip
    assert [event.kind for event in told[:2]] == ["opened_document", "opened_draft"]


def test_who_opened_a_draft_is_in_its_history_for_who_keeps_it_administrators_and_auditors(
    db: None, client: Client
) -> None:
    record = draft()
    noted(Noted.OPENED_DRAFT, root=record, by=person("administrator", name="Adam Ministrator"))
    url = reverse("initiative_history", args=[record.reference])
    for user in (person("contributor", at="derbyshire-police"), person("administrator"), person("auditor")):
        client.force_login(user)
        page = client.get(url).content.decode()
        assert "Was opened, a draft" in page
        assert "Adam Ministrator" in page
    client.force_login(person("reader", at="derbyshire-police"))
    page = client.get(url).content.decode()
    assert "Was opened" not in page
    assert "Adam Ministrator" not in page


@pytest.mark.parametrize("who", READERS)
def test_notes_are_seen_across_the_register_by_administrators_and_auditors_only(db: None, who: str) -> None:
    noted(Noted.OPENED_SENSITIVE, root=initiative())
    noted(Noted.SIGNED_IN)
    seen = Change.ledger.visible_to(READERS[who]()).filter(operation="N").count()
    assert seen == (2 if who in ("administrator", "auditor") else 0)


def test_nobody_signed_out_sees_who_opened_a_record(db: None) -> None:
    record = initiative()
    assert not may_see_notes(AnonymousUser(), record)
    assert not may_see_notes(person("reader"), record)


def _sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)

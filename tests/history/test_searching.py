"""History by person, kind and day; and the whole ledger, for administrators and auditors."""

from __future__ import annotations

from datetime import date
from html import unescape
from typing import Any

import pytest
from django.apps import apps
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from register.accounts.models import User
from register.accounts.services import grant_role
from register.core.dates import LimitedDate
from register.core.noted import Noted
from register.core.tracking import note, origin
from register.history import ledger_views
from register.history.filters import of_ledger, of_record
from register.history.kinds import KINDS, column_in_words, table_names
from register.history.models import Change
from register.initiatives.models import Initiative
from register.initiatives.services import (
    add_update,
    change_standing,
    delete_initiative,
    edit_initiative,
    raise_barrier,
)
from tests.factories import TODAY, initiative, organisation, person
from tests.history.support import do
from tests.history.test_what_is_tracked import of_an_initiative
from tests.readers import READERS

pytestmark = pytest.mark.django_db


@pytest.fixture
def author() -> User:
    return person("contributor", at="derbyshire-police", name="Asha Patel")


@pytest.fixture
def record(author: User, clock: Any) -> Initiative:
    """A record with something of several kinds, by two people, on two days."""
    clock.set("2026-11-16 09:00")
    made = initiative(by=author, audience="partners")
    clock.set("2026-11-17 23:30")
    do(
        edit_initiative,
        by=author,
        initiative=made,
        version=None,
        on=TODAY,
        depth="co_location",
        reason="A slip.",
    )
    clock.set("2026-11-18 00:30")
    other = person("administrator", name="Ben Okri")
    do(
        raise_barrier, by=other, initiative=made, title="Lease", category="boundaries", severity="low",
        remover="local", raised_on=TODAY, on=TODAY,
    )  # fmt: skip
    do(add_update, by=author, initiative=made, text="Fine.", confidence="green", noted_on=TODAY, on=TODAY)
    do(
        change_standing, by=author, initiative=made, to_standing="paused", happened=None, on=TODAY,
        standing_reason="funding_ended", standing_text="The money ran out.",
    )  # fmt: skip
    return made


def told(client: Client, url: str, **asked: str) -> list[str]:
    response = client.get(url, asked)
    assert response.status_code == 200
    context = response.context
    rows = context["events"] if "events" in context else [row for _, day in context["days"] for row in day]
    return [row.event.sentence for row in rows]


class TestARecordsHistory:
    @pytest.fixture(autouse=True)
    def _in(self, client: Client, author: User, record: Initiative) -> None:
        client.force_login(author)
        self.url = reverse("initiative_history", args=[record.reference])

    def test_by_person(self, client: Client) -> None:
        assert told(client, self.url, who="ben") == ["a barrier was raised: Lease"]
        assert len(told(client, self.url, who="Asha Patel")) == 4
        assert told(client, self.url, who="the register") == []
        assert told(client, self.url, who="Nobody Known") == []

    def test_offers_the_names_of_those_who_did_something_to_it(self, client: Client) -> None:
        page = client.get(self.url).content.decode()
        assert '<option value="Asha Patel">' in page
        assert '<option value="Ben Okri">' in page

    @pytest.mark.parametrize(
        ("kind", "said"),
        [
            ("stage", ["was paused, because the money ran out", "was logged at stage agreed"]),
            ("barriers", ["a barrier was raised: Lease"]),
            ("progress", ["an update, green: Fine"]),
            ("record", ["had its depth set to co-location", "was logged at stage agreed"]),
            ("money", []),
            ("deleted", []),
        ],
    )
    def test_by_kind(self, client: Client, kind: str, said: list[str]) -> None:
        assert told(client, self.url, kind=kind) == said

    def test_between_days_of_london_both_included(self, client: Client) -> None:
        day = told(client, self.url, since="17 November 2026", until="17/11/2026")
        assert day == ["had its depth set to co-location"]
        assert len(told(client, self.url, since="18 November 2026")) == 3
        assert len(told(client, self.url, until="17 November 2026")) == 2

    def test_all_of_them_together_and_kept_from_page_to_page(
        self, client: Client, record: Initiative, author: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("register.history.views.PER_PAGE", 2)
        page = unescape(client.get(self.url, {"who": "asha", "since": "17 November 2026"}).content.decode())
        assert "?who=asha&since=17+November+2026&before=" in page
        assert 'value="asha"' in page

    @pytest.mark.parametrize(
        ("asked", "message"),
        [
            ({"kind": "nonsense"}, "choose one of those offered"),
            ({"since": "yesterday"}, ""),
            ({"since": "2026"}, "Give the day as well"),
            ({"since": "18/11/2026", "until": "17/11/2026"}, "The last day is before the first"),
            ({"who": "x" * 121}, "1 too many"),
            ({"until": "31/12/9999"}, ""),
        ],
    )
    def test_what_cannot_be_read_shows_nothing_and_says_what_to_do(
        self, client: Client, asked: dict[str, str], message: str
    ) -> None:
        response = client.get(self.url, asked)
        assert response.status_code in (200, 400)
        if message:
            assert response.status_code == 400
            assert message in unescape(response.content.decode())
            assert response.context["events"] == []

    def test_who_opened_it_is_a_kind_for_those_who_may_know(self, client: Client, record: Initiative) -> None:
        with origin("web"):
            note(Noted.OPENED_SENSITIVE, by=None, root=record)
        assert told(client, self.url, kind="opened") == ["was opened, a sensitive record"]
        client.force_login(person("reader", at="derbyshire-fire"))
        assert client.get(self.url, {"kind": "opened"}).status_code == 400


def test_every_table_of_a_record_is_of_some_kind() -> None:
    tables = {model._meta.db_table for model in of_an_initiative()}
    named = str([kind.which for kind in KINDS.values()])
    assert {table for table in tables if f"'{table}'" not in named} == set()


def test_recent_changes_are_narrowed_for_what_the_reader_sees(client: Client, record: Initiative) -> None:
    url = reverse("recent_changes")
    client.force_login(person("reader"))
    assert told(client, url, who="asha") == []
    client.force_login(person("reader", at="derbyshire-fire"))
    assert told(client, url, who="ben", kind="barriers") == ["a barrier was raised: Lease"]


class TestTheLedger:
    url = "/history/ledger/"

    @pytest.mark.parametrize("who", READERS)
    def test_is_searched_by_administrators_and_auditors_only(self, client: Client, who: str) -> None:
        client.force_login(READERS[who]())
        expected = 200 if who in ("administrator", "auditor") else 403
        assert client.get(self.url).status_code == expected

    @pytest.fixture
    def auditor(self, client: Client, record: Initiative) -> Client:
        client.force_login(person("auditor"))
        return client

    def found(self, client: Client, **asked: str) -> list[Any]:
        response = client.get(self.url, asked)
        assert response.status_code == 200
        rows: list[Any] = response.context["rows"]
        return rows

    def test_by_record_person_kind_source_reason_and_day(self, auditor: Client, record: Initiative) -> None:
        of_record_ = self.found(auditor, record=record.reference)
        assert len(of_record_) == Change.objects.of(record).count()
        assert {row.record for row in of_record_} == {record.reference}
        assert {row.who for row in self.found(auditor, who="ben okri")} == {"Ben Okri"}
        [barrier] = self.found(auditor, what="barrier", record=record.reference)
        assert barrier.what.startswith("added barrier ")
        [slip] = self.found(auditor, reason="SLIP")
        assert (slip.reason, slip.columns) == ("A slip.", "depth")
        assert self.found(auditor, source="import") == []
        assert self.found(auditor, record=record.reference, since="19/11/2026") == []
        assert len(self.found(auditor, record=record.reference, until="17/11/2026", who="asha")) > 1

    def test_by_request_from_any_of_its_lines(self, auditor: Client, record: Initiative) -> None:
        [slip] = self.found(auditor, reason="slip")
        assert {row.request for row in self.found(auditor, request=slip.request)} == {slip.request}
        page = auditor.get(self.url, {"reason": "slip"}).content.decode()
        assert f"?request={slip.request}" in page

    def test_holds_what_people_did_that_changed_nothing(self, auditor: Client, author: User) -> None:
        with origin("web"):
            note(Noted.SIGNED_IN, by=author, detail={"methods": ["password"]})
        [row] = self.found(auditor, what="signed_in")
        told = (row.who, row.what, row.columns)
        assert told == ("Asha Patel", "signed in", "ways of proving who it is")

    def test_names_columns_in_words(self, auditor: Client, author: User, record: Initiative) -> None:
        do(
            edit_initiative, by=author, initiative=record, version=None, on=TODAY, owner="Estates",
            starts=LimitedDate(date(2026, 1, 1), "year"),
        )  # fmt: skip
        row = self.found(auditor, record=record.reference, what="initiative")[0]
        assert row.columns == "owner, precision of its start date, start date"

    def test_shows_no_contents_of_a_draft(self, auditor: Client) -> None:
        draft = initiative(title="Not for your eyes", audience="draft")
        page = auditor.get(self.url, {"record": draft.reference}).content.decode()
        assert draft.reference in page
        assert "Not for your eyes" not in page

    def test_says_not_why_a_draft_of_others_was_changed(self, client: Client, author: User) -> None:
        draft, told = initiative(audience="draft"), "Because the Ripley sale fell through"
        do(
            edit_initiative, by=author, initiative=draft, version=None, on=TODAY, depth="co_location",
            reason=told,
        )  # fmt: skip
        both = person("auditor")
        do(grant_role, user=both, role="contributor", organisation=organisation("derbyshire-police"))
        client.force_login(both)
        assert {row.reason for row in self.found(client, reason="Ripley")} == {told}
        do(delete_initiative, initiative=draft, reason="Ripley is gone.", at=draft.created_at)
        of_record = {"record": draft.reference}
        places: list[tuple[str, dict[str, str]]] = [
            (self.url, of_record),
            ("/history/ledger/export/", of_record | {"format": "csv"}),
            ("/recently-deleted/", {}),
        ]
        for role, restores in (("auditor", False), ("administrator", True)):
            client.force_login(person(role))
            for url, asked in places if restores else places[:-1]:
                page = client.get(url, asked).getvalue().decode()
                assert "Ripley" not in page, url
                assert "Said in the history of the draft" in page, url
            assert self.found(client, reason="Ripley") == []
        assert not Change.ledger.filter(operation="N", table_name__startswith="opened_").exists()

    def test_is_marked_as_the_records_that_its_lines_are_of(self, auditor: Client) -> None:
        guarded = initiative("Guarded", audience="partners", marking="official_sensitive")
        common = initiative("Open to all")
        for record, marking in ((guarded, "OFFICIAL-SENSITIVE"), (common, "OFFICIAL")):
            page = auditor.get(self.url, {"record": record.reference}).content.decode()
            assert f'<span class="bl-official">{marking}</span>' in page

    def test_finds_deleted_records_and_none_for_what_is_no_reference(
        self, auditor: Client, record: Initiative, clock: Any
    ) -> None:
        do(delete_initiative, initiative=record, reason="A double.", at=clock.now)
        assert self.found(auditor, record=record.reference)
        assert self.found(auditor, record="BL-99999") == []
        assert self.found(auditor, record="nonsense") == []

    def test_is_paged_with_nothing_twice_and_nothing_lost(
        self, auditor: Client, record: Initiative, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ledger_views, "PER_PAGE", 3)
        asked, seen = {"record": record.reference}, []
        while True:
            response = auditor.get(self.url, asked)
            seen += [(row.at, row.what) for row in response.context["rows"]]
            if not response.context["next"]:
                break
            asked |= {"after": response.context["next"]}
        assert len(seen) == len(set(seen)) == Change.objects.of(record).count()
        assert [at for at, _ in seen] == sorted((at for at, _ in seen), reverse=True)

    def test_a_cursor_that_nobody_was_given_is_not_found(self, auditor: Client) -> None:
        assert auditor.get(self.url, {"after": "nonsense"}).status_code == 404

    def test_a_search_that_takes_too_long_says_so(
        self, auditor: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waited = []

        def slow(*_: Any, **__: Any) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(30)")
            waited.append("to the end")

        monkeypatch.setattr(ledger_views, "LONGEST", "20ms")
        monkeypatch.setattr(ledger_views, "page_of", slow)
        page = auditor.get(self.url).content.decode()
        assert "takes too long" in page
        assert not waited

    def test_another_fault_of_the_database_is_not_taken_for_a_long_search(
        self, auditor: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: Any, **__: Any) -> None:
            raise OperationalError("gone")

        monkeypatch.setattr(ledger_views, "page_of", broken)
        with pytest.raises(OperationalError):
            auditor.get(self.url)

    def test_asks_little_of_the_database(self, auditor: Client, django_assert_max_num_queries: Any) -> None:
        with django_assert_max_num_queries(12):
            auditor.get(self.url)

    @pytest.mark.parametrize(
        ("asked", "index"),
        [
            ({"who": "Asha"}, "change_by_person"),
            ({"what": "barrier"}, "change_of_table"),
            ({"request": "r-1"}, "change_in_request"),
            ({}, "change_in_window"),
        ],
    )
    def test_is_read_by_an_index_whatever_is_asked(
        self, record: Initiative, asked: dict[str, str], index: str
    ) -> None:
        changes = of_ledger(asked, person("auditor")).changes.order_by("-at", "-id")[:51]
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        assert index in changes.explain()


def test_no_column_of_a_tracked_table_goes_by_its_name_in_the_code() -> None:
    for model in apps.get_app_config("register").get_models():
        for field in model._meta.concrete_fields if model._meta.db_table in table_names() else ():
            words = column_in_words(model._meta.db_table, field.column)
            assert words, field
            assert "_" not in words, field


def test_every_tracked_table_has_a_name_to_choose(record: Initiative) -> None:
    assert "register_initiative" in table_names()
    asked = of_record({}, Change.objects.of(record), with_notes=False)
    assert asked.form.is_valid()

"""Two days of a record side by side, and a field put back as it was."""

from __future__ import annotations

from datetime import date
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from register.accounts.models import User
from register.core.dates import LimitedDate
from register.history.columns import COLUMNS
from register.history.comparing import RESTORABLE, as_field, in_words, value_now
from register.history.models import Change
from register.initiatives.models import Initiative
from register.initiatives.services import delete_initiative, edit_initiative, raise_barrier
from tests.factories import initiative, person
from tests.history.support import do

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 20)


@pytest.fixture
def author() -> User:
    return person("contributor", at="derbyshire-police")


@pytest.fixture
def record(author: User, clock: Any) -> Initiative:
    clock.set("2026-11-10 09:00")
    made = initiative(by=author, summary="The first summary.", depth="co_location")
    clock.set("2026-11-20 10:00")
    edit(made, by=author, summary="The second summary.", starts=LimitedDate(date(2026, 4, 1), "month"))
    do(
        raise_barrier, by=author, initiative=made, title="Lease", category="boundaries", severity="low",
        remover="local", raised_on=DAY, on=DAY,
    )  # fmt: skip
    clock.set("2026-11-23 09:00")
    return made


def edit(record: Initiative, *, by: User, **fields: Any) -> None:
    do(edit_initiative, by=by, initiative=record, version=None, on=DAY, **fields)
    record.refresh_from_db()


def compared(client: Client, record: Initiative, **days: str) -> dict[str, tuple[str, str]]:
    response = client.get(reverse("initiative_compare", args=[record.reference]), days)
    assert response.status_code == 200
    found = response.context["differences"] or []
    return {one.detail.label: (one.detail.before, one.detail.after) for one in found}


class TestComparing:
    def test_shows_what_differs_and_nothing_else(
        self, client: Client, record: Initiative, author: User
    ) -> None:
        client.force_login(author)
        found = compared(client, record, then="12 November 2026", now="22 November 2026")
        assert found["Summary"] == ("The first summary.", "The second summary.")
        assert found["Start date"] == ("", "April 2026")
        assert found["Barrier: title"] == ("", "Lease")
        assert "How deep it goes" not in found
        assert "Depth" not in found

    def test_a_day_counts_as_it_ended_and_there_and_back_is_the_same(
        self, client: Client, record: Initiative, author: User, clock: Any
    ) -> None:
        client.force_login(author)
        assert compared(client, record, then="20 November 2026", now="23 November 2026") == {}
        assert "Summary" in compared(client, record, then="19 November 2026", now="20 November 2026")
        edit(record, by=author, summary="The first summary.")
        assert "Summary" not in compared(client, record, then="12 November 2026", now="23 November 2026")

    def test_without_days_it_shows_the_last_thirty(
        self, client: Client, record: Initiative, author: User
    ) -> None:
        client.force_login(author)
        assert "Summary" in compared(client, record)

    @pytest.mark.parametrize(
        ("days", "says"),
        [
            ({"then": "22 November 2026", "now": "12 November 2026"}, "Choose a later day than the first."),
            ({"then": "2026", "now": "12 November 2026"}, "Give the day as well"),
            ({"then": "12 November 2026", "now": ""}, "Enter the second day"),
        ],
    )
    def test_what_cannot_be_read_says_what_to_do(
        self, client: Client, record: Initiative, author: User, days: dict[str, str], says: str
    ) -> None:
        client.force_login(author)
        response = client.get(reverse("initiative_compare", args=[record.reference]), days)
        assert response.status_code == 400
        assert says in unescape(response.content.decode())

    def test_is_for_those_who_may_see_the_record(self, client: Client) -> None:
        hidden = initiative(audience="partners")
        client.force_login(person("reader"))
        assert client.get(reverse("initiative_compare", args=[hidden.reference])).status_code == 404

    def test_of_a_draft_is_noted_for_who_only_oversees(self, client: Client) -> None:
        draft = initiative(audience="draft")
        administrator = person("administrator")
        client.force_login(administrator)
        assert client.get(reverse("initiative_compare", args=[draft.reference])).status_code == 200
        noted = Change.ledger.get(table_name="opened_draft")
        assert (noted.root_id, noted.actor_id) == (draft.pk, administrator.pk)

    def test_asks_little_of_the_database(
        self, client: Client, record: Initiative, author: User, django_assert_max_num_queries: Any
    ) -> None:
        client.force_login(author)
        with django_assert_max_num_queries(14):
            compared(client, record, then="9 November 2026", now="22 November 2026")


class TestPuttingBack:
    def url(self, record: Initiative, column: str = "summary", then: str = "12 November 2026") -> str:
        return f"{reverse('initiative_put_back', args=[record.reference, column])}?then={then}"

    def test_a_field_says_again_what_it_said_with_who_and_why_in_the_history(
        self, client: Client, record: Initiative, author: User
    ) -> None:
        client.force_login(author)
        page = client.get(self.url(record)).content.decode()
        assert page.index("The second summary.") < page.index("The first summary.")
        sent = {"version": record.version, "reason": "The change was meant for another."}
        assert client.post(self.url(record), sent).status_code == 302
        record.refresh_from_db()
        assert record.summary == "The first summary."
        last = Change.objects.of(record).first()
        assert (last.actor_id, last.reason) == (author.pk, "The change was meant for another.")

    def test_a_date_comes_back_with_its_precision(
        self, client: Client, record: Initiative, author: User
    ) -> None:
        edit(record, by=author, starts=LimitedDate(date(2026, 5, 2)))
        client.force_login(author)
        sent = {"version": record.version, "reason": "A slip."}
        client.post(self.url(record, "starts_on", "21 November 2026"), sent)
        record.refresh_from_db()
        assert record.starts == LimitedDate(date(2026, 4, 1), "month")

    @pytest.mark.parametrize("column", RESTORABLE)
    def test_every_field_offered_is_one_that_the_records_own_door_takes(
        self, record: Initiative, author: User, column: str
    ) -> None:
        assert column in COLUMNS["register_initiative"]
        now = value_now(record, column)
        edit(record, by=author, **as_field(column, now))
        assert value_now(record, column) == now
        assert in_words(column, now) is not None

    def test_nothing_is_put_back_without_a_reason(
        self, client: Client, record: Initiative, author: User
    ) -> None:
        client.force_login(author)
        response = client.post(self.url(record), {"version": record.version, "reason": ""})
        assert response.status_code == 400
        record.refresh_from_db()
        assert record.summary == "The second summary."

    def test_what_somebody_else_wrote_meanwhile_is_shown_before_it_is_put_back(
        self, client: Client, record: Initiative, author: User
    ) -> None:
        client.force_login(author)
        seen = record.version
        edit(record, by=author, summary="A third summary.")
        response = client.post(self.url(record), {"version": seen, "reason": "My reason."})
        page = unescape(response.content.decode())
        assert response.status_code == 400
        assert "Someone else has changed the record meanwhile" in page
        assert "A third summary." in page
        assert "My reason." in page
        assert f'value="{record.version}"' in page
        client.post(self.url(record), {"version": record.version, "reason": "My reason."})
        record.refresh_from_db()
        assert record.summary == "The first summary."

    def test_is_for_those_who_keep_the_record(self, client: Client, record: Initiative) -> None:
        client.force_login(person("reader"))
        assert client.get(self.url(record)).status_code == 403
        sent = {"version": record.version, "reason": "x"}
        assert client.post(self.url(record), sent).status_code == 403
        client.force_login(person("auditor"))
        assert client.post(self.url(record), sent).status_code == 403
        record.refresh_from_db()
        assert record.summary == "The second summary."

    @pytest.mark.parametrize(
        ("column", "then"),
        [
            ("audience", "12 November 2026"),
            ("stage", "12 November 2026"),
            ("created_by_id", "12 November 2026"),
            ("summary", "1 January 2020"),
            ("summary", "yesterday"),
        ],
    )
    def test_what_is_not_offered_is_not_found(
        self, client: Client, record: Initiative, author: User, column: str, then: str
    ) -> None:
        client.force_login(author)
        assert client.get(self.url(record, column, then)).status_code == 404

    def test_nothing_of_a_deleted_record_is_put_back(
        self, client: Client, record: Initiative, author: User, clock: Any
    ) -> None:
        do(delete_initiative, by=author, initiative=record, reason="A double.", at=clock.now)
        client.force_login(author)
        assert client.get(self.url(record)).status_code == 404
        page = client.get(reverse("initiative_compare", args=[record.reference])).content.decode()
        assert "Put back" not in page

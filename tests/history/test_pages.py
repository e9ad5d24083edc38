"""The history of a record, what changed lately, what was deleted: for the reader's eyes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from register.accounts.models import User
from register.accounts.services import erase_person
from register.core.tracking import origin
from register.history.models import Change
from register.history.reading import Cursor, page_of
from register.history.recent import recent_events
from register.initiatives.models import Initiative
from register.initiatives.services import (
    add_milestone,
    add_update,
    change_standing,
    delete_initiative,
    edit_initiative,
    raise_barrier,
)
from register.reference.services import rename_organisation
from tests.factories import TODAY, initiative, organisation, person
from tests.history.support import do

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def get(client: Client, user: User, url: str) -> str:
    client.force_login(user)
    response = client.get(url)
    assert response.status_code == 200
    return unescape(response.content.decode())


def history_of(record: Initiative) -> str:
    return reverse("initiative_history", args=[record.reference])


def edit(record: Initiative, *, by: User | None = None, **fields: Any) -> None:
    do(edit_initiative, by=by, initiative=record, version=None, on=TODAY, **fields)


def test_a_history_says_who_when_what_why_and_from_where(client: Client, clock: Any) -> None:
    clock.set("2026-11-18 10:05")
    author = person("contributor", at="derbyshire-police", name="Asha Patel")
    record = initiative()
    do(
        edit_initiative,
        by=author,
        initiative=record,
        version=None,
        on=TODAY,
        depth="co_location",
        reason="A slip.",
    )
    page = get(client, author, history_of(record))
    for words in (
        "Had its depth set to co-location",
        "Asha Patel",
        "18 November 2026, 10:05",
        "Why: A slip.",
        "in a test",
    ):
        assert words in page
    assert "<td" in page
    assert "Co-location" in page


def test_a_reason_is_shown_whole_as_it_was_written(client: Client) -> None:
    record = initiative()
    text = "The regional team took it over. It has three drones of its own."
    do(
        change_standing, initiative=record, to_standing="closed", happened=None, on=TODAY,
        standing_reason="superseded", standing_text=text,
    )  # fmt: skip
    assert text in get(client, person("reader"), history_of(record))


def test_a_name_is_looked_up_when_the_page_is_shown(client: Client) -> None:
    author = person("contributor", at="derbyshire-police", name="Asha Patel")
    record = initiative()
    edit(record, by=author, depth="co_location")
    reader = person("reader")
    assert "Asha Patel" in get(client, reader, history_of(record))
    with origin("test"):
        erase_person(by=None, user=author, at=AT)
    page = get(client, reader, history_of(record))
    assert "Asha Patel" not in page
    assert "Someone who has left" in page


def test_an_organisation_renamed_since_is_called_by_its_name_of_now(client: Client) -> None:
    kent = organisation("kent-police")
    record = initiative(parties=["kent-police"])
    do(rename_organisation, organisation=kent, name="Kent and Medway Police", on=TODAY)
    assert "Kent and Medway Police" in get(client, person("reader"), history_of(record))


def test_a_history_that_one_may_not_see_is_not_there(client: Client) -> None:
    record = initiative(audience="partners")
    client.force_login(person("reader"))
    assert client.get(history_of(record)).status_code == 404
    assert client.get("/initiatives/BL-99999/history/").status_code == 404
    assert client.get("/initiatives/nonsense/history/").status_code == 404
    client.force_login(person("reader", at="derbyshire-fire"))
    assert client.get(history_of(record)).status_code == 200


def test_a_sensitive_record_marks_its_history(client: Client) -> None:
    record = initiative(marking="official_sensitive", audience="partners")
    assert "OFFICIAL-SENSITIVE" in get(client, person("reader", at="derbyshire-fire"), history_of(record))


def test_a_long_history_is_paged_with_nothing_twice_and_nothing_lost(client: Client) -> None:
    record = initiative()
    for number in range(60):
        edit(record, title=f"Title {number}", summary=f"Summary {number}")
    client.force_login(person("reader"))
    url, seen = history_of(record), []
    while True:
        response = client.get(url)
        seen += [row.event.sentence for row in response.context["events"]]
        if response.context["older"] is None:
            break
        url = f"{history_of(record)}?before={response.context['older']}"
    assert len(seen) == 61
    assert seen[-1] == "was logged at stage agreed"
    assert seen[0] == "was renamed; it was “Title 58”, and had its summary rewritten"
    assert len(set(seen)) == 61


def test_a_transaction_longer_than_a_page_reads_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("register.history.reading.ROWS_FOR_ONE", 1)
    record = initiative(title="Long")
    for number in range(5):
        edit(record, title=f"Title {number}")
    other = initiative(title="Long too")
    seen, before = [], None
    for _ in range(60):
        page = page_of(Change.objects.exclude(root_id=None), person("administrator"), limit=2, before=before)
        seen += [(row.event.root_id, row.event.sentence) for row in page.rows]
        if page.older is None:
            break
        before = Cursor.read(str(page.older))
        assert before == page.older
    assert len(seen) == len(set(seen)) == 7
    assert [root for root, sentence in seen if sentence.startswith("was logged")] == [other.pk, record.pk]


@pytest.mark.parametrize("cursor", ["x", "1", "-", "1-x", "²-1", "1-" + "9" * 40, "9" * 40 + "-1"])
def test_a_cursor_that_nobody_was_given_is_not_found(client: Client, cursor: str) -> None:
    client.force_login(person("reader"))
    assert client.get(reverse("recent_changes"), {"before": cursor}).status_code == 404


def test_recent_changes_are_those_of_records_one_may_see_by_day(client: Client, clock: Any) -> None:
    clock.set("2026-11-17 09:00")
    initiative(title="Open to all")
    clock.set("2026-11-18 23:30")
    hidden = initiative(title="For partners", audience="partners")
    edit(hidden, depth="co_location")
    page = get(client, person("reader"), reverse("recent_changes"))
    assert "Open to all" in page
    assert "Tuesday 17 November 2026" in page
    assert "For partners" not in page
    page = get(client, person("reader", at="derbyshire-fire"), reverse("recent_changes"))
    assert page.index("Wednesday 18 November 2026") < page.index("For partners") < page.index("Open to all")


def test_recent_changes_leave_out_tables_that_were_loaded_and_tell_of_what_people_changed(
    client: Client,
) -> None:
    do(rename_organisation, organisation=organisation("kent-police"), name="Kent and Medway Police", on=TODAY)
    page = get(client, person("reader"), reverse("recent_changes"))
    assert "An organisation, Kent and Medway Police, was changed: its name was “Kent Police”" in page
    assert "organisations were added" not in page


@pytest.mark.parametrize("role", ["reader", "administrator"])
def test_pages_of_history_ask_little_of_the_database(
    client: Client, role: str, django_assert_max_num_queries: Any
) -> None:
    author = person("contributor", at="derbyshire-police")
    for number in range(30):
        record = initiative(title=f"Record {number}", places=["derbyshire", "kent"])
        edit(record, by=author, depth="co_location")
        do(
            add_update,
            by=author,
            initiative=record,
            text="Fine.",
            confidence="green",
            noted_on=TODAY,
            on=TODAY,
        )
        do(
            raise_barrier, by=author, initiative=record, title="Lease", category="boundaries", severity="low",
            remover="local", raised_on=TODAY, on=TODAY,
        )  # fmt: skip
    client.force_login(person(role))
    for url in (reverse("recent_changes"), history_of(record), reverse("deleted_list")):
        with django_assert_max_num_queries(12):
            assert client.get(url).status_code == 200


def test_the_latest_events_take_few_queries_and_name_who_and_what(django_assert_max_num_queries: Any) -> None:
    author = person("contributor", at="derbyshire-police", name="Asha Patel")
    record, other = initiative(), initiative(title="Other", audience="draft")
    edit(record, by=author, depth="co_location")
    reader = person("reader")
    assert reader.holdings
    with django_assert_max_num_queries(5):
        latest, first = recent_events(reader, limit=6)
    assert (latest.actor, latest.initiative, latest.event.sentence) == (
        "Asha Patel", record, "had its depth set to co-location"
    )  # fmt: skip
    assert (first.actor, first.event.sentence) == ("the register", "was logged at stage agreed")
    assert recent_events(reader, limit=6, initiatives=[other.pk]) == []
    assert recent_events(reader, limit=1) == [latest]
    assert recent_events(reader, limit=6, since=latest.event.at + timedelta(seconds=1)) == []


def deleted(title: str, *, by: User | None = None, **fields: Any) -> Initiative:
    record = initiative(title=title, **fields)
    do(delete_initiative, by=by, initiative=record, reason="It is a double.", at=AT)
    return record


def test_deleted_records_are_listed_for_who_may_restore_them(client: Client) -> None:
    lead = person("contributor", at="derbyshire-police", name="Asha Patel")
    record = deleted("A double", by=lead)
    deleted("Of Kent", lead="kent-police", parties=[])
    page = get(client, lead, reverse("deleted_list"))
    for words in ("A double", "Asha Patel", "It is a double.", f"/initiatives/{record.reference}/restore/"):
        assert words in page
    assert "Of Kent" not in page
    assert "A double" not in get(client, person("contributor", at="derbyshire-fire"), reverse("deleted_list"))
    assert "Of Kent" in get(client, person("administrator"), reverse("deleted_list"))
    assert "A double" not in get(client, person("reader"), reverse("recent_changes"))


def test_what_happened_to_a_deleted_record_leads_to_its_history_and_no_further(client: Client) -> None:
    record = deleted("A double")
    page = get(client, person("administrator"), reverse("recent_changes"))
    assert f'href="{history_of(record)}"' in page
    assert f'href="{record.get_absolute_url()}"' not in page
    page = get(client, person("administrator"), history_of(record))
    assert "Was deleted" in page
    assert f'href="{record.get_absolute_url()}"' not in page


def test_a_milestone_is_told_on_the_record_it_hangs_on(client: Client) -> None:
    from register.core.dates import LimitedDate

    record = initiative()
    do(add_milestone, initiative=record, what="Doors open", due=LimitedDate(TODAY, "day"))
    page = get(client, person("reader"), history_of(record))
    assert "A milestone was set: Doors open, due 23 November 2026" in page

"""Whoever reads what a group did with a sensitive record is noted, as is who opens the record."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from register.core.noted import Noted
from register.groups.services import notify_organisation
from register.history.models import Change
from tests.dashboards.support import group_with
from tests.factories import TODAY, initiative, organisation, person
from tests.groups.support import ask, barrier, do
from tests.meetings.support import address, decided, meeting_of, put_before, started

pytestmark = pytest.mark.django_db


def noted() -> list[tuple[int | None, int | None]]:
    found = Change.ledger.filter(operation="N", table_name=Noted.OPENED_SENSITIVE).order_by("pk")
    return list(found.values_list("actor_id", "root_id"))


@pytest.fixture
def world(clock: Any) -> dict[str, Any]:
    """A group that decided on, asked for, and is to review a sensitive record; beside it one that is not."""
    clock.set("2026-11-23 10:05")
    group = group_with({"place": ["derbyshire"]}, code="peak", name="Peak group")
    guarded = initiative(
        "Guarded", marking="official_sensitive", audience="partners_and_groups", named_groups=[group]
    )
    open_one = initiative("Open to all")
    for record in (guarded, open_one):
        put_before(group, record)
    do(
        notify_organisation, initiative=guarded, organisation=organisation("derbyshire-fire"),
        notified_by=organisation("derbyshire-police"), notified_on=TODAY, on=TODAY,
    )  # fmt: skip
    asked = ask(group, [barrier(guarded), barrier(open_one)])
    meeting = meeting_of(group)
    started(meeting)
    decision = decided(meeting, guarded)
    decided(meeting, open_one)
    put_before(group, guarded, "Once more.")
    return {
        "guarded": guarded, "secretary": person("secretary", group=group),
        "pages": {
            "decision": f"/groups/peak/decisions/{decision.pk}/",
            "correcting it": f"/groups/peak/decisions/{decision.pk}/correct/",
            "decisions": "/groups/peak/decisions/",
            "a new decision": f"/groups/peak/decisions/new/?initiative={guarded.reference}",
            "reviews": "/groups/peak/queue/",
            "ask": asked.get_absolute_url(),
            "writing it": f"{asked.get_absolute_url()}edit/",
            "duty": "/organisations/derbyshire-fire/duty/2026/",
            "meeting": address(meeting),
            "what was decided": address(meeting, "decided/"),
            "pack": address(meeting, "pack/"),
            "minutes": address(meeting, "minutes/"),
        },
    }  # fmt: skip


PAGES = (
    "decision", "correcting it", "decisions", "a new decision", "reviews", "ask", "writing it", "duty", "meeting",
    "what was decided", "pack", "minutes",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_shows_a_sensitive_record_is_noted_once_an_hour(
    client: Client, world: dict[str, Any], page: str
) -> None:
    user, record = world["secretary"], world["guarded"]
    client.force_login(user)
    for _ in range(2):
        assert client.get(world["pages"][page]).status_code in (200, 286)
    assert noted() == [(user.pk, record.pk)]
    assert client.get(record.get_absolute_url()).status_code == 200
    assert noted() == [(user.pk, record.pk)], "it was noted within the hour"
    cache.clear()  # as when the hour is over
    client.get(world["pages"][page])
    assert noted() == [(user.pk, record.pk)] * 2


def test_who_opened_the_record_within_the_hour_is_not_noted_again(
    client: Client, world: dict[str, Any]
) -> None:
    client.force_login(world["secretary"])
    client.get(world["guarded"].get_absolute_url())
    for page in PAGES:
        client.get(world["pages"][page])
    assert noted() == [(world["secretary"].pk, world["guarded"].pk)]


def test_who_may_not_see_the_record_leaves_no_note(client: Client, world: dict[str, Any]) -> None:
    client.force_login(person("reader"))
    for page in PAGES:
        client.get(world["pages"][page])
    assert noted() == []


def test_it_asks_as_much_for_many_sensitive_records_as_for_one(client: Client, world: dict[str, Any]) -> None:
    group = world["guarded"].named_groups.get()
    client.force_login(world["secretary"])

    def queries() -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as found:
            assert client.get("/groups/peak/queue/").status_code == 200
        return len(found)

    queries()
    before = queries()
    for number in range(5):
        put_before(group, initiative(
            f"Guarded {number}", marking="official_sensitive", audience="partners_and_groups", named_groups=[group]
        ))  # fmt: skip
    queries()  # what changed is tallied once
    assert queries() == before
    assert len({root for _, root in noted()}) == 6

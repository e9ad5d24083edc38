"""Who answers for the register doesn't silently see drafts; who opens what is sensitive is known."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from register.accounts.models import User
from register.accounts.services import grant_role
from register.core.clock import now
from register.core.noted import Noted
from register.core.tracking import origin
from register.history.ledger import WITHHELD
from register.history.models import Change
from register.initiatives.models import Initiative
from register.initiatives.services import delete_initiative
from tests.factories import initiative, organisation, person

pytestmark = pytest.mark.django_db

TITLE = "Zephyr yard"
OVERSEERS = ("administrator", "auditor")


def draft() -> Initiative:
    return initiative(TITLE, audience="draft", parties=[])


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def notes() -> list[tuple[str, int | None, int | None]]:
    found = Change.ledger.filter(operation="N", table_name__startswith="opened_").order_by("pk")
    return list(found.values_list("table_name", "actor_id", "root_id"))


@pytest.mark.parametrize("role", OVERSEERS)
@pytest.mark.parametrize("page", ["", "history/"])
def test_opening_a_draft_as_who_answers_for_the_register_is_told_to_its_lead(role: str, page: str) -> None:
    record, user = draft(), person(role, name="Olu Verseer")
    client = signed_in(user)
    for _ in range(2):
        assert client.get(f"{record.get_absolute_url()}{page}").status_code == 200
    assert notes() == [(Noted.OPENED_DRAFT, user.pk, record.pk)]
    told = signed_in(person("contributor", at="derbyshire-police")).get(
        f"{record.get_absolute_url()}history/"
    )
    assert "was opened, a draft" in told.content.decode().lower()
    assert "Olu Verseer" in told.content.decode()


def test_the_page_says_that_opening_it_is_recorded() -> None:
    html = signed_in(person("auditor")).get(draft().get_absolute_url()).content.decode()
    assert "This is a draft of others" in html
    assert "Follow" not in html.split("<main", 1)[1].split("bl-sec", 1)[0]


def test_the_lead_opens_its_own_draft_and_everybody_else_what_is_open_without_a_note_or_a_query() -> None:
    mine, common = draft(), initiative("Open to all")
    for user, record in (
        (person("contributor", at="derbyshire-police"), mine),
        (person("administrator"), common),
        (person("reader"), common),
    ):
        client = signed_in(user)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(record.get_absolute_url()).status_code == 200
        assert not [q for q in asked if "register_note" in q["sql"] or "register_cache" in q["sql"]]
    assert notes() == []


@pytest.mark.parametrize("role", OVERSEERS)
def test_a_draft_of_others_is_in_no_list_of_theirs_but_that_of_drafts_which_says_nothing_of_it(
    role: str,
) -> None:
    record, client = draft(), signed_in(person(role))
    for address in ("/initiatives/", "/initiatives/?q=zephyr", "/history/", "/", "/organisations/derbyshire-police/",
                    "/places/derbyshire/", "/initiatives/export/?format=csv", "/recently-deleted/"):  # fmt: skip
        assert TITLE.encode() not in client.get(address).getvalue(), address
    html = client.get("/drafts/").content.decode()
    assert record.reference in html
    assert TITLE not in html
    assert notes() == []


def test_a_deleted_draft_of_others_is_restored_by_its_reference() -> None:
    record = draft()
    with origin("test"):
        delete_initiative(by=None, initiative=record, reason="Twice.", at=now())
    html = signed_in(person("administrator")).get("/recently-deleted/").content.decode()
    assert record.reference in html
    assert TITLE not in html


def test_the_drafts_of_others_are_listed_for_who_answers_for_the_register_alone() -> None:
    refused = signed_in(person("contributor", at="derbyshire-police")).get("/drafts/")
    assert refused.status_code == 403
    assert "yours to finish are on your home page" in refused.content.decode()
    assert "see every change" not in refused.content.decode(), "that is of another page"


def test_a_deleted_draft_is_none_of_others_to_its_own_lead() -> None:
    record, user = draft(), person("auditor")
    with origin("test"):
        grant_role(by=None, user=user, role="contributor", organisation=organisation("derbyshire-police"))
        delete_initiative(by=None, initiative=record, reason="Zephyr fell through.", at=now())
    for somebody, why in ((user, "Zephyr fell through."), (person("auditor"), WITHHELD)):
        page = signed_in(somebody).get("/history/ledger/", {"record": record.reference})
        assert why in {row.reason for row in page.context["rows"]}
        assert (record in Initiative.objects.drafts_unseen_by(somebody)) == (why == WITHHELD)


def test_whoever_opens_what_is_sensitive_is_noted_once_an_hour() -> None:
    record = initiative("Guarded", audience="partners", marking="official_sensitive")
    user, other = person("contributor", at="derbyshire-fire"), person("administrator")
    for who in (user, other, user):
        client = signed_in(who)
        for page in ("", "history/", "edit/"):
            assert client.get(f"{record.get_absolute_url()}{page}").status_code == 200
    assert notes() == [(Noted.OPENED_SENSITIVE, who.pk, record.pk) for who in (user, other)]


def test_who_may_not_open_it_leaves_no_note() -> None:
    record = initiative("Guarded", audience="partners", marking="official_sensitive")
    assert signed_in(person("reader")).get(record.get_absolute_url()).status_code == 404
    assert notes() == []


@pytest.mark.parametrize("what", ["shown", "everything", "barriers"])
def test_an_export_with_sensitive_records_is_noted_with_which(what: str) -> None:
    from register.initiatives.services import raise_barrier
    from tests.factories import TODAY
    from tests.history.support import do

    guarded = initiative("Guarded", audience="partners", marking="official_sensitive")
    for record in (guarded, initiative("Open to all")):
        do(
            raise_barrier, initiative=record, title="Lease", category="boundaries", severity="low", remover="local",
            raised_on=TODAY, on=TODAY,
        )  # fmt: skip
    told: Any = {"what": what, "format": "xlsx"}
    client = signed_in(person("contributor", at="derbyshire-fire"))
    client.get("/initiatives/export/", told).getvalue()
    (row,) = Change.ledger.filter(operation="N")
    assert (row.table_name, row.after["initiatives"]) == (Noted.OPENED_SENSITIVE, [guarded.pk])
    signed_in(person("reader")).get("/initiatives/export/", told).getvalue()
    assert Change.ledger.filter(operation="N").count() == 1

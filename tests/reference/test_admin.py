"""Administrators keep organisations and areas of work; each change has its author."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from register.accounts.models import User
from register.reference.models import AreaOfWork, Organisation
from tests.factories import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> User:
    return person("administrator")


@pytest.fixture
def browser(administrator: User, client: Client) -> Client:
    client.force_login(administrator)
    return client


def organisation(code: str) -> Organisation:
    return Organisation.objects.get(code=code)


def page(kind: str, row: Any = None) -> str:
    if row is None:
        return reverse(f"admin:register_{kind}_add")
    return reverse(f"admin:register_{kind}_change", args=[row.pk])


def filled_in(browser: Client, url: str, **changes: Any) -> dict[str, Any]:
    """What the page's form holds, with changes."""
    form = browser.get(url).context["adminform"].form
    values: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if hasattr(value, "values_list"):
            value = list(value.values_list("pk", flat=True))
        if value not in (None, ""):
            values[bound.name] = value
    return values | changes


def last_change(row: Any) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor_id, source, reason FROM register_change WHERE table_name = %s AND object_id = %s"
            " ORDER BY id DESC LIMIT 1",
            [row._meta.db_table, row.pk],
        )
        return tuple(cursor.fetchone())


@pytest.mark.parametrize("kind", ["organisation", "areaofwork", "policearea"])
def test_only_administrators_get_in(kind: str, client: Client, browser: Client) -> None:
    url = reverse(f"admin:register_{kind}_changelist")
    assert browser.get(url).status_code == 200
    client.force_login(person("organisation_lead", at="kent-fire"))
    assert client.get(url).status_code == 302


def test_an_organisation_is_corrected(browser: Client, administrator: User) -> None:
    kent = organisation("kent-fire")
    url = page("organisation", kent)
    answer = browser.post(url, filled_in(browser, url, note="Checked by telephone.", reason="Asked them"))
    assert answer.status_code == 302
    kent.refresh_from_db()
    assert (kent.note, kent.corrected_fields) == ("Checked by telephone.", ["note"])
    assert last_change(kent) == (administrator.pk, "admin", "Asked them")
    assert [area.slug for area in kent.areas.all()] == ["kent"]


def test_an_organisation_is_renamed(browser: Client) -> None:
    kent = organisation("kent-fire")
    url = page("organisation", kent)
    renamed = {"name": "Kent Fire", "what_happened": "rename", "happened_on": "2026-04-01"}
    assert browser.post(url, filled_in(browser, url, **renamed)).status_code == 302
    assert organisation("kent-fire").name == "Kent Fire"
    assert kent.other_names.get(kind="former").name == "Kent Fire and Rescue Service"


def test_an_organisation_ends_and_is_succeeded(browser: Client) -> None:
    kent, essex = organisation("kent-fire"), organisation("essex-fire")
    url = page("organisation", kent)
    ended = {
        "what_happened": "end",
        "happened_on": "2026-04-01",
        "successors": [essex.pk],
        "succession": "merged",
    }
    assert browser.post(url, filled_in(browser, url, **ended)).status_code == 302
    assert organisation("kent-fire").ends_on == date(2026, 4, 1)
    assert kent.successors_on(date(2026, 4, 1)) == [essex]


def test_what_is_refused_is_said_and_nothing_is_saved(browser: Client) -> None:
    kent = organisation("kent-fire")
    url = page("organisation", kent)
    wrong = {"note": "Half", "what_happened": "end", "happened_on": "2026-04-01", "successors": [kent.pk]}
    answer = browser.post(url, filled_in(browser, url, **wrong), follow=True)
    assert "can’t succeed itself. Choose another. Nothing was saved." in answer.content.decode()
    assert organisation("kent-fire").note == ""


def test_the_second_of_two_is_told(browser: Client) -> None:
    kent = organisation("kent-fire")
    url = page("organisation", kent)
    mine = filled_in(browser, url, note="Mine")
    browser.post(url, filled_in(browser, url, note="Theirs"))
    answer = browser.post(url, mine, follow=True)
    assert "Someone else has changed this" in answer.content.decode()
    assert organisation("kent-fire").note == "Theirs"


def test_an_organisation_is_added_with_a_code_from_its_name(browser: Client) -> None:
    url = page("organisation")
    values = filled_in(browser, url, name="Kent Air Ambulance", kind="voluntary")
    answer = browser.post(url, values)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert organisation("kent-air-ambulance").kind == "voluntary"


def test_chosen_organisations_merge_into_another(browser: Client) -> None:
    east, west = organisation("east-sussex-fire"), organisation("west-sussex-fire")
    url = reverse("admin:register_organisation_changelist")
    data = {
        "action": "merge",
        "_selected_action": [east.pk],
        "into": west.code,
        "on": "2026-04-01",
        "index": 0,
    }
    browser.post(url, data)
    assert east.successors_on(date(2026, 4, 1)) == [west]
    answer = browser.post(url, data | {"into": "nobody"}, follow=True)
    assert "Give the code of the organisation to merge into" in answer.content.decode()


def test_areas_of_work_are_added_renamed_merged_and_retired(browser: Client) -> None:
    browser.post(page("areaofwork"), {"name": "Drones", "code": "drones", "position": 150})
    fleet = AreaOfWork.objects.get(code="fleet")
    url = page("areaofwork", fleet)
    browser.post(url, filled_in(browser, url, name="Vehicles"))
    assert AreaOfWork.objects.get(code="fleet").name == "Vehicles"
    drones = AreaOfWork.objects.get(code="drones")
    changelist = reverse("admin:register_areaofwork_changelist")
    chosen = {"_selected_action": [drones.pk], "index": 0}
    browser.post(changelist, chosen | {"action": "merge", "into": fleet.pk})
    drones.refresh_from_db()
    assert drones.merged_into == fleet
    browser.post(changelist, {"_selected_action": [fleet.pk], "index": 0, "action": "retire"})
    assert not AreaOfWork.objects.active().filter(code="fleet").exists()


def test_nothing_can_be_deleted(browser: Client) -> None:
    kent = organisation("kent-fire")
    assert browser.post(reverse("admin:register_organisation_delete", args=[kent.pk])).status_code == 403

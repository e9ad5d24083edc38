"""Logging and editing through the pages: what is asked, what is refused, and nothing typed lost."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client

from register.accounts.models import User
from register.initiatives.models import Initiative
from tests.factories import initiative, organisation, person

pytestmark = pytest.mark.django_db

LEAD, PARTY, THIRD = "derbyshire-police", "derbyshire-fire", "emas-ambulance"


@pytest.fixture
def user() -> User:
    return person("contributor", at=LEAD)


@pytest.fixture
def contributor(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def form(*partners: tuple[str, str], **fields: Any) -> dict[str, Any]:
    """What the page posts: an organisation's code is chosen for the text in its box."""
    data: dict[str, Any] = {
        "title": "Shared drone team",
        "purpose": "Fly one set of drones for both services.",
        "areas": ["fleet"],
        "places": ["derbyshire"],
        "stage": "agreed",
        "standing": "active",
        "partners-INITIAL_FORMS": "0",
        "partners-TOTAL_FORMS": str(len(partners)),
    }
    for number, (code, role) in enumerate(partners):
        name = organisation(code).name
        data |= {
            f"partners-{number}-organisation": name,
            f"partners-{number}-organisation_code": code,
            f"partners-{number}-organisation_for": name,
            f"partners-{number}-role": role,
        }
    return data | fields


THREE = ((LEAD, "lead"), (PARTY, "party"), (THIRD, "party"))


def test_one_short_page_logs_a_record_with_its_three_partners(contributor: Client, user: User) -> None:
    answer = contributor.post("/initiatives/new/", form(*THREE))
    record = Initiative.objects.get()
    assert answer["Location"] == record.get_absolute_url()
    assert record.created_by == user
    assert {(p.organisation.code, p.role) for p in record.partners.all()} == set(THREE)
    assert record.audience == "everyone"


def test_a_draft_is_the_lead_organisations_own(contributor: Client) -> None:
    contributor.post("/initiatives/new/", form(*THREE, draft=""))
    assert Initiative.objects.get().audience == "draft"


def test_without_a_script_a_name_is_found_and_all_that_was_typed_is_still_there(contributor: Client) -> None:
    data = form(*THREE, title="A title in the making", find="")
    data |= {"partners-1-organisation": "derbyshire", "partners-1-organisation_code": ""}
    html = contributor.post("/initiatives/new/", data).content.decode()
    assert "Which organisation do you mean by “derbyshire”?" in html
    assert 'value="derbyshire-fire"' in html
    assert "A title in the making" in html
    assert not Initiative.objects.exists()


def test_rows_are_added_and_taken_off_without_losing_the_others(contributor: Client) -> None:
    html = contributor.post("/initiatives/new/", form(*THREE, add="")).content.decode()
    assert 'name="partners-3-organisation"' in html
    assert contributor.post("/initiatives/new/", form(*THREE, title="", remove="²")).status_code == 422
    html = contributor.post("/initiatives/new/", form(*THREE, remove="1")).content.decode()
    assert organisation(THIRD).name in html
    assert organisation(PARTY).name not in re.sub(r"<option.*?</option>", "", html)
    assert not Initiative.objects.exists()


@pytest.mark.parametrize(
    ("partners", "fields", "said"),
    [
        (THREE, {"title": ""}, "Title"),
        (THREE, {"title": "x" * 161}, "160"),
        (THREE, {"purpose": "bell \x07"}, "can&#x27;t be shown"),
        (THREE, {"purpose": "SECRET: plans"}, "SECRET"),
        (((LEAD, "lead"), (PARTY, "lead")), {}, "lead"),
        (((LEAD, "lead"), (LEAD, "lead")), {}, "lead"),
        (((LEAD, "lead"), ("wycombe-council", "party")), {}, "2020"),
        (THREE, {"standing": "closed", "standing_reason": "", "standing_text": ""}, "reason"),
        (THREE, {"stage": "lively"}, "Stage"),
        (THREE, {"areas": ["fleets"]}, "Areas"),
    ],
)
def test_what_is_wrong_is_said_with_a_way_to_it_and_nothing_typed_is_lost(
    contributor: Client, partners: Any, fields: dict[str, Any], said: str
) -> None:
    answer = contributor.post("/initiatives/new/", form(*partners, **fields))
    html = answer.content.decode()
    assert answer.status_code == 422
    summary = html.split("govuk-error-summary__list", 1)[1].split("</ul>", 1)[0]
    assert said.casefold() in summary.casefold()
    targets = re.findall(r'href="#([^"]+)"', summary)
    assert targets
    assert all(f'id="{target}"' in html for target in targets)
    for _, typed in fields.items():
        if isinstance(typed, str) and typed.isprintable() and len(typed) > 8:
            assert typed in html
    assert organisation(LEAD).name in html
    assert not Initiative.objects.exists()


def test_five_megabytes_in_a_box_are_refused_in_plain_words(contributor: Client) -> None:
    answer = contributor.post("/initiatives/new/", form(*THREE, purpose="x" * 5_000_000))
    assert answer.status_code in (400, 413, 422)
    assert "too" in answer.content.decode().lower()
    assert not Initiative.objects.exists()


def test_what_looks_the_same_is_shown_before_it_is_logged_twice(contributor: Client) -> None:
    there = initiative("Shared drone team")
    initiative("Shared drone teams", audience="partners", lead="kent-police", parties=[])
    html = contributor.post("/initiatives/new/", form(*THREE)).content.decode()
    assert there.reference in html
    assert "Shared drone teams" not in html
    assert Initiative.objects.count() == 2
    contributor.post("/initiatives/new/", form(*THREE, different=""))
    assert Initiative.objects.count() == 3


def test_of_two_who_edit_the_second_is_told_and_loses_nothing(contributor: Client) -> None:
    record = initiative("Shared workshop")
    page = f"{record.get_absolute_url()}edit/"
    version = re.search(r'name="version" value="(\d+)"', contributor.get(page).content.decode())[1]
    edit = {
        "marking": "official",
        "audience": "everyone",
        "version": version,
        "open_to_replication": "unknown",
    }
    first = contributor.post(page, form(*THREE[:2], title="Shared workshop, east", **edit))
    assert first.status_code == 302
    second = contributor.post(page, form(*THREE[:2], title="Shared workshop, west", **edit))
    html = second.content.decode()
    assert second.status_code == 409
    assert "Shared workshop, east" in html
    assert "Shared workshop, west" in html
    assert Initiative.objects.get().title == "Shared workshop, east"
    newer = re.search(r'name="version" value="(\d+)"', html)[1]
    third = contributor.post(
        page, form(*THREE[:2], title="Shared workshop, west", **edit | {"version": newer})
    )
    assert third.status_code == 302
    assert Initiative.objects.get().title == "Shared workshop, west"


@pytest.mark.parametrize(
    ("starts", "ends", "status"), [("2016", "2014", 422), ("June 2014", "2014", 302), ("2014", "soon", 422)]
)
def test_dates_end_after_they_start_as_exactly_as_they_are_known(
    contributor: Client, starts: str, ends: str, status: int
) -> None:
    record = initiative("Shared workshop")
    data = form(*THREE[:2], title="Shared workshop", starts=starts, ends=ends, version="1")
    data |= {"marking": "official", "audience": "everyone", "open_to_replication": "unknown"}
    data["version"] = str(record.version)
    answer = contributor.post(f"{record.get_absolute_url()}edit/", data)
    assert answer.status_code == status
    if status == 422:
        assert f'value="{ends}"' in answer.content.decode()


@pytest.mark.parametrize("role", [None, "reader", "auditor"])
def test_who_only_reads_logs_nothing(client: Client, role: str | None) -> None:
    client.force_login(person(role))
    assert client.get("/initiatives/new/").status_code == 403
    assert client.post("/initiatives/new/", form(*THREE)).status_code == 403
    assert not Initiative.objects.exists()


def pasted(text: str, **fields: Any) -> dict[str, Any]:
    """Names pasted into the second of three boxes; the first is the lead, the third is empty."""
    rows = form((LEAD, "lead"), **{"partners-TOTAL_FORMS": "3"})
    more = {"partners-1-organisation": text, "partners-1-role": "host", "partners-2-role": "party"}
    return rows | more | {"partners-2-organisation": ""} | fields


@pytest.mark.parametrize("between", ["; ", ";", "\n", "\r\n", "\t"])
def test_several_names_pasted_into_one_box_are_a_partner_each(contributor: Client, between: str) -> None:
    names = [organisation(code).name for code in (PARTY, THIRD, "kent-fire")]
    answer = contributor.post("/initiatives/new/", pasted(between.join(names)))
    assert answer.status_code == 302
    parts = Initiative.objects.get().partners.values_list("organisation__code", "role")
    assert set(parts) == {(LEAD, "lead"), (PARTY, "host"), (THIRD, "party"), ("kent-fire", "party")}


def test_a_pasted_name_that_is_not_plain_is_asked_about_in_a_row_of_its_own(contributor: Client) -> None:
    answer = contributor.post("/initiatives/new/", pasted("Derbyshire fire; Kent; East Midlands Ambulance"))
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose which organisation you mean by “Kent”" in unescape(html)
    assert 'value="Derbyshire fire"' in html
    assert not Initiative.objects.exists()


def test_without_a_script_finding_gives_pasted_names_their_rows_and_saves_nothing(
    contributor: Client,
) -> None:
    answer = contributor.post("/initiatives/new/", pasted("Kent Police; Kent Fire", find=""))
    html = answer.content.decode()
    assert answer.status_code == 200
    for name in ("Kent Police", "Kent Fire"):
        assert f'value="{name}"' in html
    assert 'name="partners-TOTAL_FORMS" value="3"' in html
    assert not Initiative.objects.exists()


def test_more_than_there_are_rows_for_is_kept_as_it_was_typed(contributor: Client) -> None:
    typed = "; ".join(f"Body {number}" for number in range(60))
    answer = contributor.post("/initiatives/new/", pasted(typed))
    assert answer.status_code == 422
    assert typed in answer.content.decode()


@pytest.mark.parametrize("total", ["", "x", "-1", "²", "9" * 5000])
def test_a_number_of_rows_that_is_none_is_refused_and_breaks_nothing(contributor: Client, total: str) -> None:
    sent = pasted("Kent Police; Kent Fire") | {"partners-TOTAL_FORMS": total}
    assert contributor.post("/initiatives/new/", sent).status_code == 422


def test_a_name_with_a_semicolon_after_it_is_that_name(contributor: Client) -> None:
    assert contributor.post("/initiatives/new/", pasted("Kent Police;")).status_code == 302
    assert Initiative.objects.get().partners.filter(organisation__code="kent-police", role="host").exists()

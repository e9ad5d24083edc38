"""The three pages as people see them: who may, what they show, how much they ask of the database."""

from __future__ import annotations

import random
import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from register.core.tracking import origin
from register.groups.services import arrange_meeting, draw_up_ask
from register.initiatives.services import add_agreement, change_barrier, raise_barrier
from tests.dashboards.support import anything, group_with, links, listed, numbered_links
from tests.factories import TODAY, initiative, organisation, person

pytestmark = pytest.mark.django_db

PAGES = ("state-of-play", "opportunities", "barriers", "taking-part", "figures")


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    clock.set("2026-11-23 09:14")


@pytest.fixture
def everything() -> Any:
    return group_with({}, code="national", name="National working group")


def opened(client: Client, user: Any, group: Any, page: str) -> str:
    client.force_login(user)
    response = client.get(f"/groups/{group.code}/{page}/")
    assert response.status_code == 200
    return response.content.decode()


def barrier(record: Any, **fields: Any) -> Any:
    told = {"title": "A wall", "category": "governance", "severity": "high", "remover": "local"} | fields
    with origin("test"):
        return raise_barrier(by=None, initiative=record, on=TODAY, **{"raised_on": date(2026, 6, 1), **told})


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("group_member", True),
        ("secretary", True),
        ("chair", True),
        ("administrator", True),
        ("auditor", True),
        ("reader", False),
        ("contributor", False),
        ("organisation_lead", False),
        (None, False),
    ],
)
def test_a_groups_pages_are_for_its_people_and_those_who_answer_for_the_register(
    client: Client, everything: Any, page: str, role: str | None, may: bool
) -> None:
    at = {"contributor": "derbyshire-police", "organisation_lead": "derbyshire-police"}.get(role or "")
    group = everything if role in ("group_member", "secretary", "chair") else None
    client.force_login(person(role, at=at, group=group))
    response = client.get(f"/groups/national/{page}/")
    assert response.status_code == (200 if may else 403)
    if not may:
        assert "see a working group&#x27;s pages" in response.content.decode()


def test_members_of_another_group_may_not_read_along(client: Client, everything: Any) -> None:
    client.force_login(person("chair", group=group_with({})))
    assert client.get("/groups/national/barriers/").status_code == 403


def test_an_unknown_group_is_not_found(client: Client) -> None:
    client.force_login(person("administrator"))
    assert client.get("/groups/nowhere/state-of-play/").status_code == 404


def test_every_number_that_a_page_links_is_the_number_that_its_list_shows(
    client: Client, everything: Any
) -> None:
    dice = random.Random(5)
    for number in range(16):
        anything(dice, everything, number)
    member = person("group_member", group=everything)
    for page in PAGES:
        found = numbered_links(opened(client, member, everything, page))
        assert found or page == "figures"
        for href, number in found:
            assert listed(href, member) == number, (page, href)
        # And the list page itself says so.
        for href, number in dice.sample(found, min(3, len(found))):
            plural = "" if number == 1 else "s"
            assert f"{number} initiative{plural}<" in client.get(href).content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_links_within_a_page_have_their_target(client: Client, everything: Any, page: str) -> None:
    barrier(initiative())
    html = opened(client, person("group_member", group=everything), everything, page)
    for href, _ in links(html):
        if href.startswith("#"):
            assert f'id="{href[1:]}"' in html, href


@pytest.mark.parametrize("remit", [{}, {"region": ["E12000004"]}])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_asks_no_more_of_the_database_when_there_is_more_to_show(
    client: Client, django_assert_max_num_queries: Any, page: str, remit: dict[str, list[str]]
) -> None:
    group = group_with(remit)
    dice = random.Random(6)
    for number in range(8):
        record = anything(dice, group, number)
        with origin("test"):
            add_agreement(by=None, initiative=record, kind="s22a", review_on=date(2027, 1, 31), parties=[])
            wall = raise_barrier(
                by=None,
                initiative=record,
                raised_on=TODAY,
                on=TODAY,
                title="A wall",
                category="governance",
                severity="low",
                remover="government",
            )
            draw_up_ask(
                by=None,
                group=group,
                title="Take it down",
                addressee=organisation("home-office"),
                what="The wall",
                barriers=[wall],
            )
    client.force_login(person("group_member", group=group))
    with django_assert_max_num_queries(15):
        assert client.get(f"/groups/{group.code}/{page}/").status_code == 200


@pytest.mark.parametrize("page", PAGES)
def test_what_a_reader_may_not_see_is_in_no_number_and_in_no_row(
    client: Client, everything: Any, page: str
) -> None:
    member = person("group_member", group=everything)
    initiative("For all", stage="live", areas=["estates"])
    before = opened(client, member, everything, page)
    for title, fields in {
        "Secret draft": {"audience": "draft"},
        "Secret of partners": {"audience": "partners"},
        "Secret and sensitive": {"audience": "partners", "marking": "official_sensitive"},
    }.items():
        record = initiative(
            title,
            stage="considered",
            areas=["fleet"],
            places=["kent"],
            parties=["kent-fire"],
            open_to_replication=True,
            **fields,
        )
        barrier(record, title="Secret wall")
    after = opened(client, member, everything, page)
    assert "Secret" not in after
    assert without_tokens(after) == without_tokens(before)
    assert "Secret" in opened(client, person("administrator"), everything, page) or page in (
        "state-of-play",
        "taking-part",
        "figures",
    )


def without_tokens(html: str) -> str:
    return "\n".join(line for line in html.splitlines() if "csrf" not in line.lower())


def test_exampleshire_is_never_in_the_national_numbers_and_the_country_never_in_its(
    client: Client, everything: Any
) -> None:
    example = group_with({"example": ["only"]}, code="exampleshire", is_fictional=True)
    initiative("Real one", stage="live")
    initiative("Invented one", stage="live", is_fictional=True)
    administrator = person("administrator")
    for group, shown in ((everything, "Real one"), (example, "Invented one")):
        html = opened(client, administrator, group, "state-of-play")
        live = next(href for href, says in links(html) if "stage=live" in href and says == "1")
        rows = client.get(live).content.decode()
        assert shown in rows
        assert ("Invented one" in rows) is (group == example)


def test_a_fictional_group_has_a_list_of_its_areas_and_no_map_of_the_country(client: Client) -> None:
    group = group_with({"example": ["only"]}, is_fictional=True)
    html = opened(client, person("administrator"), group, "state-of-play")
    assert "bl-tiles" not in html
    assert "Northumbria" not in html


def test_the_map_draws_the_remits_areas_only(client: Client) -> None:
    group = group_with({"region": ["E12000006"]})
    html = opened(client, person("administrator"), group, "state-of-play")
    assert "NFK" in html
    assert "KNT" not in html


def test_a_group_without_a_remit_counts_nothing_and_says_why(client: Client) -> None:
    initiative()
    group = group_with(None)
    html = opened(client, person("administrator"), group, "state-of-play")
    assert "This group has no remit yet" in html
    assert not [href for href, _ in numbered_links(html) if href != "/initiatives/"]


def test_a_national_group_without_barriers_says_what_that_means_and_how_to_raise_one(
    client: Client, everything: Any
) -> None:
    initiative()
    html = opened(client, person("group_member", group=everything), everything, "barriers")
    assert "That does not mean that nothing is in the way" in html
    assert "raises a barrier on its page" in html


def test_one_held_up_by_three_barriers_counts_once_in_all(client: Client, everything: Any) -> None:
    record = initiative()
    for category, remover in (
        ("governance", "local"),
        ("governance", "government"),
        ("legislation", "government"),
    ):
        barrier(record, category=category, remover=remover)
    html = opened(client, person("group_member", group=everything), everything, "barriers")
    assert {number for _, number in numbered_links(html)} == {1}
    assert '>3</a></span><span class="bl-stat__l">Open barriers' in html


def test_removed_barriers_hold_nothing_up_and_are_told_with_how_long_they_stood(
    client: Client, everything: Any
) -> None:
    wall = barrier(initiative(), raised_on=date(2026, 1, 1))
    with origin("test"):
        change_barrier(
            by=None, barrier=wall, version=None, on=TODAY, state="removed", resolved_on=date(2026, 10, 1)
        )
    html = opened(client, person("group_member", group=everything), everything, "barriers")
    assert numbered_links(html) == []
    assert "Removed 1 October 2026, open 9 months" in html


def test_barriers_of_closed_initiatives_are_no_longer_counted(client: Client, everything: Any) -> None:
    barrier(initiative(standing="closed", standing_reason="other", standing_text="Over."))
    barrier(initiative(standing="paused", standing_reason="other", standing_text="Waiting."))
    html = opened(client, person("group_member", group=everything), everything, "barriers")
    assert {number for _, number in numbered_links(html)} == {1}


def test_an_ask_names_only_barriers_that_the_reader_may_see(client: Client, everything: Any) -> None:
    walls = [
        barrier(initiative(), title="Open wall"),
        barrier(initiative(audience="partners"), title="Hidden wall"),
    ]
    with origin("test"):
        draw_up_ask(
            by=None,
            group=everything,
            title="Take them down",
            addressee=organisation("home-office"),
            what="Both.",
            barriers=walls,
        )
    html = opened(client, person("group_member", group=everything), everything, "barriers")
    assert "Take them down" in html
    assert "Open wall" in html
    assert "Hidden wall" not in html


def test_changes_are_counted_from_the_last_meeting_when_there_was_one(
    client: Client, everything: Any
) -> None:
    member = person("group_member", group=everything)
    assert "Since the last meeting" not in opened(client, member, everything, "state-of-play")
    with origin("test"):
        for month in (10, 12):
            arrange_meeting(
                by=None,
                group=everything,
                starts_at=datetime(2026, month, 15, 10, tzinfo=ZoneInfo("Europe/London")),
            )
    html = opened(client, member, everything, "state-of-play")
    assert "Since the last meeting" in html
    assert "From 15 October 2026" in html


def test_a_page_says_the_moment_it_was_counted(client: Client, everything: Any) -> None:
    html = opened(client, person("group_member", group=everything), everything, "state-of-play")
    assert "As of 23 November 2026, 09:14" in html


def test_the_cells_of_the_matrix_are_no_tab_stops_and_the_lists_under_it_have_the_same_links(
    client: Client, everything: Any
) -> None:
    initiative(areas=["fleet"], places=["kent"], stage="live")
    html = opened(client, person("group_member", group=everything), everything, "opportunities")
    table = html.split('<table class="bl-gap">')[1].split("</table>")[0]
    cells = re.findall(r'<a href="([^"]+)"( tabindex="-1")?', table)
    assert len(cells) == 43 * 14
    assert {stops for _, stops in cells} == {' tabindex="-1"'}
    lists = html.split('<div class="bl-gapnarrow">')[1].split("</section>")[0]
    assert {href for href, _ in cells} == set(re.findall(r'<a class="bl-link" href="([^"]+)"', lists))
    assert "bl-gaphint--always" not in html, "43 columns are as wide as the page"


def test_a_matrix_that_is_wider_than_the_page_says_so(client: Client, everything: Any) -> None:
    initiative(areas=["fleet"], places=["kent"], stage="live")
    client.force_login(person("group_member", group=everything))
    assert b"bl-gaphint--always" in client.get("/groups/national/opportunities/gaps/?by=fire").content

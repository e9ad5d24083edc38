"""Every linked number of a dashboard is followed, as a person would: what opens holds exactly that many."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from django.test import Client

from register.catalogue.models import SavedView
from register.core.dates import LimitedDate
from register.core.tracking import origin
from register.dashboards.metrics.where import MEASURES
from register.groups.services import draw_up_ask
from register.initiatives.models import Barrier
from register.initiatives.services import add_agreement, add_milestone
from tests.dashboards.support import anything, group_with, links, listed
from tests.factories import TODAY, organisation, person
from tests.support.clock import standing_still

pytestmark = pytest.mark.usefixtures("undone")

PAGES = (
    "state-of-play",
    *(f"state-of-play/?map={code}" for code, *_ in MEASURES),
    "opportunities",
    "opportunities/gaps",
    "barriers",
    "taking-part",
    "figures",
)
REMITS: tuple[dict[str, list[str]], ...] = (
    {},
    {"region": ["E12000006"], "standing": ["active", "paused"]},
    {"area": ["fleet", "estates"], "barrier": ["legislation", "governance"]},
)


NOW = "2026-11-23 09:14"


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    clock.set(NOW)


@pytest.fixture(scope="module")
def world(shared_by_the_file: None) -> Any:
    """A register with something of everything, and a group that looks at all of it."""
    with standing_still(NOW):
        return _made()


def _made() -> Any:
    dice, group = random.Random(11), group_with({}, code="national")
    for number in range(28):
        record = anything(dice, group, number)
        with origin("test"):
            if number % 3 == 0:
                day = TODAY.replace(month=1 + number % 12, year=2026 + number % 2)
                add_milestone(by=None, initiative=record, what="Open", due=LimitedDate(day))
            if number % 4 == 0:
                add_agreement(by=None, initiative=record, kind="s22a", review_on=TODAY, parties=[])
    return group


def said(html: str, what: str) -> int:
    """The number that a page of rows says it has: of open barriers, of dates, of figures in a section."""
    found = re.search(what, html)
    assert found, what
    return int(found[1].replace(",", ""))


def holds(client: Client, user: Any, here: str, href: str) -> int:
    """How many of what it counts an address holds, by the page itself; for the list, by counting it too."""
    path, _, fragment = href.partition("#")
    if path.startswith("/initiatives/?") or path == "/initiatives/":
        return listed(href, user)
    html = client.get(path or here).content.decode()
    if path.partition("?")[0].endswith("/barriers/open/"):
        return said(html, r"<b>(\d+)</b> open barrier")
    if path.endswith("/opportunities/dates/"):
        return said(html, r"<b>(\d+)</b>, the earliest")
    if path.endswith("/taking-part/"):
        return said(html, r'id="in">(\d+) takes? part')
    section = html.partition(f'id="{fragment}"')[2]
    assert section, href
    if fragment.startswith("stated-"):
        return said(section, r"^[^<]*: (\d+)<")
    if fragment == "asks":
        return section.partition("</section>")[0].count('<th scope="row"')
    if fragment == "resolved":
        return section.partition("</section>")[0].count("<li>")
    raise AssertionError(f"What does {href} hold?")


NUMBER = re.compile(
    r"^(?:All |The next of )?(\d[\d,]*)(?: open barriers| dates| live| coming| going on, \d+ live)?$"
)


@pytest.mark.parametrize("remit", REMITS, ids=["everything", "a-region", "areas-of-work"])
def test_what_a_number_opens_holds_exactly_as_many_for_four_kinds_of_reader(
    client: Client, world: Any, remit: dict[str, list[str]]
) -> None:
    group = group_with(remit)
    barriers = list(Barrier.objects.in_the_way()[:3])
    with origin("test"):
        draw_up_ask(
            by=None,
            group=group,
            title="Change it",
            addressee=organisation("home-office"),
            what="All.",
            barriers=barriers,
        )
    readers = [
        person("group_member", group=group),
        person("administrator"),
        person("auditor"),
        _contributor_in(group),
    ]
    followed = 0
    for reader in readers:
        client.force_login(reader)
        known: dict[str, int] = {}
        for page in PAGES:
            here = f"/groups/{group.code}/{page}" + ("" if "?" in page else "/")
            for href, says in links(client.get(here).content.decode()):
                number = NUMBER.match(says)
                if number and "page=" not in href:
                    n = int(number[1].replace(",", ""))
                    if href not in known:
                        known[href] = holds(client, reader, here, href)
                    assert known[href] == n, (page, href, says)
                    followed += 1
    assert followed > (400 if not remit else 60)


def _contributor_in(group: Any) -> Any:
    from register.accounts.services import grant_role

    user = person("contributor", at="derbyshire-fire")
    with origin("test"):
        grant_role(by=None, user=user, role="group_member", group=group)
    return user


@pytest.mark.parametrize(
    "begin", ["/everything/", "/places/norfolk/", "/organisations/derbyshire-fire/", "view"]
)
def test_numbers_lead_to_their_rows_whatever_the_dashboard_is_of(
    client: Client, world: Any, begin: str
) -> None:
    reader = person("contributor", at="norfolk-police")
    if begin == "view":
        view = SavedView.objects.create(name="Mine", owner=reader, parameters={"stage": ["live", "pilot"]})
        begin = f"/views/{view.pk}/"
    client.force_login(reader)
    followed, known = 0, dict[str, int]()
    for page in PAGES:
        here = f"{begin}{page}" + ("" if "?" in page else "/")
        response = client.get(here)
        assert response.status_code == 200
        for href, says in links(response.content.decode()):
            number = NUMBER.match(says)
            if number and "page=" not in href:
                place = f"{here}{href}" if href.startswith("#") else href
                if place not in known:
                    known[place] = holds(client, reader, here, href)
                assert known[place] == int(number[1].replace(",", "")), (page, href)
                followed += 1
    assert followed > 20


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/views/999999/state-of-play/", 404),
        ("/places/nowhere/barriers/", 404),
        ("/organisations/nobody/opportunities/", 404),
        ("/everything/opportunities/dates/?page=99999999999999999999", 200),
        ("/everything/figures/?of=lines&page=-1", 200),
        ("/everything/barriers/open/?page=x", 200),
    ],
)
def test_an_address_that_means_nothing_is_told_apart_from_one_that_means_little(
    client: Client, address: str, status: int
) -> None:
    client.force_login(person("reader"))
    assert client.get(address).status_code == status


def test_somebody_elses_view_has_no_dashboard_for_others(client: Client) -> None:
    view = SavedView.objects.create(name="Theirs", owner=person("reader"), parameters={})
    client.force_login(person("reader"))
    assert client.get(f"/views/{view.pk}/state-of-play/").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "state-of-play/?map=nonsense",
        "opportunities/gaps/?by=nonsense",
        "barriers/open/?severity=nonsense",
        "barriers/open/?age=nonsense&severity=high",
        "figures/?of=nonsense",
    ],
)
def test_what_there_is_not_shows_nothing_and_is_named(client: Client, world: Any, address: str) -> None:
    client.force_login(person("administrator"))
    html = client.get(f"/everything/{address}").content.decode()
    assert "Nothing is shown" in html
    assert "there is no “nonsense”" in html
    assert not [href for href, says in links(html) if NUMBER.match(says)]

"""What leads to a dashboard, and what its pages leave out so that the rest is seen."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from register.catalogue.models import SavedView
from register.core.tracking import origin
from register.initiatives.services import raise_barrier
from tests.dashboards.support import group_with
from tests.factories import TODAY, initiative, person

PAGES = ("state-of-play", "opportunities", "barriers")


def ways(html: str, begin: str) -> list[str]:
    """The pages under an address that the page links to."""
    return re.findall(rf'href="{begin}([a-z-]+)/"', html)


@pytest.mark.django_db
def test_categories_that_hold_nothing_up_are_named_in_a_line_and_have_no_row(client: Client) -> None:
    group = group_with({}, code="national", name="National working group")
    with origin("test"):
        raise_barrier(
            by=None,
            initiative=initiative(),
            on=TODAY,
            raised_on=TODAY,
            title="A wall",
            category="governance",
            severity="high",
            remover="local",
        )
    client.force_login(person("group_member", group=group))
    html = client.get("/groups/national/barriers/").content.decode()
    table = html[html.index('<table class="bl-heat') :].split("</table>")[0]
    told = re.search(r"Nothing in the way: ([^<]+)\.</p>", html)
    assert told
    clear = told[1].split(", ")
    assert '<th scope="row">Governance</th>' in table
    assert "Legislation" in clear
    assert "Governance" not in clear
    assert not [name for name in clear if f'<th scope="row">{name}</th>' in table]


@pytest.mark.parametrize(
    ("address", "begin"),
    [
        ("/places/hertfordshire/", "/places/hertfordshire/"),
        ("/organisations/hertfordshire-police/", "/organisations/hertfordshire-police/"),
        ("/", "/everything/"),
    ],
)
def test_a_page_leads_to_the_dashboards_of_what_it_is_about(
    client: Client, sample: Any, address: str, begin: str
) -> None:
    client.force_login(person("reader"))
    found = ways(client.get(address).content.decode(), begin)
    assert [page for page in found if page in PAGES] == list(PAGES)
    assert all(client.get(f"{begin}{page}/").status_code == 200 for page in PAGES)


def test_a_saved_view_leads_to_its_dashboards(client: Client, sample: Any) -> None:
    view = SavedView.objects.get(owner__email__startswith="contributor@")
    client.force_login(view.owner)
    found = ways(client.get("/views/").content.decode(), f"/views/{view.pk}/")
    assert [page for page in found if page in PAGES] == list(PAGES)

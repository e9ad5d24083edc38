"""What a group looks at, changed by its secretary: by a filter of the register, or from a saved view."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from register.catalogue.models import SavedView
from register.catalogue.services import change_view, save_view
from register.groups.models import Remit
from register.groups.remit import remit_parameters
from register.groups.services import set_remit
from tests.factories import TODAY, initiative, person, working_group
from tests.groups.support import MANAGERS, do, group_of_everything, somebody

pytestmark = pytest.mark.django_db

CHANGE = "/groups/eastern/remit/change/"


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    clock.set("2026-11-23 09:14")


@pytest.fixture
def group() -> Any:
    return group_of_everything()


def parameters(group: Any) -> Any:
    return remit_parameters(type(group).objects.select_related("remit__view").get(pk=group.pk))


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def links(html: str, start: str) -> list[str]:
    return [unescape(link) for link in re.findall(rf'href="({re.escape(start)}[^"]*)"', html)]


@pytest.mark.parametrize("role", MANAGERS)
def test_a_filter_of_the_register_comes_back_as_the_remit(client: Client, group: Any, role: str) -> None:
    """Without a script: the group's page, the register, a filter, the comparison, the remit."""
    initiative("Vans", areas=["fleet"])
    initiative("Houses", areas=["estates"])
    client.force_login(somebody(role, group))
    [to_list] = [
        link for link in links(text(client, "/groups/eastern/remit/"), "/initiatives/") if "for=" in link
    ]
    assert "choosing what the Eastern group looks at" in text(client, to_list)
    html = text(client, to_list + "&area=fleet&sort=title&as=table")
    [back] = links(html, CHANGE)
    assert urlsplit(back).query == "area=fleet"
    html = text(client, back)
    assert "Everything in the register." in html
    assert "Area of work: Fleet." in html
    assert re.search(r">2<span[^>]*> as it is now", html)
    assert re.search(r">1<span[^>]*> as it would be", html)
    assert parameters(group) == {}
    told = dict(re.findall(r'<input type="hidden" name="(query|version)" value="([^"]*)"', html))
    assert client.post(CHANGE, told).status_code == 302
    assert parameters(group) == {"area": ["fleet"]}


def test_choosing_goes_on_through_every_form_and_chip_of_the_list(client: Client, group: Any) -> None:
    initiative("Vans")
    initiative("More vans")
    client.force_login(somebody("secretary", group))
    html = text(client, "/initiatives/?for=eastern&area=fleet&stage=agreed")
    assert html.count('name="for" value="eastern"') == html.count('action="/initiatives/"')
    chips = links(html.split("bl-chips")[1].split("</ul>")[0], "/initiatives/")
    assert chips
    assert all("for=eastern" in chip for chip in chips)


@pytest.mark.parametrize("role", ["chair", "group_member", "reader", "auditor"])
def test_who_does_not_run_the_group_chooses_nothing_for_it(client: Client, group: Any, role: str) -> None:
    client.force_login(somebody(role, group))
    html = text(client, "/initiatives/?for=eastern")
    assert "choosing what" not in html
    assert CHANGE not in html
    assert client.post(CHANGE, {"query": "area=fleet", "version": "1"}).status_code == 403
    assert parameters(group) == {}


def test_a_group_that_is_none_is_no_error_of_the_list(client: Client, group: Any) -> None:
    initiative("Vans")
    client.force_login(somebody("secretary", group))
    html = text(client, "/initiatives/?for=nobody")
    assert "Vans" in html
    assert "choosing what" not in html


def test_a_group_without_a_remit_is_given_its_first(client: Client) -> None:
    bare = working_group("bare")
    client.force_login(somebody("secretary", bare))
    html = text(client, "/groups/bare/remit/change/?area=fleet")
    assert "Not set yet." in html
    assert (
        client.post("/groups/bare/remit/change/", {"query": "area=fleet", "version": "0"}).status_code == 302
    )
    view = Remit.objects.get(group=bare).view
    assert (view.parameters, view.owner) == ({"area": ["fleet"]}, None)
    assert list(view.groups.all()) == [bare]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("who=mine", "“who=mine” depends on who looks"),
        ("who=follows&area=fleet", "“who=follows” depends on who looks"),
        ("colour=blue", "There is no filter called “colour”."),
        ("area=nothing", "Area of work"),
    ],
)
def test_what_depends_on_who_looks_or_means_nothing_is_no_remit_and_says_why(
    client: Client, group: Any, query: str, message: str
) -> None:
    client.force_login(somebody("secretary", group))
    html = text(client, f"{CHANGE}?{query}")
    assert message in html
    assert "Make this the remit</button>" not in html
    assert [
        link for link in links(html, "/initiatives/") if "for=eastern" in link and query.split("&")[0] in link
    ]
    answer = client.post(CHANGE, {"query": query, "version": "1"})
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert parameters(group) == {}


def test_numbers_are_those_of_the_person_who_compares(client: Client, group: Any) -> None:
    initiative("Open")
    initiative("Secret", audience="partners")
    client.force_login(somebody("secretary", group))
    html = text(client, f"{CHANGE}?area=fleet")
    assert re.findall(r">(\d+)<span[^>]*> as it (?:is now|would be)", html) == ["1", "1"]
    assert "Secret" not in html


def test_two_who_change_the_remit_are_told_of_each_other(client: Client, group: Any) -> None:
    client.force_login(somebody("secretary", group))
    do(set_remit, group=group, name="Theirs", parameters={"area": ["estates"]})
    told = {"query": "area=fleet", "version": "1"}
    answer = client.post(CHANGE, told)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Area of work: Estates." in html
    assert "Area of work: Fleet." in html
    assert 'value="area=fleet"' in html
    assert parameters(group) == {"area": ["estates"]}
    assert client.post(CHANGE, told | {"version": "2"}).status_code == 302
    assert parameters(group) == {"area": ["fleet"]}


def test_what_the_group_looks_at_already_is_not_offered_again(client: Client, group: Any) -> None:
    client.force_login(somebody("secretary", group))
    html = text(client, CHANGE)
    assert "what the group looks at already" in html
    assert "Make this the remit</button>" not in html


# Saved views


def save(owner: Any, name: str, parameters: dict[str, list[str]], groups: Any = ()) -> SavedView:
    return do(save_view, by=owner, name=name, parameters=parameters, groups=groups, on=TODAY)


def test_views_that_the_secretary_may_see_are_offered_and_no_other(client: Client, group: Any) -> None:
    secretary, member = somebody("secretary", group), somebody("group_member", group)
    save(secretary, "My fleet", {"area": ["fleet"]})
    save(member, "Shared estates", {"area": ["estates"]}, [group])
    save(member, "Somebody’s own", {"area": ["training"]})
    save(person("reader"), "A stranger’s", {"area": ["training"]})
    save(secretary, "Mine alone", {"who": ["mine"]})
    client.force_login(secretary)
    html = text(client, "/groups/eastern/remit/")
    assert "My fleet" in html
    assert "Shared estates" in html
    assert "Somebody’s own" not in html
    assert "A stranger’s" not in html
    assert "It depends on who looks" in html
    assert links(html, f"{CHANGE}?") == [f"{CHANGE}?area=fleet", f"{CHANGE}?area=estates"]
    assert "Everything</b>" not in html  # the remit itself


def test_the_group_gets_a_copy_that_nobody_changes_for_it(client: Client, group: Any) -> None:
    secretary = somebody("secretary", group)
    view = save(secretary, "My fleet", {"area": ["fleet"]})
    client.force_login(secretary)
    client.post(CHANGE, {"query": "area=fleet", "version": "1"})
    do(change_view, by=secretary, view=view, version=None, parameters={"area": ["estates"]}, on=TODAY)
    assert parameters(group) == {"area": ["fleet"]}

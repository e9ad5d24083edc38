"""Logging from an example elsewhere: what is taken over, what is not, and that looking writes nothing."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from register.accounts.models import User
from register.core.tracking import origin
from register.history.models import Change
from register.initiatives.models import Initiative
from register.pages.like import adapted
from register.reference.models import PoliceArea
from tests.factories import initiative, organisation, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return person("contributor", at="kent-fire")


@pytest.fixture
def contributor(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def example(**fields: Any) -> Initiative:
    return initiative(
        **{
            "title": "Surrey joint workshop",
            "purpose": "Service Surrey’s police and fire vehicles in one place.",
            "lead": "surrey-police",
            "parties": ["surrey-fire"],
            "areas": ["fleet", "procurement"],
            "places": ["surrey"],
            "stage": "live",
            "depth": "shared_service",
        }
        | fields
    )


def opened(client: Client, record: Initiative, query: str = "place=kent&area=fleet") -> str:
    answer = client.get(f"/initiatives/new/?like={record.reference}&{query}")
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def filled(html: str) -> dict[str, list[str]]:
    """What a browser would post of the page: inputs, the chosen of boxes and lists, texts."""
    data: dict[str, list[str]] = {}
    form = html[html.index('class="bl-form"') :]
    for tag in re.findall(r"<input [^>]*>", form):
        told = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if told.get("type") in {"radio", "checkbox"} and "checked" not in tag:
            continue
        if "name" in told:
            data.setdefault(told["name"], []).append(told.get("value", ""))
    for name, text in re.findall(r'<textarea name="(\w+)"[^>]*>\s*(.*?)</textarea>', form, re.DOTALL):
        data[name] = [text]
    for name, body in re.findall(r'<select name="([\w-]+)".*?>(.*?)</select>', form, re.DOTALL):
        chosen = re.findall(r'<option value="([^"]*)" selected', body)
        data[name] = chosen or [""]
    return data


def test_the_page_opens_with_the_example_made_this_place_and_its_own_services(contributor: Client) -> None:
    html = opened(contributor, example())
    data = filled(html)
    assert data["title"] == ["Kent joint workshop"]
    assert data["purpose"] == ["Service Kent’s police and fire vehicles in one place."]
    assert sorted(data["areas"]) == ["fleet", "procurement"]
    assert data["places"] == ["kent"]
    assert data["stage"] == ["opportunity"]
    assert data["depth"] == ["shared_service"]
    rows = [
        (data[f"partners-{n}-organisation_code"][0], data[f"partners-{n}-role"][0])
        for n in range(int(data["partners-TOTAL_FORMS"][0]))
    ]
    assert rows == [("kent-fire", "lead"), ("kent-police", "party")]
    assert "change what differs" in html


def test_saved_as_it_opens_it_is_an_opportunity_that_says_what_it_was_modelled_on(
    contributor: Client, user: User
) -> None:
    record = example()
    answer = contributor.post("/initiatives/new/", filled(opened(contributor, record)))
    made = Initiative.objects.exclude(pk=record.pk).get()
    assert answer["Location"] == made.get_absolute_url()
    assert (made.stage, made.depth, made.created_by) == ("opportunity", "shared_service", user)
    assert [source.citation for source in made.sources.all()] == [f"Modelled on {record.reference}"]
    page = contributor.get(made.get_absolute_url()).content.decode()
    assert f'<a class="bl-link" href="{record.get_absolute_url()}">{record.reference}</a>' in page


def test_looking_writes_nothing(contributor: Client) -> None:
    record = example()
    before = Change.objects.count(), Initiative.objects.count()
    with CaptureQueriesContext(connection) as queries:
        opened(contributor, record)
    written = [q["sql"] for q in queries if re.match(r"(INSERT|UPDATE|DELETE)\b", q["sql"])]
    assert not [sql for sql in written if "register_" in sql]
    assert (Change.objects.count(), Initiative.objects.count()) == before
    assert len(queries) <= 20


@pytest.mark.parametrize("audience", ["partners", "draft"])
def test_an_example_that_may_not_be_seen_is_not_there(contributor: Client, audience: str) -> None:
    hidden = example(audience=audience)
    answer = contributor.get(f"/initiatives/new/?like={hidden.reference}&place=kent&area=fleet")
    nothing = contributor.get("/initiatives/new/?like=BL-99999999&place=kent&area=fleet")
    assert answer.status_code == nothing.status_code == 404
    assert hidden.title not in answer.content.decode()
    pages = [re.sub(r'"X-CSRFToken": "\w+"', "", one.content.decode()) for one in (answer, nothing)]
    assert pages[0] == pages[1]


@pytest.mark.parametrize("like", ["BL-1", "nothing", "BL-" + "9" * 12, "é"])
def test_what_is_no_reference_is_not_there_either(contributor: Client, like: str) -> None:
    assert contributor.get("/initiatives/new/", {"like": like, "place": "kent"}).status_code == 404


def test_a_hidden_example_named_in_a_post_is_not_kept_and_nothing_typed_is_lost(contributor: Client) -> None:
    data = filled(opened(contributor, example()))
    hidden = example(title="Hidden", audience="partners")
    contributor.post("/initiatives/new/", data | {"like": [hidden.reference], "different": ["yes"]})
    made = Initiative.objects.get(title="Kent joint workshop")
    assert not made.sources.exists()
    assert made.depth == "shared_service"


def test_the_words_of_what_not_everybody_may_see_stay_there(client: Client) -> None:
    hidden = example(audience="partners", marking="official_sensitive")
    client.force_login(person("contributor", at="surrey-police"))
    html = opened(client, hidden)
    data = filled(html)
    assert data["title"] == [""]
    assert data["purpose"] == [""]
    assert data["depth"] == ["shared_service"]
    assert '<span class="bl-official">OFFICIAL-SENSITIVE</span>' in html


def test_an_error_keeps_what_was_typed_and_the_example(contributor: Client) -> None:
    record = example()
    data = filled(opened(contributor, record)) | {"purpose": [""], "title": ["Kent and Medway workshop"]}
    answer = contributor.post("/initiatives/new/", data)
    html = unescape(answer.content.decode())
    assert answer.status_code == 422
    again = filled(html)
    assert again["title"] == ["Kent and Medway workshop"]
    assert again["like"] == [record.reference]
    assert again["depth"] == ["shared_service"]
    assert again["places"] == ["kent"]
    saved = contributor.post("/initiatives/new/", again | {"purpose": ["Service vehicles in one place."]})
    assert saved.status_code == 302
    assert Initiative.objects.get(title="Kent and Medway workshop").sources.count() == 1


def test_a_title_left_as_it_was_is_asked_about_once(contributor: Client) -> None:
    record = example(title="Joint workshop")
    data = filled(opened(contributor, record))
    assert data["title"] == ["Joint workshop"]
    html = contributor.post("/initiatives/new/", data).content.decode()
    assert "This looks the same as a record that is already here." in html
    assert contributor.post("/initiatives/new/", data | {"different": ["yes"]}).status_code == 302


def test_who_is_of_none_of_the_services_chooses_the_lead(client: Client) -> None:
    client.force_login(person("contributor", at="derbyshire-police"))
    html = opened(client, example())
    data = filled(html)
    assert [data[f"partners-{n}-role"] for n in range(2)] == [["party"], ["party"]]
    assert "choose which one leads" in html


def test_without_a_place_it_is_where_the_writer_works(contributor: Client) -> None:
    assert filled(opened(contributor, example(), "area=fleet"))["places"] == ["kent"]


def test_a_place_that_is_none_leaves_it_to_the_writer(contributor: Client) -> None:
    html = opened(contributor, example(), "place=atlantis&area=nothing")
    assert "Say where it would be" in html
    assert filled(html)["title"] == ["Surrey joint workshop"]


def test_who_only_reads_logs_nothing(client: Client) -> None:
    record = example()
    client.force_login(person("reader"))
    assert client.get(f"/initiatives/new/?like={record.reference}&place=kent").status_code == 403


@pytest.mark.parametrize(
    ("text", "there", "place", "now"),
    [
        ("South Yorkshire joint fleet", ["South Yorkshire"], "kent", "Kent joint fleet"),
        ("West Sussex fire control", ["Sussex"], "kent", "West Sussex fire control"),
        ("Norfolk and Suffolk joint buying", ["Norfolk", "Suffolk"], "kent", "Kent joint buying"),
        ("Suffolk and Norfolk joint buying", ["Norfolk", "Suffolk"], "kent", "Kent joint buying"),
        ("Devon and Cornwall hub", ["Devon & Cornwall"], "kent", "Kent hub"),
        ("Hucknall hub", ["Nottinghamshire"], "kent", "Hucknall hub"),
        ("Kent’s hub", ["Kent"], "metropolitan", "London’s hub"),
        ("Kentish hub", ["Kent"], "norfolk", "Kentish hub"),
    ],
)
def test_the_name_of_where_it_is_becomes_the_place_only_where_that_can_be_said(
    text: str, there: list[str], place: str, now: str
) -> None:
    assert adapted(text, there, PoliceArea.objects.select_related("region").get(slug=place), 160) == now


def test_the_service_refuses_an_example_that_its_writer_may_not_see(user: User) -> None:
    from django.core.exceptions import PermissionDenied

    from register.initiatives.services import log_initiative_like

    hidden = example(audience="partners")
    with origin("test"), pytest.raises(PermissionDenied):
        log_initiative_like(by=user, example=hidden)
    assert organisation("kent-fire").partnerships.count() == 0

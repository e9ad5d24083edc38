"""What opens from a gap: the closest live examples elsewhere, why each is there, and nothing a reader may not see."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from register.core.dates import LimitedDate
from register.core.tracking import origin
from register.dashboards.metrics.others import Others, others
from register.initiatives.services import (
    add_benefit,
    add_saving,
    edit_initiative,
    say_why_no_figure,
    state_figure,
    verify_saving,
)
from register.pages.sample.story import add_place
from register.reference.models import AreaOfWork, PoliceArea
from register.reference.services import merge_areas_of_work
from tests.dashboards.support import group_with, links, listed
from tests.factories import TODAY, initiative, organisation, person

pytestmark = pytest.mark.django_db


def others_url(group: str, **told: str) -> str:
    return f"{reverse('group_others', args=[group])}?{urlencode(told)}"


def gap(place: str = "kent", *, org: str = "", user: Any = None, area: str = "fleet", **more: Any) -> Others:
    work = AreaOfWork.objects.with_merged().get(code=area)
    where = PoliceArea.objects.select_related("region").get(slug=place) if place else None
    who = organisation(org) if org else None
    return others(work, where, who, user=user or person("reader"), on=TODAY, **more)


def live(title: str, place: str, **fields: Any) -> Any:
    return initiative(title, places=[place] if place else [], **{"stage": "live"} | fields)


def titles(page: Others) -> list[str]:
    return [example.row.initiative.title for example in page.examples]


def test_neighbours_come_first_then_the_region_the_kind_of_place_the_nation_and_the_rest() -> None:
    live("National", "")
    live("In Wales", "gwent")
    live("A city's", "merseyside")
    live("A county's", "norfolk")
    live("Of the region", "hampshire")
    live("Next door", "surrey")
    page = gap()
    assert titles(page) == [
        "Next door",
        "Of the region",
        "A county's",
        "A city's",
        "In Wales",
        "National",
    ]
    assert [example.why[0] for example in page.examples] == [
        "next door, in Surrey",
        "in the same region, in Hampshire",
        "the same kind of place: Norfolk, a county with districts",
        "elsewhere in England, in Merseyside",
        "further away, in Gwent",
        "for the whole country: ask whether it reaches Kent already",
    ]


def test_among_those_as_close_services_then_replication_then_evidence_then_confirmation_decide() -> None:
    two = {"lead": "surrey-police", "parties": ["surrey-fire"]}
    live("Confirmed long ago", "surrey", on=date(2025, 1, 1), **two)
    live("Confirmed last", "surrey", **two)
    promising = live("Promising", "surrey", **two)
    worked = live("Worked", "surrey", **two)
    live("Open", "surrey", open_to_replication=True, **two)
    live("Closed to it", "surrey", open_to_replication=False, **two)
    live("All three", "surrey", lead="surrey-police", parties=["surrey-fire", "secamb-ambulance"])
    live("One service", "surrey", lead="surrey-police", parties=["sussex-police"], open_to_replication=True)
    for record, evidence in ((promising, "promising"), (worked, "worked")):
        with origin("test"):
            add_benefit(
                by=None,
                initiative=record,
                title="Less to pay",
                outcome="reduced_cost",
                kind="cashable",
                evidence=evidence,
            )
    page = gap()
    assert titles(page) == [
        "All three",
        "Open",
        "Worked",
        "Promising",
        "Confirmed last",
        "Confirmed long ago",
        "Closed to it",
        "One service",
    ]
    assert page.examples[0].why[1:] == ("the same services: police, fire and ambulance",)
    assert page.examples[1].why[1:] == ("police and fire together", "open to replication")
    assert page.examples[2].evidence == "1 benefit: worked"


def test_the_services_asked_for_come_before_others() -> None:
    live("Fire and ambulance", "surrey", lead="surrey-fire", parties=["secamb-ambulance"])
    live("Police and fire", "surrey", lead="surrey-police", parties=["surrey-fire"])
    assert titles(gap(services=["fire", "ambulance"])) == ["Fire and ambulance", "Police and fire"]
    assert titles(gap(services=["police", "fire"])) == ["Police and fire", "Fire and ambulance"]


def test_only_what_is_live_and_goes_on_elsewhere_is_an_example() -> None:
    live("Coming", "surrey", stage="pilot")
    live("Paused", "surrey", standing="paused", standing_reason="other", standing_text="For now.")
    live("Of other work", "surrey", areas=["estates"])
    initiative("There as well", stage="live", places=["surrey", "kent"])
    live("An example", "surrey")
    page = gap()
    assert titles(page) == ["An example"]
    assert [one.title for one in page.here] == ["There as well"]


def test_what_is_recorded_there_is_named_what_goes_on_first() -> None:
    live("Declined", "kent", standing="declined", standing_reason="other", standing_text="No.")
    live("Early", "kent", stage="considered")
    live("Piloted", "kent", stage="pilot")
    page, user = gap(), person("reader")
    assert [one.title for one in page.here] == ["Piloted", "Early", "Declined"]
    assert (page.here_total.n, listed(page.here_total.href, user)) == (3, 3)
    assert page.examples == ()


def test_twelve_are_shown_and_the_number_of_all_of_them_opens_exactly_those() -> None:
    for number in range(14):
        live(f"Next door {number}", "surrey")
    for place in ("kent", "merseyside", "gwent", ""):
        live(f"In {place}", place)
    user = person("reader")
    page = gap(user=user)
    assert len(page.examples) == 12
    assert all(title.startswith("Next door") for title in titles(page))
    assert page.total.n == listed(page.total.href, user) == 17


def test_of_an_organisation_what_others_do_in_its_own_area_comes_first() -> None:
    live("Ours", "kent", lead="kent-police", parties=["kent-fire"])
    live("Without us", "kent", lead="kent-fire", parties=["secamb-ambulance"])
    live("Next door", "surrey")
    user = person("reader")
    page = gap("", org="kent-police", user=user)
    assert titles(page) == ["Without us", "Next door"]
    assert page.examples[0].why[0] == f"in Kent too, without {organisation('kent-police').label}"
    assert [one.title for one in page.here] == ["Ours"]
    assert page.total.n == listed(page.total.href, user) == 2


def test_a_national_body_has_no_neighbours_and_still_gets_examples() -> None:
    live("Somewhere", "surrey")
    assert titles(gap("", org="home-office")) == ["Somewhere"]


def test_what_a_reader_may_not_see_is_in_no_row_no_number_and_no_reason() -> None:
    group = group_with({})
    shown = live("Shown", "essex")
    hidden = live("Hidden", "surrey", audience="partners", lead="surrey-police", marking="official_sensitive")
    live("Hidden here", "kent", audience="partners", stage="pilot", lead="kent-police")
    stranger, partner = person("group_member", group=group), person("reader", at="surrey-police")
    page = gap(user=stranger)
    assert titles(page) == [shown.title]
    assert (page.total.n, page.here, page.here_total.n) == (1, (), 0)
    assert not page.is_sensitive
    mine = gap(user=partner)
    assert titles(mine) == [hidden.title, shown.title]
    assert mine.is_sensitive
    assert listed(mine.total.href, partner) == 2


def test_hidden_examples_take_no_place_of_those_that_may_be_seen(client: Client) -> None:
    for number in range(13):
        live(f"Hidden {number}", "surrey", audience="partners", lead="surrey-police")
    live("Far away", "gwent")
    group = group_with({})
    client.force_login(person("group_member", group=group))
    html = client.get(others_url(group.code, area="fleet", place="kent")).content.decode()
    assert "Far away" in html
    assert "Hidden" not in html


def test_fictional_places_and_organisations_have_examples_of_their_own_kind_only() -> None:
    with origin("test"):
        area = add_place(by=None)
    ours = {"lead": "exampleshire-police", "parties": ["exampleshire-fire"], "places": [area.slug]}
    initiative("Fictional", stage="live", **ours)
    live("Real", "staffordshire")
    user = person("administrator")
    page = gap(area.slug, user=user)
    assert titles(page) == []
    assert [one.title for one in page.here] == ["Fictional"]
    assert listed(page.here_total.href, user) == page.here_total.n == 1
    assert titles(gap("kent", user=user)) == ["Real"]
    nobody = gap("", org="exampleshire-ambulance", user=user)
    assert titles(nobody) == ["Fictional"]
    assert listed(nobody.total.href, user) == nobody.total.n == 1


def test_savings_are_shown_with_their_word_and_never_added_up() -> None:
    record = live("Saves", "surrey")
    with origin("test"):
        benefit = add_benefit(
            by=None, initiative=record, title="Less", outcome="reduced_cost", kind="cashable"
        )
        where = organisation("derbyshire-police")
        for year, forecast, actual in ((2023, 10, 30), (2024, 20, 40), (2030, 99, None)):
            line = add_saving(
                by=None,
                benefit=benefit,
                organisation=where,
                financial_year=year,
                forecast_pence=forecast * 100,
                actual_pence=actual * 100 if actual else None,
            )
            if year == 2023:
                first = line
    (example,) = gap().examples
    assert (example.saving.pence, example.saving.words) == (4000, "claimed for 2024–25, cashable saving")
    with origin("test"):
        verify_saving(by=None, line=first, verified_by="Internal audit", verified_on=TODAY)
    (example,) = gap().examples
    assert (example.saving.pence, example.saving.words) == (3000, "verified for 2023–24, cashable saving")


def test_without_lines_what_is_stated_is_shown_or_why_there_is_no_figure() -> None:
    record = live("Stated", "surrey")
    with origin("test"):
        say_why_no_figure(by=None, initiative=record, no_figure_reason="pooled_in_budgets")
    (example,) = gap().examples
    assert example.saving.words == "No figure, because it is pooled in budgets"
    with origin("test"):
        state_figure(
            by=None,
            initiative=record,
            kind="saving",
            basis="a_year",
            as_stated="up to £1m",
            qualifier="up to",
            amount_pence=100_000_000,
        )
    (example,) = gap().examples
    assert (example.saving.qualifier, example.saving.pence) == ("up to", 100_000_000)
    assert example.saving.words == "a year, as stated, claimed"


def test_whom_to_ask_is_a_post_the_owner_or_who_leads() -> None:
    record = live("Asked", "surrey")
    assert gap().examples[0].contact.name == organisation("derbyshire-police").name
    for fields, name, mailbox in (
        ({"owner": "Head of fleet", "contact_email": "fleet@example.org"}, "Head of fleet", ""),
        ({"contact_post": "Fleet manager"}, "Fleet manager", "fleet@example.org"),
    ):
        with origin("test"):
            edit_initiative(by=None, initiative=record, version=None, on=TODAY, **fields)
        contact = gap().examples[0].contact
        assert (contact.name, contact.mailbox) == (name, mailbox)


def test_since_when_it_is_live_is_said_as_exactly_as_it_is_known() -> None:
    live("Dated", "surrey", stage_since=LimitedDate(date(2019, 1, 1), "year"))
    assert str(gap().examples[0].since) == "2019"


@pytest.mark.parametrize("many", [1, 30])
def test_eight_queries_however_many_there_are(many: int) -> None:
    for number in range(many):
        live(f"{number}", ["surrey", "hampshire", "gwent"][number % 3])
    user = person("reader")
    assert user.holdings
    area = AreaOfWork.objects.with_merged().get(code="fleet")
    place = PoliceArea.objects.get(slug="kent")
    with CaptureQueriesContext(connection) as queries:
        others(area, place, None, user=user, on=TODAY)
    assert len(queries) <= 8


def test_the_page_names_its_examples_and_leads_to_logging_one_like_them(client: Client) -> None:
    record = live("Shared workshop", "surrey", open_to_replication=True)
    group = group_with({})
    client.force_login(person("contributor", at="kent-police"))
    assert client.get(others_url(group.code, area="fleet", place="kent")).status_code == 403
    client.force_login(person("administrator"))
    html = client.get(others_url(group.code, area="fleet", place="kent")).content.decode()
    assert "Next door, in Surrey" in html
    wanted = f"{reverse('initiative_new')}?like={record.reference}&amp;place=kent&amp;area=fleet"
    assert wanted.replace("&amp;", "&") in [href for href, _ in links(html)]


def test_who_only_reads_is_not_offered_to_log(client: Client) -> None:
    live("Shared workshop", "surrey")
    group = group_with({})
    client.force_login(person("group_member", group=group))
    html = client.get(others_url(group.code, area="fleet", place="kent")).content.decode()
    assert "Shared workshop" in html
    assert "like=BL-" not in html


def test_where_nobody_does_it_the_page_says_so_and_what_one_can_do(client: Client) -> None:
    group = group_with({})
    client.force_login(person("administrator"))
    html = client.get(others_url(group.code, area="fleet", place="kent")).content.decode()
    assert "there is nobody to copy" in html
    assert "Log an opportunity" in html


def test_an_area_that_was_merged_leads_to_what_it_became(client: Client) -> None:
    live("Of workshops", "surrey", areas=["fleet"])
    with origin("test"):
        merge_areas_of_work(
            by=None,
            areas=[AreaOfWork.objects.get(code="fleet")],
            into=AreaOfWork.objects.get(code="estates"),
            on=TODAY,
        )
    group = group_with({})
    client.force_login(person("administrator"))
    html = client.get(others_url(group.code, area="fleet", place="kent")).content.decode()
    assert "Estates in Kent" in html
    assert "Of workshops" in html


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("area=fleet", "Choose a police area"),
        ("place=kent", "Choose an area of work"),
        ("area=nothing&place=kent", "Choose an area of work from the list"),
        ("area=fleet&place=atlantis", "Choose a police area from the list"),
        ("area=fleet&org=nobody", "The organisation in the address is not in the register"),
        ("area=fleet&place=kent&service=coastguard", "Choose from police, fire and ambulance"),
    ],
)
def test_a_wrong_address_says_what_to_choose(client: Client, query: str, says: str) -> None:
    group = group_with({})
    client.force_login(person("administrator"))
    answer = client.get(f"{reverse('group_others', args=[group.code])}?{query}")
    html = answer.content.decode()
    assert answer.status_code == 400
    assert says in html
    assert 'name="area"' in html


def test_without_anything_asked_the_page_asks(client: Client) -> None:
    group = group_with({})
    client.force_login(person("administrator"))
    answer = client.get(reverse("group_others", args=[group.code]))
    assert answer.status_code == 200
    assert "Choose an area of work and a police area" in answer.content.decode()


ANYTHING = st.one_of(
    st.sampled_from(["fleet", "kent", "kent-police", "police", "", "\x00", "é" * 90, "' OR 1=1 --", "-1"]),
    st.text(max_size=40),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    asked=st.dictionaries(
        st.sampled_from(["area", "place", "org", "service", "sort", "like"]),
        st.lists(ANYTHING, min_size=1, max_size=2),
        max_size=5,
    )
)
def test_no_address_ends_in_an_error_of_ours(client: Client, asked: dict[str, list[str]]) -> None:
    group = getattr(client, "group", None)
    if group is None:
        group = client.group = group_with({})
        client.force_login(person("administrator"))
    answer = client.get(reverse("group_others", args=[group.code]), asked)
    assert answer.status_code in {200, 400}

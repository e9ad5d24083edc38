"""The list page: pages by cursor, orders, counts beside the choices, and messages for what can't be read."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from register.catalogue.facets import counts
from register.catalogue.filters import select
from register.catalogue.orders import ORDERS
from register.catalogue.panel import panel
from register.catalogue.parameters import InitiativeFilter
from register.core.dates import LimitedDate
from register.core.tracking import origin
from register.initiatives.models import Initiative
from register.initiatives.services import state_figure
from tests.factories import TODAY, initiative, person

LINK = re.compile(r'<a class="bl-link" href="([^"]+)"(?: rel="\w+")?>(First|Previous|Next|Last) page</a>')
SHOWN = re.compile(r'<h3 class="bl-row__t"><a class="bl-link" href="/initiatives/(BL-\d+)/"')


@pytest.fixture
def reader(db) -> Client:
    client = Client()
    client.force_login(person("reader"))
    return client


def shown(html: str) -> list[str]:
    return SHOWN.findall(html)


def links(html: str) -> dict[str, str]:
    return {kind: address.replace("&amp;", "&") for address, kind in LINK.findall(html)}


@pytest.fixture
def many(db) -> list[Initiative]:
    """Fifty-two records with ties, gaps and amounts."""
    found = []
    for number in range(52):
        year = [None, 2014, 2016][number % 3]
        starts = LimitedDate(date(year, 1, 1), "year") if year else None
        record = initiative(f"Workshop {number % 7}", starts=starts)
        if number % 4 == 0:
            with origin("test"):
                state_figure(
                    by=None,
                    initiative=record,
                    kind="saving",
                    amount_pence=(number % 8) * 100_00,
                    basis="a_year",
                    as_stated="about that",
                )
        found.append(record)
    return found


def test_following_next_shows_every_record_once_and_previous_leads_back_in_every_order(reader, many) -> None:
    for sort in (*ORDERS, "relevance"):
        words = {"q": "workshop"} if sort == "relevance" else {}
        html = reader.get("/initiatives/", {"sort": sort} | words).content.decode()
        pages = [shown(html)]
        while "Next" in links(html):
            last = links(html)["Last"]
            html = reader.get(links(html)["Next"]).content.decode()
            pages.append(shown(html))
        everything = [reference for page in pages for reference in page]
        assert sorted(everything) == sorted(record.reference for record in many), sort
        assert [len(page) for page in pages] == [25, 25, 2], sort
        back = reader.get(links(html)["Previous"]).content.decode()
        assert shown(back) == pages[1], sort
        assert shown(reader.get(links(back)["First"]).content.decode()) == pages[0], sort
        assert shown(reader.get(last).content.decode()) == everything[-25:], sort

    # A record that changes while one reads makes no other come twice.
    html = reader.get("/initiatives/").content.decode()
    first = shown(html)
    with origin("test"):
        Initiative.objects.filter(pk=many[3].pk).update(title="Touched")
    assert not set(first) & set(shown(reader.get(links(html)["Next"]).content.decode()))


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"sort": "colour"}, "there is no order called “colour”"),
        ({"as": "cube"}, "there is no shape called “cube”"),
        ({"size": "7"}, "choose 25, 50 or 100"),
        ({"size": "-1"}, "choose 25, 50 or 100"),
        ({"after": "rubbish"}, "cut short"),
        ({"after": "WzEsMl0"}, "cut short"),
        ({"after": "WyIyMDI2LTAxLTAxVDAwOjAwOjAwIiwxMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMF0"}, ""),
        ({"after": "x", "before": "y"}, "not several"),
        ({"colour": "red"}, "no filter called “colour”"),
        ({"page": "2"}, "no filter called “page”"),
        ({"started_from": "2026-05-01", "started_to": "2026-04-01"}, "“from” is more than “to”"),
        ({"forecast_from": "£2m", "forecast_to": "£1m"}, "“from” is more than “to”"),
        ({"forecast_from": "lots"}, "Forecast a year from"),
        ({"changed_from": "yesterday"}, "Changed from"),
        ({"stage": "lively"}, "Stage"),
    ],
)
def test_what_cannot_be_read_shows_nothing_and_says_which_it_is(reader, parameters, said: str) -> None:
    initiative("Shared workshop")
    html = reader.get("/initiatives/", parameters).content.decode()
    assert not shown(html)
    if said:
        assert "Nothing is shown" in html
        assert said in html


def test_boxes_left_empty_are_not_in_the_address(reader) -> None:
    answer = reader.get("/initiatives/", {"q": "", "stage": "live", "forecast_from": "", "find_org": ""})
    assert (answer.status_code, answer["Location"]) == (302, "/initiatives/?stage=live")


def test_a_typed_organisation_becomes_its_code_or_a_question(reader) -> None:
    answer = reader.get("/initiatives/", {"find_lead": "Derbyshire Constabulary", "stage": "live"})
    assert answer["Location"] == "/initiatives/?stage=live&lead=derbyshire-police"
    asked = reader.get("/initiatives/", {"find_org": "Derbyshire", "stage": "live"}).content.decode()
    assert "Which organisation do you mean by “Derbyshire”?" in asked
    assert "/initiatives/?stage=live&amp;org=derbyshire-fire" in asked
    assert (
        "No organisation is called “Qqqq”"
        in reader.get("/initiatives/", {"find_also": "Qqqq"}).content.decode()
    )


def test_both_of_two_organisations_take_part(db) -> None:
    initiative("Both")
    initiative("One", parties=["kent-fire"])
    found = select(
        {"org": ["derbyshire-police"], "also": ["derbyshire-fire"]}, user=person("reader"), on=TODAY
    )
    assert [record.title for record in found.initiatives] == ["Both"]


def test_mine_is_whatever_mine_is_for_who_looks(db) -> None:
    initiative("Ours")
    initiative("Theirs", lead="kent-police", parties=[])
    mine = {"who": ["mine"]}
    ours = select(mine, user=person("contributor", at="derbyshire-police"), on=TODAY)
    assert [record.title for record in ours.initiatives] == ["Ours"]
    assert not select(mine, user=person("reader"), on=TODAY).initiatives


def test_the_number_beside_each_choice_is_what_choosing_it_shows(sample) -> None:
    """For the other filters as they stand: every choice of the panel, under several filters, for several readers."""
    from register.accounts.models import User

    tried: dict[str, list[dict[str, list[str]]]] = {
        "reader": [{}, {"area": ["estates", "fleet"], "service": ["fire"]}],
        "administrator": [
            {"barrier": ["ict_and_data"], "remover": ["regional"], "example": ["with"]},
            {"q": ["police"], "stage": ["live"]},
        ],
    }
    for who, several in tried.items():
        user = User.objects.get(email__startswith=f"{who}@")
        for parameters in several:
            total, numbers = counts(parameters, user=user, on=TODAY)
            assert total == select(parameters, user=user, on=TODAY).initiatives.count()
            for group in panel(parameters, numbers):
                for question in group.questions:
                    if question.name not in numbers:
                        continue
                    for choice in question.choices:
                        chosen = select(
                            {**parameters, question.name: [choice.code]}, user=user, on=TODAY
                        ).initiatives.count()
                        assert choice.number == chosen, (parameters, question.name, choice.code)


def test_numbers_stand_beside_the_choices_when_every_question_has_been_answered(db) -> None:
    initiative("Shared workshop", areas=["fleet"])
    user = person("reader")
    asked = {
        "area": ["fleet"], "stage": ["agreed"], "standing": ["active"], "service": ["police"], "mix": ["police-fire"],
        "place": ["derbyshire"], "region": ["E12000004"], "depth": ["none"], "figure": ["none"],
        "fresh": ["3-months"], "marking": ["official"], "outcome": ["reduced_cost"], "benefit": ["cashable"],
        "barrier": ["governance"], "remover": ["local"], "replicable": ["unasked"],
    }  # fmt: skip
    total, numbers = counts(asked, user=user, on=TODAY)
    assert total == 0
    assert numbers.keys() == asked.keys()
    for name in ("outcome", "benefit", "barrier", "remover"):
        del asked[name]
    total, numbers = counts(asked, user=user, on=TODAY)
    assert total == 1
    assert {name: numbers[name][asked[name][0]] for name in asked} == dict.fromkeys(asked, 1)


def test_counts_come_with_the_page_for_who_has_no_script_and_alone_for_htmx(reader) -> None:
    initiative("Shared workshop", areas=["fleet"])
    whole = reader.get("/initiatives/", {"counts": "1"}).content.decode()
    assert '<span id="n-area-fleet">1</span>' in whole
    assert '<span id="n-area-fleet"></span>' in reader.get("/initiatives/").content.decode()
    parts = reader.get("/initiatives/facets/").content.decode()
    assert '<span id="n-area-fleet" hx-swap-oob="true">1</span>' in parts
    assert "1 initiative<" in parts


def test_more_than_a_thousand_are_not_counted_one_by_one(reader, django_assert_max_num_queries) -> None:
    initiative("Shared workshop")
    with django_assert_max_num_queries(12):
        reader.get("/initiatives/", {"q": "workshop", "stage": "agreed"})


@pytest.mark.parametrize("length", [3, 28])
def test_a_page_asks_the_same_of_the_database_however_many_rows(
    reader, django_assert_max_num_queries, length: int
) -> None:
    for number in range(length):
        initiative(f"Workshop {number}")
    reader.get("/initiatives/")
    with django_assert_max_num_queries(12):
        reader.get("/initiatives/", {"size": "50"})


NAMES = [
    *InitiativeFilter.base_filters,
    "sort",
    "size",
    "as",
    "cols",
    "after",
    "before",
    "last",
    "counts",
    "find_org",
]


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.sampled_from(NAMES),
        st.one_of(
            st.text(max_size=30),
            st.sampled_from(
                ["-1", "99999999999999999999", "live", "fleet", "£1m", "2026-02-30", "'; --", "\x00"]
            ),
        ),
        max_size=4,
    )
)
def test_no_parameter_is_ever_a_server_error_or_shows_what_one_may_not_see(reader, parameters: Any) -> None:
    if not Initiative.objects.exists():
        initiative("Open workshop")
        initiative("Hidden workshop", audience="partners")
    for address in ("/initiatives/", "/initiatives/facets/"):
        answer = reader.get(address, parameters)
        # A NUL is a program's, and is refused before any page looks.
        has_nul = "\0" in "".join([*parameters, *parameters.values()])
        assert answer.status_code in ((400,) if has_nul else (200, 302))
        assert b"Hidden workshop" not in answer.content


def test_a_relative_date_takes_the_day_it_is_read(db) -> None:
    initiative("Shared workshop")
    user = person("reader")
    changed = Initiative.objects.get().changed_at.date()
    assert select({"changed": ["week"]}, user=user, on=changed).initiatives.count() == 1
    assert select({"changed": ["week"]}, user=user, on=changed + timedelta(days=8)).initiatives.count() == 0


def test_a_table_has_the_columns_asked_for_in_their_order(reader) -> None:
    record = initiative("Shared workshop", starts=LimitedDate(date(2014, 6, 1), "month"))
    html = reader.get("/initiatives/", {"as": "table", "cols": "starts,title,figures"}).content.decode()
    assert "no column called “figures”" in html
    html = reader.get("/initiatives/", {"as": "table", "cols": "starts,title"}).content.decode()
    cells = re.findall(r"<td>([^<]*)</td>", html)
    assert cells == ["June 2014", "Shared workshop"]
    assert f'href="/initiatives/{record.reference}/"' in html
    assert "cols=reference%2Ctitle%2Cstarts" in html  # moved left


@pytest.mark.parametrize(
    ("shape", "said"), [("map", "by police area"), ("matrix", "Fleet"), ("who", "Derbyshire")]
)
def test_the_same_results_come_as_pictures_with_their_tables(reader, shape: str, said: str) -> None:
    initiative("Shared workshop")
    initiative("Hidden", audience="partners", lead="kent-police", parties=[], places=["kent"])
    html = reader.get("/initiatives/", {"as": shape}).content.decode()
    results = html.split('id="number"', 1)[1]
    assert said in results
    assert "Kent Police" not in results
    assert "1 initiative" in html

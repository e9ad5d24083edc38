"""The same results as pictures: every number is exact, opens what it counts, and shows nothing it may not."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string

from register.catalogue.choices import SERVICES
from register.catalogue.filters import list_url, select
from register.catalogue.shapes import SHAPES
from register.core.tracking import origin, recorded
from register.initiatives.models import Initiative
from register.reference.models import AreaOfWork, PoliceArea
from register.reference.services import merge_areas_of_work
from tests.dashboards.support import anything, listed, numbered_links, numbers
from tests.factories import TODAY, initiative, person, working_group

pytestmark = pytest.mark.django_db

ASKED: list[dict[str, list[str]]] = [
    {},
    {"as": ["map"], "sort": ["title"], "after": ["x"]},
    {"region": ["E12000006"]},
    {"region": ["E12000006", "E12000008"]},
    {"place": ["norfolk", "kent"]},
    {"place": list("abc")},  # replaced below by more places than a table can label
    {"area": ["fleet"]},
    {"not_area": ["fleet"], "stage": ["live", "pilot"]},
    {"org": ["derbyshire-police"]},
    {"org": ["derbyshire-police"], "also": ["suffolk-fire"]},
    {"also": ["suffolk-fire", "norfolk-police"]},
    {"service": ["fire"]},
    {"mix": ["police-fire", "police-ambulance"]},
    {"q": ["vehicles"], "lead": ["derbyshire-police"]},
]


def built(code: str, user: Any, parameters: dict[str, list[str]]) -> Any:
    selection = select(parameters, user=user, on=TODAY)
    assert not selection.errors
    return SHAPES[code].build(selection.initiatives, parameters)


def html(code: str, drawn: Any) -> str:
    return render_to_string(SHAPES[code].template, {"drawn": drawn})


@pytest.fixture
def world() -> Any:
    dice = random.Random(5)
    group = working_group()
    for number in range(30):
        anything(dice, group, number)
    return group


def test_every_number_opens_exactly_as_many_records_whoever_reads_and_whatever_is_asked(world: Any) -> None:
    readers = [
        person("administrator"),
        person("group_member", group=world),
        person("contributor", at="derbyshire-fire"),
        person("reader"),
    ]
    many = list(PoliceArea.objects.real().order_by("pk").values_list("slug", flat=True)[:20])
    followed: dict[tuple[str, str], int] = {}
    for turn, asked in enumerate(ASKED):
        parameters = {"place": [*many, "norfolk", "kent"]} if asked.get("place") == list("abc") else asked
        for reader in readers if not asked else [readers[turn % 4]]:
            for code in SHAPES:
                drawn = built(code, reader, parameters)
                told = select(parameters, user=reader, on=TODAY).initiatives.count()
                assert drawn.total.n == told
                # Without filters every number has its link.
                assert asked or not drawn.has_unlinked
                for number in numbers(drawn):
                    assert number.n or not number.href, "a nought is never a link"
                    if number.href:
                        assert "as=" not in number.href
                        assert "after=" not in number.href
                        assert followed.setdefault((reader.email, number.href), number.n) == number.n
                linked = numbered_links(html(code, drawn))
                assert all(followed[reader.email, href] == n for href, n in linked if "as=" not in href)
    by_email = {reader.email: reader for reader in readers}
    for (email, href), n in followed.items():
        assert listed(href, by_email[email]) == n, href
    assert len(followed) > 300


def test_what_a_reader_may_not_see_is_in_no_picture() -> None:
    reader, lead = person("reader"), person("organisation_lead", at="derbyshire-police")
    initiative("Seen", places=["derbyshire"], areas=["fleet"])
    initiative("Secret", places=["kent"], areas=["estates"], parties=["kent-fire"], audience="partners")
    for code in SHAPES:
        hidden, shown = html(code, built(code, reader, {})), html(code, built(code, lead, {}))
        assert built(code, reader, {}).total.n == 1
        assert built(code, lead, {}).total.n == 2
        for word in ("Estates", "Kent Fire"):
            assert word not in hidden
        if code == "matrix":
            assert "Estates" in shown
    where = {area.slug: number.n for area, number in built("map", reader, {}).map.rows}
    assert where["kent"] == 0
    assert where["derbyshire"] == 1


def test_the_map_has_a_tile_for_each_area_and_counts_what_is_nowhere() -> None:
    initiative(places=["norfolk", "suffolk", "kent"])
    initiative(places=[])
    drawn = built("map", person("reader"), {})
    assert len(drawn.map.tiles) == len(drawn.map.rows) == 43
    assert {area.slug for area, number in drawn.map.rows if number.n} == {"norfolk", "suffolk", "kent"}
    assert {bar.label: bar.number.n for bar in drawn.regions if bar.number.n} == {
        "East of England": 1,
        "South East": 1,
    }
    assert drawn.nowhere.n == 1
    assert "1 of them names no police area and is not on the map" in html("map", drawn)


def test_an_area_beside_those_asked_for_has_its_number_and_no_link() -> None:
    initiative(places=["norfolk", "suffolk"])
    parameters = {"place": ["norfolk"]}
    drawn = built("map", person("reader"), parameters)
    told = {area.slug: number for area, number in drawn.map.rows}
    assert told["norfolk"].href == list_url(parameters)
    assert (told["suffolk"].n, told["suffolk"].href) == (1, "")
    assert [tile.area.slug for tile in drawn.map.tiles if tile.is_chosen] == ["norfolk"]
    assert drawn.has_unlinked


def test_exampleshire_is_on_no_tile_and_in_the_table() -> None:
    region = PoliceArea.objects.get(slug="norfolk").region
    with origin("test"), recorded(by=None):
        fictional = PoliceArea.objects.create(
            code="E23999999",
            slug="exampleshire",
            name="Exampleshire",
            short_name="Example",
            code3="EXA",
            region=region,
            is_fictional=True,
        )
    initiative(places=[fictional.slug], is_fictional=True)
    reader = person("reader")
    only, both = (built("map", reader, {"example": [code]}) for code in ("only", "with"))
    assert not only.map.tiles
    assert [(area, number.n) for area, number in only.map.rows] == [(fictional, 1)]
    assert len(both.map.tiles) == 43
    assert both.map.rows[0][0] == fictional


def test_the_matrix_is_by_region_and_opens_one_regions_police_areas() -> None:
    initiative(places=["norfolk", "suffolk", "kent"], areas=["fleet", "estates"])
    initiative(places=["norfolk"], areas=["fleet"])
    initiative(places=[], areas=["training"])
    reader = person("reader")
    drawn = built("matrix", reader, {})
    assert drawn.by_region
    assert len(drawn.columns) == 10
    rows = {
        row.label: dict(zip([c.label for c in drawn.columns], row.cells, strict=True)) for row in drawn.rows
    }
    assert list(rows) == ["Fleet", "Estates", "Training"]
    assert rows["Fleet"]["East of England"].n == 2  # norfolk and suffolk are one region
    assert rows["Fleet"]["South East"].n == rows["Estates"]["South East"].n == 1
    assert drawn.nowhere.n == 1
    address = next(column.open_url for column in drawn.columns if column.label == "East of England")
    opened = QueryDict(address.partition("?")[2])
    assert opened.getlist("as") == ["matrix"]
    drawn = built("matrix", reader, dict(opened.lists()))
    assert not drawn.by_region
    assert drawn.region == "East of England"
    assert drawn.wider_url == "/initiatives/?as=matrix"
    assert "Norfolk" in [column.label for column in drawn.columns]
    assert {c.label: c.total.n for c in drawn.columns if c.total.n} == {"Norfolk": 2, "Suffolk": 1}


def test_an_area_of_work_that_was_merged_counts_once_where_it_went() -> None:
    initiative(areas=["fleet", "estates"])
    reader, codes = person("reader"), {area.code: area for area in AreaOfWork.objects.all()}
    with origin("test"):
        merge_areas_of_work(by=None, areas=[codes["fleet"]], into=codes["estates"], on=TODAY)
    for parameters in ({}, {"area": ["fleet"]}, {"area": ["estates"]}):
        drawn = built("matrix", reader, parameters)
        assert [(row.label, row.total.n) for row in drawn.rows] == [("Estates", 1)]
        assert listed(drawn.rows[0].total.href, reader) == 1


def test_services_that_work_together() -> None:
    initiative(parties=["derbyshire-fire"])
    initiative(parties=["derbyshire-fire", "emas-ambulance"])
    initiative(parties=["kent-police"])
    rows = {row.code: row for row in built("who", person("reader"), {}).services}
    assert list(rows) == list(SERVICES)
    assert [number.n for number in rows["police"].cells] == [1, 2, 1, 0, 0]
    assert [number.n for number in rows["ambulance"].cells] == [1, 1, 0, 0, 0]
    assert {code: row.total.n for code, row in rows.items() if row.total.n} == {
        "police": 3,
        "fire": 2,
        "ambulance": 1,
    }


def test_pairs_of_organisations_count_an_initiative_once_and_the_rest_is_told() -> None:
    parties = [
        "derbyshire-fire",
        "emas-ambulance",
        "kent-police",
        "norfolk-police",
        "suffolk-fire",
        "kent-fire",
    ]
    initiative(parties=parties)
    twice = initiative(parties=["derbyshire-fire"])
    with origin("test"), recorded(by=None):
        twice.partners.create(organisation=twice.partners.all()[1].organisation, role="host")
    drawn = built("who", person("reader"), {})
    assert len(drawn.pairs) == 20
    assert drawn.more_pairs.n == 1  # seven organisations make 21 pairs
    first = drawn.pairs[0]
    assert {o.code for o in first.organisations} == {"derbyshire-police", "derbyshire-fire"}
    assert first.number.n == 2
    assert first.number.href == list_url({}, org="derbyshire-police", also="derbyshire-fire")
    assert "And 1 more pair." in html("who", drawn)
    asked = built("who", person("reader"), {"org": ["kent-fire"]})
    assert len(asked.pairs) == 6
    assert all("kent-fire" in {o.code for o in pair.organisations} for pair in asked.pairs)
    assert all(pair.number.href for pair in asked.pairs)


@pytest.mark.parametrize("code", SHAPES)
def test_nothing_is_told_in_words(code: str) -> None:
    reader = person("reader")
    assert "No initiative matches" in html(code, built(code, reader, {}))
    nothing = select({"colour": ["red"]}, user=reader, on=TODAY)
    assert SHAPES[code].build(nothing.initiatives, {"colour": ["red"]}).total.n == 0
    initiative(places=[], areas=[], parties=[])
    told = html(code, built(code, reader, {}))
    words = {"map": "names no police area", "matrix": "names no area of work", "who": "two organisations"}
    assert words[code] in told


@pytest.mark.parametrize("code", SHAPES)
def test_a_picture_takes_the_same_few_queries_whatever_it_counts(
    code: str, django_assert_max_num_queries: Any
) -> None:
    reader = person("reader")
    initiative()
    for parties in (["derbyshire-fire", "emas-ambulance"], ["kent-police", "kent-fire", "norfolk-police"]):
        initiative(parties=parties, places=["kent", "norfolk"], areas=["fleet", "training"])
    visible = Initiative.objects.visible_to(reader)
    assert reader.holdings
    with django_assert_max_num_queries(6):
        drawn = SHAPES[code].build(visible, {"org": ["kent-police"]})
    with django_assert_max_num_queries(0):
        assert html(code, drawn)

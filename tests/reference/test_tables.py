"""What the tables hold: the numbers everybody knows, and facts checked one by one."""

from datetime import date
from pathlib import Path

import pytest

from register.reference.models import AreaNeighbour, AreaOfWork, Organisation, PoliceArea, Region
from register.reference.tables import FOLDER, TableError, limited_date, read_tables

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def organisation(code: str) -> Organisation:
    return Organisation.objects.get(code=code)


def slugs(organisation: Organisation) -> set[str]:
    return set(organisation.areas.values_list("slug", flat=True))


@pytest.mark.parametrize(
    ("kind", "current"),
    [("police", 43), ("policing_body", 43), ("fire", 47), ("ambulance", 12), ("council", 355)],
)
def test_every_current_organisation_of_a_kind_is_there(kind: str, current: int) -> None:
    assert Organisation.objects.real().current(TODAY).of_kind(kind).territorial().count() == current


def test_ended_councils_are_there_with_what_replaced_them() -> None:
    ended = Organisation.objects.real().of_kind("council").ended(TODAY)
    assert ended.count() == 49
    for council in ended:
        assert council.successors_on(TODAY), council


def test_areas_regions_and_areas_of_work_are_complete() -> None:
    assert PoliceArea.objects.on_the_map().count() == 43
    assert Region.objects.count() == 10
    assert AreaOfWork.objects.active().count() == 14


def test_every_police_area_has_its_force_policing_body_fire_and_ambulance() -> None:
    for area in PoliceArea.objects.on_the_map():
        kinds = list(area.organisations.current(TODAY).values_list("kind", flat=True))
        assert kinds.count("police") == 1, area
        assert kinds.count("policing_body") == 1, area
        assert kinds.count("fire") >= 1, area
        assert kinds.count("ambulance") >= 1, area
        assert kinds.count("council") >= 1, area


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("devon-and-somerset-fire", {"devon-and-cornwall", "avon-and-somerset"}),
        ("mid-and-west-wales-fire", {"south-wales", "dyfed-powys"}),
        ("london-fire", {"metropolitan", "city-of-london"}),
        ("hertfordshire-council", {"hertfordshire"}),
        ("wycombe-council", {"thames-valley"}),
        ("tees-valley-combined-authority", {"cleveland", "durham"}),
        ("north-yorkshire-pfcc", {"north-yorkshire"}),
        ("home-office", set()),
    ],
)
def test_an_organisation_covers_its_police_areas(code: str, expected: set[str]) -> None:
    assert slugs(organisation(code)) == expected


def test_what_rests_on_memory_says_so() -> None:
    assert organisation("hampshire-police").is_unverified("name")
    assert not organisation("kent-police").is_unverified("name")
    assert organisation("kent-fire").is_unverified("governance")
    assert all(organisation("emas-ambulance").coverage.values_list("unverified", flat=True))
    assert not any(organisation("kent-fire").coverage.values_list("unverified", flat=True))


def test_borders_are_the_same_from_both_sides() -> None:
    pairs = set(AreaNeighbour.objects.filter(area__is_fictional=False).values_list("area", "neighbour"))
    assert len(pairs) == 2 * 98
    assert all((b, a) in pairs for a, b in pairs)
    northumbria = PoliceArea.objects.get(slug="northumbria")
    assert {area.slug for area in northumbria.neighbours.all()} == {"cumbria", "durham"}


def distance(a: PoliceArea, b: PoliceArea) -> int:
    """Steps between two tiles (odd rows stand half a tile to the right)."""
    assert a.column is not None
    assert a.row is not None
    assert b.column is not None
    assert b.row is not None
    along = (a.column - a.row // 2) - (b.column - b.row // 2)
    down = a.row - b.row
    return max(abs(along), abs(down), abs(along + down))


def test_neighbours_stand_close_on_the_map_and_no_tile_is_taken_twice() -> None:
    areas = {area.pk: area for area in PoliceArea.objects.on_the_map()}
    assert len({(area.column, area.row) for area in areas.values()}) == 43
    steps = [
        distance(areas[a], areas[b])
        for a, b in AreaNeighbour.objects.filter(area__in=areas).values_list("area", "neighbour")
    ]
    assert max(steps) == 2
    assert steps.count(1) == 2 * 86
    by_slug = {area.slug: area for area in areas.values()}
    assert distance(by_slug["northumbria"], by_slug["durham"]) == 1
    assert distance(by_slug["metropolitan"], by_slug["essex"]) == 1


def test_tile_labels_are_short_and_three_letters_unique() -> None:
    areas = PoliceArea.objects.on_the_map()
    assert all(len(area.short_name) <= 10 for area in areas)
    assert len({area.code3 for area in areas}) == 43


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (None, "")),
        ("2024", (date(2024, 1, 1), "year")),
        ("2024-05", (date(2024, 5, 1), "month")),
        ("2020-04-01", (date(2020, 4, 1), "day")),
    ],
)
def test_dates_in_tables_are_read_with_their_precision(text: str, expected: tuple[date | None, str]) -> None:
    assert limited_date(text) == expected


@pytest.mark.parametrize(
    ("file", "line", "message"),
    [
        ("neighbours.csv", "kent,atlantis", r"neighbours.csv, line 100: “atlantis” is in no table"),
        ("councils.csv", "kent-council,X,,,,,,,,,,", r"councils.csv, line 406: kent-council is there twice"),
        ("regions.csv", "E1,North,East", r"regions.csv, line 12: the number of columns"),
        ("successions.csv", "kent-council,essex-council,soon,replaced", r"line 56: “soon” is not a year"),
    ],
)
def test_a_wrong_table_is_refused_with_file_and_line(
    tmp_path: Path, file: str, line: str, message: str
) -> None:
    for path in FOLDER.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / file).open("a", encoding="utf-8") as table:
        table.write(line + "\n")
    with pytest.raises(TableError, match=message):
        read_tables(tmp_path)

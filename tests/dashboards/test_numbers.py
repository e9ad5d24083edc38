"""Every number of a dashboard leads to exactly the records it counts."""

from __future__ import annotations

import random
from typing import Any

import pytest

from register.core.charts import percentage
from register.core.tracking import origin
from register.dashboards.metrics.barriers import barriers
from register.dashboards.metrics.frame import Frame
from register.dashboards.metrics.opportunities import opportunities
from register.dashboards.metrics.organisations import organisations
from register.dashboards.metrics.state_of_play import state_of_play
from register.reference.models import AreaOfWork
from register.reference.services import merge_areas_of_work
from tests.dashboards.support import anything, group_with, listed, numbers
from tests.factories import TODAY, initiative, person

pytestmark = pytest.mark.django_db

# Other addresses are of pages of barriers; tests/dashboards/test_followed.py follows them all.
LISTS = "/initiatives/"
PAGES = (state_of_play, opportunities, barriers, organisations)
REMITS: list[dict[str, list[str]]] = [
    {},
    {"region": ["E12000006"]},
    {"place": ["norfolk", "suffolk"], "area": ["fleet", "estates"]},
    {"area": ["fleet"]},
    {"stage": ["live", "pilot"], "service": ["fire"]},
    {"standing": ["active", "closed"], "depth": ["none", "co_location"]},
    {"figure": ["none"], "fresh": ["late", "3-months"]},
    {"barrier": ["legislation", "governance"], "remover": ["local"]},
    {"org": ["derbyshire-police", "suffolk-fire"]},
    {"mix": ["police-fire"]},
    {"why": ["never_asked"]},
]


@pytest.fixture
def world(request: pytest.FixtureRequest) -> Any:
    dice = random.Random(request.param)
    group = group_with({})
    for number in range(24):
        anything(dice, group, number)
    return group


@pytest.mark.parametrize("world", [1], indirect=True)
def test_every_linked_number_opens_exactly_as_many_records_whoever_reads_and_whatever_the_remit(
    world: Any,
) -> None:
    readers = [
        person("group_member", group=world),
        person("administrator"),
        person("contributor", at="derbyshire-fire"),
        person("reader"),
    ]
    followed = 0
    for place, remit in enumerate(REMITS):
        group = group_with(remit)
        # All four look at everything; of the other remits, each reader gets some.
        for reader in readers if not remit else [readers[place % 4]]:
            frame = Frame.of_group(group, reader, TODAY)
            assert not frame.errors
            opens: dict[str, int] = {}
            for number in (number for page in PAGES for number in numbers(page(frame))):
                assert number.n or not number.href, "a nought is never a link"
                if number.href.startswith(LISTS):
                    assert opens.setdefault(number.href, number.n) == number.n
            for href, n in opens.items():
                assert listed(href, reader) == n, (remit, href)
            followed += len(opens)
    assert followed > 300


@pytest.mark.parametrize("world", [3], indirect=True)
def test_in_a_remit_of_everything_no_number_of_initiatives_lacks_its_link(world: Any) -> None:
    frame = Frame.of_group(world, person("administrator"), TODAY)
    for page in PAGES:
        assert all(number.href for number in numbers(page(frame)) if number.n)


@pytest.mark.parametrize("world", [4], indirect=True)
def test_parts_add_up_to_their_whole(world: Any) -> None:
    frame = Frame.of_group(world, person("administrator"), TODAY)
    page = state_of_play(frame)
    assert page.live.n + page.on_the_way.n + page.early.n == page.going_on.n
    assert page.going_on.n + sum(number.n for _, number in page.standings) == page.everything.n
    assert sum(bar.number.n for bar in page.depths) == page.going_on.n
    assert sum(bar.number.n for bar in page.freshness) == page.going_on.n
    assert sum(bar.number.n for bar in page.reasons) == page.without_figure.n
    assert sum(bar.number.n for bar in page.mixes + page.rarer_mixes) + page.no_services == page.going_on.n


def test_an_initiative_with_two_areas_of_work_is_in_both_rows_and_once_in_all() -> None:
    initiative(areas=["fleet", "estates"], stage="live")
    page = state_of_play(Frame.of_group(group_with({}), person("reader"), TODAY))
    rows = {row.label: row.total.n for row in page.pipeline}
    assert rows["Fleet"] == rows["Estates"] == 1
    assert page.going_on.n == 1


def test_a_number_that_the_language_cannot_say_has_no_link() -> None:
    initiative(areas=["fleet"], parties=["derbyshire-fire", "emas-ambulance"])
    frame = Frame.of_group(group_with({"org": ["derbyshire-police"]}), person("reader"), TODAY)
    rows = {row.organisation.code: row.number for row in organisations(frame).taking_part}
    assert rows["derbyshire-police"].href
    assert rows["emas-ambulance"].n == 1
    assert not rows["emas-ambulance"].href


def test_an_area_of_work_that_was_merged_counts_where_it_went() -> None:
    initiative(areas=["fleet"])
    with origin("test"):
        codes = {area.code: area for area in AreaOfWork.objects.all()}
        merge_areas_of_work(by=None, areas=[codes["fleet"]], into=codes["estates"], on=TODAY)
    reader = person("reader")
    page = state_of_play(Frame.of_group(group_with({}), reader, TODAY))
    row = next(row for row in page.pipeline if row.label == "Estates")
    assert row.total.n == 1
    assert listed(row.total.href, reader) == 1
    assert "Fleet" not in {row.label for row in page.pipeline}


def test_percentages_are_never_rounded_to_none_or_all() -> None:
    assert percentage(1, 1000) == "under 1%"
    assert percentage(999, 1000) == "over 99%"
    assert percentage(0, 10) == "0%"
    assert percentage(0, 0) == ""

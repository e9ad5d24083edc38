"""Counting in bits: always what asking each record would give."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from register.catalogue.facets import counted_singly, counts
from register.catalogue.filters import select
from register.catalogue.models import Untallied
from register.catalogue.tallies import asked
from register.catalogue.tallying import LOCK, tally
from register.core.clock import now
from register.core.tracking import origin
from register.initiatives.models import Initiative
from register.initiatives.services import delete_initiative, edit_initiative, raise_barrier
from register.reference.models import AreaOfWork
from register.reference.services import merge_areas_of_work
from tests.factories import TODAY, initiative, person, working_group

AREAS, PLACES = ["fleet", "estates", "governance"], ["derbyshire", "kent", "essex"]
STAGES = ["opportunity", "agreed", "pilot", "live"]
PARTIES = ["derbyshire-fire", "kent-fire", "kent-police"]
ANSWERS = {
    "area": AREAS,
    "stage": STAGES,
    "standing": ["active", "paused"],
    "service": ["police", "fire", "council"],
    "mix": ["police-fire", "police"],
    "place": PLACES,
    "region": ["E12000004", "E12000008"],
    "depth": ["co_location", "none"],
    "figure": ["with", "none"],
    "fresh": ["late", "never", "3-months"],
    "marking": ["official", "official_sensitive"],
}


def singly(parameters: dict[str, list[str]], user: Any, on: Any = TODAY) -> tuple[int, dict[str, Any]]:
    total, found = counted_singly(select(parameters, user=user, on=on), parameters, on)
    return total, {name: {code: n for code, n in numbers.items() if n} for name, numbers in found.items()}


def draw(chance: random.Random, number: int, group: Any) -> None:
    for index in range(number):
        audience = chance.choice(["everyone", "everyone", "partners", "draft", "partners_and_groups"])
        record = initiative(
            f"Record {index}",
            lead=chance.choice(["derbyshire-police", "kent-police"]),
            parties=chance.sample(PARTIES[:2], chance.randint(1, 2)),
            areas=chance.sample(AREAS, chance.randint(1, 2)),
            places=chance.sample(PLACES, chance.randint(0, 2)),
            stage=chance.choice(STAGES),
            depth=chance.choice(["", "co_location"]),
            audience=audience,
            named_groups=[group] if audience == "partners_and_groups" else [],
        )
        if chance.random() < 0.4:
            with origin("test"):
                raise_barrier(
                    by=None, initiative=record, title="Leases differ", category="governance", severity="high",
                    remover=chance.choice(["government", "local"]), on=TODAY, raised_on=TODAY,
                )  # fmt: skip


def edit(chance: random.Random) -> None:
    """Whatever may happen to a record between two tallies."""
    record = chance.choice(list(Initiative.objects.kept()))
    what = chance.randrange(5)
    if what == 0:
        Initiative.objects.filter(pk=record.pk).update(stage=chance.choice(STAGES), confirmed_on=TODAY)
    elif what == 1:
        Initiative.objects.filter(pk=record.pk).update(next_update_due=TODAY - timedelta(days=3))
    elif what == 2:
        record.area_links.all().delete()
        record.area_links.create(area_of_work=AreaOfWork.objects.get(code=chance.choice(AREAS)))
    elif what == 3:
        with origin("test"):
            delete_initiative(by=None, initiative=record, at=now(), reason="Logged twice.")
    else:
        initiative("A new one", stage=chance.choice(STAGES))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_numbers_are_what_asking_each_record_gives_whatever_happened_since(seed: int) -> None:
    chance, group = random.Random(seed), working_group("one")
    draw(chance, 18, group)
    readers = [
        person("reader", at="kent-fire"),
        person("contributor", at="derbyshire-police"),
        person("group_member", group=group),
        person("auditor"),
        person(),
    ]
    for _ in range(3):
        tally(on=TODAY)
        for _ in range(chance.randint(0, 4)):
            edit(chance)
        for reader in readers:
            names = chance.sample(sorted(ANSWERS), chance.randint(0, 3))
            parameters = {name: chance.sample(ANSWERS[name], chance.randint(1, 2)) for name in names}
            assert asked(parameters, user=reader, on=TODAY) is not None
            assert counts(parameters, user=reader, on=TODAY) == singly(parameters, reader), parameters


@pytest.mark.django_db
def test_a_change_shows_at_once_and_is_tallied_when_asked(django_assert_num_queries: Any) -> None:
    reader, record = person(), initiative(stage="agreed")
    tally(on=TODAY)
    assert not Untallied.objects.exists()
    assert counts({}, user=reader, on=TODAY)[1]["stage"] == {"agreed": 1}
    with origin("test"):
        edit_initiative(by=None, initiative=record, depth="co_location", version=record.version, on=TODAY)
    assert set(Untallied.objects.values_list("initiative_id", flat=True)) == {record.pk}
    assert counts({}, user=reader, on=TODAY)[1]["depth"] == {"co_location": 1}
    assert tally(on=TODAY) == 1
    assert counts({}, user=reader, on=TODAY)[1]["depth"] == {"co_location": 1}


@pytest.mark.django_db
def test_freshness_is_that_of_the_day_it_is_asked() -> None:
    reader = person()
    Initiative.objects.filter(pk=initiative().pk).update(confirmed_on=TODAY, next_update_due=TODAY)
    tally(on=TODAY)
    later = TODAY + timedelta(days=1)
    assert counts({}, user=reader, on=TODAY)[1]["fresh"] == {"3-months": 1}
    assert asked({}, user=reader, on=later) is None
    assert counts({}, user=reader, on=later)[1]["fresh"]["late"] == 1
    assert tally(on=later) == 1
    assert asked({}, user=reader, on=later) is not None
    assert counts({}, user=reader, on=later)[1]["fresh"] == {"late": 1}


@pytest.mark.django_db
def test_a_record_that_is_gone_from_the_database_counts_no_more() -> None:
    reader, record = person(), initiative()
    tally(on=TODAY)
    with origin("test"):
        record.delete()
    assert counts({}, user=reader, on=TODAY)[1]["stage"] == {}
    tally(on=TODAY)
    assert counts({}, user=reader, on=TODAY)[0] == 0


@pytest.mark.django_db
def test_an_area_of_work_that_was_merged_counts_under_what_it_became() -> None:
    reader = person()
    initiative(areas=["fleet"])
    initiative("Both", areas=["fleet", "estates"])
    tally(on=TODAY)
    fleet, estates = (AreaOfWork.objects.get(code=code) for code in ("fleet", "estates"))
    with origin("test"):
        merge_areas_of_work(by=None, areas=[fleet], into=estates, on=TODAY)
    for _ in range(2):
        assert counts({}, user=reader, on=TODAY)[1]["area"] == {"estates": 2}
        assert counts({"area": ["fleet"]}, user=reader, on=TODAY)[0] == 2
        tally(on=TODAY)


def test_only_one_tallies_at_a_time(fresh_database: Any) -> None:
    initiative()
    with psycopg.connect(fresh_database.web_url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        assert tally(on=TODAY) == 0
        assert Untallied.objects.exists()
        other.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    assert tally(on=TODAY) == 1


def test_what_is_being_changed_while_others_tally_stays_untallied(fresh_database: Any) -> None:
    reader, record = person(), initiative(stage="agreed")
    tally(on=TODAY)
    with psycopg.connect(fresh_database.web_url) as other:
        other.execute("SELECT set_config('register.source', 'test', true)")
        other.execute("UPDATE register_initiative SET stage = 'pilot' WHERE id = %s", [record.pk])
        initiative("Another", stage="live")
        assert tally(on=TODAY) == 1
        assert counts({}, user=reader, on=TODAY)[1]["stage"] == {"agreed": 1, "live": 1}
        other.commit()
    assert counts({}, user=reader, on=TODAY)[1]["stage"] == {"pilot": 1, "live": 1}
    assert set(Untallied.objects.values_list("initiative_id", flat=True)) == {record.pk}


@pytest.mark.django_db
def test_without_anybody_to_tally_numbers_are_as_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("register.catalogue.tallies.MOST_UNTALLIED", 1)
    reader = person()
    tally(on=TODAY)
    for _ in range(2):
        initiative(stage="live")
    assert asked({}, user=reader, on=TODAY) is None
    assert counts({}, user=reader, on=TODAY)[1]["stage"] == {"live": 2}

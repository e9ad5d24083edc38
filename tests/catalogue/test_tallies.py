"""Counting in bits: always what asking each record would give."""

from __future__ import annotations

import random
import sys
from collections import Counter
from datetime import timedelta
from threading import Thread
from typing import Any

import psycopg
import pytest
from django.db import transaction

from register.catalogue.choices import FRESHNESS
from register.catalogue.facets import QUESTIONS, counts
from register.catalogue.filters import select
from register.catalogue.models import TalliedBlock, Untallied
from register.catalogue.tallies import Tallied, store, tally
from register.catalogue.tallies.blocks import Block
from register.catalogue.tallies.facts import facts_of_block
from register.catalogue.tallies.tallying import LOCK
from register.core.clock import now
from register.core.dates import LimitedDate
from register.core.tracking import origin
from register.initiatives.models import Initiative, SavingLine, StageMove
from register.initiatives.services import (
    add_benefit,
    add_milestone,
    add_saving,
    delete_initiative,
    edit_initiative,
    raise_barrier,
)
from register.initiatives.vocabulary import (
    BarrierCategory,
    BenefitKind,
    Depth,
    Outcome,
    Remover,
    Stage,
    Standing,
)
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
    "replicable": ["yes", "unasked"],
    "barrier": ["governance"],
    "remover": ["government", "local"],
    "outcome": ["reduced_cost"],
    "benefit": ["cashable", "income"],
    "not_area": ["fleet"],
    "not_stage": ["live"],
    "org": ["derbyshire-fire", "kent-police"],
    "lead": ["kent-police"],
    "why": ["never_asked"],
    "example": ["with"],
    "q": ["record"],
}
# Every choice that may count something here; of the others none does.
CHOICES = {name: ANSWERS[name] for name in QUESTIONS} | {
    "standing": Standing.values,
    "service": ["police", "fire", "ambulance", "council", "other"],
    "mix": ["police-fire", "police"],
    "depth": [*Depth.values, "none"],
    "fresh": [code for code, _ in FRESHNESS],
    "region": ["E12000004", "E12000006", "E12000008"],
    "replicable": ["yes", "no", "unasked"],
    "stage": Stage.values,
    "outcome": Outcome.values,
    "benefit": BenefitKind.values,
    "barrier": BarrierCategory.values,
    "remover": Remover.values,
}


def one_by_one(parameters: dict[str, list[str]], user: Any, on: Any = TODAY) -> tuple[int, dict[str, Any]]:
    """The same numbers from the list itself: what each choice alone shows, the other filters as they stand."""
    found = {}
    for name, codes in CHOICES.items():
        others = {other: values for other, values in parameters.items() if other != name}
        numbers = {code: listed(others | {name: [code]}, user, on) for code in codes}
        found[name] = {code: number for code, number in numbers.items() if number}
    return listed(parameters, user, on), found


def listed(parameters: dict[str, list[str]], user: Any, on: Any) -> int:
    selection = select(parameters, user=user, on=on)
    assert not selection.errors
    return selection.initiatives.order_by().count()


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
            open_to_replication=chance.choice([True, False, None]),
            named_groups=[group] if audience == "partners_and_groups" else [],
        )
        if chance.random() < 0.4:
            with origin("test"):
                raise_barrier(
                    by=None, initiative=record, title="Leases differ", category="governance", severity="high",
                    remover=chance.choice(["government", "local"]), on=TODAY, raised_on=TODAY,
                )  # fmt: skip
        if chance.random() < 0.4:
            with origin("test"):
                benefit = add_benefit(
                    by=None, initiative=record, title="Less to pay", outcome="reduced_cost",
                    kind=chance.choice(["cashable", "income"]), is_recurring=chance.random() < 0.5,
                )  # fmt: skip
                add_saving(
                    by=None, benefit=benefit, organisation=record.partners.all()[0].organisation,
                    financial_year=chance.choice([2025, 2026]), forecast_pence=chance.randrange(10**7),
                    actual_pence=chance.choice([None, 100]),
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
        tally()
        for _ in range(chance.randint(0, 4)):
            edit(chance)
        for reader in readers:
            names = chance.sample(sorted(ANSWERS), chance.randint(0, 3))
            parameters = {
                name: chance.sample(ANSWERS[name], chance.randint(1, min(2, len(ANSWERS[name]))))
                for name in names
            }
            assert counts(parameters, user=reader, on=TODAY) == one_by_one(parameters, reader), parameters


@pytest.mark.django_db
def test_a_change_shows_at_once_and_is_tallied_when_asked(django_assert_num_queries: Any) -> None:
    reader, record = person(), initiative(stage="agreed")
    tally()
    assert not Untallied.objects.exists()
    assert counts({}, user=reader, on=TODAY)[1]["stage"] == {"agreed": 1}
    with origin("test"):
        edit_initiative(by=None, initiative=record, depth="co_location", version=record.version, on=TODAY)
    assert set(Untallied.objects.values_list("initiative_id", flat=True)) == {record.pk}
    assert counts({}, user=reader, on=TODAY)[1]["depth"] == {"co_location": 1}
    assert tally() == 1
    assert counts({}, user=reader, on=TODAY)[1]["depth"] == {"co_location": 1}


@pytest.mark.django_db
def test_freshness_is_that_of_the_day_it_is_asked() -> None:
    reader = person()
    Initiative.objects.filter(pk=initiative().pk).update(confirmed_on=TODAY, next_update_due=TODAY)
    later = TODAY + timedelta(days=1)
    for _ in range(2):
        assert counts({}, user=reader, on=TODAY)[1]["fresh"] == {"3-months": 1}
        assert counts({}, user=reader, on=later)[1]["fresh"] == {"late": 1}
        tally()


@pytest.mark.django_db
def test_a_record_that_is_gone_from_the_database_counts_no_more() -> None:
    reader, record = person(), initiative()
    tally()
    with origin("test"):
        record.delete()
    assert counts({}, user=reader, on=TODAY)[1]["stage"] == {}
    tally()
    assert counts({}, user=reader, on=TODAY)[0] == 0


@pytest.mark.django_db
def test_an_area_of_work_that_was_merged_counts_under_what_it_became() -> None:
    reader = person()
    initiative(areas=["fleet"])
    initiative("Both", areas=["fleet", "estates"])
    tally()
    fleet, estates = (AreaOfWork.objects.get(code=code) for code in ("fleet", "estates"))
    with origin("test"):
        merge_areas_of_work(by=None, areas=[fleet], into=estates, on=TODAY)
    for _ in range(2):
        assert counts({}, user=reader, on=TODAY)[1]["area"] == {"estates": 2}
        assert counts({"area": ["fleet"]}, user=reader, on=TODAY)[0] == 2
        tally()


def test_only_one_tallies_at_a_time(fresh_database: Any) -> None:
    initiative()
    with psycopg.connect(fresh_database.web_url, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        assert tally() == 0
        assert Untallied.objects.exists()
        other.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    assert tally() == 1


def test_what_is_being_changed_while_others_tally_stays_untallied(fresh_database: Any) -> None:
    reader, record = person(), initiative(stage="agreed")
    tally()
    with psycopg.connect(fresh_database.web_url) as other:
        other.execute("SELECT set_config('register.source', 'test', true)")
        other.execute("UPDATE register_initiative SET stage = 'pilot' WHERE id = %s", [record.pk])
        initiative("Another", stage="live")
        assert tally() == 1
        assert counts({}, user=reader, on=TODAY)[1]["stage"] == {"agreed": 1, "live": 1}
        other.commit()
    assert counts({}, user=reader, on=TODAY)[1]["stage"] == {"pilot": 1, "live": 1}
    assert set(Untallied.objects.values_list("initiative_id", flat=True)) == {record.pk}


@pytest.mark.django_db
def test_without_anybody_to_tally_numbers_are_as_right() -> None:
    reader = person()
    for _ in range(2):
        initiative(stage="live")
    assert not TalliedBlock.objects.exists()
    assert counts({}, user=reader, on=TODAY)[1]["stage"] == {"live": 2}


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(2))
def test_a_packed_block_says_what_the_records_say(seed: int) -> None:
    draw(random.Random(seed), 12, working_group("one"))
    first = Initiative.objects.order_by("pk")[0].pk
    block = Block.of(facts_of_block(first, first + 100))
    again = Block.unpacked(block.packed())
    assert again.bits == block.bits
    assert block.amounts
    assert {name: column.pairs() for name, column in again.amounts.items()} == {
        name: column.pairs() for name, column in block.amounts.items()
    }


@pytest.mark.django_db
def test_a_block_is_read_again_only_when_it_was_tallied_again(django_assert_num_queries: Any) -> None:
    initiative()
    tally()
    Tallied.now(TODAY)
    with django_assert_num_queries(1):  # the stamps
        Tallied.now(TODAY)
    TalliedBlock.objects.update(stamp="00000000-0000-0000-0000-000000000001")
    with django_assert_num_queries(2):  # the stamps, the block
        Tallied.now(TODAY)
    TalliedBlock.objects.all().delete()
    assert store.current()[0].blocks == {}


@pytest.mark.django_db
def test_a_record_that_changed_is_read_once_until_it_changes_again(django_assert_num_queries: Any) -> None:
    record, other = initiative(stage="opportunity"), initiative(stage="opportunity")
    tally()
    Tallied.now(TODAY)

    def at(stage: str, queries: int) -> int:
        with django_assert_num_queries(queries):
            return Tallied.now(TODAY).bits("stage", stage)

    Initiative.objects.filter(pk=record.pk).update(stage="pilot")
    assert at("pilot", 2) == 1 << record.pk  # what changed, and the record
    assert at("pilot", 1) == 1 << record.pk
    Initiative.objects.filter(pk=other.pk).update(stage="live")
    assert at("live", 2) == 1 << other.pk
    with transaction.atomic():
        Initiative.objects.filter(pk=record.pk).update(stage="live")
        assert at("live", 2) == 1 << record.pk | 1 << other.pk
        transaction.set_rollback(True)
    assert at("live", 2) == 1 << other.pk  # as it was before
    assert at("pilot", 1) == 1 << record.pk
    with origin("test"):
        delete_initiative(by=None, initiative=record, reason="A double.", at=now())
    assert at("pilot", 2) == 0


@pytest.mark.django_db
def test_dates_and_moves_that_no_entry_holds_are_counted_anew_too() -> None:
    record = initiative(stage="opportunity")
    tally()
    with origin("test"):
        add_milestone(by=None, initiative=record, what="Open", due=LimitedDate(TODAY))
    assert set(Untallied.objects.values_list("initiative_id", flat=True)) == {record.pk}
    tally()
    StageMove.objects.filter(initiative=record).update(
        happened_on=TODAY - timedelta(days=9), happened_precision="day"
    )
    tallied = Tallied.now(TODAY)
    since = TODAY - timedelta(days=9)
    assert tallied.column(["since"], tallied.bits("kept")).pairs() == [(since.toordinal(), record.pk)]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_sums_are_those_of_the_lines_themselves(seed: int) -> None:
    chance = random.Random(seed)
    draw(chance, 15, working_group("one"))
    tally()
    for _ in range(3):
        edit(chance)
    tallied = Tallied.now(TODAY)
    expected: Counter[str] = Counter()
    for line in SavingLine.objects.filter(benefit__initiative__deleted_at=None).select_related("benefit"):
        kind = f"{line.benefit.kind} {'recurring' if line.benefit.is_recurring else 'one-off'}"
        for what, pence in (("forecast", line.forecast_pence), ("claimed", line.actual_pence)):
            if pence is not None:
                expected[f"saving {kind} {line.financial_year} {what}"] += pence
    names = [name for name in tallied.names() if name.startswith("saving")]
    assert tallied.sums(names, tallied.bits("kept")) == expected


def test_threads_that_count_on_different_days_share_what_is_kept() -> None:
    """Of a web server: none goes through a dictionary while another writes to it."""
    kept, days = store.Blocks({number: Block({}, {}) for number in range(40)}), range(25)
    errors: list[BaseException] = []

    def count() -> None:
        try:
            for day in days:
                kept.fresh("late", TODAY + timedelta(days=day))
                kept.with_these({}, {}, set(range(40)))
        except RuntimeError as error:
            errors.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [Thread(target=count) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not errors

"""A register filled for measuring: plausible, each record its own, with the history that its rows come from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from register.core.clock import today
from register.history.models import Change
from register.history.reading import page_of
from register.initiatives.models import Initiative, InitiativePartner, SavingLine
from register.pages.scale import words
from register.pages.scale.bodies import Bodies
from register.pages.scale.drawing import Setting, draw_initiative
from register.pages.scale.loading import MODELS, UNTOLD, SeedError, seed
from register.pages.scale.rows import Batch
from register.pages.scale.texts import SITES, site
from register.reference.models import AreaOfWork
from tests.factories import initiative, person

NUMBER = 300


def rows(sql: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall()


def seed_as_owner(number: int) -> str:
    """The owner fills a database: tests act as the application otherwise. What was said last."""
    said: list[str] = []
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
    try:
        seed(number, seed=1, say=said.append)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE bluelight_app")
    return said[-1]


def test_a_seeded_register_is_plausible_and_its_history_leads_to_what_it_holds(fresh_database: Any) -> None:
    assert seed_as_owner(NUMBER).startswith("300 added; 300 seeded in all")
    for column in ("title", "purpose", "summary"):
        assert Initiative.objects.values(column).distinct().count() == NUMBER
    assert set(Initiative.objects.values_list("audience", flat=True)) == {
        "everyone", "partners", "partners_and_groups", "draft"
    }  # fmt: skip
    assert 200 < Initiative.objects.filter(audience="everyone").count() < NUMBER
    assert Initiative.objects.filter(marking="official_sensitive").exists()
    assert Initiative.objects.filter(named_groups__isnull=False).exists()
    assert not Initiative.objects.filter(is_fictional=True).exists()
    assert rows("SELECT count(*) FROM register_catalogueentry") == [(NUMBER,)]
    partners = [number for _, number in rows(
        "SELECT initiative_id, count(*) FROM register_initiativepartner GROUP BY 1"
    )]  # fmt: skip
    assert len(partners) == NUMBER
    assert 1 <= min(partners) <= 2 < 5 <= max(partners) <= 8
    assert NUMBER * 0.7 < InitiativePartner.objects.leads().count() < NUMBER
    assert SavingLine.objects.count() > NUMBER / 3
    areas = rows("SELECT count(*) FROM register_initiativearea GROUP BY area_of_work_id ORDER BY 1 DESC")
    assert sum(n for (n,) in areas[:5]) > sum(n for (n,) in areas) / 2

    for model in MODELS:
        table = model._meta.db_table
        assert rows(
            f"""SELECT count(*) FROM {table} r WHERE to_jsonb(r) - '{UNTOLD}'::text[] <> (
              SELECT jsonb_object_agg(e.key, e.value ORDER BY c.id)
                FROM register_change c CROSS JOIN jsonb_each(c.after) e
               WHERE c.table_name = '{table}' AND c.object_id = r.id)"""
        ) == [(0,)], f"history of {table}"
    assert rows(
        """SELECT count(*) FROM register_initiative i
            WHERE changed_at <> (SELECT max(at) FROM register_change c WHERE c.root_id = i.id)"""
    ) == [(0,)]
    assert not Initiative.objects.filter(changed_at__date__gte=today()).exists()

    # The same columns as the trigger writes, and in words.
    last = Change.objects.latest("pk").pk
    logged = initiative("Shared fleet", areas=["fleet"], places=["kent"])
    for told in Change.objects.filter(pk__gt=last, root_id=logged.pk, operation="I"):
        seeded = Change.objects.filter(pk__lte=last, table_name=told.table_name, operation="I").latest("pk")
        assert seeded.after.keys() == told.after.keys()
    moved = Change.objects.filter(table_name="register_initiative", after__has_key="stage", operation="U")
    record = Initiative.objects.get(pk=moved.latest("pk").root_id)
    page = page_of(Change.objects.of(record), person("auditor"), limit=50)
    sentences = [row.event.sentence for row in page.rows]
    assert any("moved from" in sentence for sentence in sentences)
    assert "was logged" in sentences[-1]


def test_more_can_be_added_but_not_to_what_people_logged(fresh_database: Any) -> None:
    seed_as_owner(20)
    numbers = set(Initiative.objects.values_list("number", flat=True))
    assert seed_as_owner(20).startswith("20 added; 40 seeded in all")
    assert Initiative.objects.values("title").distinct().count() == 40
    later = set(Initiative.objects.values_list("number", flat=True)) - numbers
    assert min(later) > max(numbers)
    initiative("Logged by somebody")
    with pytest.raises(SeedError, match="holds 1 initiatives that people logged"):
        seed_as_owner(20)
    assert Initiative.objects.count() == 41


@pytest.mark.django_db
def test_only_the_owner_fills_a_database_and_only_for_a_demonstration(settings: Any) -> None:
    with pytest.raises(CommandError, match="Only the owner"):
        call_command("seed_scale", initiatives=1)
    settings.DEMO = False
    with pytest.raises(CommandError, match="scratch database only"):
        call_command("seed_scale", initiatives=1)


@pytest.mark.django_db
def test_the_same_seed_draws_the_same() -> None:
    areas = dict(AreaOfWork.objects.values_list("code", "pk"))
    setting = Setting(7, 40, 0, date(2026, 11, 23), Bodies(), areas, [1], {})

    def drawn(setting: Setting) -> list[Any]:
        batch = Batch(0)
        for index in range(40):
            draw_initiative(batch, setting, index)
        return [row.values for model in MODELS for row in batch.rows[model]]

    assert drawn(setting) == drawn(setting)
    assert drawn(setting) != drawn(replace(setting, seed=8))


def test_no_two_initiatives_are_at_the_same_site() -> None:
    assert len({site(ordinal) for ordinal in range(SITES)}) == SITES
    some = Random(1).sample(range(SITES), 2000)
    assert not {site(n) for n in some} & {site(n + SITES) for n in some}


def test_every_area_of_work_has_words_to_draw_from() -> None:
    for code, field in words.FIELDS.items():
        for texts in (
            field.things,
            field.doing,
            field.aims,
            field.benefits,
            field.milestones,
            field.barriers,
        ):
            assert len(texts) >= 3, code
            assert not [text for text in texts if text != text.strip() or ";" in text]

"""A record with all that hangs on it in one statement is the record that its managers tell piece by piece."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

from register.core.tracking import origin
from register.initiatives.models import Initiative
from register.initiatives.services import add_document, add_funding
from register.initiatives.whole import HANGING, gather
from tests.factories import organisation


def told(row: Model) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def named_by(row: Any) -> list[str]:
    return [str(getattr(row, name)) for name in ("organisation", "funder") if getattr(row, name, None)]


def test_it_is_what_the_managers_tell_in_the_same_order(sample, django_assert_num_queries) -> None:
    some = Initiative.objects.earliest("pk")
    paid = {"organisation": some.lead, "funder": organisation("kent-fire"), "financial_year": 2025}
    with origin("test"):
        add_document(by=None, initiative=some, title="Case", link="https://example.org/case")
        add_funding(by=None, initiative=some, source="Fund", forecast_pence=12_345_67, **paid)
    gathered = list(Initiative.objects.order_by("pk"))
    with django_assert_num_queries(2):
        gather(gathered)
    seen = set()
    for mine, plain in zip(gathered, Initiative.objects.order_by("pk"), strict=True):
        for name in HANGING:
            with django_assert_num_queries(0):
                rows = list(getattr(mine, name).all())
                below = [list(row.lines.all()) for row in rows] if name == "benefits" else []
                parties = [list(row.parties.all()) for row in rows] if name == "agreements" else []
                named = [named_by(row) for row in rows]
            expected = list(getattr(plain, name).all())
            assert [told(row) for row in rows] == [told(row) for row in expected], (mine, name)
            assert named == [named_by(row) for row in expected]
            assert [[told(line) for line in lines] for lines in below] == [
                [told(line) for line in row.lines.all()] for row in (expected if name == "benefits" else [])
            ]
            assert parties == [list(row.parties.all()) for row in (expected if name == "agreements" else [])]
            seen |= {name} if rows else set()
    assert seen == set(HANGING)


def test_of_nothing_there_is_nothing_to_ask(db, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        gather([])

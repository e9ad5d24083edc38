"""The columns of an initiative: what each gives, and how a choice of them is read."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db.models import Value

from register.catalogue.columns import COLUMNS, SHOWN, read_columns, reference, with_cells
from register.core.dates import LimitedDate
from register.core.tracking import origin
from register.initiatives.models import Initiative
from register.initiatives.services import state_figure
from tests.factories import initiative

pytestmark = pytest.mark.django_db


def cells(record: Initiative) -> dict[str, Any]:
    rows = with_cells(Initiative.objects.filter(pk=record.pk), list(COLUMNS.values()))
    return dict(zip(COLUMNS, rows.values_list(*(f"cell_{code}" for code in COLUMNS)).get(), strict=True))


def test_each_column_gives_what_the_record_holds() -> None:
    record = initiative(
        "Shared workshop",
        areas=["fleet", "estates"],
        starts=LimitedDate(date(2014, 6, 1), "month"),
        ends=LimitedDate(date(2020, 1, 1), "year"),
        depth="shared_service",
    )
    with origin("test"):
        state_figure(
            by=None,
            initiative=record,
            kind="saving",
            basis="a_year",
            amount_pence=4_000_000_00,
            as_stated="up to £4m a year",
        )
    found = cells(record)
    assert found["reference"] == record.reference
    assert found["stage"] == "Agreed"
    assert found["depth"] == "Shared service"
    assert found["lead"] == "Derbyshire Constabulary"
    assert found["lead_code"] == "derbyshire-police"
    assert found["partners"] == ["Derbyshire Fire and Rescue Service"]
    assert found["services"] == ["Police", "Fire"]
    assert set(found["area_codes"]) == {"fleet", "estates"}
    assert found["place_codes"] == ["derbyshire"]
    assert found["regions"] == ["East Midlands"]
    assert (found["starts"], found["ends"]) == ("2014-06", "2020")
    assert found["stated_savings"] == ["up to £4m a year"]
    assert found["barriers"] == 0
    assert found["groups"] == []


@pytest.mark.parametrize("number", [7, 99_999, 100_000, 1_234_567])
def test_a_reference_is_the_one_that_the_record_says(number: int) -> None:
    record = initiative()
    record.number = number
    rows = Initiative.objects.filter(pk=record.pk).annotate(told=Value(number))
    assert rows.values_list(reference("told"), flat=True).get() == record.reference


def test_codes_and_labels_are_each_used_once() -> None:
    assert len({column.label.lower() for column in COLUMNS.values()}) == len(COLUMNS)
    assert set(SHOWN) < set(COLUMNS)


def test_a_choice_of_columns_keeps_its_order_and_names_what_is_none() -> None:
    columns, errors = read_columns(["title,stage", "reference", "stage"])
    assert ([column.code for column in columns], errors) == (["title", "stage", "reference"], [])
    assert [column.code for column in read_columns([])[0]] == SHOWN
    columns, errors = read_columns(["title,colour"])
    assert [column.code for column in columns] == ["title"]
    assert errors == ["Columns: there is no column called “colour”."]
    assert len(read_columns([",".join(f"x{n}" for n in range(100))])[1]) == 4

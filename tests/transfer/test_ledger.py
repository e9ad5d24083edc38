"""The ledger as a file: for administrators and auditors, without contents, and noted."""

from __future__ import annotations

import csv
import io
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from register.core.tracking import origin
from register.history.models import Change
from register.initiatives.models import Initiative
from register.initiatives.services import edit_initiative
from tests.factories import TODAY, initiative, person

pytestmark = pytest.mark.django_db

FORMULA = '=HYPERLINK("http://evil.example","x")'


@pytest.fixture
def record() -> Initiative:
    author = person("contributor", at="derbyshire-police", name="=Asha Patel")
    made = initiative(title="Not for all eyes", by=author, audience="partners")
    with origin("web", request_id="r-1"):
        edit_initiative(
            by=author, initiative=made, version=None, on=TODAY, depth="co_location", reason=FORMULA
        )
    return made


def take(client: Client, **asked: str) -> Any:
    client.force_login(person("auditor"))
    return client.get(reverse("ledger_export"), asked)


def lines(answer: Any) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_a_file_holds_what_the_search_finds_and_no_contents(client: Client, record: Initiative) -> None:
    answer = take(client, format="csv", record=record.reference)
    assert answer.headers["Content-Disposition"].startswith(
        'attachment; filename="OFFICIAL-SENSITIVE-ledger-'
    )
    marking, head, *rows = lines(answer)
    assert marking == ["OFFICIAL-SENSITIVE"]
    assert len(rows) == Change.objects.of(record).count()
    edit = dict(zip(head, rows[0], strict=True))
    assert (edit["Record"], edit["Columns"], edit["Request"]) == (record.reference, "depth", "r-1")
    assert "Not for all eyes" not in str(rows)


def test_nothing_in_it_is_a_formula(client: Client, record: Initiative) -> None:
    _, head, *rows = lines(take(client, format="csv", record=record.reference))
    edit = dict(zip(head, rows[0], strict=True))
    assert edit["Why"] == f"'{FORMULA}"
    assert edit["Who"] == "'=Asha Patel"
    body = b"".join(take(client, format="xlsx", record=record.reference).streaming_content)
    sheet = openpyxl.load_workbook(io.BytesIO(body)).active
    assert sheet is not None
    found = [cell for row in sheet.iter_rows() for cell in row if cell.value == FORMULA]
    assert found
    assert {cell.data_type for cell in found} == {"s"}


def test_who_took_it_is_noted_without_the_names_they_typed(client: Client, record: Initiative) -> None:
    take(client, format="csv", who="asha", record=record.reference)
    noted = Change.ledger.get(table_name="exported_ledger")
    assert noted.after["format"] == "csv"
    assert noted.after["rows"] > 0
    assert noted.after["by"] == ["record", "who"]
    assert "asha" not in str(noted.after)


@pytest.mark.parametrize("asked", [{}, {"format": "json"}, {"format": "csv", "since": "yesterday"}])
def test_what_cannot_be_read_is_no_file_and_no_note(
    client: Client, record: Initiative, asked: dict[str, str]
) -> None:
    assert take(client, **asked).status_code == 400
    assert not Change.ledger.filter(table_name="exported_ledger").exists()

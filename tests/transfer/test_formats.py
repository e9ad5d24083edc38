"""The same cells in each format, safe to open, and typed where a format has types."""

from __future__ import annotations

import csv
import io
import subprocess
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models.functions import Lower

from register.accounts.models import User
from register.catalogue.columns import Kind
from register.catalogue.filters import select
from register.core.dates import LimitedDate
from register.core.tracking import origin
from register.initiatives.models import Initiative
from register.initiatives.services import state_figure
from register.transfer import as_csv, as_xlsx
from register.transfer.parts import PARTS
from tests.factories import initiative, person
from tests.support.office import MISSING, installed
from tests.transfer.support import (
    SHEETS,
    json_rows,
    read_csv,
    read_json,
    read_xlsx,
    take,
    xlsx_rows,
)

EVERYTHING = "example=with&what=everything&sort=reference"
# What a spreadsheet could take for a formula, and what only looks as if it had been made harmless.
ODD = [
    "=1+1",
    '=HYPERLINK("http://example.org";"x")',
    "+44 1332",
    "-2",
    "@SUM(1)",
    "＝1+1",
    "'=1+1",
    "''-x",
    "'quoted' by its owners",
    'He said "no", twice',
    "Two\nlines; and a semicolon",
    "Ynys Môn 🚒",
]


def administrator() -> User:
    return User.objects.get(email__startswith="administrator@")


def test_each_format_holds_the_same_cells(sample) -> None:
    user = administrator()
    told, book = (
        read_json(take(user, f"{EVERYTHING}&format=json")),
        read_xlsx(take(user, f"{EVERYTHING}&format=xlsx")),
    )
    assert book.sheetnames == [label for label, _ in SHEETS.values()]
    filled = 0
    for code in SHEETS:
        what = "everything" if code == "initiatives" else code
        _, rows = read_csv(take(user, f"example=with&sort=reference&what={what}&format=csv"))
        assert rows == xlsx_rows(book, code), code
        assert rows[0] == [column.label for column in SHEETS[code][1]]
        if told[code]:
            assert rows == json_rows(told, code), code
        filled += len(rows) > 1
    assert len(told["initiatives"]) > 65
    assert filled >= len(SHEETS) - 2  # the sample has hardly an example of what is not there


def test_what_the_list_shows_is_the_columns_asked_for_in_their_order(sample) -> None:
    query = "cols=stage,reference,areas&sort=title&area=fleet&region=E12000004"
    marking, rows = read_csv(take(administrator(), f"{query}&format=csv"))
    assert marking == "OFFICIAL"
    assert rows[0] == ["Stage", "Reference", "Areas of work"]
    assert all("Fleet" in row[2].split("; ") for row in rows[1:])
    parameters = {"area": ["fleet"], "region": ["E12000004"]}
    meant = select(parameters, user=administrator(), on=date(2026, 11, 23)).initiatives.order_by(
        Lower("title")
    )
    assert [row[1] for row in rows[1:]] == [record.reference for record in meant]
    book = read_xlsx(take(administrator(), f"{query}&format=xlsx"))
    assert book.sheetnames == ["Initiatives"]
    assert xlsx_rows(book, "initiatives") == rows
    assert list(read_json(take(administrator(), f"{query}&format=json"))["initiatives"][0]) == [
        "stage",
        "reference",
        "areas",
    ]


@pytest.mark.django_db
def test_csv_begins_with_a_mark_of_order_and_its_marking_and_ends_lines_as_excel_does() -> None:
    initiative("One")
    body = take(person("reader"), "format=csv&cols=reference,title")
    lines = body.split(b"\r\n")
    assert lines[0] == b"\xef\xbb\xbfOFFICIAL"
    assert lines[1] == b"Reference,Title"
    assert lines[2].endswith(b",One")
    assert lines[3:] == [b""]
    assert b"\n" not in body.replace(b"\r\n", b"")


@pytest.mark.django_db
@pytest.mark.parametrize("odd", ODD)
def test_text_comes_back_as_it_was_and_is_never_a_formula(odd: str) -> None:
    record, user = initiative("Plain"), person("reader")
    with origin("test"):
        Initiative.objects.filter(pk=record.pk).update(summary=odd)
    told = take(user, "format=csv&cols=reference,summary")
    raw = list(csv.reader(io.StringIO(told.decode("utf-8-sig"), newline="")))[2][1]
    assert raw[0] not in "=+-@\t\r\n＝＋－＠"
    assert read_csv(told)[1][1][1] == odd
    cell = read_xlsx(take(user, "format=xlsx&cols=reference,summary"))["Initiatives"]["B3"]
    assert (cell.value, cell.data_type) == (odd, "s")
    assert read_json(take(user, "format=json&cols=summary"))["initiatives"] == [{"summary": odd}]


@pytest.mark.parametrize("odd", [*ODD, "\t=1+1", "\r=1+1", "\n=1+1"])
def test_what_stands_above_the_rows_is_never_a_formula_either(odd: str) -> None:
    told = as_csv._harmless_in_head(odd)
    assert told[0] not in "=+-@\t\r\n＝＋－＠"
    assert told in (odd, f"'{odd}")


@pytest.mark.django_db
@pytest.mark.parametrize("odd", ["\t=1+1", "\r=1+1", "\n=1+1"])
def test_white_space_that_a_spreadsheet_steps_over_hides_no_formula(odd: str) -> None:
    record, user = initiative("Plain"), person("reader")
    with origin("test"):
        Initiative.objects.filter(pk=record.pk).update(summary=odd)
    told = take(user, "format=csv&cols=reference,summary").decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(told, newline="")))[2][1] == f"'{odd}"


@pytest.mark.django_db
def test_a_list_whose_first_value_looks_like_a_formula_is_harmless_too() -> None:
    record, user = initiative("Plain"), person("reader")
    with origin("test"):
        state_figure(by=None, initiative=record, kind="saving", basis="a_year", as_stated="=9+9")
    raw = take(user, "format=csv&cols=stated_savings").split(b"\r\n")[2]
    assert raw == b"'=9+9"


@pytest.mark.django_db
def test_excel_has_dates_money_a_frozen_head_and_filters() -> None:
    record = initiative(
        "Typed", starts=LimitedDate(date(2014, 6, 1), "month"), ends=LimitedDate(date(2016, 3, 9))
    )
    with origin("test"):
        state_figure(
            by=None, initiative=record, kind="saving", basis="a_year", as_stated="x", amount_pence=123456789
        )
        Initiative.objects.filter(pk=record.pk).update(confirmed_on=date(2026, 10, 5))
    user = person("reader")
    tab = read_xlsx(take(user, "format=xlsx&cols=starts,ends,confirmed_on,open_to_replication"))[
        "Initiatives"
    ]
    assert tab["A1"].value == "OFFICIAL"
    assert tab["A3"].value == "2014-06"
    assert (tab["B3"].value, tab["C3"].value) == (datetime(2016, 3, 9), datetime(2026, 10, 5))
    assert tab["C3"].is_date
    assert tab.freeze_panes == "A3"
    assert tab.auto_filter.ref == "A2:D3"
    assert "OFFICIAL" in tab.oddHeader.center.text
    money = read_xlsx(take(user, "format=xlsx&what=figures"))["Stated figures"]
    at = [cell.value for cell in money[2]].index("Amount")
    assert money[3][at].value == 1234567.89
    assert money[3][at].number_format == "£#,##0.00"


@pytest.mark.django_db
def test_money_is_exact_to_the_penny_and_dates_keep_their_precision() -> None:
    record = initiative("Exact", starts=LimitedDate(date(2014, 1, 1), "year"))
    amounts = [1, 99, 10_000_000_000_001, 123456789]
    with origin("test"):
        for pence in amounts:
            state_figure(
                by=None, initiative=record, kind="saving", basis="a_year", as_stated="x", amount_pence=pence
            )
    user = person("reader")
    _, rows = read_csv(take(user, "format=csv&what=figures"))
    at = rows[0].index("Amount")
    assert [row[at] for row in rows[1:]] == ["0.01", "0.99", "100000000000.01", "1234567.89"]
    body = take(user, "format=json&what=figures")
    assert [round(row["amount"] * 100) for row in read_json(body)["figures"]] == amounts
    assert b'"amount": 100000000000.01' in body
    assert read_csv(take(user, "format=csv&cols=starts"))[1][1] == ["2014"]


@pytest.mark.django_db
def test_what_a_sheet_can_not_hold_goes_on_in_another_and_long_text_is_cut_and_says_so(monkeypatch) -> None:
    monkeypatch.setattr(as_xlsx, "MOST_ROWS", 4)
    records = [initiative(f"Record {number}") for number in range(5)]
    with origin("test"):
        Initiative.objects.filter(pk=records[0].pk).update(description="x" * 40_000)
    book = read_xlsx(take(person("reader"), "format=xlsx&sort=reference&cols=reference,description"))
    assert book.sheetnames == ["Initiatives", "Initiatives 2", "Initiatives 3"]
    found = [row[0] for tab in book for row in tab.iter_rows(min_row=3, values_only=True)]
    assert sorted(found) == sorted(record.reference for record in records)
    longest = max(
        (str(row[1] or "") for tab in book for row in tab.iter_rows(min_row=3, values_only=True)), key=len
    )
    assert len(longest) == 32_767
    assert longest.endswith("[cut: a cell of Excel holds no more]")


@pytest.mark.skipif(not installed(), reason=MISSING)
def test_libreoffice_shows_the_same_cells(sample, tmp_path: Path) -> None:
    body = take(administrator(), "example=with&sort=reference&what=everything&format=xlsx")
    (tmp_path / "export.xlsx").write_bytes(body)
    as_csv = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1"
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    command += ["--convert-to", as_csv, "--outdir", str(tmp_path), str(tmp_path / "export.xlsx")]
    subprocess.run(command, check=True, timeout=120)
    shown = next(tmp_path.glob("export*.csv")).read_bytes()
    _, (head, *rows) = read_csv(shown)
    kinds = {column.label: column.kind for column in SHEETS["initiatives"][1]}
    # What it writes is the number in the cell, not how the cell shows it.
    for row in rows:
        for i, name in enumerate(head):
            if kinds[name] is Kind.MONEY and row[i]:
                row[i] = f"{Decimal(row[i]):.2f}"
    assert [head, *rows] == xlsx_rows(read_xlsx(body), "initiatives")


def test_every_part_has_codes_labels_and_a_sheet_of_its_own() -> None:
    labels = [label for label, _ in SHEETS.values()]
    assert len({label.lower() for label in labels}) == len(SHEETS)
    for part in PARTS.values():
        assert len(part.label) <= 28  # of a sheet's 31 characters, so that a second one can be numbered
        for told in ([c.code for c in part.columns], [c.label for c in part.columns]):
            assert len(set(told)) == len(told), part.code

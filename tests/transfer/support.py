"""Taking a file out of the register as a browser does, and reading it back as docs/exports.md says."""

from __future__ import annotations

import csv
import io
import json
import re
from datetime import date, datetime
from typing import Any

import openpyxl
from django.test import Client
from openpyxl.workbook import Workbook

from register.accounts.models import User
from register.catalogue.columns import COLUMNS, Column, Kind
from register.transfer.parts import PARTS

ADDRESS = "/initiatives/export/"
SHEETS: dict[str, tuple[str, list[Column]]] = {
    "initiatives": ("Initiatives", list(COLUMNS.values())),
    **{code: (part.label, list(part.columns)) for code, part in PARTS.items()},
}
# What an import takes off: one apostrophe of those in front of what a spreadsheet would take for a formula.
PUT_IN_FRONT = re.compile(r"^'(?='*[=+\-@\t\r\n＝＋－＠])")
Rows = list[list[str]]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def take(user: User, query: str) -> bytes:
    answer = signed_in(user).get(f"{ADDRESS}?{query}")
    assert answer.status_code == 200, answer.content.decode()
    return b"".join(answer.streaming_content)


def read_csv(body: bytes) -> tuple[str, Rows]:
    """The marking, and the rows below it, the labels first."""
    text = body.decode("utf-8-sig")
    first, *rows = csv.reader(io.StringIO(text, newline=""))
    return first[0], [[PUT_IN_FRONT.sub("", cell) for cell in row] for row in rows]


def read_json(body: bytes) -> dict[str, Any]:
    return json.loads(body)


def json_rows(told: dict[str, Any], code: str) -> Rows:
    """An array's rows as CSV writes them."""
    label_of = {column.code: column for column in SHEETS[code][1]}
    columns = [label_of[key] for key in told[code][0]] if told[code] else []
    head = [[column.label for column in columns]] if columns else []
    return head + [
        [_plain(value, column.kind) for value, column in zip(row.values(), columns, strict=True)]
        for row in told[code]
    ]


def _plain(value: Any, kind: Kind) -> str:
    if value is None:
        return ""
    if kind is Kind.LIST:
        return "; ".join(value)
    if kind is Kind.YES:
        return "Yes" if value else "No"
    return f"{value:.2f}" if kind is Kind.MONEY else str(value)


def read_xlsx(body: bytes) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(body))


def xlsx_rows(book: Workbook, code: str) -> Rows:
    """A sheet's rows, below the marking, as CSV writes them."""
    label, columns = SHEETS[code]
    kinds = {column.label: column.kind for column in columns}
    head, *rows = book[label].iter_rows(min_row=2, values_only=True)
    told = [kinds[str(name)] for name in head]
    return [list(map(str, head))] + [
        [_cell(value, kind) for value, kind in zip(row, told, strict=True)] for row in rows
    ]


def _cell(value: Any, kind: Kind) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return f"{value:%Y-%m-%d}"
    return f"{value:.2f}" if kind is Kind.MONEY else str(value)

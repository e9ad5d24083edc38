"""CSV: one sheet, which PostgreSQL's own COPY writes. Python only ends the lines as Excel wants them.

A cell of text that a spreadsheet would take for a formula gets an apostrophe in front; so does one that begins with
apostrophes and goes on like a formula. An import takes one apostrophe off either (docs/exports.md).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Generator
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from register.catalogue.columns import Column, Kind
from register.transfer.contents import File, Sheet, in_chunks, one_moment

CONTENT_TYPE = "text/csv; charset=utf-8"
BOM = b"\xef\xbb\xbf"
BETWEEN = "; "  # the values of a list
# Tab, line feed, carriage return and + - = @, with the wide ones of East Asian keyboards.
FORMULA = (9, 10, 13, 43, 45, 61, 64, 0xFF0B, 0xFF0D, 0xFF1D, 0xFF20)
# Tells the planner that the first rows are wanted soon: cells are then worked out after sorting, not before.
NO_LIMIT = 2**40


def write(file: File) -> Generator[bytes, None, None]:
    return in_chunks(_lines(file))


def _lines(file: File) -> Generator[bytes, None, None]:
    sheet = file.sheets[0]
    head = io.StringIO(newline="")
    csv.writer(head).writerows(
        [[_harmless_in_head(file.says)], [_harmless_in_head(column.label) for column in sheet.columns]]
    )
    yield BOM + head.getvalue().encode()
    with one_moment(), connection.cursor() as cursor:
        statement = _copy(sheet, cursor)
        if not statement:
            return
        with cursor.copy(statement) as rows:
            for row in rows:
                yield bytes(row)[:-1] + b"\r\n"


def _copy(sheet: Sheet, cursor: Any) -> str:
    """Every cell is worked out once, inside, and written as text outside; "" when nothing can be found."""
    try:
        sql, parameters = sheet.cells[:NO_LIMIT].query.sql_with_params()
    except EmptyResultSet:
        return ""
    names = [f"c{number}" for number in range(len(sheet.columns))]
    written = ", ".join(_written(column, name) for column, name in zip(sheet.columns, names, strict=True))
    inner = cursor.mogrify(sql, parameters)
    return f"COPY (SELECT {written} FROM ({inner}) AS cells ({', '.join(names)})) TO STDOUT (FORMAT csv)"  # noqa: S608


def _written(column: Column, name: str) -> str:
    match column.kind:
        case Kind.TEXT:
            return _harmless(name)
        case Kind.LIST:
            return _harmless(f"array_to_string({name}, '{BETWEEN}')")
        case Kind.MONEY:
            return f"({name} / 100.0)::numeric(20, 2)"
        case Kind.DATE:
            return f"to_char({name}, 'YYYY-MM-DD')"
        case Kind.YES:
            return f"CASE WHEN {name} THEN 'Yes' WHEN NOT {name} THEN 'No' END"
        case _:
            return name


def _harmless_in_head(text: str) -> str:
    """The same as `_harmless`, of a text that Python has."""
    bare = text.lstrip("'")
    return f"'{text}" if bare and ord(bare[0]) in FORMULA else text


def _harmless(text: str) -> str:
    """The SQL that writes a text so."""
    codes = ", ".join(map(str, FORMULA))
    return f"CASE WHEN ascii(ltrim({text}, '''')) IN ({codes}) THEN '''' || {text} ELSE {text} END"

"""Excel: a sheet each, with typed dates and money, the header frozen and filters on, in memory that does not grow.

Nothing in it is a formula: text is written as text, whatever it begins with.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from tempfile import TemporaryFile
from typing import IO, Any

import xlsxwriter

from register.catalogue.columns import Column, Kind
from register.transfer.contents import File, Sheet, one_moment

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
AT_ONCE = 2000  # rows fetched from the database
MOST_ROWS = 1_048_576  # of a sheet; what is beyond goes on in another
MOST_TEXT = 32_767  # characters of a cell
CUT = " … [cut: a cell of Excel holds no more]"
HEAD = 2  # the marking, then the labels
WIDTHS = {Kind.DATE: 12, Kind.PERIOD: 12, Kind.MONEY: 16, Kind.NUMBER: 10, Kind.YES: 10, Kind.LIST: 36}
Put = Callable[[int, int, Any], Any]


def write(file: File) -> IO[bytes]:
    """The workbook, in a temporary file that is gone when it is closed."""
    target = TemporaryFile()  # noqa: SIM115 - the answer closes it
    with one_moment(), xlsxwriter.Workbook(target, {"constant_memory": True}) as book:
        book.use_zip64()
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            "marking": book.add_format({"bold": True}),
            Kind.DATE: book.add_format({"num_format": "yyyy-mm-dd", "align": "left"}),
            Kind.MONEY: book.add_format({"num_format": "£#,##0.00"}),
        }
        for sheet in file.sheets:
            _write_sheet(book, sheet, file.says, formats)
    target.seek(0)
    return target


def _write_sheet(book: Any, sheet: Sheet, marking: str, formats: dict[str, Any]) -> None:
    tab = _new_tab(book, sheet, sheet.label, marking, formats)
    puts = _puts(tab, sheet, formats)
    row, tabs = HEAD, 1
    for cells in sheet.cells.iterator(chunk_size=AT_ONCE):
        if row == MOST_ROWS:
            _end(tab, sheet, row)
            tabs += 1
            tab = _new_tab(book, sheet, f"{sheet.label} {tabs}", marking, formats)
            puts, row = _puts(tab, sheet, formats), HEAD
        for column, value in enumerate(cells):
            if value is not None and value != "":
                puts[column](row, column, value)
        row += 1
    _end(tab, sheet, row)


def _new_tab(book: Any, sheet: Sheet, label: str, marking: str, formats: dict[str, Any]) -> Any:
    tab = book.add_worksheet(label)
    tab.set_header(f"&C{marking}")
    tab.freeze_panes(HEAD, 0)
    for number, column in enumerate(sheet.columns):
        tab.set_column(number, number, WIDTHS.get(column.kind, 28))
    tab.write_string(0, 0, marking, formats["marking"])
    for number, column in enumerate(sheet.columns):
        tab.write_string(1, number, column.label, formats["head"])
    return tab


def _end(tab: Any, sheet: Sheet, row: int) -> None:
    tab.autofilter(HEAD - 1, 0, max(row, HEAD) - 1, len(sheet.columns) - 1)


def _puts(tab: Any, sheet: Sheet, formats: dict[str, Any]) -> list[Put]:
    return [_put(tab, column, formats) for column in sheet.columns]


def _put(tab: Any, column: Column, formats: dict[str, Any]) -> Put:
    """What writes a cell of a column."""
    text, number, day = tab.write_string, tab.write_number, tab.write_datetime
    dates, money = formats[Kind.DATE], formats[Kind.MONEY]
    match column.kind:
        case Kind.MONEY:
            return lambda row, at, pence: number(row, at, pence / 100, money)
        case Kind.NUMBER:
            return lambda row, at, value: number(row, at, value)
        case Kind.DATE:
            return lambda row, at, value: day(row, at, value, dates)
        case Kind.PERIOD:
            # A day is a date; a month or a year stays what it is.
            return lambda row, at, told: (
                day(row, at, date.fromisoformat(told), dates) if len(told) == 10 else text(row, at, told)
            )
        case Kind.YES:
            return lambda row, at, value: text(row, at, "Yes" if value else "No")
        case Kind.LIST:
            return lambda row, at, values: text(row, at, _cut("; ".join(values)))
        case _:
            return lambda row, at, value: text(row, at, _cut(value))


def _cut(text: str) -> str:
    return text if len(text) <= MOST_TEXT else text[: MOST_TEXT - len(CUT)] + CUT

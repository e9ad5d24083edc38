"""Rows of the sample's tables: each knows its file and line, so that what is wrong can be found."""

from __future__ import annotations

import csv
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from register.core.dates import LimitedDate
from register.reference.tables import TableError


@dataclass(frozen=True)
class Row:
    """A line of a table. Its methods read a column or raise TableError with file and line."""

    file: str
    line: int
    values: dict[str, str]

    def fault(self, what: str) -> TableError:
        return TableError(f"{self.file}, line {self.line}: {what}")

    def text(self, column: str, *, most: int = 2000, blank: bool = False) -> str:
        value = self.values[column]
        if not (value or blank):
            raise self.fault(f"{column} is empty")
        if value != " ".join(value.split()) or not (value or " ").isprintable():
            raise self.fault(f"{column} has a space too many or a character that can't be seen")
        if len(value) > most:
            raise self.fault(f"{column} has {len(value)} characters; the most is {most}")
        return value

    def code(self, column: str, known: Container[str], *, blank: bool = False) -> str:
        value = self.text(column, blank=blank)
        if value:
            self.must_know(value, known)
        return value

    def must_know(self, code: str, known: Container[str]) -> None:
        if code not in known:
            raise self.fault(f"“{code}” is not known")

    def parts(self, column: str) -> tuple[str, ...]:
        """What stands between semicolons."""
        return tuple(part for part in self.text(column, blank=True).split(";") if part)

    def date(self, column: str) -> LimitedDate | None:
        """The first day of a period in this column, its precision in the one beside it."""
        text, precision = self.text(column, blank=True), self.text(f"{column}_precision", blank=True)
        if not text and not precision:
            return None
        try:
            return LimitedDate(date.fromisoformat(text), precision)
        except ValueError as error:
            raise self.fault(f"{column} “{text}”, {precision or 'no precision'}: {error}") from None

    def amount(self, column: str) -> int | None:
        """Whole pence; None when empty."""
        text = self.text(column, blank=True)
        if text and not (text.isascii() and text.isdigit() and int(text)):
            raise self.fault(f"{column} “{text}” is not a number of pence")
        return int(text) if text else None

    def flag(self, column: str) -> bool:
        return self.code(column, ("yes",), blank=True) == "yes"


def rows_of(path: Path, columns: Sequence[str]) -> Iterator[Row]:
    """The lines of a table that has exactly these columns, in this order."""
    with path.open(newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle)
        if tuple(reader.fieldnames or ()) != tuple(columns):
            raise TableError(f"{path.name}, line 1: the columns are not {', '.join(columns)}")
        for values in reader:
            row = Row(path.name, reader.line_num, values)
            if None in values or None in values.values():
                raise row.fault("the number of columns is not the header's")
            yield row


def grouped(path: Path, columns: Sequence[str], keys: Container[str]) -> dict[str, list[Row]]:
    """The lines of a table by the initiative they belong to."""
    found: dict[str, list[Row]] = {}
    for row in rows_of(path, columns):
        found.setdefault(row.code("key", keys), []).append(row)
    return found

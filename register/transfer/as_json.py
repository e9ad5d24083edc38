"""JSON: one object with the marking and an array for each sheet, written a row at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Sequence
from typing import Any

from register.catalogue.columns import Column, Kind
from register.transfer.contents import File, Sheet, in_chunks, one_moment

CONTENT_TYPE = "application/json"
AT_ONCE = 2000  # rows fetched from the database
READ: dict[Kind, Callable[[Any], Any]] = {
    Kind.MONEY: lambda pence: pence / 100,
    Kind.DATE: lambda day: day.isoformat(),
    Kind.NUMBER: lambda value: int(value) if value == int(value) else float(value),
}


def write(file: File) -> Generator[bytes, None, None]:
    return in_chunks(_pieces(file))


def _pieces(file: File) -> Generator[bytes, None, None]:
    head = {"marking": file.says, "what": file.what, "exported_on": file.on.isoformat()}
    yield _text(head)[:-1]
    with one_moment():
        for sheet in file.sheets:
            yield b",\n" + _text(sheet.code) + b": ["
            yield from _rows(sheet)
            yield b"\n]"
    yield b"\n}\n"


def _rows(sheet: Sheet) -> Generator[bytes, None, None]:
    codes = [column.code for column in sheet.columns]
    typed = _typed(sheet.columns)
    before = b"\n"
    for cells in sheet.cells.iterator(chunk_size=AT_ONCE):
        row = dict(zip(codes, cells, strict=True))
        for code, read in typed:
            if row[code] is not None:
                row[code] = read(row[code])
        yield before + _text(row)
        before = b",\n"


def _typed(columns: Sequence[Column]) -> list[tuple[str, Callable[[Any], Any]]]:
    return [(column.code, READ[column.kind]) for column in columns if column.kind in READ]


def _text(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()

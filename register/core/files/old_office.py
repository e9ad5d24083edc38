"""Word, Excel and PowerPoint up to 2003: a file of named streams. So are objects inside newer documents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PIECE = 64 * 1024
LETTER, BOOK, SLIDES = ["WordDocument"], ["Workbook", "Book"], ["PowerPoint Document"]
MACROS = ["_VBA_PROJECT", "_VBA_PROJECT_CUR"]
# How Office packs a file of any kind, a program too, into a document.
PACKAGE = ["\x01Ole10Native"]


def pieces(file: Any) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def has_stream(file: Any, names: Sequence[str]) -> bool:
    """One of the names in its directory: UTF-16, at the start of an entry of 128 bytes."""
    return any(_holds(file, name.encode("utf-16-le") + b"\0\0") for name in names)


def _holds(file: Any, wanted: bytes) -> bool:
    before = b""
    for piece in pieces(file):
        if wanted in before + piece:
            return True
        before = piece[-len(wanted) :]
    return False

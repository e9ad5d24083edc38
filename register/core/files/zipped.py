"""Looking into a zipped document by its own list of contents, without unpacking it.

A document of a few kilobytes can claim terabytes, list a million entries, or hold another of itself. So first the size
of the list is read, then the list, then the first bytes of each entry.
"""

from __future__ import annotations

import re
import shutil
import struct
import tempfile
import zlib
from dataclasses import dataclass
from html import unescape
from itertools import pairwise
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from register.core.files.old_office import BOOK, LETTER, MACROS, OLD_OFFICE, PACKAGE, SLIDES, has_stream

MOST_ENTRIES = 3_000
MOST_OF_A_LIST = 1024 * 1024
# The largest workbook that Excel opens with ease; XML packs to a tenth or a thirtieth, zeros to a thousandth.
MOST_UNPACKED = 500 * 1024 * 1024
MOST_RATIO, RATIO_COUNTS_FROM = 250, 5 * 1024 * 1024
# A chart in a letter brings the workbook that it was drawn from; nothing needs a document in that again. All together
# are unpacked, to a file, and may have so many bytes.
MOST_NESTED, MOST_OF_NESTED = 1, 20 * 1024 * 1024
END, END_64, END_SIZE, LONGEST_COMMENT = b"PK\x05\x06", b"PK\x06\x07", 22, 65_535
ZIP = b"PK\x03\x04"
# Programs and other archives, which no document of ours has inside.
STRANGE = (b"MZ", b"\x7fELF", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\xca\xfe\xba\xbe")
STRANGE_INSIDE = "This document has a program or an archive inside. Take that out first."
OBJECT_INSIDE = (
    "This document has a file or an object of another program inside, which may be a program itself. Take it out, or"
    " save the document as a PDF."
)
DAMAGED = "This document is damaged. Open it in its own program, save it again, and choose that."
TOO_MANY_PARTS = "This document has more parts than any document needs. Save it again, or as a PDF."
FETCHES = (
    "This document fetches a template or an object from the web when it is opened, which may bring a program. Take that"
    " link out, or save the document as a PDF."
)
MOST_OF_RELATIONS = 8 * 1024 * 1024
RELATION = re.compile(r"""<(?:\w+:)?Relationship\s((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""")
ATTRIBUTE = re.compile(r"""\b(\w++)\s*+=\s*+("[^"]*+"|'[^']*+')""")
# What a program fetches of itself, and which addresses are no file's.
FETCHED = {"attachedTemplate", "oleObject", "frame", "subDocument"}
FROM_THE_WEB = re.compile(r"(?!file:)[a-z][a-z0-9+.-]{1,30}:|//", re.IGNORECASE)
FOLDERS = {"word/document.xml": "word", "xl/workbook.xml": "xl", "ppt/presentation.xml": "ppt"}
BROKEN = (
    BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError, struct.error, zlib.error
)  # fmt: skip


class ZippedError(Exception):
    """Why it can't be kept, in words."""


@dataclass(frozen=True)
class Contents:
    """`kind` is the folder of an Office document (word, xl, ppt) or the media type of an OpenDocument, or ""."""

    kind: str
    has_macros: bool


def look_into(file: IO[bytes], *, depth: int = 0) -> Contents:
    """What kind of document it is; ZippedError if it is damaged, a bomb, or has something strange inside."""
    try:
        listed = _length_of_a_short_list(file)
        with ZipFile(file) as archive:
            if len(archive.infolist()) != listed:
                raise BadZipFile
            return _contents(archive, depth)
    except BROKEN:
        raise ZippedError(DAMAGED) from None


def _length_of_a_short_list(file: IO[bytes]) -> int:
    """Asked before the library reads the list whole into memory. The document starts and ends where the file does."""
    size = file.seek(0, 2)
    file.seek(max(0, size - END_SIZE - LONGEST_COMMENT - 20))
    tail = file.read()
    at = tail.rfind(END)
    if at < 0:
        raise BadZipFile
    disk, first_disk, here, entries, length, offset, _ = struct.unpack("<4H2LH", tail[at + 4 : at + END_SIZE])
    if tail[max(0, at - 20) : at].startswith(END_64) or entries > MOST_ENTRIES or length > MOST_OF_A_LIST:
        raise ZippedError(TOO_MANY_PARTS)
    if disk or first_disk or here != entries or offset + length != size - len(tail) + at:
        raise BadZipFile
    return int(entries)


def _contents(archive: ZipFile, depth: int) -> Contents:
    entries = archive.infolist()
    names = {entry.filename.lower() for entry in entries}
    if len(names) != len(entries) or any(_leads_out(entry.filename) for entry in entries):
        raise BadZipFile
    if any(entry.flag_bits & 1 or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for entry in entries):
        raise ZippedError("This document has a password, or parts that can't be read. Save it without.")
    _must_not_be_a_bomb(entries)
    inside = [_look_into_one(archive, entry, depth) for entry in _documents(archive, entries, depth)]
    _must_not_fetch(archive, entries)
    has_macros = (
        any(found.has_macros for found in inside)
        or any(_is_macro(name) for name in names)
        or _types_tell_macros(archive, names)
    )
    return Contents(_kind(archive, names), has_macros)


def _leads_out(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/")


def _must_not_be_a_bomb(entries: list[ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    dense = any(
        entry.file_size > RATIO_COUNTS_FROM and entry.file_size > MOST_RATIO * entry.compress_size
        for entry in entries
    )
    if unpacked > MOST_UNPACKED or dense:
        raise ZippedError("This document would grow too large when it is opened. Save it as a PDF instead.")
    # Two entries that share the same bytes are the trick of the worst of bombs.
    spans = sorted((e.header_offset, e.header_offset + 30 + e.compress_size) for e in entries)
    if any(end > following for (_, end), (following, _) in pairwise(spans)):
        raise BadZipFile


def _documents(archive: ZipFile, entries: list[ZipInfo], depth: int) -> list[ZipInfo]:
    """Those that are documents themselves. To open an entry compares its own name and the list's."""
    found = []
    for entry in entries:
        with archive.open(entry) as inside:
            head = inside.read(8)
        if head.startswith(STRANGE):
            raise ZippedError(STRANGE_INSIDE)
        if head.startswith(ZIP) or (head == OLD_OFFICE and not _is_macro(entry.filename.lower())):
            found.append(entry)
    if found and (depth >= MOST_NESTED or sum(entry.file_size for entry in found) > MOST_OF_NESTED):
        raise ZippedError(
            "This document has others inside, too many or one in another. Save it as a PDF instead."
        )
    return found


def _look_into_one(archive: ZipFile, entry: ZipInfo, depth: int) -> Contents:
    with archive.open(entry) as inside, tempfile.TemporaryFile() as copy:
        shutil.copyfileobj(inside, copy)  # no more than the entry's size in the list
        copy.seek(0)
        if copy.read(len(OLD_OFFICE)) == OLD_OFFICE:
            return _look_into_an_object(copy)
        found = look_into(copy, depth=depth + 1)
    if not found.kind:
        raise ZippedError(STRANGE_INSIDE)
    return found


def _look_into_an_object(file: IO[bytes]) -> Contents:
    """An object is let in as the old document that it is; not as a package, a control or whatever else."""
    if has_stream(file, PACKAGE) or not has_stream(file, [*LETTER, *BOOK, *SLIDES]):
        raise ZippedError(OBJECT_INSIDE)
    return Contents("", has_stream(file, MACROS))


def _must_not_fetch(archive: ZipFile, entries: list[ZipInfo]) -> None:
    """No template or object comes from the web when it is opened: that is how a letter without macros brings some.

    Links that a reader presses and pictures may lead anywhere, and templates come from an organisation's own drives:
    letters commonly name one.
    """
    lists = [entry for entry in entries if entry.filename.lower().endswith(".rels")]
    if sum(entry.file_size for entry in lists) > MOST_OF_RELATIONS:
        raise ZippedError(TOO_MANY_PARTS)
    for entry in lists:
        with archive.open(entry) as inside:
            text = inside.read().decode("utf-8")
        if "\0" in text or "Relationships" not in text:
            raise BadZipFile
        for found in RELATION.finditer(text):
            told = {name: unescape(value[1:-1]) for name, value in ATTRIBUTE.findall(found[1])}
            kind, target = told.get("Type", "").rpartition("/")[2], told.get("Target", "").strip()
            if kind in FETCHED and told.get("TargetMode") == "External" and FROM_THE_WEB.match(target):
                raise ZippedError(FETCHES)


def _is_macro(name: str) -> bool:
    return name.endswith("vbaproject.bin") or name.startswith(("xl/macrosheets/", "basic/", "scripts/"))


def _types_tell_macros(archive: ZipFile, names: set[str]) -> bool:
    return (
        "[content_types].xml" in names and b"macroenabled" in _small(archive, "[Content_Types].xml").lower()
    )


def _kind(archive: ZipFile, names: set[str]) -> str:
    if "[content_types].xml" in names:
        return next((kind for name, kind in FOLDERS.items() if name in names), "")
    return _small(archive, "mimetype").decode("ascii", "replace") if "mimetype" in names else ""


def _small(archive: ZipFile, name: str) -> bytes:
    """The start of an entry that is short in every document."""
    try:
        entry: Any = archive.getinfo(name)
    except KeyError:
        raise BadZipFile from None
    with archive.open(entry) as inside:
        return bytes(inside.read(MOST_OF_A_LIST))

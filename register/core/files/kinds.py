"""Whether a file's content is what its name says, looked at in pieces: nothing is unpacked or drawn."""

from __future__ import annotations

import codecs
import re
import struct
from collections.abc import Sequence
from typing import Any

import filetype
from django.core.exceptions import ValidationError

from register.core.files.old_office import MACROS, OLD_OFFICE, PACKAGE, has_stream, pieces
from register.core.files.zipped import OBJECT_INSIDE, ZippedError, look_into

WITH_MACROS = {".docm", ".dotm", ".xlsm", ".xltm", ".xlam", ".xlsb", ".pptm", ".potm", ".ppsm", ".ppam"}
CARRIES_MACROS = "This document carries macros, which are programs. Save it without them and choose it again."
# Where the end of a PDF stands, if not at the very end; and how a PNG ends.
PDF_END, LAST = b"%%EOF", 1024
PNG_END = b"\0\0\0\0IEND\xaeB`\x82"
# A scan of an A0 plan at 400 dots an inch has a quarter of a billion dots; what is drawn takes four bytes for each.
MOST_DOTS = 250_000_000
# What text files do not have: control characters but tab, line feed, form feed and carriage return.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")


class OtherKindError(Exception):
    """The content is of another kind than the name."""


def _head(file: Any) -> bytes:
    return next(pieces(file), b"")


def _must_be(file: Any, extension: str) -> None:
    found = filetype.guess(_head(file))
    if found is None or found.extension != extension:
        raise OtherKindError


def _tail(file: Any, length: int) -> bytes:
    file.seek(max(0, file.seek(0, 2) - length))
    return bytes(file.read())


def must_be_pdf(file: Any) -> None:
    """At both ends. What stands between, such as a script, is for a scanner."""
    _must_be(file, "pdf")
    if PDF_END not in _tail(file, LAST):
        raise OtherKindError


def must_be_png(file: Any) -> None:
    _must_be(file, "png")
    head = _head(file)
    if head[12:16] != b"IHDR" or _tail(file, len(PNG_END)) != PNG_END:
        raise OtherKindError
    _must_be_bounded(*struct.unpack(">II", head[16:24]))


def must_be_jpeg(file: Any) -> None:
    """Steps from segment to segment up to the one that tells the size."""
    _must_be(file, "jpg")
    file.seek(2)
    while True:
        mark = file.read(2)
        while mark[1:] == b"\xff":  # padding
            mark = b"\xff" + file.read(1)
        if len(mark) < 2 or mark[0] != 0xFF or mark[1] in (0xD9, 0xDA):
            raise OtherKindError
        length = file.read(2)
        if len(length) < 2 or (size := struct.unpack(">H", length)[0]) < 2:
            raise OtherKindError
        if 0xC0 <= mark[1] <= 0xCF and mark[1] not in (0xC4, 0xC8, 0xCC):
            frame = file.read(5)
            if len(frame) < 5:
                raise OtherKindError
            height, width = struct.unpack(">HH", frame[1:])
            return _must_be_bounded(width, height)
        file.seek(size - 2, 1)


def _must_be_bounded(width: int, height: int) -> None:
    if not width or not height:
        raise OtherKindError
    if width * height > MOST_DOTS:
        raise ValidationError(
            f"This picture has {width:,} by {height:,} dots, more than computers can show. Make it smaller."
        )


def must_be_text(file: Any) -> None:
    """UTF-8, or what Windows programs write; none of the characters that only programs have in their files."""
    for encoding in ("utf-8-sig", "cp1252"):
        if _decodes(file, encoding):
            return
    raise ValidationError("This is not plain text. Save it as text or CSV with the encoding UTF-8.")


def _decodes(file: Any, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        return not any(
            CONTROL.search(decoder.decode(piece)) for piece in pieces(file)
        ) and not decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False


def must_be_old_office(file: Any, *, streams: Sequence[str]) -> None:
    """Word, Excel or PowerPoint up to 2003: a file of named streams, with macros in streams of their own."""
    if not _head(file).startswith(OLD_OFFICE) or not has_stream(file, streams):
        raise OtherKindError
    if has_stream(file, MACROS):
        raise ValidationError(CARRIES_MACROS)
    if has_stream(file, PACKAGE):
        raise ValidationError(OBJECT_INSIDE)


def must_be_zipped(file: Any, *, kind: str) -> None:
    """Office or OpenDocument: `kind` is the folder of the one or the media type of the other."""
    if not _head(file).startswith(b"PK\x03\x04"):
        raise OtherKindError
    try:
        found = look_into(file)
    except ZippedError as error:
        raise ValidationError(str(error)) from None
    if found.kind != kind:
        raise OtherKindError
    if found.has_macros:
        raise ValidationError(CARRIES_MACROS)

"""The one way in for a file: a known kind, by its name and by its content, small enough, and clean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.template.defaultfilters import filesizeformat

from register.core.files import kinds, names, old_office, scanner

MOST_BYTES = 20 * 1024 * 1024
# By the ending of the name, what the content is held to.
KINDS: dict[str, Callable[[Any], None]] = {
    ".pdf": kinds.must_be_pdf,
    ".png": kinds.must_be_png,
    ".jpg": kinds.must_be_jpeg,
    ".jpeg": kinds.must_be_jpeg,
    ".txt": kinds.must_be_text,
    ".csv": kinds.must_be_text,
    ".doc": partial(kinds.must_be_old_office, streams=old_office.LETTER),
    ".xls": partial(kinds.must_be_old_office, streams=old_office.BOOK),
    ".ppt": partial(kinds.must_be_old_office, streams=old_office.SLIDES),
    ".docx": partial(kinds.must_be_zipped, kind="word"),
    ".xlsx": partial(kinds.must_be_zipped, kind="xl"),
    ".pptx": partial(kinds.must_be_zipped, kind="ppt"),
    ".odt": partial(kinds.must_be_zipped, kind="application/vnd.oasis.opendocument.text"),
    ".ods": partial(kinds.must_be_zipped, kind="application/vnd.oasis.opendocument.spreadsheet"),
    ".odp": partial(kinds.must_be_zipped, kind="application/vnd.oasis.opendocument.presentation"),
}
NOT_ITS_NAME = (
    "What is in this file is not what its name ends in, “{}”. Open it in its own program and save it again; "
    "if it has a password, save it without one."
)


@dataclass(frozen=True)
class Accepted:
    """A file that may be kept. Only `accept` makes one."""

    name: str
    content: File


def accept(file: File) -> Accepted:
    """The file as it may be kept; ValidationError in words for any other.

    Nothing is unpacked or drawn. It may wait for the virus scanner, so it is asked for outside a transaction.
    """
    name = names.cleaned(file.name or "")
    ending = PurePosixPath(name).suffix.lower()
    if ending in kinds.WITH_MACROS:
        raise ValidationError(kinds.CARRIES_MACROS)
    if ending not in KINDS:
        raise ValidationError("Choose a PDF, an Office document, a text or a picture.")
    if file.size > MOST_BYTES:
        raise ValidationError(f"Choose a file of 20 MB or less. This one has {filesizeformat(file.size)}.")
    try:
        KINDS[ending](file)
    except kinds.OtherKindError:
        raise ValidationError(NOT_ITS_NAME.format(ending)) from None
    scanner.must_be_clean(file)
    file.seek(0)
    return Accepted(name, file)

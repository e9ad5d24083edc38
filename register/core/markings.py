"""The register holds OFFICIAL only: a text that carries a higher marking is refused wherever it would be kept."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

# Of the Government Security Classifications, and the old ones that people still type. In capitals, at the start of a
# line, and followed by no further word but those that go with a marking: "SECRET SERVICE" is prose. Whatever is no
# letter may stand before it, and the number or letter of a list.
HIGHER = re.compile(
    r"^[^A-Za-z0-9\n]*(?:(?:\d{1,3}|[A-Za-z])[.):][^A-Za-z0-9\n]*)?"
    r"(?:(?:UK|NATO|EU|COSMIC)(?:[^\S\n]|[-_])+)?"
    r"(TOP(?:[^\S\n]|[-_])*SECRET|SECRET|CONFIDENTIAL|RESTRICTED|PROTECT|"
    r"(?:UK|FIVE)(?:[^\S\n]|[-_])+EYES(?:[^\S\n]|[-_])+ONLY)"
    r"[^\S\n]*(?:_|[^\w\s]|$|(?:UK|FIVE)[^\S\n-]EYES[^\S\n-]ONLY|STRAP[^\S\n]?\d|(?:REL|NOFORN)\b|"
    r"(?:(?:AND[^\S\n]+)?PERSONAL|COMMERCIAL|LOCSEN)[^\S\n]*(?:_|[^\w\s]|$))",
    re.MULTILINE,
)
# What begins a line, for whoever reads it, and is no "\n".
LINE_ENDS = re.compile(r"\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def marking_in(text: str) -> str:
    """The first higher marking that a line of the text begins with; "" for none.

    It is read as people see it: a no-break space of Word's is a space, and a letter of full width a letter.
    """
    found = HIGHER.search(LINE_ENDS.sub("\n", unicodedata.normalize("NFKC", text)))
    return " ".join(found[1].split()) if found else ""


def refuse_higher(text: str) -> None:
    """ValidationError that names the marking when a line of the text begins with a higher one."""
    marking = marking_in(text)
    if marking:
        raise ValidationError(
            f"The register holds OFFICIAL and OFFICIAL-SENSITIVE only. Take out what is marked {marking}."
        )


def look_at_texts(sender: type[models.Model], instance: Any, update_fields: Any = None, **_: Any) -> None:
    """Before a row is saved, by whatever door: ValidationError at the column that carries a higher marking."""
    if sender._meta.app_label != "register":
        return
    for name in _texts_of(sender):
        if update_fields is None or name in update_fields:
            try:
                refuse_higher(getattr(instance, name) or "")
            except ValidationError as error:
                raise ValidationError({name: error}) from None


@cache
def _texts_of(model: type[models.Model]) -> tuple[str, ...]:
    """The columns that people write in their own words."""
    return tuple(
        field.attname
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField) and not field.choices
    )

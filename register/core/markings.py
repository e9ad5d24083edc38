"""The register holds OFFICIAL only: a text that carries a higher marking is refused wherever it would be kept."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

# Of the Government Security Classifications, and the old ones that people still type. In capitals, at the start of a
# line, and followed by no further word: "SECRET SERVICE" is prose. Whatever is no letter may stand before it.
HIGHER = re.compile(
    r"^[^A-Za-z0-9\n]*(?:(?:UK|NATO|EU|COSMIC)[ -])?"
    r"(TOP[ -]?SECRET|SECRET|CONFIDENTIAL|RESTRICTED|PROTECT|(?:UK|FIVE)[ -]EYES[ -]ONLY)"
    r"[ \t]*(?:[^\w\s]|(?:UK|FIVE)[ -]EYES[ -]ONLY|$)",
    re.MULTILINE,
)


def refuse_higher(text: str) -> None:
    """ValidationError that names the marking when a line of the text begins with a higher one."""
    found = HIGHER.search(text)
    if found:
        raise ValidationError(
            f"The register holds OFFICIAL and OFFICIAL-SENSITIVE only. Take out what is marked {found[1]}."
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

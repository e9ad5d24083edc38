"""Free text of others that names a person: found before they are erased, so that somebody can put it right.

What is said of a draft of others, or of a sensitive record, is read where reading it is recorded: of such a text the
page says which and where, and none of its words.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from register.accounts.models import User
from register.history.models import Change
from register.initiatives.models import Initiative
from register.initiatives.views.common import is_overseen

# Kept elsewhere, derived from what is searched, or no text of anybody's.
NOT_SEARCHED = {
    "User", "Invitation", "AccessRequest", "Change", "Seal", "CatalogueEntry", "CatalogueWords", "TalliedBlock",
    "Untallied", "Delivery", "Chase", "RefusedAddress", "DigestSchedule", "Edition", "EmailDomain",
}  # fmt: skip
# What was said stands: nobody can put it right here.
STAYS = {"EditionItem", "Pack", "Export"}
# Of many records at once, some of which may be sensitive.
OF_MANY = {"Pack"}
CALLED = {"EditionItem": "Line of a digest"}
# Of one table; more are told by their number on the next look.
MOST = 50
AROUND = 60


@dataclass(frozen=True)
class Mention:
    """One text that names somebody: of what, in which column, the words around, and where to change it.

    Without the words around when they are to be read elsewhere.
    """

    what: str
    column: str
    excerpt: str
    url: str
    reference: str
    stays: bool


def searched() -> Iterator[tuple[type[models.Model], list[models.Field]]]:
    """The tables and columns with text that people type."""
    for model in apps.get_app_config("register").get_models():
        fields: list[models.Field] = [
            field
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField | models.JSONField) and not field.choices
        ]
        if fields and model.__name__ not in NOT_SEARCHED:
            yield model, fields


def mentions_of(user: User, *, reader: User) -> list[Mention]:
    """Where others' texts hold the person's whole name or address, deleted records included, as a reader is told."""
    words = [word for word in (user.name.strip(), user.email) if word]
    found: list[Mention] = []
    for model, fields in searched():
        texts = {f"text_of_{field.name}": Cast(field.name, TextField()) for field in fields}
        asked = Q()
        for name in texts:
            for word in words:
                asked |= Q(**{f"{name}__icontains": word})
        for row in model._base_manager.alias(**texts).filter(asked).order_by("pk")[:MOST]:
            found += _mentions(row, fields, words, reader)
    return found


def _mentions(row: Any, fields: list[models.Field], words: list[str], reader: User) -> Iterator[Mention]:
    record, what = _record(row), type(row).__name__
    is_told = what not in OF_MANY and not (record and (record.is_sensitive or is_overseen(reader, record)))
    for field in fields:
        text = _text(getattr(row, field.attname))
        at = max(text.lower().find(word.lower()) for word in words)
        if at >= 0:
            yield Mention(
                CALLED.get(what, str(row._meta.verbose_name).capitalize()),
                str(field.verbose_name),
                _around(text, at) if is_told else "",
                _url(row),
                record.reference if record else "",
                what in STAYS,
            )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False) if value else ""


def _around(text: str, at: int) -> str:
    start, end = max(at - AROUND, 0), at + AROUND
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


# How a row leads to a page: its own, or that of what it hangs on.
HANGS_ON = (
    "initiative",
    "benefit",
    "barrier",
    "agreement",
    "ask",
    "meeting",
    "group",
    "organisation",
)


def _url(row: Any) -> str:
    if hasattr(row, "get_absolute_url"):
        return str(row.get_absolute_url())
    for name in HANGS_ON:
        if getattr(row, f"{name}_id", None):
            return _url(getattr(row, name))
    return ""


def _record(row: Any) -> Initiative | None:
    """The record that the text is of, if it is of one."""
    if isinstance(row, Initiative):
        return row
    for name in ("initiative", "benefit", "barrier", "agreement"):
        if getattr(row, f"{name}_id", None):
            return _record(getattr(row, name))
    return None


def in_history(user: User) -> int:
    """How many lines of the history hold their name or address in an earlier text, which nothing can change."""
    words = [word for word in (user.name.strip(), user.email) if word]
    texts = Change.ledger.annotate(was=Cast("before", TextField()), became=Cast("after", TextField()))
    asked = Q()
    for word in words:
        asked |= Q(was__icontains=word) | Q(became__icontains=word) | Q(reason__icontains=word)
    return texts.filter(asked).count()

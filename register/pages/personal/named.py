"""Free text of others that names a person: found before they are erased, so that somebody can put it right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from register.accounts.models import User
from register.history.models import Change

# Kept elsewhere, derived from what is searched, or no text of anybody's.
NOT_SEARCHED = {
    "User", "Invitation", "AccessRequest", "Change", "Seal", "CatalogueEntry", "CatalogueWords", "TalliedBlock",
    "Untallied", "Delivery", "Chase", "RefusedAddress", "Export", "DigestSchedule", "Edition", "EmailDomain",
}  # fmt: skip
# Of one table; more are told by their number on the next look.
MOST = 50
AROUND = 60


@dataclass(frozen=True)
class Mention:
    """One text that names somebody: of what, in which column, the words around, and where to change it."""

    what: str
    column: str
    excerpt: str
    url: str


def searched() -> Iterator[tuple[type[models.Model], list[models.Field]]]:
    """The tables and columns with text that people type."""
    for model in apps.get_app_config("register").get_models():
        fields: list[models.Field] = [
            field
            for field in model._meta.concrete_fields
            if isinstance(field, models.CharField | models.TextField) and not field.choices
        ]
        if fields and model.__name__ not in NOT_SEARCHED:
            yield model, fields


def mentions_of(user: User) -> list[Mention]:
    """Where others' texts hold the person's whole name or address, deleted records included."""
    words = [word for word in (user.name.strip(), user.email) if word]
    found = []
    for model, fields in searched():
        asked = Q()
        for field in fields:
            for word in words:
                asked |= Q(**{f"{field.name}__icontains": word})
        for row in model._base_manager.filter(asked).order_by("pk")[:MOST]:
            found += [mention for field in fields if (mention := _mention(row, field, words))]
    return found


def _mention(row: Any, field: models.Field, words: list[str]) -> Mention | None:
    text = str(getattr(row, field.attname) or "")
    at = max(text.lower().find(word.lower()) for word in words)
    if at < 0:
        return None
    start, end = max(at - AROUND, 0), at + AROUND
    excerpt = f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"
    return Mention(str(row._meta.verbose_name).capitalize(), str(field.verbose_name), excerpt, _url(row))


# How a row leads to a page: its own, or that of what it hangs on.
HANGS_ON = ("initiative", "benefit", "barrier", "agreement", "ask", "meeting", "group", "organisation")


def _url(row: Any) -> str:
    if hasattr(row, "get_absolute_url"):
        return str(row.get_absolute_url())
    for name in HANGS_ON:
        if getattr(row, f"{name}_id", None):
            return _url(getattr(row, name))
    return ""


def in_history(user: User) -> int:
    """How many lines of the history hold their name or address in an earlier text, which nothing can change."""
    words = [word for word in (user.name.strip(), user.email) if word]
    texts = Change.ledger.annotate(was=Cast("before", TextField()), became=Cast("after", TextField()))
    asked = Q()
    for word in words:
        asked |= Q(was__icontains=word) | Q(became__icontains=word) | Q(reason__icontains=word)
    return texts.filter(asked).count()

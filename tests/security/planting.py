"""Hostile text in every column that people type into, and whether any of it got out as more than text.

The text of a column is marked with the column's own number and the payload's place, so that a page tells which
columns it shows, and with which payload. It is written past forms and services, which refuse some of it: what shows a
text must not rely on what once took it in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import nh3
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from register.core.tracking import origin, recorded

# `{}` is the mark. Each would be a tag, an attribute or an address of its own if it were not escaped.
PAYLOADS = (
    "<x7k{}>",
    '"><x7k{}>',
    "'><x7k{}>",
    '" onx7k{}="1',
    "' onx7k{}='1",
    "</textarea><x7k{}>",
    "</title><x7k{}>",
    "</script><x7k{}>",
    "--><x7k{}>",
    "]]><x7k{}>",
    "<svg/onload=x7k{}>",
    "<img src=/ onerror=x7k{}>",
    "&lt;x7k{}&gt;<x7k{}>",
    "<<x7k{}>",
    "[a](javascript:x7k{})",
    "![a](javascript:x7k{})",
    '[a](https://x.example "onload=x7k{})',
    "**<x7k{}>**\n\n- <x7k{}>",
    "{{{{ 7|add:1330 }}}}x7k{}{{% now 'Y' %}}",
)
# What the register makes of what people typed, and what is not for people: planting there is no attack.
MADE_BY_THE_REGISTER = {
    "CatalogueEntry",
    "CatalogueWords",
    "Change",
    "Chase",
    "ChaseItem",
    "ChaseRound",
    "Delivery",
    "Edition",
    "EditionItem",
    "Pack",
    "RefusedAddress",
    "TalliedBlock",
    "Untallied",
    "Export",
    "SavedView",  # its words are checked as JSON; the name is planted by itself
}
NOT_TYPED = (models.SlugField, models.EmailField, models.FileField)
CODES = re.compile(
    r"(^|_)(code\d?|codes|number|reference|precision|password|source|state|hash|key|format|zone)$"
)


@dataclass(frozen=True)
class Column:
    """A column of text and its number."""

    number: int
    model: type[models.Model]
    field: models.Field

    def __str__(self) -> str:
        return f"{self.model.__name__}.{self.field.name}"

    def texts(self) -> list[tuple[int, str]]:
        """The payloads that fit, by their place in PAYLOADS."""
        most = self.field.max_length or 10_000
        told = [
            text.format(*[f"{self.number}_{place}"] * text.count("{}")) for place, text in enumerate(PAYLOADS)
        ]
        return [(place, text) for place, text in enumerate(told) if len(text) <= most]


def columns() -> list[Column]:
    """Every column that people type into, of every model there is."""
    found: list[Column] = []
    for model in sorted(apps.get_app_config("register").get_models(), key=lambda one: one.__name__):
        for field in model._meta.concrete_fields:
            if _is_typed(model, field):
                found.append(Column(100 + len(found), model, field))
    return found


def _is_typed(model: type[models.Model], field: models.Field) -> bool:
    if not isinstance(field, models.CharField | models.TextField) or isinstance(field, NOT_TYPED):
        return False
    if model.__name__ == "SavedView":
        return field.name == "name"
    # An address that the browser would follow is refused by every door; that has a test of its own.
    return (
        model.__name__ not in MADE_BY_THE_REGISTER
        and not field.choices
        and not isinstance(field, models.URLField)
        and not CODES.search(field.name)
    )


def plant(column: Column) -> dict[str, str]:
    """Write the payloads into the column's rows, another in each. Payload by what to call the pair."""
    texts, planted = column.texts(), {}
    rows = list(column.model._default_manager.order_by("pk").values_list("pk", flat=True)[:400])
    with origin("test"), recorded(by=None):
        for place, pk in enumerate(rows):
            kind, text = texts[(place + column.number) % len(texts)]
            try:
                with transaction.atomic():
                    column.model._default_manager.filter(pk=pk).update(**{column.field.name: text})
            except DatabaseError:
                continue  # a rule of the database's forbids it, as of a value that must be another's
            planted[f"{column}: {PAYLOADS[kind]}"] = text
    return planted


MARK = re.compile(r"x7k(\d+)(?:_\d+)?")
TAGS = nh3.ALLOWED_TAGS | {
    "html", "head", "body", "title", "meta", "link", "main", "form", "input", "button", "select", "option",
    "textarea", "svg", "path", "rect", "use", "g", "text", "circle", "line", "polyline", "iframe", "object", "embed",
    "base", "label", "fieldset", "legend", "section", "dialog", "img",
}  # fmt: skip
ADDRESSES = {
    "href",
    "src",
    "action",
    "formaction",
    "xlink:href",
    "hx-get",
    "hx-post",
    "data",
    "content",
    "style",
}


def escaped_from(html: str) -> list[str]:
    """What of the planted text became a tag, an attribute or an address that runs; read as browsers read.

    html5ever, the parser of nh3, tells every attribute of every element to `look`.
    """
    found: list[str] = []

    def look(tag: str, attribute: str, value: str) -> str:
        runs = re.match(r"\s*(javascript|data|vbscript):", value, re.IGNORECASE)
        if (
            "x7k" in attribute
            or (attribute.startswith("on") and "x7k" in value)
            or (attribute in ADDRESSES and "x7k" in value and (runs or attribute == "style"))
        ):
            found.append(f"<{tag} {attribute}={value!r}>")
        return value

    marked = marks(html)
    left = nh3.clean(
        html,
        tags=TAGS | marked,
        attributes={"*": ADDRESSES},
        generic_attribute_prefixes={"on"},
        attribute_filter=look,
        url_schemes={"http", "https", "mailto", "javascript", "data", "vbscript"},
        link_rel=None,
        clean_content_tags=set(),
    )
    found += re.findall(r"<x7k\d+[^>]*>", left)
    found += [script for script in _scripts(html) if "x7k" in script]
    if re.search(r"1337x7k", html):
        found.append("a template was made of it")
    return found


def _scripts(html: str) -> Iterator[str]:
    for script in re.findall(r"<script\b[^>]*>(.*?)</script", html, re.DOTALL | re.IGNORECASE):
        yield str(script)


def marks(text: str) -> set[str]:
    """What tells of planted texts, in a text: of which column, and which payload."""
    return {found[0] for found in MARK.finditer(text)}


def shown(text: str) -> set[int]:
    """The numbers of the columns whose text is in it."""
    return {int(number) for number in MARK.findall(text)}


def ledger() -> int:
    """How many changes there are. The same before and after: nothing that is tracked was written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM register_change")
        return int(cursor.fetchone()[0])

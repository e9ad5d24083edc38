"""Pages by cursor: what lies after or before a row, at the cost of the first page however deep.

An order is a list of expressions whose last one is unique. A cursor holds a row's values of them, so a page goes
on from where the reader was even when that row has gone.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Field, Q, QuerySet
from django.db.models.expressions import BaseExpression
from django.utils.timezone import is_naive

FIRST, AFTER, BEFORE, LAST = "first", "after", "before", "last"


class CursorError(ValueError):
    """A cursor that no page of this order gave out."""


@dataclass(frozen=True)
class Key:
    """One expression of an order; `empty_last` puts rows without a value at the end, whatever the direction."""

    name: str
    expression: BaseExpression | F
    field: Field
    descending: bool = False
    empty_last: bool = False


@dataclass(frozen=True)
class Page:
    """Rows in order, and the cursors of what lies on both sides ("" for nothing)."""

    rows: list[Any]
    previous: str
    next: str


def page_of(
    rows: QuerySet, order: Sequence[Key], *, size: int, direction: str = FIRST, cursor: str = ""
) -> Page:
    """One page of `rows`: one query. CursorError when the cursor is not one of this order."""
    backwards = direction in (BEFORE, LAST)
    rows = rows.annotate(**{f"key_{key.name}": key.expression for key in order})
    if direction in (AFTER, BEFORE):
        rows = rows.filter(_beyond(order, _read(cursor, order), backwards))
    found = list(rows.order_by(*(_ordering(key, backwards) for key in order))[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page([], "", "")
    has_previous = more if backwards else direction == AFTER
    has_next = direction == BEFORE if backwards else more
    return Page(
        found,
        _write(found[0], order) if has_previous else "",
        _write(found[-1], order) if has_next else "",
    )


def _ordering(key: Key, backwards: bool) -> Any:
    by = F(f"key_{key.name}")
    if key.descending != backwards:
        return by.desc(nulls_last=True) if key.empty_last and not backwards else by.desc()
    return by.asc(nulls_first=True) if key.empty_last and backwards else by.asc()


def _beyond(order: Sequence[Key], values: Sequence[Any], backwards: bool) -> Q:
    """Rows that come strictly later in the order (or earlier), column by column."""
    condition, same = Q(), Q()
    for key, value in zip(order, values, strict=True):
        condition |= same & _past(key, value, backwards)
        same &= Q(**{f"key_{key.name}__isnull": True} if value is None else {f"key_{key.name}": value})
    first, value = order[0], values[0]
    if value is not None and not first.empty_last:
        # Says it once more for the first column alone, which an index understands.
        condition &= Q(**{f"key_{first.name}__{'lte' if first.descending != backwards else 'gte'}": value})
    return condition


def _past(key: Key, value: Any, backwards: bool) -> Q:
    name = f"key_{key.name}"
    if value is None:  # the empty ones are last: nothing is past them, everything else is before
        return Q(**{f"{name}__isnull": False}) if backwards else Q(pk__in=[])
    beyond = Q(**{f"{name}__{'lt' if key.descending != backwards else 'gt'}": value})
    return beyond | Q(**{f"{name}__isnull": True}) if key.empty_last and not backwards else beyond


def _write(row: Any, order: Sequence[Key]) -> str:
    values = [getattr(row, f"key_{key.name}") for key in order]
    text = json.dumps(values, cls=_Exact, separators=(",", ":"), ensure_ascii=False)
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


class _Exact(DjangoJSONEncoder):
    """Moments with their microseconds: what JSON in JavaScript's way cuts off would make a row come twice."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if hasattr(o, "isoformat") else super().default(o)


def _read(cursor: str, order: Sequence[Key]) -> list[Any]:
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        values = json.loads(text)
        if not isinstance(values, list) or len(values) != len(order) or "\\u0000" in text:
            raise CursorError
        read = [
            None if value is None and key.empty_last else key.field.to_python(value)
            for key, value in zip(order, values, strict=True)
        ]
        if any(isinstance(value, datetime) and is_naive(value) for value in read):
            raise CursorError
        if any(value is None and not key.empty_last for key, value in zip(order, read, strict=True)):
            raise CursorError
    except (ValueError, TypeError, ValidationError, RecursionError) as error:
        raise CursorError from error
    return read

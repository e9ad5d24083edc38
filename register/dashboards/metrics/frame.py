"""What every number of a dashboard is counted in: a remit, through one reader's eyes, on one day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, QuerySet, TextField, Value
from django.db.models.functions import Cast

from register.catalogue.narrowing import linked
from register.core.charts import Number
from register.groups.remit import in_remit, remit_in_words, remit_parameters
from register.initiatives.querysets import InitiativeQuerySet
from register.initiatives.vocabulary import Standing

if TYPE_CHECKING:
    from register.accounts.models import User, WorkingGroup

Answers = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Frame:
    """A remit through one reader's eyes. Nothing outside `initiatives` is ever counted."""

    group: WorkingGroup
    user: User
    on: date
    parameters: Mapping[str, Sequence[str]]
    initiatives: InitiativeQuerySet
    errors: tuple[str, ...]
    words: str

    @classmethod
    def of(cls, group: WorkingGroup, user: Any, on: date) -> Frame:
        selection = in_remit(group, user, on)
        # Only what they are: order and prefetches are no use to a count.
        initiatives = selection.initiatives.order_by()
        words = remit_in_words(group, selection if not selection.errors else None)
        return cls(group, user, on, remit_parameters(group) or {}, initiatives, selection.errors, words)

    @property
    def going_on(self) -> InitiativeQuerySet:
        return self.initiatives.filter(standing=Standing.ACTIVE)

    def number(self, n: int, level: int = 0, **cell: str | Sequence[str]) -> Number:
        """A count of initiatives of this remit, linked to the list that the cell's parameters narrow it to."""
        return linked(self.parameters, n, level, **cell)

    def speaks_of(self, name: str, code: str) -> bool:
        """Whether a row for this value belongs on the page: a remit that names values is only about them."""
        return not self.parameters.get(name) or code in self.parameters[name]


def question(rows: QuerySet, one: Any = "", two: Any = "", *, count: str = "pk") -> QuerySet:
    """How many distinct `count` there are for each pair of values of `one` and `two` (columns or expressions)."""
    keys = {
        name: Cast(Value(key) if key == "" else F(key) if isinstance(key, str) else key, TextField())
        for name, key in (("key_one", one), ("key_two", two))
    }
    return (
        rows.order_by()
        .annotate(**keys)
        .values("key_one", "key_two")
        .annotate(total=Count(count, distinct=True))
    )


def answers(**questions: QuerySet) -> dict[str, dict[tuple[str, str], int]]:
    """Several questions in one query: name → pair of keys → count."""
    parts = [
        rows.annotate(asked=Value(name, TextField())).values_list("asked", "key_one", "key_two", "total")
        for name, rows in questions.items()
    ]
    found: dict[str, dict[tuple[str, str], int]] = {name: {} for name in questions}
    for name, one, two, total in parts[0].union(*parts[1:], all=True):
        if total:
            found[name][one or "", two or ""] = total
    return found

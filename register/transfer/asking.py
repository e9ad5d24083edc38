"""What an export is asked for: which initiatives, what of them, in which format; or what is wrong with that."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.http import QueryDict

from register.catalogue.columns import Column, read_columns
from register.catalogue.filters import PAGE_PARAMETERS, Selection, select
from register.catalogue.orders import DEFAULT, ORDERS, RELEVANCE
from register.initiatives.models import Initiative
from register.transfer.models import Export
from register.transfer.parts import PARTS

if TYPE_CHECKING:
    from register.accounts.models import User

SHOWN, EVERYTHING = "shown", "everything"
WHAT = {
    SHOWN: "What the list shows",
    EVERYTHING: "Everything",
    **{part.code: part.label for part in PARTS.values()},
}
OWN_PARAMETERS = frozenset({"what", "format"})
# Which initiatives, in what order, with which columns: what a file is made of, and what is kept of it.
KEPT = frozenset({"sort", "cols"})


@dataclass(frozen=True)
class Asked:
    parameters: dict[str, list[str]]  # the filters, sort and columns, as they were told
    selection: Selection
    what: str
    format: str  # "" while it has not been chosen
    sort: str
    columns: list[Column]
    errors: tuple[str, ...]

    def is_of_most(self, user: User) -> bool:
        """Whether it is of everything, or of more than half of what the reader may see: a filter may leave nothing
        out."""
        if not set(self.parameters) - KEPT:
            return True
        return self.selection.initiatives.count() * 2 > Initiative.objects.visible_to(user).count()

    @property
    def words(self) -> str:
        return next(iter(self.parameters.get("q", ())), "")


def read(told: QueryDict, *, user: User, on: date) -> Asked:
    """With anything wrong, `errors` says what, and the selection is of nothing."""
    every = {name: [value for value in values if value] for name, values in told.lists()}
    every = {name: values for name, values in every.items() if values}
    filters = {name: values for name, values in every.items() if name not in PAGE_PARAMETERS | OWN_PARAMETERS}
    selection = select(filters, user=user, on=on)
    columns, wrong = read_columns(every.get("cols", ()))
    words = filters.get("q")
    sort, not_sort = _one(
        every, "sort", {*ORDERS, *([RELEVANCE] if words else [])}, RELEVANCE if words else DEFAULT
    )
    what, not_what = _one(every, "what", WHAT, SHOWN)
    kind, not_kind = _one(every, "format", Export.Format.values, "")
    return Asked(
        parameters=filters | {name: values for name, values in every.items() if name in KEPT},
        selection=selection,
        what=what,
        format=kind,
        sort=sort,
        columns=columns,
        errors=(*selection.errors, *wrong, *not_sort, *not_what, *not_kind),
    )


def _one(
    every: dict[str, list[str]], name: str, among: Collection[str], otherwise: str
) -> tuple[str, list[str]]:
    """The value of a parameter that has one, and what is wrong with it."""
    values = list(dict.fromkeys(every.get(name, [])))
    wrong = next((value for value in values if value not in among), None)
    if wrong is not None:
        return otherwise, [f"{LABELS[name]}: there is none called “{wrong[:40]}”."]
    if len(values) > 1:
        return otherwise, [f"{LABELS[name]}: choose one, not {len(values):,}."]
    return (values[0] if values else otherwise), []


LABELS = {"sort": "Sort by", "what": "What to export", "format": "Format"}

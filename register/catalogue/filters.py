"""The one language for "which initiatives".

A set of parameters (names to lists of codes) means the same on the list page, in a saved view, a group's remit,
a dashboard's number and a digest. Several values of one parameter mean *or*; several parameters mean *and*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from register.catalogue.parameters import PARAMETERS, InitiativeFilter
from register.initiatives.models import Initiative
from register.initiatives.querysets import InitiativeQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User

Parameters = Mapping[str, Sequence[str]]

# What a page adds to the language without changing which initiatives it means.
CURSORS = frozenset({"after", "before", "last"})
PAGE_PARAMETERS = CURSORS | {"sort", "size", "as", "cols", "counts", "for"}
# Pairs of which the first may not be more than the second.
RANGES = [
    ("forecast_from", "forecast_to"),
    ("actual_from", "actual_to"),
    ("changed_from", "changed_to"),
    ("started_from", "started_to"),
    ("due_from", "due_to"),
]


@dataclass(frozen=True)
class Selection:
    """What a set of parameters means to one reader: the initiatives, or what is wrong with the parameters."""

    filterset: InitiativeFilter
    errors: tuple[str, ...]

    @cached_property
    def initiatives(self) -> InitiativeQuerySet:
        """None when something is wrong. Put together when it is asked for: many pages only count."""
        return Initiative.objects.none() if self.errors else self.filterset.meant()

    def without(self, name: str) -> InitiativeQuerySet:
        """The initiatives when one of the (right) parameters is not asked."""
        return self.filterset.meant(without=name)


def select(parameters: Parameters | QueryDict, *, user: User | AnonymousUser, on: date) -> Selection:
    """The initiatives that the parameters mean, of those the reader may see.

    An unknown parameter or value selects nothing and is named in `errors`.
    """
    data = as_querydict(parameters)
    filterset = InitiativeFilter(data, on=on, reader=user)
    errors = [
        f"There is no filter called “{name[:40]}”."
        for name in data
        if name not in PARAMETERS and name not in PAGE_PARAMETERS
    ]
    if filterset.is_valid():
        errors += _contradictions(filterset)
    else:
        for name, messages in filterset.form.errors.items():
            errors += [f"{filterset.filters[name].label}: {message}" for message in messages]
    return Selection(filterset, tuple(errors))


def _contradictions(filterset: InitiativeFilter) -> list[str]:
    asked, found = filterset.form.cleaned_data, []
    for first, last in RANGES:
        least, most = asked.get(first), asked.get(last)
        if least is not None and most is not None and least > most:
            label = filterset.filters[first].label.removesuffix(" from")
            found.append(f"{label}: “from” is more than “to”, so nothing can be between them.")
    return found


def as_querydict(parameters: Parameters | QueryDict) -> QueryDict:
    if isinstance(parameters, QueryDict):
        return parameters
    data = QueryDict(mutable=True)
    for name, values in parameters.items():
        data.setlist(name, list(values))
    return data


def list_url(parameters: Parameters, **more: str | Sequence[str]) -> str:
    """The address of exactly these initiatives in the list, with further parameters or others instead."""
    merged: dict[str, Any] = dict(parameters)
    merged.update({name: [value] if isinstance(value, str) else list(value) for name, value in more.items()})
    query = urlencode({name: values for name, values in merged.items() if values}, doseq=True)
    return _address() + (f"?{query}" if query else "")


@cache
def _address() -> str:
    return reverse("initiative_list")

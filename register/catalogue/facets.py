"""How many initiatives each choice of the filter panel would show, the other filters as they stand.

Most is counted in bits (`register.catalogue.tallies`). What they can't say, and the few records that have changed
since, is counted by asking each record: one pass over the selected initiatives for every question that has no answer
yet (GROUPING SETS over the narrow entries), and one more without its own choice for each that has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.db import connection

from register.catalogue.filters import PAGE_PARAMETERS, Parameters, Selection, select
from register.catalogue.grouping import FRESH, grouped, room_to_group
from register.catalogue.tallies import Asked, asked

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User
    from register.initiatives.querysets import InitiativeQuerySet

Counts = dict[str, int]
# Columns of a few values each: counted together and summed here, so that there are fewer groupings; in two, because
# the values of all together would be thousands.
TOGETHER = (
    {"stage", "standing", "marking", FRESH, "entry__has_figure"},
    {"depth", "entry__mix"},
)


@dataclass(frozen=True)
class Facet:
    """A question: the column that answers it, and which choices one value of the column counts for."""

    name: str
    column: str
    choices_of: Callable[[Any], Any]


def counts(parameters: Parameters, *, user: User | AnonymousUser, on: date) -> tuple[int, dict[str, Counts]]:
    """How many match, and by question and choice how many would. Nothing when the parameters are wrong."""
    selection = select(parameters, user=user, on=on)
    if selection.errors:
        return 0, {}
    told = {name: values for name, values in parameters.items() if name not in PAGE_PARAMETERS}
    in_bits = _in_bits(selection, parameters, user, on)
    if in_bits is None:
        return counted_singly(selection, told, on)
    total, found = in_bits.counts(QUESTIONS)
    if in_bits.without:
        more, others = counted_singly(selection, told, on, among=in_bits.without)
        total += more
        found = {name: dict(Counter(found[name]) + Counter(others[name])) for name in QUESTIONS}
    return total, found


def how_many(
    parameters: Parameters, *, user: User | AnonymousUser, on: date, selection: Selection | None = None
) -> int:
    """How many match, as the list would show; none when the parameters are wrong.

    `selection`, if the caller has made what the parameters select from another, saves checking them once more.
    """
    selection = selection or select(parameters, user=user, on=on)
    in_bits = None if selection.errors else _in_bits(selection, parameters, user, on)
    if in_bits is None:
        return selection.initiatives.order_by().count()
    total, _ = in_bits.counts(())
    if in_bits.without:
        total += selection.initiatives.order_by().filter(pk__in=in_bits.without).count()
    return total


def _in_bits(
    selection: Selection, parameters: Parameters, user: User | AnonymousUser, on: date
) -> Asked | None:
    # One that was merged away means what it became, which only the filter knows.
    if any(area.merged_into_id for area in selection.filterset.form.cleaned_data.get("area") or ()):
        return None
    told = {name: values for name, values in parameters.items() if name not in PAGE_PARAMETERS}
    return asked(told, user=user, on=on)


def counted_singly(
    selection: Selection, parameters: Parameters, on: date, *, among: Sequence[int] | None = None
) -> tuple[int, dict[str, Counts]]:
    """The same by asking each record; only of those `among` these keys, when they are given."""

    def those(initiatives: InitiativeQuerySet) -> InitiativeQuerySet:
        return initiatives if among is None else initiatives.filter(pk__in=among)

    facets = facets_of(parameters)
    chosen = [facet for name, facet in facets.items() if parameters.get(name)]
    with room_to_group() if among is None else nullcontext():
        total, found = _counted(
            those(selection.initiatives), [f for f in facets.values() if f not in chosen], on
        )
        for facet in chosen:
            found |= _counted(those(selection.without(facet.name)), [facet], on)[1]
    return total, found


def facets_of(parameters: Parameters) -> dict[str, Facet]:
    """The questions that are counted, by name, as these parameters make them: one query."""
    return _facets(parameters, *_lookup())


def _facets(
    parameters: Parameters, areas: Mapping[str, str], places: Mapping[str, tuple[str, str | None]]
) -> dict[str, Facet]:
    def one(value: Any) -> list[Any]:
        return [value]

    def parts(position: int, other: str) -> Callable[[Any], Any]:
        """One half of codes such as governance:local, where the other half is one that was chosen, if any was."""
        asked = set(parameters.get(other) or ())

        def choices_of(codes: str) -> set[str]:
            halves = [code.split(":") for code in codes.split()]
            return {half[position] for half in halves if not asked or half[1 - position] in asked}

        return choices_of

    facets = [
        Facet("area", "entry__areas", lambda keys: {areas[key] for key in keys.split()}),
        Facet("stage", "stage", one),
        Facet("standing", "standing", one),
        Facet("service", "entry__mix", lambda mix: mix.split("-")),
        Facet("mix", "entry__mix", one),
        Facet("place", "entry__places", lambda keys: {places[key][0] for key in keys.split()}),
        Facet("region", "entry__places", lambda keys: {places[key][1] for key in keys.split()}),
        Facet("depth", "depth", lambda depth: [depth or "none"]),
        Facet("outcome", "entry__benefits", parts(0, "benefit")),
        Facet("benefit", "entry__benefits", parts(1, "outcome")),
        Facet("barrier", "entry__barriers", parts(0, "remover")),
        Facet("remover", "entry__barriers", parts(1, "barrier")),
        Facet("figure", "entry__has_figure", lambda some: ["with" if some else "none"]),
        Facet("fresh", FRESH, one),
        Facet("marking", "marking", one),
    ]
    return {facet.name: facet for facet in facets}


QUESTIONS = tuple(_facets({}, {}, {}))

# Areas of work by what they became, and police areas with their region, by key as the entry has it.
_LOOKUP = """
    SELECT 'area', a.id::text, coalesce(m.code, a.code), NULL
      FROM register_areaofwork a LEFT JOIN register_areaofwork m ON m.id = a.merged_into_id
    UNION ALL
    SELECT 'place', p.id::text, p.slug, r.code
      FROM register_policearea p LEFT JOIN register_region r ON r.id = p.region_id
"""


def _lookup() -> tuple[dict[str, str], dict[str, tuple[str, str | None]]]:
    areas, places = {}, {}
    with connection.cursor() as cursor:
        cursor.execute(_LOOKUP)
        for what, key, code, region in cursor.fetchall():
            if what == "area":
                areas[key] = code
            else:
                places[key] = (code, region)
    return areas, places


def _counted(initiatives: InitiativeQuerySet, facets: list[Facet], on: date) -> tuple[int, dict[str, Counts]]:
    """How many there are, and by question and choice how many of them."""
    if not facets:
        return initiatives.count(), {}
    total, by_column = _by_column(initiatives, {facet.column for facet in facets}, on)
    found: dict[str, Counts] = {}
    for facet in facets:
        counter: Counter[str] = Counter()
        for value, number in by_column[facet.column]:
            for choice in facet.choices_of(value):
                if choice:
                    counter[choice] += number
        found[facet.name] = dict(counter)
    return total, found


def _by_column(
    initiatives: InitiativeQuerySet, columns: set[str], on: date
) -> tuple[int, dict[str, list[tuple[Any, int]]]]:
    """How many there are, and by column the values that occur with their numbers."""
    alone = columns - set().union(*TOGETHER)
    sets = [
        sorted(some) for some in (*(some & columns for some in TOGETHER), *({one} for one in alone)) if some
    ]
    found: dict[str, list[tuple[Any, int]]] = {column: [] for column in columns}
    rows_of_sets = grouped(initiatives, sets, on)
    for names, rows in zip(sets, rows_of_sets, strict=True):
        for values, number in rows:
            for name, value in zip(names, values, strict=True):
                found[name].append((value, number))
    return sum(number for _, number in rows_of_sets[0]), found  # every record is in each set once

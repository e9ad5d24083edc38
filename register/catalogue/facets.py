"""How many initiatives each choice of the filter panel would show, the other filters as they stand.

One pass over the selected initiatives counts every question that has no answer yet (GROUPING SETS over the narrow
entries); a question with something chosen is counted once more without its own choice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Case, CharField, F, Value, When

from register.catalogue.choices import FRESHNESS, freshness
from register.catalogue.filters import Parameters, select
from register.reference.models import AreaOfWork, PoliceArea

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User
    from register.initiatives.querysets import InitiativeQuerySet

Counts = dict[str, int]
# Columns of a few values each: counted together and summed here, so that there are fewer groupings; in two, because
# the values of all together would be thousands.
TOGETHER = (
    {"stage", "standing", "marking", "freshness", "entry__has_figure"},
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
    facets = _facets(parameters)
    chosen = [facet for name, facet in facets.items() if parameters.get(name)]
    with transaction.atomic(), connection.cursor() as cursor:
        # Room to group in memory; else the rows are sorted once for every set. And two processes to read what one
        # groups: PostgreSQL thinks that handing rows over costs more than it does.
        cursor.execute(
            "SELECT set_config('work_mem', '64MB', true), set_config('parallel_tuple_cost', '0.001', true)"
        )
        total, found = _counted(selection.initiatives, [f for f in facets.values() if f not in chosen], on)
        for facet in chosen:
            found |= _counted(selection.without(facet.name), [facet], on)[1]
    return total, found


def _facets(parameters: Parameters) -> dict[str, Facet]:
    areas = {
        str(area.pk): (area.merged_into or area).code
        for area in AreaOfWork.objects.select_related("merged_into")
    }
    places = {
        str(place.pk): (place.slug, place.region.code if place.region else None)
        for place in PoliceArea.objects.select_related("region")
    }

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
        Facet("fresh", "freshness", one),
        Facet("marking", "marking", one),
    ]
    return {facet.name: facet for facet in facets}


def _counted(initiatives: InitiativeQuerySet, facets: list[Facet], on: date) -> tuple[int, dict[str, Counts]]:
    """How many there are, and by question and choice how many of them."""
    if not facets:
        return initiatives.count(), {}
    grouped = _grouped(initiatives, sorted({facet.column for facet in facets}), on)
    found: dict[str, Counts] = {}
    for facet in facets:
        counter: Counter[str] = Counter()
        for value, number in grouped[facet.column]:
            for choice in facet.choices_of(value):
                if choice:
                    counter[choice] += number
        found[facet.name] = dict(counter)
    return sum(number for _, number in grouped[""]), found


def _grouped(initiatives: Any, columns: list[str], on: date) -> dict[str, list[tuple[Any, int]]]:
    """By column its values and their numbers; under "" the total. One statement, one pass."""
    if "freshness" in columns:
        whens = [When(freshness(code, on), then=Value(code)) for code, _ in FRESHNESS]
        initiatives = initiatives.annotate(
            freshness=Case(*whens, default=Value(""), output_field=CharField())
        )
    names = sorted(columns, key=lambda column: column == "freshness")  # an annotation comes last
    rows = initiatives.order_by().values_list(*(name if name == "freshness" else F(name) for name in names))
    sets = _sets(names)
    found: dict[str, list[tuple[Any, int]]] = {name: [] for name in ["", *names]}
    for grouped_by, number, cells in _rows_by(rows, sets, len(names)):
        for index in grouped_by:
            found[names[index]].append((cells[index], number))
        if grouped_by == sets[0]:  # every record is in each set once
            found[""].append((None, number))
    return found


def _sets(names: list[str]) -> list[list[int]]:
    """Which columns are grouped together, by their positions."""
    together = [[index for index, name in enumerate(names) if name in some] for some in TOGETHER]
    alone = [[index] for index, name in enumerate(names) if not any(name in some for some in TOGETHER)]
    return [some for some in together if some] + alone


def _rows_by(rows: Any, sets: list[list[int]], width: int) -> Iterator[tuple[list[int], int, list[Any]]]:
    """The rows grouped by each set of columns: which set, how many, and the columns' values."""
    try:
        inner, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return
    aliases = [f"c{index}" for index in range(width)]
    grouped = ", ".join(f"({', '.join(aliases[index] for index in some)})" for some in sets)
    # GROUPING has a bit for each column, the last one lowest: 0 where the row is grouped by it.
    by_mask = {sum(1 << (width - 1 - i) for i in range(width) if i not in some): some for some in sets}
    sql = (  # names of our own; what the reader chose is in the values
        f"SELECT GROUPING({', '.join(aliases)}), count(*), {', '.join(aliases)}"  # noqa: S608
        f" FROM ({inner}) selected({', '.join(aliases)}) GROUP BY GROUPING SETS ({grouped})"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for mask, number, *cells in cursor.fetchall():
            yield by_mask[mask], number, cells

"""How many initiatives each choice of the filter panel would show, the other filters as they stand.

One pass over the selected initiatives counts every question that has no answer yet (GROUPING SETS over the narrow
entries); a question with something chosen is counted once more without its own choice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Case, CharField, F, Value, When

from register.catalogue.choices import FRESHNESS, freshness
from register.catalogue.filters import Parameters, select
from register.reference.models import AreaOfWork, PoliceArea

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User

Counts = dict[str, int]


@dataclass(frozen=True)
class Facet:
    """A question: the column that answers it, and which choices one value of the column counts for."""

    name: str
    column: str
    choices_of: Callable[[Any], Any]


def counts(parameters: Parameters, *, user: User | AnonymousUser, on: date) -> tuple[int, dict[str, Counts]]:
    """How many match, and by question and choice how many would. Nothing when the parameters are wrong."""
    facets = _facets(parameters)
    chosen = [name for name in facets if parameters.get(name)]
    total, found = _counted(parameters, [f for f in facets.values() if f.name not in chosen], user, on)
    for name in chosen:
        others = {key: values for key, values in parameters.items() if key != name}
        found |= _counted(others, [facets[name]], user, on)[1]
    return total, found


def _facets(parameters: Parameters) -> dict[str, Facet]:
    areas = {
        area.pk: (area.merged_into or area).code for area in AreaOfWork.objects.select_related("merged_into")
    }
    places = {
        place.pk: (place.slug, place.region.code if place.region else None)
        for place in PoliceArea.objects.select_related("region")
    }

    def one(value: Any) -> list[Any]:
        return [value]

    def parts(position: int, other: str) -> Callable[[Any], Any]:
        """One half of codes such as governance:local, where the other half is one that was chosen, if any was."""
        asked = set(parameters.get(other) or ())

        def choices_of(codes: list[str]) -> set[str]:
            halves = [code.split(":") for code in codes]
            return {half[position] for half in halves if not asked or half[1 - position] in asked}

        return choices_of

    facets = [
        Facet("area", "entry__areas", lambda keys: {areas[key] for key in keys}),
        Facet("stage", "stage", one),
        Facet("standing", "standing", one),
        Facet("service", "entry__mix", lambda mix: mix.split("-")),
        Facet("mix", "entry__mix", one),
        Facet("place", "entry__places", lambda keys: {places[key][0] for key in keys}),
        Facet("region", "entry__places", lambda keys: {places[key][1] for key in keys}),
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


def _counted(
    parameters: Parameters, facets: list[Facet], user: User | AnonymousUser, on: date
) -> tuple[int, dict[str, Counts]]:
    selection = select(parameters, user=user, on=on)
    if selection.errors:
        return 0, {}
    columns = sorted({facet.column for facet in facets})
    grouped = _grouped(selection.initiatives, columns, on)
    found: dict[str, Counts] = {}
    for facet in facets:
        counter: Counter[str] = Counter()
        for value, number in grouped[facet.column]:
            for choice in facet.choices_of(value):
                if choice:
                    counter[choice] += number
        found[facet.name] = dict(counter)
    return grouped["total"], found


def _grouped(initiatives: Any, columns: list[str], on: date) -> Mapping[str, Any]:
    """By column its values and their numbers, and the total: one statement, one pass."""
    if not columns:
        return {"total": initiatives.count()}
    if "freshness" in columns:
        whens = [When(freshness(code, on), then=Value(code)) for code, _ in FRESHNESS]
        initiatives = initiatives.annotate(
            freshness=Case(*whens, default=Value(""), output_field=CharField())
        )
    rows = initiatives.order_by().values_list(
        *(F(column) for column in columns if column != "freshness"),
        *(["freshness"] if "freshness" in columns else []),
    )
    names = [column for column in columns if column != "freshness"] + ["freshness"] * ("freshness" in columns)
    try:
        inner, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return {"total": 0} | {name: [] for name in names}
    aliases = [f"c{index}" for index in range(len(names))]
    sets = ", ".join(["()", *(f"({alias})" for alias in aliases)])
    chosen = ", ".join(["count(*)", *([f"GROUPING({', '.join(aliases)})"] if aliases else ["0"]), *aliases])
    sql = f"SELECT {chosen} FROM ({inner}) selected({', '.join(aliases)}) GROUP BY GROUPING SETS ({sets})"  # noqa: S608
    found: dict[str, Any] = {"total": 0} | {name: [] for name in names}
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for number, grouping, *cells in cursor.fetchall():
            # GROUPING has a bit for each column, the last one lowest: 0 where the row is grouped by it.
            at = next((i for i in range(len(names)) if not grouping >> (len(names) - 1 - i) & 1), None)
            if at is None:
                found["total"] = number
            else:
                found[names[at]].append((cells[at], number))
    return found

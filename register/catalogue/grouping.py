"""How many initiatives there are by several sets of columns at once: one statement and one pass (GROUPING SETS)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Case, CharField, F, Value, When

from register.catalogue.choices import FRESHNESS, freshness
from register.initiatives.querysets import InitiativeQuerySet

# A column beside those of the initiative and of its entry: how fresh it is on the day, as the filter's code.
FRESH = "freshness"
Rows = list[tuple[tuple[Any, ...], int]]


@contextmanager
def room_to_group() -> Iterator[None]:
    """Room to group in memory, in a transaction; else rows are sorted once for every set.

    And two processes to read what one groups: PostgreSQL thinks that handing rows over costs more than it does.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('work_mem', '64MB', true), set_config('parallel_tuple_cost', '0.001', true),"
                " set_config('parallel_setup_cost', '1000', true)"
            )
        yield


def with_freshness(initiatives: InitiativeQuerySet, on: date) -> InitiativeQuerySet:
    """The initiatives with `freshness` on a day, as the filter's code."""
    whens = [When(freshness(code, on), then=Value(code)) for code, _ in FRESHNESS]
    return initiatives.annotate(freshness=Case(*whens, default=Value(""), output_field=CharField()))


def grouped(initiatives: InitiativeQuerySet, sets: Sequence[Sequence[str]], on: date) -> list[Rows]:
    """For each set of columns (no two the same): the values that occur together, and how many have them.

    What the entry keeps as a set (areas, places, barriers, benefits) comes as its text, codes with spaces between.
    """
    names = sorted({name for some in sets for name in some}, key=lambda name: (name == FRESH, name))
    if FRESH in names:
        initiatives = with_freshness(initiatives, on)
    # An annotation comes last, wherever it is named.
    rows = initiatives.order_by().values_list(*(name if name == FRESH else F(name) for name in names))
    try:
        inner, values = rows.query.sql_with_params()
    except EmptyResultSet:
        return [[] for _ in sets]
    positions = [[names.index(name) for name in some] for some in sets]
    aliases = [f"c{index}" for index in range(len(names))]
    by = ", ".join(f"({', '.join(aliases[index] for index in some)})" for some in positions)
    # GROUPING has a bit for each column, the last one lowest: 0 where the row is grouped by it.
    width = len(names)
    by_mask = {
        sum(1 << (width - 1 - i) for i in range(width) if i not in some): place
        for place, some in enumerate(positions)
    }
    sql = (  # names of our own; what the reader chose is in the values
        f"SELECT GROUPING({', '.join(aliases)}), count(*), {', '.join(aliases)}"  # noqa: S608
        f" FROM ({inner}) selected({', '.join(aliases)}) GROUP BY GROUPING SETS ({by})"
    )
    found: list[Rows] = [[] for _ in sets]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for mask, number, *cells in cursor.fetchall():
            place = by_mask[mask]
            found[place].append((tuple(cells[index] for index in positions[place]), number))
    return found

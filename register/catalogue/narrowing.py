"""The address of one cell of a picture: the parameters narrowed to it, where the language can say that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from register.catalogue.filters import PAGE_PARAMETERS, Parameters, list_url
from register.core.charts import Number

# An initiative has exactly one of each, so values of the parameters and of a cell intersect. Of the others it may
# have several, and a cell outside the values already asked for can't be said in the language.
ONE_OF_EACH = frozenset({"stage", "standing", "depth", "figure", "why", "fresh", "mix", "replicable"})
# What a list keeps of how it is shown when a picture leads to it.
KEPT = frozenset({"sort", "size", "cols"})


def narrowed(within: Parameters, cell: Mapping[str, str | Sequence[str]]) -> dict[str, list[str]] | None:
    """The parameters of one cell within others; None when the language can't say exactly that.

    A selection by fleet says nothing of "estates inside it": an initiative may be both, and two values of one
    parameter mean *or*. Such a number is shown without a link, rather than with one that opens other rows.
    """
    found = {name: list(values) for name, values in within.items()}
    for name, values in cell.items():
        wanted = [values] if isinstance(values, str) else list(values)
        allowed = found.get(name)
        if allowed:
            inside = [value for value in wanted if value in allowed]
            if not inside or (name not in ONE_OF_EACH and len(inside) < len(wanted)):
                return None
            wanted = inside
        found[name] = wanted
    return found


def listed(parameters: Parameters) -> dict[str, list[str]]:
    """The parameters of the list itself: without the shape and the place in the pages."""
    return {
        name: list(values)
        for name, values in parameters.items()
        if values and (name in KEPT or name not in PAGE_PARAMETERS)
    }


def linked(within: Parameters, n: int, level: int = 0, **cell: str | Sequence[str]) -> Number:
    """A count, linked to the list that the cell's parameters narrow these parameters to."""
    found = narrowed(within, cell) if n else None
    return Number(n, "" if found is None else list_url(found), level)

"""The same results as pictures: where they are, which work is done where, and who works with whom.

`SHAPES[code].build(initiatives, parameters)` counts the selected initiatives, of which the reader may see every one,
in at most three queries; `template` draws what it returns, as `drawn`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from register.catalogue.filters import Parameters
from register.catalogue.shapes.matrix import work_by_place
from register.catalogue.shapes.places import where
from register.catalogue.shapes.who import who_with_whom
from register.initiatives.querysets import InitiativeQuerySet


@dataclass(frozen=True)
class Shape:
    code: str
    label: str
    build: Callable[[InitiativeQuerySet, Parameters], Any]
    template: str


SHAPES = {
    shape.code: shape
    for shape in (
        Shape("map", "Map", where, "catalogue/_map.html"),
        Shape("matrix", "Matrix", work_by_place, "catalogue/_matrix.html"),
        Shape("who", "Who works with whom", who_with_whom, "catalogue/_who.html"),
    )
}

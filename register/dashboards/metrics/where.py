"""Where: one measure by police area, as a map of tiles with its table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from register.catalogue.tiles import TileMap, tile_map
from register.core.charts import level
from register.dashboards.metrics.frame import ACTIVE, Frame
from register.dashboards.metrics.walls import Walls
from register.groups.asking import HELD_UP
from register.initiatives.vocabulary import Stage

# What can be shown on the map: what it is called, what a chair would ask, and of what it counts.
LIVE, HELD = "live", "held-up"
MEASURES = (
    (LIVE, "Live", "Where it is live"),
    ("going-on", "Going on", "Where something goes on"),
    ("coming", "Not yet live", "Where more is coming"),
    (HELD, "Held up by a barrier", "Where barriers hold it up"),
    ("late", "Late for an update", "Where entries are late"),
    ("no-figure", "Live with no figure", "Where live ones have no figure"),
)
COMING = [stage.value for stage in Stage if stage is not Stage.LIVE]


@dataclass(frozen=True)
class Where:
    """A measure by police area; `beyond` counts those in none of the areas."""

    measure: str
    label: str
    question: str
    map: TileMap
    beyond: int
    choices: tuple[tuple[str, str, bool], ...]


def where(frame: Frame, measure: str = "") -> Where:
    """The map of a measure; of one that there is not, of what is live."""
    told = {code: (label, question) for code, label, question in MEASURES}
    measure = measure if measure in told else LIVE
    bits, cell = _meant(frame, measure)
    counts = frame.counts("place", bits)
    most = max((counts.get(area.slug, 0) for area in frame.areas), default=0)
    numbers = {
        area.slug: frame.number(n, level(n, most), place=area.slug, **cell)
        for area in frame.areas
        for n in [counts.get(area.slug, 0)]
    }
    beyond = bits & ~frame.tallied.any_of("place", [area.slug for area in frame.areas])
    label, question = told[measure]
    choices = tuple((code, name, code == measure) for code, name, _ in MEASURES)
    return Where(measure, label, question, tile_map(frame.areas, numbers), beyond.bit_count(), choices)


def _meant(frame: Frame, measure: str) -> tuple[int, Mapping[str, str | Sequence[str]]]:
    """The initiatives of a measure, and the parameters that mean them."""
    if measure == HELD:
        walls = Walls.of(frame)
        return walls.held_up(walls.pairs), {"remover": list(walls.removers), "standing": HELD_UP}
    if measure == "going-on":
        return frame.going_on, {"standing": ACTIVE}
    if measure == "coming":
        return frame.at(*COMING), {"stage": COMING, "standing": ACTIVE}
    if measure == "late":
        late = frame.going_on & frame.tallied.bits("fresh", "late")
        return late, {"fresh": "late", "standing": ACTIVE}
    live, cell = frame.at(Stage.LIVE), {"stage": Stage.LIVE.value, "standing": ACTIVE}
    if measure == "no-figure":
        return live & frame.tallied.bits("figure", "none"), cell | {"figure": "none"}
    return live, cell

"""Where the tiles of the map lie: hexagons in rows, odd rows half a tile to the right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from register.dashboards.metrics.frame import Number
from register.reference.models import PoliceArea

ACROSS, DOWN = 62.0, 53.7  # from one tile to the next
HALF, RADIUS = 30.0, 34.64
MARGIN = 2.0
COLUMNS = 7.5  # the whole of England and Wales, in tiles: parts are drawn at the same scale


@dataclass(frozen=True)
class Tile:
    area: PoliceArea
    number: Number
    path: str
    x: str
    name_y: str
    value_y: str


@dataclass(frozen=True)
class TileMap:
    """Tiles and the same as rows, most first. Without tiles (a fictional area) only the rows."""

    tiles: tuple[Tile, ...]
    rows: tuple[tuple[PoliceArea, Number], ...]
    width: str
    height: str
    regions: tuple[str, ...]

    @property
    def total_none(self) -> int:
        """How many areas have nothing."""
        return sum(1 for _, number in self.rows if not number.n)


def tile_map(areas: Sequence[PoliceArea], numbers: Mapping[str, Number]) -> TileMap:
    """The map of these areas; `numbers` by slug."""
    drawn = [area for area in areas if area.row is not None and area.column is not None]
    top = min((area.row or 0 for area in drawn), default=0)
    left = min((_across(area) for area in drawn), default=0.0)
    widest = max((_across(area) for area in drawn), default=0.0) - left + 1
    # A part of the map stands in the middle of the room that the whole would take.
    shift = max(0.0, (COLUMNS - widest) / 2)
    tiles = tuple(
        _tile(area, numbers[area.slug], _across(area) - left + shift, (area.row or 0) - top) for area in drawn
    )
    rows = sorted(((area, numbers[area.slug]) for area in areas), key=lambda row: (-row[1].n, row[0].name))
    deepest = max((area.row or 0 for area in drawn), default=0) - top
    return TileMap(
        tiles,
        tuple(rows),
        width=f"{max(COLUMNS, widest) * ACROSS + 2 * MARGIN - 2:.0f}",
        height=f"{deepest * DOWN + 2 * RADIUS + 2 * MARGIN:.0f}",
        regions=tuple(sorted({area.region.name for area in areas})),
    )


def _across(area: PoliceArea) -> float:
    return (area.column or 0) + (0.5 if (area.row or 0) % 2 else 0)


def _tile(area: PoliceArea, number: Number, column: float, row: int) -> Tile:
    x = MARGIN + HALF + column * ACROSS
    y = MARGIN + RADIUS + row * DOWN
    corners = [
        (0, -RADIUS),
        (HALF, -RADIUS / 2),
        (HALF, RADIUS / 2),
        (0, RADIUS),
        (-HALF, RADIUS / 2),
        (-HALF, -RADIUS / 2),
    ]
    path = "M" + "L".join(f"{x + dx:.1f} {y + dy:.1f}" for dx, dy in corners) + "z"
    return Tile(area, number, path, f"{x:.1f}", f"{y - 4:.1f}", f"{y + 15:.1f}")

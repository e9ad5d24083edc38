"""The map of England and Wales in tiles: one hexagon for each police area, about where it lies."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from register.core.charts import Hexagon, Number, hexagon, room
from register.reference.models import PoliceArea

COLUMNS = 7.5  # the whole of England and Wales, in tiles: parts are drawn at the same scale


@dataclass(frozen=True)
class Tile:
    area: PoliceArea
    number: Number
    at: Hexagon
    is_chosen: bool = False


@dataclass(frozen=True)
class TileMap:
    """Tiles and the same as rows, most first. Without tiles (a fictional area) only the rows."""

    tiles: tuple[Tile, ...]
    rows: tuple[tuple[PoliceArea, Number], ...]
    width: str
    height: str


def tile_map(
    areas: Sequence[PoliceArea], numbers: Mapping[str, Number], *, chosen: Collection[str] = ()
) -> TileMap:
    """The map of these areas; `numbers` by slug, those `chosen` outlined. What is retired has only its row."""
    drawn = [a for a in areas if a.row is not None and a.column is not None and a.retired_on is None]
    top = min((area.row or 0 for area in drawn), default=0)
    left = min((_across(area) for area in drawn), default=0.0)
    widest = max((_across(area) for area in drawn), default=0.0) - left + 1
    # A part of the map stands in the middle of the room that the whole would take.
    shift = max(0.0, (COLUMNS - widest) / 2)
    tiles = tuple(
        Tile(
            area,
            numbers[area.slug],
            hexagon(_across(area) - left + shift, (area.row or 0) - top),
            area.slug in chosen,
        )
        for area in drawn
    )
    rows = sorted(((area, numbers[area.slug]) for area in areas), key=lambda row: (-row[1].n, row[0].name))
    deepest = max((area.row or 0 for area in drawn), default=0) - top
    across, down = room(max(COLUMNS, widest), deepest + 1)
    return TileMap(tiles, tuple(rows), across, down)


def _across(area: PoliceArea) -> float:
    return (area.column or 0) + (0.5 if (area.row or 0) % 2 else 0)

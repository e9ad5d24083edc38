"""The map: how many of the selected initiatives are in each police area, and in each region."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from register.catalogue.filters import Parameters
from register.catalogue.narrowing import linked, listed
from register.catalogue.shapes.counting import areas_to_show, counted
from register.catalogue.tiles import TileMap, tile_map
from register.core.charts import Bar, Number, bars, level
from register.initiatives.querysets import InitiativeQuerySet
from register.reference.models import PoliceArea


@dataclass(frozen=True)
class Map:
    total: Number
    map: TileMap
    regions: tuple[Bar, ...]
    nowhere: Number  # that name no police area

    @property
    def has_unlinked(self) -> bool:
        """Whether a number has no list of its own: an area beside those that were asked for."""
        return any(number.n and not number.href for _, number in self.map.rows)


def where(initiatives: InitiativeQuerySet, parameters: Parameters) -> Map:
    """The initiatives on the map: two queries."""
    rows = counted(initiatives, "entry__places")
    found = {key for keys, _ in rows for key in keys}
    areas = areas_to_show(parameters, found)
    by_key = {area.pk: area for area in areas}
    places: Counter[PoliceArea] = Counter()
    regions: Counter[str] = Counter()
    for keys, n in rows:
        here = [by_key[key] for key in keys]
        for area in here:
            places[area] += n
        for code in {area.region.code for area in here}:
            regions[code] += n
    within = listed(parameters)
    most = max(places.values(), default=0)
    numbers = {
        area.slug: linked(within, places[area], level(places[area], most), place=area.slug) for area in areas
    }
    return Map(
        total=linked(within, sum(n for _, n in rows)),
        map=tile_map(areas, numbers, chosen=parameters.get("place", ())),
        regions=_regions(within, areas, regions),
        nowhere=Number(sum(n for keys, n in rows if not keys)),
    )


def _regions(within: Parameters, areas: list[PoliceArea], found: Counter[str]) -> tuple[Bar, ...]:
    """The regions, those with most first."""
    names = {area.region.code: area.region.name for area in areas}
    rows = [(code, name, linked(within, found[code], region=code)) for code, name in names.items()]
    return bars(sorted(rows, key=lambda row: (-row[2].n, row[1])))

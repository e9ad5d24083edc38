"""How close the police areas are to where somebody looks from: next door, of its region, of its kind, of its nation.

What kind of place an area is, the reference tables say only through its councils: boroughs of a city, a county with
districts, or unitary councils alone. They say nothing of how many people live there, or how far apart.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Any

from django.db.models import Exists, OuterRef, Q

from register.reference.models import AreaNeighbour, Coverage, Organisation, PoliceArea

WALES = "W92000004"
BLUE_LIGHT = ("police", "fire", "ambulance")
# By the sort of its councils, the first that fits: many counties have a unitary council beside the districts.
KINDS = (
    ({"Metropolitan district", "London borough", "City corporation"}, "a metropolitan area"),
    ({"County council"}, "a county with districts"),
    ({"Unitary authority"}, "unitary councils only"),
)
MOST_NAMED = 3


class Tier(IntEnum):
    """From close to far. The order is the order of the examples."""

    HERE = 0
    NEXT_DOOR = 1
    REGION = 2
    KIND = 3
    NATION = 4
    BEYOND = 5
    EVERYWHERE = 6  # of no police area: for the whole country


@dataclass(frozen=True)
class Surroundings:
    """The police areas as they lie around one of them, or around those that an organisation covers."""

    tiers: Mapping[int, Tier]
    by_name: Mapping[str, Tier]
    region: str
    kind: str
    nation: str
    services: tuple[str, ...]

    def within(self, *tiers: Tier) -> list[int]:
        """The keys of the areas that are that close."""
        return [pk for pk, tier in self.tiers.items() if tier in tiers]

    def closest(self, places: Iterable[str]) -> tuple[Tier, list[str]]:
        """How close the closest of these places is, and which of them are that close."""
        tiers = {name: self.by_name.get(name, Tier.BEYOND) for name in places}
        if not tiers:
            return Tier.EVERYWHERE, []
        tier = min(tiers.values())
        return tier, [name for name, of in tiers.items() if of == tier]


def surroundings(place: PoliceArea | None, organisation: Organisation | None, on: date) -> Surroundings:
    """Two queries. Without a place, the organisation's own areas are where it looks from; they count as "here"."""
    areas = list(_areas(place, organisation))
    bodies: dict[int, set[tuple[str, str]]] = defaultdict(set)
    there = Organisation.objects.current(on).of_kind(*BLUE_LIGHT, Organisation.Kind.COUNCIL)
    told = Coverage.objects.filter(organisation__in=there).order_by()
    for pk, *body in told.values_list("area", "organisation__kind", "organisation__governance"):
        bodies[pk].add((body[0], body[1]))
    for area in areas:
        area.bodies = bodies[area.pk]
    here = [area for area in areas if area.is_here]
    regions = {area.region.code for area in here}
    kinds = {kind for area in here if (kind := kind_of(area))}
    nations = {_nation(area) for area in here}
    tiers = {area.pk: _tier(area, regions, kinds, nations) for area in areas}
    return Surroundings(
        tiers,
        {area.name: tiers[area.pk] for area in areas},
        _only({area.region.name for area in here}),
        _only(kinds),
        _only(nations),
        services_of(here, organisation if place is None else None),
    )


def services_of(areas: Iterable[Any], organisation: Organisation | None) -> tuple[str, ...]:
    """The blue light services that cover the areas, the organisation's own among them."""
    found = {kind for area in areas for kind, _ in area.bodies}
    if organisation is not None:
        found.add(organisation.service)
    return tuple(service for service in BLUE_LIGHT if service in found)


def kind_of(area: Any) -> str:
    """What kind of place it is, in words; "" where its councils don't say."""
    sorts = {governance for _, governance in area.bodies}
    return next((words for councils, words in KINDS if councils & sorts), "")


def _areas(place: PoliceArea | None, organisation: Organisation | None) -> Any:
    if place is not None:
        here = Q(pk=place.pk)
        near = AreaNeighbour.objects.filter(neighbour=OuterRef("pk"), area=place)
    else:
        own = Coverage.objects.filter(organisation=organisation).values("area")
        here = Q(pk__in=own)
        near = AreaNeighbour.objects.filter(neighbour=OuterRef("pk"), area__in=own)
    return PoliceArea.objects.select_related("region").annotate(is_here=here, is_near=Exists(near))


def _tier(area: Any, regions: Collection[str], kinds: Collection[str], nations: Collection[str]) -> Tier:
    if area.is_here:
        return Tier.HERE
    if area.is_near:
        return Tier.NEXT_DOOR
    if area.region.code in regions:
        return Tier.REGION
    if kind_of(area) in kinds:
        return Tier.KIND
    return Tier.NATION if _nation(area) in nations else Tier.BEYOND


def _nation(area: PoliceArea) -> str:
    return "Wales" if area.region.code == WALES else "England"


def _only(values: Collection[str]) -> str:
    """The value, where all have the same."""
    return next(iter(values)) if len(values) == 1 else ""

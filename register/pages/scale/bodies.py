"""The real organisations and places, as drawing initiatives asks for them."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from register.reference.models import AreaNeighbour, Coverage, Organisation, PoliceArea

# Large places have more of everything. Others weigh 2.
WEIGHTS = {
    "metropolitan": 9, "greater-manchester": 6, "west-midlands": 6, "thames-valley": 5, "west-yorkshire": 5,
    "hampshire": 4, "kent": 4, "essex": 4, "sussex": 4, "devon-and-cornwall": 4, "lancashire": 4, "city-of-london": 1,
}  # fmt: skip
COUNCIL = re.compile(
    r"^(?:(?:London |Royal )?Borough (?:Council )?of |City (?:and County )?of |Council of the )?(.*?)"
    r"(?:(?: Metropolitan| County| City| Borough| District| and| Region| Combined)* (?:Council|Borough|Authority))?$"
)


@dataclass
class Place:
    """A police area and who serves it, by kind."""

    id: int
    name: str
    neighbours: list[str] = field(default_factory=list)
    bodies: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    towns: list[str] = field(default_factory=list)


class Bodies:
    """Organisations that are there today, none of them fictional."""

    def __init__(self) -> None:
        areas = {a.pk: a for a in PoliceArea.objects.filter(is_fictional=False, retired_on=None)}
        bodies = {o.pk: o for o in Organisation.objects.filter(is_fictional=False, ends_on=None)}
        self.kind = {pk: str(body.kind) for pk, body in bodies.items()}
        self.places = {
            a.slug: Place(a.pk, a.name.replace("Metropolitan Police", "London")) for a in areas.values()
        }
        self.served: dict[int, list[int]] = defaultdict(list)
        for link in Coverage.objects.filter(area__in=areas, organisation__in=bodies).order_by("pk"):
            place = self.places[areas[link.area_id].slug]
            place.bodies[self.kind[link.organisation_id]].append(link.organisation_id)
            self.served[link.organisation_id].append(link.area_id)
            if self.kind[link.organisation_id] == "council":
                place.towns.append(_town(bodies[link.organisation_id].name))
        for border in AreaNeighbour.objects.filter(area__in=areas, neighbour__in=areas).order_by("pk"):
            self.places[areas[border.area_id].slug].neighbours.append(areas[border.neighbour_id].slug)
        for place in self.places.values():
            place.towns = place.towns or [place.name]
        self.national = sorted(
            pk for pk, kind in self.kind.items() if kind in ("national", "health", "justice")
        )
        self._slugs = sorted(slug for slug, place in self.places.items() if place.bodies["police"])
        self._weights = list(accumulate(WEIGHTS.get(slug, 2) for slug in self._slugs))

    def somewhere(self, draw: Random) -> str:
        return draw.choices(self._slugs, cum_weights=self._weights)[0]


def _town(council: str) -> str:
    """Hartlepool of Hartlepool Borough Council."""
    match = COUNCIL.match(council)
    return match[1] if match and match[1] else council

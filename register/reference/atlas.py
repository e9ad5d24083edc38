"""The areas of work, the police areas and the services that cover them, at once: pages that count need them all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Model

from register.reference.models import AreaOfWork, Organisation, PoliceArea, Region

BLUE_LIGHT = (Organisation.Kind.POLICE, Organisation.Kind.FIRE, Organisation.Kind.AMBULANCE)

_ATLAS = """
    SELECT 'work', to_jsonb(t)::text FROM register_areaofwork t
    UNION ALL SELECT 'region', to_jsonb(t)::text FROM register_region t
    UNION ALL SELECT 'place', to_jsonb(t)::text FROM register_policearea t
    UNION ALL
    SELECT 'service',
           jsonb_build_array(o.id, o.code, coalesce(nullif(o.short_name, ''), o.name), o.kind, c.area_id)::text
      FROM register_organisation o JOIN register_coverage c ON c.organisation_id = o.id
     WHERE o.kind = ANY(%(kinds)s) AND (o.starts_on IS NULL OR o.starts_on <= %(on)s)
       AND (o.ends_on IS NULL OR o.ends_on > %(on)s)
"""


class Service(NamedTuple):
    """A police, fire or ambulance service of today in one of the police areas that it covers."""

    pk: int
    code: str
    name: str
    kind: str
    area_pk: int


@dataclass(frozen=True)
class Atlas:
    """All of it, as on a day. Police areas come with their region."""

    work: tuple[AreaOfWork, ...]
    places: tuple[PoliceArea, ...]
    services: tuple[Service, ...]

    @classmethod
    def on(cls, day: date) -> Atlas:
        """One query."""
        told: dict[str, list[Any]] = {"work": [], "region": [], "place": [], "service": []}
        with connection.cursor() as cursor:
            cursor.execute(_ATLAS, {"on": day, "kinds": [str(kind) for kind in BLUE_LIGHT]})
            for what, row in cursor.fetchall():
                told[what].append(json.loads(row))
        regions = {row["id"]: _made(Region, row) for row in told["region"]}
        places = [_made(PoliceArea, row) for row in told["place"]]
        for place in places:
            place.region = regions[place.region_id]
        work = [_made(AreaOfWork, row) for row in told["work"]]
        return cls(
            tuple(sorted(work, key=lambda area: (area.position, area.name))),
            tuple(sorted(places, key=lambda place: place.name)),
            tuple(Service(*row) for row in told["service"]),
        )

    @property
    def active_work(self) -> list[AreaOfWork]:
        """The areas of work that can be chosen today."""
        return [area for area in self.work if area.is_active]

    def code_of(self, area: AreaOfWork) -> str:
        """Of what an area of work is now: itself, or what it was merged into."""
        merged = next((one for one in self.work if one.pk == area.merged_into_id), area)
        return merged.code

    def services_of(self, places: Sequence[PoliceArea], *kinds: str) -> list[Service]:
        """The services of these police areas (of some kinds), once for each area they cover."""
        keys = {place.pk for place in places}
        return [one for one in self.services if one.area_pk in keys and (not kinds or one.kind in kinds)]


def _made(model: type[Model], row: dict[str, Any]) -> Any:
    fields = model._meta.concrete_fields
    return model.from_db(
        "default",
        [field.attname for field in fields],
        [field.to_python(row[str(field.column)]) for field in fields],
    )

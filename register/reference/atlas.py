"""The areas of work, the police areas and the services that cover them, at once: pages that count need them all.

They seldom change, so each process keeps them. Every page asks first whether what it keeps is still what is there.
"""

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

# Which versions of which rows there are: where each lies and which transaction wrote it. Any change that the statement
# can see makes another number, whoever made it; another server (or the same, restarted) has another name.
_VERSION = """
    SELECT pg_postmaster_start_time()::text, (SELECT oid FROM pg_database WHERE datname = current_database()),
           bit_xor(hash_record_extended(ROW (t.tableoid, t.ctid, t.xmin), 0))
      FROM (SELECT tableoid, ctid, xmin FROM register_areaofwork
            UNION ALL SELECT tableoid, ctid, xmin FROM register_region
            UNION ALL SELECT tableoid, ctid, xmin FROM register_policearea
            UNION ALL SELECT tableoid, ctid, xmin FROM register_organisation
            UNION ALL SELECT tableoid, ctid, xmin FROM register_coverage) AS t
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
        """One query; two when something of it has changed since this process last looked. Nobody changes it."""
        global _kept
        with connection.cursor() as cursor:
            cursor.execute(_VERSION)
            [version] = cursor.fetchall()
        kept_as, kept = _kept
        if kept is None or kept_as != (day, version):
            # What changes between the two questions has another version, and is read again by who asks next.
            kept = cls._read(day)
            _kept = ((day, version), kept)
        return kept

    @classmethod
    def _read(cls, day: date) -> Atlas:
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


_kept: tuple[object, Atlas | None] = (None, None)


def _made(model: type[Model], row: dict[str, Any]) -> Any:
    fields = model._meta.concrete_fields
    return model.from_db(
        "default",
        [field.attname for field in fields],
        [field.to_python(row[str(field.column)]) for field in fields],
    )

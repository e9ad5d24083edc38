"""Which organisations take part in what goes on, and which services of its police areas take part in nothing."""

from __future__ import annotations

from dataclasses import dataclass

from register.core.charts import Number
from register.dashboards.metrics.frame import ACTIVE, Frame
from register.reference.models import Organisation


def keys_taking_part(frame: Frame) -> set[int]:
    """The organisations with any role in what goes on, by key."""
    return {int(key) for key in frame.tallied.occurring("org", frame.going_on)}


def services_of(frame: Frame) -> list[int]:
    """The police, fire and ambulance services of its police areas today, by key."""
    return list(dict.fromkeys(one.pk for one in frame.tallied.atlas.services_of(frame.areas)))


@dataclass(frozen=True)
class OrganisationRow:
    organisation: Organisation
    number: Number


@dataclass(frozen=True)
class Organisations:
    taking_part: tuple[OrganisationRow, ...]
    in_none: tuple[Organisation, ...]


def organisations(frame: Frame) -> Organisations:
    """The rows behind the two counts of the state of play: two queries."""
    taking_part = {int(key): number for key, number in frame.counts("org").items()}
    services = services_of(frame)
    none = [key for key in services if key not in taking_part]
    named = Organisation.objects.in_bulk([*taking_part, *none])
    rows = [
        OrganisationRow(named[key], frame.number(n, org=named[key].code, standing=ACTIVE))
        for key, n in taking_part.items()
    ]
    return Organisations(
        tuple(sorted(rows, key=lambda row: (-row.number.n, row.organisation.name))),
        tuple(sorted((named[key] for key in none), key=lambda body: (body.kind, body.name))),
    )

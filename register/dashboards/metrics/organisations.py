"""Which organisations take part in what goes on, and which services of its police areas take part in nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from register.core.charts import Number
from register.dashboards.metrics.frame import ACTIVE, Frame
from register.groups.remit import areas_of_remit
from register.reference.models import Organisation, PoliceArea

# Those that the register is about. Councils, health and others take part where they wish.
BLUE_LIGHT = (Organisation.Kind.POLICE, Organisation.Kind.FIRE, Organisation.Kind.AMBULANCE)


def keys_taking_part(frame: Frame) -> dict[int, int]:
    """The organisations with any role in what goes on, by key, with how many initiatives."""
    return {int(key): number for key, number in frame.counts("org").items()}


def services_of(frame: Frame, areas: Sequence[PoliceArea]) -> list[int]:
    """The police, fire and ambulance services of these areas today, by key: one query."""
    there = Organisation.objects.current(frame.on).of_kind(*BLUE_LIGHT).filter(coverage__area__in=areas)
    return list(there.order_by().values_list("pk", flat=True).distinct())


@dataclass(frozen=True)
class OrganisationRow:
    organisation: Organisation
    number: Number


@dataclass(frozen=True)
class Organisations:
    taking_part: tuple[OrganisationRow, ...]
    in_none: tuple[Organisation, ...]


def organisations(frame: Frame) -> Organisations:
    """The rows behind the two counts of the state of play: three queries."""
    taking_part = keys_taking_part(frame)
    services = services_of(frame, list(areas_of_remit(frame.parameters)))
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

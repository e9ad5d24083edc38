"""Which organisations take part in what goes on in a remit, and which of its services take part in nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from register.core.charts import Number
from register.dashboards.metrics.frame import Frame
from register.groups.remit import areas_of_remit
from register.initiatives.models import InitiativePartner
from register.initiatives.vocabulary import Standing
from register.reference.models import Organisation, PoliceArea

# Those that the register is about. Councils, health and others take part where they wish.
BLUE_LIGHT = (Organisation.Kind.POLICE, Organisation.Kind.FIRE, Organisation.Kind.AMBULANCE)


def taking_part(frame: Frame) -> QuerySet[Organisation]:
    """Organisations with any role in an initiative that goes on."""
    roles = InitiativePartner.objects.filter(organisation=OuterRef("pk"), initiative__in=frame.going_on)
    return Organisation.objects.filter(Exists(roles))


def in_none(frame: Frame, areas: Sequence[PoliceArea]) -> QuerySet[Organisation]:
    """The police, fire and ambulance services of the remit's areas today that have a role in nothing going on."""
    roles = InitiativePartner.objects.filter(organisation=OuterRef("pk"), initiative__in=frame.going_on)
    there = Organisation.objects.current(frame.on).of_kind(*BLUE_LIGHT).filter(coverage__area__in=areas)
    return there.filter(~Exists(roles)).distinct()


@dataclass(frozen=True)
class OrganisationRow:
    organisation: Organisation
    number: Number


@dataclass(frozen=True)
class Organisations:
    taking_part: tuple[OrganisationRow, ...]
    in_none: tuple[Organisation, ...]


def organisations(frame: Frame) -> Organisations:
    """The rows behind the two counts of the state of play."""
    going_on = Q(partnerships__initiative__in=frame.going_on)
    rows = taking_part(frame).annotate(
        total=Count("partnerships__initiative", filter=going_on, distinct=True)
    )
    return Organisations(
        tuple(
            OrganisationRow(row, frame.number(row.total, org=row.code, standing=Standing.ACTIVE.value))
            for row in rows.order_by("-total", "name")
        ),
        tuple(in_none(frame, list(areas_of_remit(frame.parameters))).order_by("kind", "name")),
    )

"""Who takes part in an initiative, and as what: checking it and making it so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

from register.core.dates import LimitedDate
from register.initiatives.models import Initiative, InitiativePartner
from register.initiatives.services.common import create, dates, must_have_existed, save_new_version
from register.initiatives.vocabulary import PartnerRole

if TYPE_CHECKING:
    from register.reference.models import Organisation


@dataclass(frozen=True)
class Part:
    """An organisation's part in an initiative."""

    organisation: Organisation
    role: str = PartnerRole.PARTY
    note: str = ""
    since: LimitedDate | None = None


def check_partners(
    partners: Sequence[Part],
    *,
    starts: LimitedDate | None,
    on: date,
    lead_needed: bool,
    known: frozenset[int] = frozenset(),
) -> None:
    """One lead (exactly one where needed), nobody twice in a role, and each there at the time.

    `known` organisations are in the record already: history may name one that has ended since.
    """
    leads = [part for part in partners if part.role == PartnerRole.LEAD]
    if len(leads) > 1:
        raise ValidationError({"partners": "Choose one lead: only one organisation can lead."})
    if lead_needed and not leads:
        raise ValidationError({"partners": "Choose which organisation leads."})
    seen: set[tuple[int, str]] = set()
    for part in partners:
        if (part.organisation.pk, part.role) in seen:
            raise ValidationError({"partners": f"{part.organisation.name} is there twice. Remove one."})
        seen.add((part.organisation.pk, part.role))
        if part.organisation.pk not in known:
            when = part.since or starts or LimitedDate(on, "day")
            must_have_existed(part.organisation, when, "partners")


def set_partners(initiative: Initiative, partners: Sequence[Part]) -> None:
    """Make the partners these. A row that stays keeps its id, so that the ledger shows what really changed."""
    existing = {(row.organisation_id, row.role): row for row in initiative.partners.all()}
    wanted = {(part.organisation.pk, part.role): part for part in partners}
    leaving = [row for key, row in existing.items() if key not in wanted]
    # An old lead steps down before the new one steps up: there is never more than one.
    arriving = sorted((k for k in wanted if k not in existing), key=lambda k: k[1] == PartnerRole.LEAD)
    staying = {row.organisation_id: row for row in leaving if row.organisation_id in {k[0] for k in arriving}}
    for gone in leaving:
        if gone not in staying.values():
            gone.delete()
    for key in arriving:
        part, row = wanted[key], staying.pop(key[0]) if key[0] in staying else None
        fields = {"role": part.role, "note": part.note, **dates(since=part.since)}
        if row:
            save_new_version(row, fields)
        else:
            create(InitiativePartner, initiative=initiative, organisation=part.organisation, **fields)
    for key in wanted.keys() & existing.keys():
        fields = {"note": wanted[key].note, **dates(since=wanted[key].since)}
        if any(getattr(existing[key], name) != value for name, value in fields.items()):
            save_new_version(existing[key], fields)
    initiative.__dict__.pop("lead", None)
    initiative.__dict__.pop("services", None)
    getattr(initiative, "_prefetched_objects_cache", {}).pop("partners", None)


def leads_change(initiative: Initiative, partners: Sequence[Part]) -> bool:
    """Whether another would lead it. (Who keeps a record that says of nobody that they lead may say who does.)"""
    leads = InitiativePartner.objects.leads().filter(initiative=initiative)
    lead = leads.values_list("organisation_id", flat=True).first()
    return lead is not None and lead not in {
        part.organisation.pk for part in partners if part.role == PartnerRole.LEAD
    }


def organisations_in(initiative: Initiative) -> frozenset[int]:
    return frozenset(initiative.partners.values_list("organisation_id", flat=True))

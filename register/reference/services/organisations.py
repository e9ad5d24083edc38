"""The write doors of organisations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import slugify

from register.core.dates import LimitedDate
from register.core.tracking import write_door
from register.reference.models import Coverage, Organisation, OrganisationName, PoliceArea, Succession
from register.reference.services.common import locked, must_administer, one_line, save_corrected

CORRECTABLE = frozenset(
    {
        "name",
        "short_name",
        "kind",
        "starts_on",
        "starts_precision",
        "ends_on",
        "ends_precision",
        "governance",
        "official_code",
        "nation",
        "note",
    }
)


@write_door
def add_organisation(
    *,
    by: Any,
    name: str,
    kind: str,
    code: str = "",
    areas: Iterable[PoliceArea] = (),
    reason: str = "",
    **fields: Any,
) -> Organisation:
    """Add an organisation. Without a code, one is made from the name. ValidationError by field."""
    must_administer(by)
    organisation = Organisation(code=code or free_code(name), name=one_line(name), kind=kind, **fields)
    organisation.full_clean()
    organisation.save()
    Coverage.objects.bulk_create(Coverage(organisation=organisation, area=area) for area in areas)
    return organisation


@write_door
def correct_organisation(
    *, by: Any, organisation: Organisation, version: int | None = None, reason: str = "", **fields: Any
) -> Organisation:
    """Correct what the register says of an organisation: it was wrong, or not verified.

    What is set counts as verified, whether or not it changes; a changed name is not kept as a former one (use
    `rename_organisation` for that). `version` is the one the form was opened on: EditConflictError if it is
    old.
    """
    must_administer(by)
    unknown = fields.keys() - CORRECTABLE
    if unknown:
        raise TypeError(f"not correctable: {', '.join(sorted(unknown))}")
    current = locked(organisation, version)
    for field, value in fields.items():
        setattr(current, field, value)
    save_corrected(current, fields)
    return current


@write_door
def rename_organisation(
    *,
    by: Any,
    organisation: Organisation,
    name: str,
    short_name: str | None = None,
    on: date | LimitedDate | None = None,
    version: int | None = None,
    reason: str = "",
) -> Organisation:
    """Give an organisation a new name; the old one is kept as a former name, used until `on`."""
    must_administer(by)
    current = locked(organisation, version)
    new, old = one_line(name), current.name
    changes = {"name": new} | ({} if short_name is None else {"short_name": short_name})
    if new.casefold() != old.casefold():
        current.other_names.filter(name__iexact=new).delete()
        used_to, precision = _columns(on)
        OrganisationName.objects.update_or_create(
            organisation=current,
            name=old,
            defaults={
                "kind": OrganisationName.Kind.FORMER,
                "used_to": used_to,
                "used_to_precision": precision,
                "from_tables": False,
            },
        )
    for field, value in changes.items():
        setattr(current, field, value)
    save_corrected(current, {**changes, "other_names": None})
    return current


@write_door
def set_coverage(
    *, by: Any, organisation: Organisation, areas: Iterable[PoliceArea], reason: str = ""
) -> Organisation:
    """Say which police areas an organisation serves. Those that stay count as verified from now on."""
    must_administer(by)
    current = locked(organisation, None)
    wanted = {area.pk: area for area in areas}
    current.coverage.exclude(area__in=wanted).delete()
    current.coverage.filter(unverified=True).update(unverified=False)
    there = set(current.coverage.values_list("area_id", flat=True))
    Coverage.objects.bulk_create(
        Coverage(organisation=current, area=area) for pk, area in wanted.items() if pk not in there
    )
    save_corrected(current, {"coverage": None})
    return current


@write_door
def end_organisation(
    *,
    by: Any,
    organisation: Organisation,
    on: date | LimitedDate,
    successors: Sequence[Organisation] = (),
    kind: str = Succession.Kind.REPLACED,
    version: int | None = None,
    reason: str = "",
) -> Organisation:
    """An organisation ends: `on` is the first day (month, year) without it, when its successors took over.

    Records that name it stay as they are. ValidationError when a successor was not there on that day, or
    would make a circle.
    """
    must_administer(by)
    current = locked(organisation, version)
    current.ends_on, current.ends_precision = _columns(on)
    for successor in successors:
        _must_be_able_to_succeed(current, successor, on)
    save_corrected(current, {"ends_on": None, "ends_precision": None})
    for successor in successors:
        Succession.objects.update_or_create(
            predecessor=current,
            successor=successor,
            defaults={"on": current.ends_on, "on_precision": current.ends_precision, "kind": kind},
        )
    return current


@write_door
def merge_organisations(
    *,
    by: Any,
    organisations: Sequence[Organisation],
    into: Organisation,
    on: date | LimitedDate,
    reason: str = "",
) -> Organisation:
    """Organisations end by merging into one that goes on, or begins that day. History keeps their names."""
    for organisation in organisations:
        end_organisation(
            by=by,
            organisation=organisation,
            on=on,
            successors=[into],
            kind=Succession.Kind.MERGED,
            reason=reason,
        )
    return into


def free_code(name: str) -> str:
    """A permanent code from a name that no organisation has: the name's slug, numbered if taken."""
    code = slugify(name.replace("&", " and "))[:70].strip("-") or "organisation"
    taken = set(Organisation.objects.filter(code__startswith=code).values_list("code", flat=True))
    number = 2
    free = code
    while free in taken:
        free, number = f"{code}-{number}", number + 1
    return free


def _must_be_able_to_succeed(
    organisation: Organisation, successor: Organisation, on: date | LimitedDate
) -> None:
    if successor.pk == organisation.pk:
        raise ValidationError({"successors": f"{organisation.name} can’t succeed itself. Choose another."})
    if not successor.existed_on(on):
        raise ValidationError(
            {"successors": f"{successor.name} did not exist then. Check the date or choose another."}
        )
    seen: set[int] = set()
    queue = [successor.pk]
    while queue:
        found = Succession.objects.filter(predecessor__in=queue).values_list("successor_id", flat=True)
        queue = [pk for pk in found if pk not in seen]
        seen |= set(queue)
    if organisation.pk in seen:
        raise ValidationError(
            {"successors": f"{organisation.name} took over from {successor.name}, not the reverse."}
        )


def _columns(on: date | LimitedDate | None) -> tuple[date | None, str]:
    if on is None:
        return None, ""
    return (on, "day") if isinstance(on, date) else (on.first, on.precision)

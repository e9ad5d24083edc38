"""The write doors of organisations and areas of work.

Only administrators use them. What they set is remembered in `corrected_fields`, so that loading the tables again
does not undo it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.text import slugify

from register.core.dates import LimitedDate
from register.core.errors import EditConflictError
from register.core.tracking import write_door
from register.reference.models import AreaOfWork, Coverage, Organisation, OrganisationName, PoliceArea, Succession

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

Versioned = TypeVar("Versioned", Organisation, AreaOfWork)


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
    _must_administer(by)
    organisation = Organisation(code=code or free_code(name), name=_one_line(name), kind=kind, **fields)
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
    `rename_organisation` for that). `version` is the one the form was opened on: EditConflictError if it is old.
    """
    _must_administer(by)
    unknown = fields.keys() - CORRECTABLE
    if unknown:
        raise TypeError(f"not correctable: {', '.join(sorted(unknown))}")
    current = _locked(organisation, version)
    for field, value in fields.items():
        setattr(current, field, value)
    _save_corrected(current, fields)
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
    _must_administer(by)
    current = _locked(organisation, version)
    new, old = _one_line(name), current.name
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
    _save_corrected(current, {**changes, "other_names": None})
    return current


@write_door
def set_coverage(
    *, by: Any, organisation: Organisation, areas: Iterable[PoliceArea], reason: str = ""
) -> Organisation:
    """Say which police areas an organisation serves. Those that stay count as verified from now on."""
    _must_administer(by)
    current = _locked(organisation, None)
    wanted = {area.pk: area for area in areas}
    current.coverage.exclude(area__in=wanted).delete()
    current.coverage.filter(unverified=True).update(unverified=False)
    there = set(current.coverage.values_list("area_id", flat=True))
    Coverage.objects.bulk_create(
        Coverage(organisation=current, area=area) for pk, area in wanted.items() if pk not in there
    )
    _save_corrected(current, {"coverage": None})
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

    Records that name it stay as they are. ValidationError when a successor was not there on that day, or would
    make a circle.
    """
    _must_administer(by)
    current = _locked(organisation, version)
    current.ends_on, current.ends_precision = _columns(on)
    for successor in successors:
        _must_be_able_to_succeed(current, successor, on)
    _save_corrected(current, {"ends_on": None, "ends_precision": None})
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
    """Organisations end by merging into one that goes on (or begins on that day). History keeps their names."""
    for organisation in organisations:
        end_organisation(
            by=by, organisation=organisation, on=on, successors=[into], kind=Succession.Kind.MERGED, reason=reason
        )
    return into


@write_door
def add_area_of_work(
    *, by: Any, name: str, description: str = "", code: str = "", position: int = 100, reason: str = ""
) -> AreaOfWork:
    """Add an area of work. Without a code, one is made from the name; it stays when the name changes."""
    _must_administer(by)
    name = _one_line(name)
    area = AreaOfWork(
        code=code or slugify(name.replace("&", " and "))[:40].strip("-"),
        name=name,
        description=description,
        position=position,
    )
    _name_must_be_free(area)
    area.full_clean()
    area.save()
    return area


@write_door
def rename_area_of_work(
    *,
    by: Any,
    area: AreaOfWork,
    name: str,
    description: str | None = None,
    position: int | None = None,
    version: int | None = None,
    reason: str = "",
) -> AreaOfWork:
    """Change what an area of work is called, how it is described or where it stands in the list."""
    _must_administer(by)
    current = _locked(area, version)
    given: dict[str, Any] = {"name": _one_line(name), "description": description, "position": position}
    changes = {field: value for field, value in given.items() if value not in (None, getattr(current, field))}
    for field, value in changes.items():
        setattr(current, field, value)
    _name_must_be_free(current)
    _save_corrected(current, changes)
    return current


@write_door
def merge_areas_of_work(
    *, by: Any, areas: Sequence[AreaOfWork], into: AreaOfWork, on: date, reason: str = ""
) -> AreaOfWork:
    """Areas of work become part of another. Records keep the tag they had; the codes lead to `into` from now on."""
    _must_administer(by)
    target = _locked(into, None)
    if not target.is_active:
        raise ValidationError(f"{target} is no longer in use. Choose an area of work that is.")
    for area in areas:
        if area.pk == target.pk:
            raise ValidationError(f"{target} can’t be merged into itself. Choose another.")
        current = _locked(area, None)
        current.retired_on, current.merged_into = on, target
        _save_corrected(current, {"retired_on": None, "merged_into": None})
    return target


@write_door
def retire_area_of_work(*, by: Any, area: AreaOfWork, on: date, reason: str = "") -> AreaOfWork:
    """Take an area of work out of use: no record can be given it any more, those that have it keep it."""
    _must_administer(by)
    current = _locked(area, None)
    if current.is_active:
        current.retired_on = on
        _save_corrected(current, {"retired_on": None})
    return current


def free_code(name: str) -> str:
    """A permanent code from a name that no organisation has: the name's slug, numbered if taken."""
    code = slugify(name.replace("&", " and "))[:70].strip("-") or "organisation"
    taken = set(Organisation.objects.filter(code__startswith=code).values_list("code", flat=True))
    number = 2
    free = code
    while free in taken:
        free, number = f"{code}-{number}", number + 1
    return free


def _must_administer(by: Any) -> None:
    """`by` is a user of the floor above (or None: the register itself), so it is asked, not imported."""
    if by is not None and not by.holdings.is_administrator:
        raise PermissionDenied("Only an administrator of the register may do that.")


def _locked(row: Versioned, version: int | None) -> Versioned:
    current = type(row).objects.select_for_update().get(pk=row.pk)
    if version is not None and version != current.version:
        raise EditConflictError(current)
    return current


def _save_corrected(row: Organisation | AreaOfWork, fields: Iterable[str]) -> None:
    row.corrected_fields = sorted({*row.corrected_fields, *fields})
    if isinstance(row, Organisation):
        row.unverified = [field for field in row.unverified if field not in row.corrected_fields]
    row.version += 1
    row.full_clean()
    row.save()


def _must_be_able_to_succeed(organisation: Organisation, successor: Organisation, on: date | LimitedDate) -> None:
    if successor.pk == organisation.pk:
        raise ValidationError({"successors": f"{organisation.name} can’t succeed itself. Choose another."})
    if not successor.existed_on(on):
        raise ValidationError({"successors": f"{successor.name} did not exist then. Check the date or choose another."})
    seen: set[int] = set()
    queue = [successor.pk]
    while queue:
        found = Succession.objects.filter(predecessor__in=queue).values_list("successor_id", flat=True)
        queue = [pk for pk in found if pk not in seen]
        seen |= set(queue)
    if organisation.pk in seen:
        raise ValidationError({"successors": f"{organisation.name} took over from {successor.name}, not the reverse."})


def _name_must_be_free(area: AreaOfWork) -> None:
    if area.is_active and AreaOfWork.objects.active().exclude(pk=area.pk).filter(name__iexact=area.name).exists():
        raise ValidationError({"name": f"There is an area of work called {area.name} already."})


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _columns(on: date | LimitedDate | None) -> tuple[date | None, str]:
    if on is None:
        return None, ""
    return (on, "day") if isinstance(on, date) else (on.first, on.precision)

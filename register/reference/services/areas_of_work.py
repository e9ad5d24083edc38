"""The write doors of areas of work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.text import slugify

from register.core.tracking import write_door
from register.reference.models import AreaOfWork
from register.reference.services.common import locked, must_administer, one_line, save_corrected


@write_door
def add_area_of_work(
    *, by: Any, name: str, description: str = "", code: str = "", position: int = 100, reason: str = ""
) -> AreaOfWork:
    """Add an area of work. Without a code, one is made from the name; it stays when the name changes."""
    must_administer(by)
    name = one_line(name)
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
    must_administer(by)
    current = locked(area, version)
    given: dict[str, Any] = {"name": one_line(name), "description": description, "position": position}
    changes = {field: value for field, value in given.items() if value not in (None, getattr(current, field))}
    for field, value in changes.items():
        setattr(current, field, value)
    _name_must_be_free(current)
    save_corrected(current, changes)
    return current


@write_door
def merge_areas_of_work(
    *, by: Any, areas: Sequence[AreaOfWork], into: AreaOfWork, on: date, reason: str = ""
) -> AreaOfWork:
    """Areas of work become part of another. Records keep their tag; its code leads to `into` from now on."""
    must_administer(by)
    target = locked(into, None)
    if not target.is_active:
        raise ValidationError(f"{target} is no longer in use. Choose an area of work that is.")
    for area in areas:
        if area.pk == target.pk:
            raise ValidationError(f"{target} can’t be merged into itself. Choose another.")
        current = locked(area, None)
        current.retired_on, current.merged_into = on, target
        save_corrected(current, {"retired_on": None, "merged_into": None})
        for earlier in AreaOfWork.objects.filter(merged_into=current):
            _lead_on(earlier, target)
    return target


def _lead_on(earlier: AreaOfWork, target: AreaOfWork) -> None:
    """What had become part of an area of work goes on with it."""
    current = locked(earlier, None)
    current.merged_into = target
    save_corrected(current, {"merged_into": None})


@write_door
def retire_area_of_work(*, by: Any, area: AreaOfWork, on: date, reason: str = "") -> AreaOfWork:
    """Take an area of work out of use: no record can be given it any more, those that have it keep it."""
    must_administer(by)
    current = locked(area, None)
    if current.is_active:
        current.retired_on = on
        save_corrected(current, {"retired_on": None})
    return current


def _name_must_be_free(area: AreaOfWork) -> None:
    if (
        area.is_active
        and AreaOfWork.objects.active().exclude(pk=area.pk).filter(name__iexact=area.name).exists()
    ):
        raise ValidationError({"name": f"There is an area of work called {area.name} already."})

"""What every write door of reference data does: ask who, lock, check the version, remember what was set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied

from register.core.errors import EditConflictError
from register.reference.models import AreaOfWork, Organisation

Versioned = TypeVar("Versioned", Organisation, AreaOfWork)


def must_administer(by: Any) -> None:
    """`by` is a user of the floor above (or None: the register itself), so it is asked, not imported."""
    if by is not None and not by.holdings.is_administrator:
        raise PermissionDenied("Only an administrator of the register may do that.")


def locked(row: Versioned, version: int | None) -> Versioned:
    current = type(row).objects.select_for_update().get(pk=row.pk)
    if version is not None and version != current.version:
        raise EditConflictError(current)
    return current


def save_corrected(row: Organisation | AreaOfWork, fields: Iterable[str]) -> None:
    row.corrected_fields = sorted({*row.corrected_fields, *fields})
    if isinstance(row, Organisation):
        row.unverified = [field for field in row.unverified if field not in row.corrected_fields]
    row.version += 1
    row.full_clean()
    row.save()


def one_line(text: str) -> str:
    return " ".join(text.split())

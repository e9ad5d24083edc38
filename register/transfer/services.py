"""The write door of exports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from register.core.tracking import write_door
from register.transfer.models import Export

if TYPE_CHECKING:
    from register.accounts.models import User


@write_door
def record_export(
    *,
    by: User | None,
    what: str,
    format: str,
    parameters: Mapping[str, Sequence[str]],
    rows: int,
    marking: str,
) -> Export:
    """Keep that a file leaves the register: who takes what, in which format, and how much of it."""
    told = {name: list(values) for name, values in parameters.items()}
    return Export.objects.create(by=by, what=what, format=format, parameters=told, rows=rows, marking=marking)

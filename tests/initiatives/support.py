"""Using the write doors of the record, and looking at what they wrote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from register.core.tracking import origin
from register.history.models import Change
from register.initiatives.models import Initiative, InitiativePartner, StageMove

LEAD, PARTY, OTHER = "derbyshire-police", "derbyshire-fire", "kent-police"


def do(service: Callable[..., Any], record: Initiative, **how: Any) -> Any:
    with origin("test"):
        return service(**({"by": None, "initiative": record} | how))


def refused(service: Callable[..., Any], *about: Any, **how: Any) -> dict[str, list[str]]:
    """What it is refused with, by field; nothing at all is written."""
    last = Change.objects.order_by("-pk").values_list("pk", flat=True).first()
    with pytest.raises(ValidationError) as error:
        service(*about, **how)
    assert Change.objects.order_by("-pk").values_list("pk", flat=True).first() == last
    return error.value.message_dict


def parts(record: Initiative) -> set[tuple[str, str]]:
    return set(InitiativePartner.objects.filter(initiative=record).values_list("organisation__code", "role"))


def path(record: Initiative) -> list[tuple[str, str, str, str]]:
    moves = StageMove.objects.filter(initiative=record)
    return [(m.from_stage or "", m.to_stage, m.to_standing, str(m.happened or "")) for m in moves]

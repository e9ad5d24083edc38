"""How many of the selected initiatives share the same values, and which police areas a picture speaks of."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Count

from register.catalogue.filters import Parameters
from register.initiatives.querysets import InitiativeQuerySet
from register.reference.models import PoliceArea


def counted(initiatives: InitiativeQuerySet, *columns: str) -> list[tuple[Any, ...]]:
    """Each set of values that occurs, and how many have it. Values of one record stand together, so that what
    has two police areas of a region can be counted once for the region."""
    return list(initiatives.order_by().values_list(*columns).annotate(number=Count("pk")))


def areas_to_show(parameters: Parameters, found: Collection[int]) -> list[PoliceArea]:
    """Every police area of today, or of the fictional example, and whatever else the initiatives are in."""
    fictional = list(parameters.get("example", ())) == ["only"]
    named = parameters.get("place", ())
    return [
        area
        for area in PoliceArea.objects.select_related("region")
        if (area.is_fictional == fictional and area.retired_on is None)
        or area.pk in found
        or area.slug in named
    ]

"""Places: regions, police areas and their borders."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from register.core.tracking import tracked
from register.reference.models.columns import CODE_PATTERN
from register.reference.querysets import PoliceAreaQuerySet

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

    from register.reference.models.organisation import Coverage, Organisation


class Region(models.Model):
    """One of the nine regions of England, or Wales, by its ONS code."""

    code = models.CharField(max_length=9, unique=True)
    name = models.CharField(max_length=60, unique=True)

    police_areas: RelatedManager[PoliceArea]

    class Meta:
        ordering = ["name"]
        triggers = [tracked()]

    def __str__(self) -> str:
        return self.name


class PoliceArea(models.Model):
    """A police force area: what the register means by a place.

    `column` and `row` are its tile on the map of England and Wales: hexagons in rows, row 0 at the top, odd
    rows shifted half a tile to the right. A fictional area has no tile.
    """

    code = models.CharField(max_length=9, unique=True, help_text="ONS code: E23… or W15….")
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    short_name = models.CharField(max_length=10, help_text="For a tile.")
    code3 = models.CharField("three letters", max_length=3, unique=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="police_areas")
    column = models.PositiveSmallIntegerField(null=True, blank=True)
    row = models.PositiveSmallIntegerField(null=True, blank=True)
    neighbours = models.ManyToManyField(
        "self", through="AreaNeighbour", through_fields=("area", "neighbour"), symmetrical=True
    )
    retired_on = models.DateField(null=True, blank=True)
    is_fictional = models.BooleanField(default=False)

    organisations: RelatedManager[Organisation]
    coverage: RelatedManager[Coverage]

    objects: ClassVar[PoliceAreaQuerySet] = PoliceAreaQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["column", "row"],
                condition=Q(is_fictional=False, retired_on=None),
                name="area_tile_once",
            ),
            models.CheckConstraint(
                name="area_real_has_tile",
                condition=Q(is_fictional=True) | Q(column__isnull=False, row__isnull=False),
            ),
            models.CheckConstraint(name="area_slug_format", condition=Q(slug__regex=CODE_PATTERN)),
            models.CheckConstraint(name="area_code3_format", condition=Q(code3__regex=r"^[A-Z]{3}$")),
        ]
        triggers = [tracked()]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("place", args=[self.slug])


class AreaNeighbour(models.Model):
    """Two police areas that border each other. Each pair is held in both directions."""

    area = models.ForeignKey(PoliceArea, on_delete=models.CASCADE, related_name="borders")
    neighbour = models.ForeignKey(PoliceArea, on_delete=models.CASCADE, related_name="+")

    class Meta:
        ordering = ["area", "neighbour"]
        constraints = [
            models.UniqueConstraint(fields=["area", "neighbour"], name="neighbour_once"),
            models.CheckConstraint(name="neighbour_is_another", condition=~Q(area=F("neighbour"))),
        ]
        triggers = [tracked()]

    def __str__(self) -> str:
        return f"{self.area} borders {self.neighbour}"

"""Areas of work: the managed list of tags."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from register.core.tracking import tracked
from register.reference.models.columns import CODE_PATTERN, field_names
from register.reference.querysets import AreaOfWorkQuerySet


class AreaOfWork(models.Model):
    """A field in which services work together: a tag of initiatives. Retired or merged, never deleted."""

    code = models.SlugField(
        max_length=40, unique=True, help_text="For ever: addresses and saved views carry it."
    )
    name = models.CharField(max_length=60)
    description = models.CharField(max_length=300, blank=True, default="")
    position = models.PositiveSmallIntegerField(default=100)
    retired_on = models.DateField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged_from"
    )
    from_tables = models.BooleanField(default=False, editable=False)
    corrected_fields = field_names()
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[AreaOfWorkQuerySet] = AreaOfWorkQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["position", "name"]
        verbose_name = "area of work"
        verbose_name_plural = "areas of work"
        constraints = [
            models.UniqueConstraint(
                Lower("name"), condition=Q(retired_on=None), name="area_of_work_name_once"
            ),
            models.CheckConstraint(name="area_of_work_code_format", condition=Q(code__regex=CODE_PATTERN)),
            models.CheckConstraint(
                name="area_of_work_merged_is_retired",
                condition=Q(merged_into=None) | Q(retired_on__isnull=False),
            ),
            models.CheckConstraint(
                name="area_of_work_merged_into_another",
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")),
            ),
        ]
        triggers = [tracked()]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.retired_on is None

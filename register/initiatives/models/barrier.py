"""What is in the way."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from register.core.tracking import tracked
from register.initiatives.models.initiative import Initiative
from register.initiatives.querysets import BarrierQuerySet
from register.initiatives.vocabulary import BarrierCategory, BarrierState, Remover, Severity

RESOLVED = (BarrierState.REMOVED, BarrierState.ACCEPTED)


class Barrier(models.Model):
    """Something that holds an initiative up: of what kind, how badly, and who can remove it."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="barriers")
    title = models.CharField(max_length=160)
    description = models.TextField(blank=True)
    category = models.CharField(max_length=25, choices=BarrierCategory.choices)
    severity = models.CharField(max_length=6, choices=Severity.choices)
    owner = models.CharField(max_length=120, blank=True, help_text="The post that is on to it.")
    remover = models.CharField("who can remove it", max_length=15, choices=Remover.choices)
    remedy = models.TextField("what would remove it", blank=True)
    state = models.CharField(max_length=15, choices=BarrierState.choices, default=BarrierState.OPEN)
    raised_on = models.DateField()
    resolved_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[BarrierQuerySet] = BarrierQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-raised_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="barrier_resolved_has_its_date",
                condition=Q(state__in=RESOLVED, resolved_on__isnull=False)
                | (~Q(state__in=RESOLVED) & Q(resolved_on=None)),
            ),
            models.CheckConstraint(
                name="barrier_dates_in_order",
                condition=Q(resolved_on=None) | Q(resolved_on__gte=F("raised_on")),
            ),
        ]
        indexes = [models.Index(fields=["category", "state"], name="barrier_by_category")]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return self.title

    @property
    def is_resolved(self) -> bool:
        return self.state in RESOLVED

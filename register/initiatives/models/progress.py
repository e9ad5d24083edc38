"""How an initiative gets on: stage moves, updates and milestones."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from register.core.clock import RegisterNow
from register.core.columns import limited_date_constraint, precision_field
from register.core.dates import LimitedDate
from register.core.tracking import tracked
from register.initiatives.models.initiative import Initiative
from register.initiatives.querysets import HangingQuerySet
from register.initiatives.vocabulary import Confidence, Stage, Standing, StandingReason
from register.reference.models import Organisation


class StageMove(models.Model):
    """A move of stage or standing: from, to, the date it really happened (not the day it was typed), why."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="stage_moves")
    from_stage = models.CharField(max_length=15, choices=Stage.choices, blank=True)
    to_stage = models.CharField(max_length=15, choices=Stage.choices)
    from_standing = models.CharField(max_length=10, choices=Standing.choices, blank=True)
    to_standing = models.CharField(max_length=10, choices=Standing.choices, default=Standing.ACTIVE)
    reason = models.CharField(max_length=25, choices=StandingReason.choices, blank=True)
    why = models.TextField(blank=True)
    happened_on = models.DateField(null=True, blank=True)
    happened_precision = precision_field()

    objects: ClassVar[HangingQuerySet] = HangingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="move_goes_somewhere",
                condition=~Q(from_stage=models.F("to_stage"), from_standing=models.F("to_standing")),
            ),
            limited_date_constraint("move", "happened_on", "happened_precision"),
        ]
        indexes = [models.Index(fields=["happened_on"], name="move_happened")]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return f"{self.get_to_stage_display()}, {self.get_to_standing_display().lower()}"

    @property
    def happened(self) -> LimitedDate | None:
        return LimitedDate.of(self.happened_on, self.happened_precision)


class Update(models.Model):
    """A dated note on how it goes, with a confidence."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="updates")
    noted_on = models.DateField()
    text = models.TextField()
    confidence = models.CharField(max_length=5, choices=Confidence.choices)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(db_default=RegisterNow())
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[HangingQuerySet] = HangingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-noted_on", "-id"]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return f"{self.noted_on:%-d %B %Y}: {self.text[:60]}"


class Milestone(models.Model):
    """Something that is to happen by a date, and when it did."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="milestones")
    what = models.CharField(max_length=200)
    due_on = models.DateField()
    due_precision = models.CharField(
        max_length=5, default="day", choices=[("day", "Day"), ("month", "Month"), ("year", "Year")]
    )
    reached_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[HangingQuerySet] = HangingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["due_on", "id"]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return self.what

    @property
    def due(self) -> LimitedDate | None:
        return LimitedDate.of(self.due_on, self.due_precision)

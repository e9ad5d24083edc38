"""The asking of a week, the emails it made, and which records each asks about.

The constraints are the promise: one asking a week, and in it one email to each person (and one to each lead).
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from register.digests.chasing.querysets import ChaseItemQuerySet
from register.digests.posted import Posted
from register.initiatives.models import Initiative


class ChaseRound(models.Model):
    """One week's asking: whoever makes this row asks, and nobody else in that week."""

    week = models.DateField(unique=True, help_text="Its Monday.")
    opened_at = models.DateTimeField()

    class Meta:
        ordering = ["-week"]
        constraints = [
            models.CheckConstraint(name="chase_week_is_its_monday", condition=Q(week__iso_week_day=1))
        ]

    def __str__(self) -> str:
        return f"Week of {self.week:%-d %B %Y}"


class Chase(Posted):
    """One email of a week to one person: to an owner, with three answers for each record; to a lead, who is told."""

    class Kind(models.TextChoices):
        OWNER = "owner", "To who keeps them current"
        LEAD = "lead", "To the organisation’s lead"

    round = models.ForeignKey(ChaseRound, on_delete=models.CASCADE, related_name="chases")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="chases")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "person", "kind"], name="chased_once_a_week"),
            models.CheckConstraint(
                name="chase_sent_has_its_time", condition=~Q(state="sent") | Q(sent_at__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="chase_due")]

    def __str__(self) -> str:
        return f"{self.round}, {self.get_kind_display().lower()}: {self.person}"


class ChaseItem(models.Model):
    """A record that an email asks about, or tells of."""

    chase = models.ForeignKey(Chase, on_delete=models.CASCADE, related_name="items")
    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="+")
    asked_before = models.PositiveSmallIntegerField(
        default=0, help_text="How often its owners had been asked in vain before this."
    )

    objects: ClassVar[ChaseItemQuerySet] = ChaseItemQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["chase", "initiative"], name="chased_about_once")]

    def __str__(self) -> str:
        return f"{self.initiative.reference}, {self.chase}"

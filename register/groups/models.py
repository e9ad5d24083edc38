"""A working group's remit, meetings, decisions and asks."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from register.accounts.models import WorkingGroup
from register.accounts.permissions import Scope
from register.catalogue.models import SavedView
from register.core.tracking import tracked
from register.initiatives.models import Barrier, Initiative
from register.initiatives.querysets import HangingQuerySet
from register.reference.models import Organisation


class Remit(models.Model):
    """What a working group looks at: a saved view."""

    group = models.OneToOneField(WorkingGroup, on_delete=models.CASCADE, related_name="remit")
    view = models.ForeignKey(SavedView, on_delete=models.PROTECT, related_name="remits")

    class Meta:
        triggers = [tracked()]

    def __str__(self) -> str:
        return f"{self.group}: {self.view}"


class Meeting(models.Model):
    """When and where a working group meets."""

    group = models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name="meetings")
    starts_at = models.DateTimeField()
    where = models.CharField("place or link", max_length=200, blank=True)
    note = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-starts_at"]
        constraints = [models.UniqueConstraint(fields=["group", "starts_at"], name="meeting_once")]
        triggers = [tracked()]

    def __str__(self) -> str:
        return f"{self.group}, {self.starts_at:%-d %B %Y}"

    def permission_scope(self) -> Scope:
        return Scope(groups=frozenset({self.group_id}))


class Decision(models.Model):
    """What a group decided on an initiative, why, and when it looks again."""

    class Outcome(models.TextChoices):
        SUPPORT = "support", "Support"
        SUPPORT_WITH_CONDITIONS = "support_with_conditions", "Support with conditions"
        MORE_INFORMATION = "more_information", "More information"
        PAUSE = "pause", "Pause"
        STOP = "stop", "Stop"
        ESCALATE = "escalate", "Escalate"

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="decisions")
    group = models.ForeignKey(WorkingGroup, on_delete=models.PROTECT, related_name="decisions")
    meeting = models.ForeignKey(
        Meeting, null=True, blank=True, on_delete=models.SET_NULL, related_name="decisions"
    )
    decided_on = models.DateField()
    outcome = models.CharField(max_length=25, choices=Outcome.choices)
    reasons = models.TextField()
    conditions = models.TextField(blank=True)
    owner = models.CharField(max_length=120, blank=True, help_text="The post that sees to it.")
    next_review_on = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[HangingQuerySet] = HangingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-decided_on", "-id"]
        constraints = [
            models.CheckConstraint(name="decision_gives_reasons", condition=~Q(reasons="")),
            models.CheckConstraint(
                name="decision_reviewed_after",
                condition=Q(next_review_on=None) | Q(next_review_on__gt=F("decided_on")),
            ),
        ]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, {self.group}"


class Ask(models.Model):
    """One request to one addressee that would remove many barriers."""

    class State(models.TextChoices):
        DRAFT = "draft", "Being drawn up"
        ASKED = "asked", "Asked"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed"

    group = models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name="asks")
    title = models.CharField(max_length=160)
    addressee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="asks")
    what = models.TextField("what is asked")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    asked_on = models.DateField(null=True, blank=True)
    answer = models.TextField(blank=True)
    answered_on = models.DateField(null=True, blank=True)
    barriers = models.ManyToManyField(Barrier, through="AskBarrier", related_name="asks")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        triggers = [tracked()]

    def __str__(self) -> str:
        return self.title

    def permission_scope(self) -> Scope:
        return Scope(groups=frozenset({self.group_id}))


class AskBarrier(models.Model):
    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="barrier_links")
    barrier = models.ForeignKey(Barrier, on_delete=models.CASCADE, related_name="ask_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ask", "barrier"], name="asked_once")]
        triggers = [tracked(root="barrier_id:register_barrier")]

    def __str__(self) -> str:
        return f"{self.barrier}, in an ask"

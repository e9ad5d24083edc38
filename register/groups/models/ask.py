"""What a working group asks of others."""

from __future__ import annotations

from django.db import models

from register.accounts.models import WorkingGroup
from register.accounts.permissions import Scope
from register.core.tracking import tracked
from register.initiatives.models import Barrier
from register.reference.models import Organisation


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

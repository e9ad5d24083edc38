"""What a meeting looks at, and the paper it was held with."""

from __future__ import annotations

import pgtrigger
from django.db import models

from register.accounts.permissions import Scope
from register.core.tracking import tracked
from register.groups.models import Meeting
from register.initiatives.models import Initiative
from register.initiatives.vocabulary import Marking


class AgendaItem(models.Model):
    """What the secretary said of one initiative for one meeting. Of the others the queue alone decides."""

    class How(models.TextChoices):
        QUEUED = "queued", "On, for as long as the queue holds it"
        PUT_ON = "put_on", "Put on"
        LEFT_OFF = "left_off", "Left off"

    meeting = models.ForeignKey(Meeting, on_delete=models.CASCADE, related_name="agenda_items")
    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="+")
    how = models.CharField(max_length=10, choices=How.choices)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position", "id"]
        constraints = [models.UniqueConstraint(fields=["meeting", "initiative"], name="on_agenda_once")]
        # Of the meeting, not of the record: it is no part of the record's history and in nobody's digest.
        triggers = [tracked()]

    def __str__(self) -> str:
        return f"{self.initiative}, {self.get_how_display().lower()}"


class Pack(models.Model):
    """A meeting's paper as it was when the meeting began. It is never changed: a trigger refuses to."""

    meeting = models.OneToOneField(Meeting, on_delete=models.CASCADE, related_name="pack")
    content = models.JSONField()
    marking = models.CharField(max_length=20, choices=Marking.choices)
    frozen_at = models.DateTimeField()

    class Meta:
        triggers = [
            # The ledger says that there is one; what it holds was copied from what the ledger holds already.
            tracked(exclude=["content"]),
            pgtrigger.ReadOnly(name="kept", fields=["meeting", "content", "marking", "frozen_at"]),
        ]

    def __str__(self) -> str:
        return f"Pack of the {self.meeting}"

    def permission_scope(self) -> Scope:
        return self.meeting.permission_scope()

"""What a working group decided."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from register.accounts.models import WorkingGroup
from register.core.tracking import tracked
from register.groups.models.meeting import Meeting
from register.groups.querysets import DecisionQuerySet
from register.initiatives.models import Initiative

# What nobody changes once it is recorded.
STANDS = [
    "initiative",
    "group",
    "decided_on",
    "outcome",
    "reasons",
    "conditions",
    "owner",
    "next_review_on",
    "corrects",
]


class Decision(models.Model):
    """What a group decided on an initiative, why, and when it looks again.

    It stands as it was recorded: triggers refuse to change what was decided or to take it away, and only a later
    decision corrects it.
    """

    class Outcome(models.TextChoices):
        SUPPORT = "support", "Support"
        SUPPORT_WITH_CONDITIONS = "support_with_conditions", "Support with conditions"
        MORE_INFORMATION = "more_information", "More information"
        PAUSE = "pause", "Pause"
        STOP = "stop", "Stop"
        ESCALATE = "escalate", "Escalate"

    class Notice(models.TextChoices):
        """What became of the email to its owner."""

        NONE = "none", "Nobody to tell"
        WAITING = "waiting", "Waiting"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        FAILED = "failed", "Could not be sent"
        WITHHELD = "withheld", "Not sent: they have left, or may not see the record"

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
    owner_person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="Who holds that post and is told by email.",
    )
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    next_review_on = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    notice = models.CharField(max_length=10, choices=Notice.choices, default=Notice.NONE)
    notice_tries = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[DecisionQuerySet] = DecisionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-decided_on", "-id"]
        constraints = [
            models.CheckConstraint(name="decision_gives_reasons", condition=~Q(reasons="")),
            models.CheckConstraint(
                name="decision_reviewed_after",
                condition=Q(next_review_on=None) | Q(next_review_on__gt=F("decided_on")),
            ),
            models.CheckConstraint(
                name="decision_corrects_another", condition=Q(corrects=None) | ~Q(corrects=F("id"))
            ),
        ]
        indexes = [
            models.Index(F("group"), F("next_review_on"), name="decision_to_review"),
            models.Index(fields=["notice"], name="decision_to_tell", condition=Q(notice="waiting")),
        ]
        triggers = [
            tracked(root="initiative_id", exclude=["notice", "notice_tries"]),
            pgtrigger.ReadOnly(name="stands", fields=STANDS),
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}, {self.group}"

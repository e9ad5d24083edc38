"""What an organisation was asked to consider, and what it answered: evidence of a duty in law."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from register.core.tracking import tracked
from register.groups.querysets import ConsiderationQuerySet
from register.initiatives.models import Initiative
from register.reference.models import Organisation


class Consideration(models.Model):
    """One organisation was notified of a proposed collaboration, considered it, and decided.

    England: sections 1 and 2 of the Policing and Crime Act 2017. A relevant emergency service keeps collaboration
    under consideration, notifies the others of a proposal that could be in the interests of efficiency or
    effectiveness, and those consider whether it would be; the exception is for harm to public safety. Wales: section
    22A of the Police Act 1996 for police, section 16 of the Fire and Rescue Services Act 2004 for fire services.
    The register keeps who did what and when, and does not say what the law asks.
    """

    class Answer(models.TextChoices):
        NOT_YET = "not_yet", "Not yet answered"
        IN_THE_INTERESTS = "in_the_interests", "In the interests of efficiency or effectiveness"
        NOT_IN_THE_INTERESTS = "not_in_the_interests", "Not in the interests of efficiency or effectiveness"
        HARMS_PUBLIC_SAFETY = "harms_public_safety", "Would harm public safety"

    class Decision(models.TextChoices):
        COLLABORATE = "collaborate", "Collaborate"
        DO_NOT = "do_not", "Do not collaborate"
        DEFER = "defer", "Defer"

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="considerations")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="considerations")
    notified_on = models.DateField()
    notified_by = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    considered_on = models.DateField(null=True, blank=True)
    considered_by = models.CharField(
        max_length=160, blank=True, help_text="A board or a post, such as Fire Authority."
    )
    answer = models.CharField(max_length=25, choices=Answer.choices, default=Answer.NOT_YET)
    decision = models.CharField(max_length=15, choices=Decision.choices, blank=True)
    reasons = models.TextField(blank=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[ConsiderationQuerySet] = ConsiderationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["notified_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "organisation"],
                name="considered_once",
                violation_error_message="That organisation has been notified of it already. Change what is recorded.",
            ),
            models.CheckConstraint(
                name="consideration_by_another", condition=~Q(organisation=F("notified_by"))
            ),
            models.CheckConstraint(
                name="notified_before_considered",
                condition=Q(considered_on=None) | Q(considered_on__gte=F("notified_on")),
            ),
            # An answer is whole: its day, who considered it, the reasons, what was decided. Without one, none of it.
            models.CheckConstraint(
                name="answer_is_whole",
                condition=Q(answer="not_yet", considered_on=None, considered_by="", decision="", reasons="")
                | (
                    ~Q(answer="not_yet")
                    & Q(considered_on__isnull=False)
                    & ~Q(considered_by="")
                    & ~Q(decision="")
                    & ~Q(reasons="")
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "notified_on"], name="consideration_of_body"),
        ]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_answer_display().lower()}"

    @property
    def is_answered(self) -> bool:
        return self.answer != self.Answer.NOT_YET

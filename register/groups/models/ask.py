"""What a working group asks of others."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.urls import reverse

from register.accounts.models import WorkingGroup
from register.accounts.permissions import Scope
from register.core.tracking import tracked
from register.initiatives.models import Barrier, Initiative
from register.reference.models import Organisation


class Ask(models.Model):
    """One request to one addressee that would remove many barriers.

    Drawn up, asked, answered, closed. One that nobody answers is closed without an answer.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Being drawn up"
        ASKED = "asked", "Asked"
        ANSWERED = "answered", "Answered"
        CLOSED = "closed", "Closed"

    class Ending(models.TextChoices):
        """How it ended."""

        DONE_AS_ASKED = "done_as_asked", "Done as asked"
        DONE_IN_PART = "done_in_part", "Done in part"
        REFUSED = "refused", "Refused"
        NEVER_ANSWERED = "never_answered", "Never answered"
        NO_LONGER_NEEDED = "no_longer_needed", "No longer needed"

    group = models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name="asks")
    title = models.CharField(max_length=160)
    addressee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="asks")
    what = models.TextField("what is asked")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    asked_on = models.DateField(null=True, blank=True)
    answer = models.TextField(blank=True)
    answered_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    ending = models.CharField("how it ended", max_length=20, choices=Ending.choices, blank=True)
    ending_text = models.TextField("how it ended, in words", blank=True)
    barriers = models.ManyToManyField(Barrier, through="AskBarrier", related_name="asks")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                name="ask_asked_has_its_date",
                condition=Q(state="draft", asked_on=None) | (~Q(state="draft") & Q(asked_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="ask_answer_has_its_date",
                condition=Q(answer="", answered_on=None) | (~Q(answer="") & Q(answered_on__isnull=False)),
            ),
            models.CheckConstraint(
                name="ask_answered_has_its_answer",
                condition=Q(state__in=["draft", "asked"], answered_on=None)
                | Q(state="answered", answered_on__isnull=False)
                | Q(state="closed"),
            ),
            models.CheckConstraint(
                name="ask_closed_says_how_it_ended",
                condition=(Q(state="closed", closed_on__isnull=False) & ~Q(ending=""))
                | (~Q(state="closed") & Q(closed_on=None, ending="", ending_text="")),
            ),
            models.CheckConstraint(
                name="ask_dates_in_order",
                condition=(Q(answered_on=None) | Q(answered_on__gte=F("asked_on")))
                & (Q(closed_on=None) | Q(closed_on__gte=Coalesce("answered_on", "asked_on"))),
            ),
        ]
        indexes = [models.Index(fields=["group", "state"], name="ask_of_group")]
        triggers = [tracked()]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("group_ask", args=[self.group.code, self.pk])

    @property
    def takes_barriers(self) -> bool:
        """Until it is answered, barriers are added and taken off."""
        return self.state in (self.State.DRAFT, self.State.ASKED)

    def permission_scope(self) -> Scope:
        return Scope(groups=frozenset({self.group_id}))


class AskBarrier(models.Model):
    """A barrier that an ask would remove.

    `initiative` is the record whose history tells of it: the barrier's own, from when the ask was asked. A draft is the
    group's alone, so its barriers have none.
    """

    ask = models.ForeignKey(Ask, on_delete=models.CASCADE, related_name="barrier_links")
    barrier = models.ForeignKey(Barrier, on_delete=models.CASCADE, related_name="ask_links")
    initiative = models.ForeignKey(
        Initiative, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ask", "barrier"], name="asked_once")]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return f"{self.barrier}, in an ask"

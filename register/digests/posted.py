"""What every email that the register owes somebody is kept with: whether it is sent, since when, and why not."""

from __future__ import annotations

from django.db import models

# Why a copy is skipped that would have said nothing; every other reason keeps something from its reader.
NOTHING_TO_SEE = "Nothing new that they may see."
TOLD_ELSEWHERE = "Another digest of this week has brought them all that is new in it."
SAYS_NOTHING = (NOTHING_TO_SEE, TOLD_ELSEWHERE)


class Posted(models.Model):
    """A message to one person. Claimed by compare and swap; one whose sending has no end is held, never resent."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        CLAIMED = "claimed", "Being written"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        SKIPPED = "skipped", "Skipped"
        HELD = "held", "Held: it may have been sent"
        FAILED = "failed", "Failed"

    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=200, unique=True)
    why = models.CharField(max_length=300, blank=True)

    class Meta:
        abstract = True


ON_ITS_WAY = (Posted.State.WAITING, Posted.State.CLAIMED, Posted.State.SENDING)

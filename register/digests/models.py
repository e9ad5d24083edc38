"""Schedules, editions with their frozen items, deliveries, and who does not want them.

The constraints are the promise: one edition per audience and window, one delivery per edition and person.
"""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.timezone import localtime

from register.accounts.models import WorkingGroup
from register.core.clock import RegisterNow
from register.core.tracking import tracked
from register.digests.posted import Posted
from register.digests.querysets import DeliveryQuerySet, EditionQuerySet
from register.initiatives.models import Initiative

WEEKDAYS = [(0, "Monday"), (1, "Tuesday"), (2, "Wednesday"), (3, "Thursday"), (4, "Friday")]


class DigestSchedule(models.Model):
    """When a group's digest goes out: a working day, a local hour and its zone."""

    group = models.OneToOneField(WorkingGroup, on_delete=models.CASCADE, related_name="digest_schedule")
    weekday = models.PositiveSmallIntegerField(choices=WEEKDAYS, default=0)
    hour = models.PositiveSmallIntegerField(default=7)
    zone = models.CharField(max_length=40, default="Europe/London")
    is_on = models.BooleanField(default=True)
    anchored_at = models.DateTimeField(
        db_default=RegisterNow(), help_text="The first window starts here; a restore sets it again."
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(name="digest_weekday", condition=Q(weekday__lte=4)),
            models.CheckConstraint(name="digest_hour", condition=Q(hour__lte=23)),
        ]
        triggers = [tracked()]

    def __str__(self) -> str:
        return f"{self.group}: {self.get_weekday_display()}s at {self.hour:02d}:00"


class DigestRefusal(models.Model):
    """Somebody who wants no digest of one group (or, with no group, no personal one)."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digest_refusals"
    )
    group = models.ForeignKey(WorkingGroup, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField(db_default=RegisterNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "group"], nulls_distinct=False, name="refused_once")
        ]
        triggers = [tracked()]

    def __str__(self) -> str:
        return f"{self.user} wants none of {self.group or 'what they follow'}"


class Edition(models.Model):
    """One audience's digest of one window [starts_at, ends_at), built from one snapshot of the ledger."""

    class State(models.TextChoices):
        OPEN = "open", "Being built"
        READY = "ready", "Ready"
        QUIET = "quiet", "Nothing to say"

    public_id = models.UUIDField(default=uuid4, unique=True, editable=False)
    group = models.ForeignKey(
        WorkingGroup, null=True, blank=True, on_delete=models.PROTECT, related_name="editions"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="editions"
    )
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    snapshot = models.TextField(blank=True, help_text="The pg_snapshot it was built from.")
    state = models.CharField(max_length=5, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField(db_default=RegisterNow())

    objects: ClassVar[EditionQuerySet] = EditionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-ends_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "person", "ends_at"],
                nulls_distinct=False,
                name="edition_once_for_each_window",
            ),
            models.UniqueConstraint(
                fields=["group", "person", "starts_at"], nulls_distinct=False, name="windows_do_not_fork"
            ),
            models.CheckConstraint(name="edition_window_in_order", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="edition_has_one_audience",
                condition=Q(group__isnull=False, person=None) | Q(group=None, person__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group or 'Personal digest'}, to {localtime(self.ends_at):%-d %B %Y}"

    def get_absolute_url(self) -> str:
        return reverse("digest", args=[self.public_id])


class EditionItem(models.Model):
    """One thing an edition says, frozen: of which initiative, under which heading, in what words."""

    class Heading(models.TextChoices):
        STATE_OF_PLAY = "state_of_play", "State of play"
        OPPORTUNITIES = "opportunities", "Opportunities"
        BARRIERS = "barriers", "Barriers"
        DUE = "due", "Due and overdue"

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="items")
    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="+")
    heading = models.CharField(max_length=15, choices=Heading.choices)
    position = models.PositiveIntegerField()
    content = models.JSONField(help_text="The words, frozen when the edition was built.")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["edition", "position"], name="item_position_once")]

    def __str__(self) -> str:
        return f"{self.content.get('reference')}, {self.get_heading_display()}"


class Delivery(Posted):
    """One edition to one person."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="deliveries")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digest_deliveries"
    )

    objects: ClassVar[DeliveryQuerySet] = DeliveryQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "user"], name="delivered_once_to_each"),
            models.CheckConstraint(
                name="delivery_sent_has_its_time", condition=~Q(state="sent") | Q(sent_at__isnull=False)
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"], name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.edition} for {self.user}: {self.get_state_display().lower()}"


class RefusedAddress(models.Model):
    """An address that mail servers refused for good, time after time: after two it is paused.

    It is known by its hash, so that another address of the same person is another, and none is written down twice.
    """

    PAUSES = 2

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="refused_address"
    )
    address_hash = models.CharField(max_length=64)
    times = models.PositiveSmallIntegerField(default=1, help_text="In a row.")
    since = models.DateTimeField()
    told_at = models.DateTimeField(
        null=True, blank=True, help_text="When secretaries were told that it is paused."
    )

    def __str__(self) -> str:
        return f"{self.user}, refused {self.times} times"

"""Schedules, editions with their frozen items and covering note, deliveries, and what people wish of them.

The constraints are the promise: one edition per audience and window, one delivery per edition and person.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.timezone import localtime

from register.accounts.models import WorkingGroup
from register.core.clock import RegisterNow
from register.core.tracking import tracked
from register.digests.posted import Posted
from register.digests.querysets import (
    DeliveryQuerySet,
    EditionQuerySet,
    ItemManager,
    WishQuerySet,
    item_words,
)
from register.digests.slots import FORTNIGHTLY, MONTHLY, WEEKLY, Timing
from register.initiatives.models import Initiative

WEEKDAYS = [(0, "Monday"), (1, "Tuesday"), (2, "Wednesday"), (3, "Thursday"), (4, "Friday")]


class DigestSchedule(models.Model):
    """When a group's digest goes out: a working day, a local hour and its zone, and how often."""

    class Rhythm(models.TextChoices):
        WEEK = WEEKLY, "Every week"
        FORTNIGHT = FORTNIGHTLY, "Every fortnight"
        MONTH = MONTHLY, "Every month"

    group = models.OneToOneField(WorkingGroup, on_delete=models.CASCADE, related_name="digest_schedule")
    weekday = models.PositiveSmallIntegerField(choices=WEEKDAYS, default=0)
    hour = models.PositiveSmallIntegerField(default=7)
    zone = models.CharField(max_length=40, default="Europe/London")
    rhythm = models.CharField(max_length=9, choices=Rhythm.choices, default=Rhythm.WEEK)
    turn = models.PositiveSmallIntegerField(
        default=0, help_text="A fortnight’s weeks: the even (0) or the odd (1) of all weeks (see slots.py)."
    )
    is_on = models.BooleanField(default=True)
    anchored_at = models.DateTimeField(
        db_default=RegisterNow(), help_text="The first window starts here; a restore sets it again."
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(name="digest_weekday", condition=Q(weekday__lte=4)),
            models.CheckConstraint(name="digest_hour", condition=Q(hour__lte=23)),
            models.CheckConstraint(
                name="digest_rhythm", condition=Q(rhythm__in=[WEEKLY, FORTNIGHTLY, MONTHLY])
            ),
            models.CheckConstraint(name="digest_turn", condition=Q(turn__lte=1)),
        ]
        triggers = [tracked()]

    def __str__(self) -> str:
        return f"{self.group}: {self.days} at {self.hour:02d}:00"

    @property
    def timing(self) -> Timing:
        """What the functions of slots.py take: `next_slot(*schedule.timing, after=…)`."""
        return Timing(self.weekday, self.hour, self.zone, self.rhythm, self.turn)

    @property
    def days(self) -> str:
        """Such as "every Monday", "every second Monday", "the first Monday of each month"."""
        weekday = dict(WEEKDAYS)[self.weekday]
        if self.rhythm == MONTHLY:
            return f"the first {weekday} of each month"
        return f"every second {weekday}" if self.rhythm == FORTNIGHTLY else f"every {weekday}"


class DigestWish(models.Model):
    """What somebody wishes of one group's digest (or, with no group, of their personal one). No row: to get it.

    A pause leaves the wish as it is, so that the digest comes back by itself as it came before.
    """

    class Wish(models.TextChoices):
        ALL = "all", "Everything"
        FOLLOWED = "followed", "Only what they follow"
        NONE = "none", "None"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="digest_wishes")
    group = models.ForeignKey(WorkingGroup, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    wish = models.CharField(max_length=8, choices=Wish.choices, default=Wish.NONE)
    paused_until = models.DateField(null=True, blank=True, help_text="The first day on which it comes again.")
    since = models.DateTimeField(db_default=RegisterNow(), help_text="Since when it is so.")

    objects: ClassVar[WishQuerySet] = WishQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "group"], nulls_distinct=False, name="wished_once"),
            models.CheckConstraint(name="wish_known", condition=Q(wish__in=["all", "followed", "none"])),
            models.CheckConstraint(
                name="wish_none_is_not_paused", condition=~Q(wish="none") | Q(paused_until=None)
            ),
            # What one follows is all that a personal digest is of.
            models.CheckConstraint(
                name="wish_followed_is_of_a_group", condition=~Q(wish="followed") | Q(group__isnull=False)
            ),
        ]
        triggers = [tracked()]

    def __str__(self) -> str:
        return f"{self.user}, of {self.group or 'what they follow'}: {self.get_wish_display().lower()}"

    def is_paused(self, on: date) -> bool:
        return self.paused_until is not None and on < self.paused_until


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
    says = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        help_text="Keys of its items, in their order: thousands of people’s own editions say the same.",
    )
    left = models.JSONField(
        default=list,
        blank=True,
        help_text="Of a person’s own: what it left to digests of their groups (see making/left.py).",
    )
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
        # People's own are too many to be kept in it, and each reader looks in theirs alone.
        indexes = [GinIndex(fields=["says"], condition=Q(person=None), name="group_edition_says")]

    def __str__(self) -> str:
        return f"{self.group or 'Personal digest'}, to {localtime(self.ends_at):%-d %B %Y}"

    @property
    def is_preview(self) -> bool:
        """Never saved: it shows what the group's next edition would say."""
        return self._state.adding

    def get_absolute_url(self) -> str:
        """Its page; of a preview, the page that shows it."""
        if self.is_preview and self.group is not None:
            return reverse("group_digest_preview", args=[self.group.code])
        return reverse("digest", args=[self.public_id])


class CoveringNote(models.Model):
    """What a group's secretary says above its digest: of the next edition, until one is built, and then of that."""

    MOST = 600

    group = models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name="covering_notes")
    edition = models.OneToOneField(
        Edition, null=True, blank=True, on_delete=models.PROTECT, related_name="covering_note"
    )
    text = models.CharField(max_length=MOST)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    written_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["group"], condition=Q(edition=None), name="one_covering_note_waits"
            ),
            models.CheckConstraint(name="covering_note_says_something", condition=~Q(text="")),
        ]
        indexes = [GinIndex(SearchVector("text", config="english"), name="covering_note_words")]
        triggers = [tracked()]

    def __str__(self) -> str:
        return f"A note to {self.edition or f'the next digest of {self.group}'}"

    @property
    def by(self) -> str:
        return str(self.written_by or "the secretary")


class EditionItem(models.Model):
    """One thing that editions say (`Edition.says`), frozen: of which initiative, under which heading, in what words."""

    class Heading(models.TextChoices):
        STATE_OF_PLAY = "state_of_play", "State of play"
        OPPORTUNITIES = "opportunities", "Opportunities"
        BARRIERS = "barriers", "Barriers"
        DUE = "due", "Due and overdue"

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="+")
    heading = models.CharField(max_length=15, choices=Heading.choices)
    content = models.JSONField(help_text="The words, frozen when the edition was built.")
    # Kept, not worked out: looking for a common word would read the content of every item that holds it.
    words = models.GeneratedField(
        expression=item_words(), output_field=SearchVectorField(), db_persist=True, editable=False
    )

    objects: ClassVar[ItemManager] = ItemManager()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="digest_item_words")]

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
    telling_at = models.DateTimeField(
        null=True, blank=True, help_text="When a worker last took it upon itself to tell of it."
    )
    told_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When secretaries (or administrators) had been told that it is paused.",
    )

    def __str__(self) -> str:
        return f"{self.user}, refused {self.times} times"

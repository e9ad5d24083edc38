"""When a working group meets."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from register.accounts.models import WorkingGroup
from register.accounts.permissions import Scope
from register.core.tracking import tracked


class Meeting(models.Model):
    """When and where a working group meets."""

    group = models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name="meetings")
    starts_at = models.DateTimeField()
    where = models.CharField("place or link", max_length=200, blank=True)
    note = models.TextField(blank=True)
    began_at = models.DateTimeField(null=True, blank=True, help_text="When its pack was frozen.")
    ended_at = models.DateTimeField(null=True, blank=True)
    present = models.TextField("present and apologies", blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["-starts_at"]
        constraints = [
            models.UniqueConstraint(fields=["group", "starts_at"], name="meeting_once"),
            models.CheckConstraint(
                name="meeting_begins_before_it_ends",
                condition=Q(ended_at=None) | Q(began_at__isnull=False, ended_at__gte=F("began_at")),
            ),
        ]
        triggers = [tracked()]

    def __str__(self) -> str:
        return f"{self.group}, {self.starts_at:%-d %B %Y}"

    @property
    def is_on(self) -> bool:
        """It has begun, and nobody has ended it."""
        return self.began_at is not None and self.ended_at is None

    def permission_scope(self) -> Scope:
        return Scope(groups=frozenset({self.group_id}))

"""What somebody asks a working group to look at."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from register.accounts.models import WorkingGroup
from register.core.clock import RegisterNow
from register.core.tracking import tracked
from register.groups.models.decision import Decision
from register.groups.querysets import FlagQuerySet
from register.initiatives.models import Initiative


class ReviewFlag(models.Model):
    """A contributor's request that a group look at an initiative. A decision settles it."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="review_flags")
    group = models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name="review_flags")
    why = models.TextField()
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    raised_at = models.DateTimeField(db_default=RegisterNow())
    settled_by = models.ForeignKey(
        Decision, null=True, blank=True, on_delete=models.CASCADE, related_name="settled_flags"
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[FlagQuerySet] = FlagQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["raised_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["group", "initiative"],
                condition=Q(settled_by=None, withdrawn_at=None),
                name="flagged_once",
                violation_error_message="That group has been asked to look at it already.",
            ),
            models.CheckConstraint(name="flag_says_why", condition=~Q(why="")),
        ]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return f"{self.initiative}, for {self.group}"

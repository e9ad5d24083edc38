"""Saved views: a named set of filter parameters."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from register.accounts.models import User, WorkingGroup
from register.core.clock import RegisterNow
from register.core.tracking import tracked


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> SavedViewQuerySet:
        """One's own, those shared with one's groups; all for administrators and auditors."""
        if not user.is_authenticated:
            return self.none()
        if user.holdings.sees_everything:
            return self.all()
        return self.filter(models.Q(owner=user) | models.Q(groups__in=list(user.holdings.groups))).distinct()


class SavedView(models.Model):
    """A filter under a name. `parameters` maps a parameter's name to its list of values, in codes."""

    name = models.CharField(max_length=120)
    parameters = models.JSONField(default=dict, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="saved_views"
    )
    groups = models.ManyToManyField(WorkingGroup, blank=True, related_name="shared_views")
    created_at = models.DateTimeField(db_default=RegisterNow())
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[SavedViewQuerySet] = SavedViewQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["name"]
        triggers = [tracked()]

    def __str__(self) -> str:
        return self.name

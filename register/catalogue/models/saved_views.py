"""Saved views, whom they are shared with, and what people follow."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from register.accounts.models import WorkingGroup
from register.catalogue.querysets import SavedViewQuerySet
from register.core.clock import RegisterNow
from register.core.tracking import tracked
from register.initiatives.models import Initiative


class SavedView(models.Model):
    """A filter under a name, with the columns and the order to show it in.

    `parameters` maps a parameter's name to its list of values, in codes. Without an owner it is its groups'.
    """

    name = models.CharField(max_length=120)
    parameters = models.JSONField(default=dict, blank=True)
    columns = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    sort = models.CharField(max_length=40, blank=True, default="")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="saved_views"
    )
    groups = models.ManyToManyField(
        WorkingGroup, through="SavedViewGroup", blank=True, related_name="shared_views"
    )
    created_at = models.DateTimeField(db_default=RegisterNow())
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[SavedViewQuerySet] = SavedViewQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["name"]
        triggers = [tracked()]

    def __str__(self) -> str:
        return self.name


class SavedViewGroup(models.Model):
    """A working group that a view is shared with."""

    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="shares")
    group = models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name="view_shares")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["view", "group"], name="view_shared_once")]
        triggers = [tracked()]

    def __str__(self) -> str:
        return f"{self.view}, shared with {self.group}"


class ViewFollow(models.Model):
    """Somebody who wants to be told what the matches of a view did."""

    view = models.ForeignKey(SavedView, on_delete=models.CASCADE, related_name="follows")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="view_follows"
    )
    since = models.DateTimeField(db_default=RegisterNow())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["view", "person"], name="view_followed_once")]

    def __str__(self) -> str:
        return f"{self.person} follows {self.view}"


class InitiativeFollow(models.Model):
    """Somebody who wants to be told what happens to an initiative."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="follows")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="initiative_follows"
    )
    since = models.DateTimeField(db_default=RegisterNow())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["initiative", "person"], name="initiative_followed_once")
        ]

    def __str__(self) -> str:
        return f"{self.person} follows {self.initiative}"

"""What a working group looks at."""

from __future__ import annotations

from django.db import models

from register.accounts.models import WorkingGroup
from register.catalogue.models import SavedView
from register.core.tracking import tracked


class Remit(models.Model):
    """What a working group looks at: a saved view."""

    group = models.OneToOneField(WorkingGroup, on_delete=models.CASCADE, related_name="remit")
    view = models.ForeignKey(SavedView, on_delete=models.PROTECT, related_name="remits")

    class Meta:
        triggers = [tracked()]

    def __str__(self) -> str:
        return f"{self.group}: {self.view}"

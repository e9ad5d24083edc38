"""Who took what out of the register, and when."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from register.accounts.models import User
from register.core.clock import RegisterNow
from register.core.tracking import tracked
from register.initiatives.vocabulary import Marking


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, user: User) -> ExportQuerySet:
        """One's own; all for administrators and auditors."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        return self.all() if user.holdings.sees_everything else self.filter(by=user)


class Export(models.Model):
    """One file that left the register. Written before its first byte does; never changed."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel (XLSX)"
        JSON = "json", "JSON"

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="exports"
    )
    at = models.DateTimeField(db_default=RegisterNow())
    what = models.CharField(max_length=20)
    format = models.CharField(max_length=4, choices=Format.choices)
    parameters = models.JSONField(default=dict, blank=True, help_text="Which initiatives, sort and columns.")
    rows = models.PositiveIntegerField(help_text="Initiatives; of one part, its lines.")
    marking = models.CharField(max_length=20, choices=Marking.choices)

    objects: ClassVar[ExportQuerySet] = ExportQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["by", "-at"], name="export_by_person")]
        triggers = [tracked()]

    def __str__(self) -> str:
        return f"{self.what}, {self.get_format_display()}, {self.rows:,} rows"

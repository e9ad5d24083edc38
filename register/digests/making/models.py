"""That the database was restored from a backup: what its numbers of transactions mean ends there."""

from __future__ import annotations

from django.db import models


class Restoration(models.Model):
    """A restored database counts its transactions anew, so snapshots and rows from before mean nothing after it.

    Up to these keys, rows are of the life before.
    """

    at = models.DateTimeField()
    last_change = models.BigIntegerField()
    last_edition = models.BigIntegerField()
    told_until = models.DateTimeField(
        null=True,
        blank=True,
        help_text="What happened before was told by digests that the backup does not know.",
    )

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Restored on {self.at:%-d %B %Y}"

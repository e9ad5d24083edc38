"""What counting asks of every record, packed by blocks of records, so that a page counts without reading them."""

from __future__ import annotations

from uuid import uuid4

from django.db import models

# Records of a block: those whose keys agree but for the last thirteen bits.
BLOCK_BITS = 13
BLOCK = 1 << BLOCK_BITS


class TalliedBlock(models.Model):
    """The facts of a block of records (`register.catalogue.tallies`), as they were when it was tallied.

    Each time it is tallied its stamp is another, so that whoever keeps it in memory knows whether it is still that.
    """

    block = models.IntegerField(primary_key=True, help_text="The key of its records, without the last bits.")
    stamp = models.UUIDField(default=uuid4)
    content = models.BinaryField()

    def __str__(self) -> str:
        return f"block {self.block}"


class Untallied(models.Model):
    """A record that changed since its block was tallied: read by itself until it is tallied again.

    The database writes it (`register/migrations/_tallies.py`). No foreign key: a record that is gone counts no more.
    """

    initiative_id = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["initiative_id"], name="untallied_initiative")]

    def __str__(self) -> str:
        return f"initiative {self.initiative_id}"

"""Which records each choice of the filter panel counts, a bit for each record, so that counting reads few rows."""

from __future__ import annotations

from typing import Any

from django.db import models

# Records of a block: those whose keys agree but for the last thirteen bits.
BLOCK_BITS = 13
BLOCK = 1 << BLOCK_BITS


class BitsField(models.Field):
    """A bit for each record of a block, the first for the lowest key; a text of 0 and 1 in Python."""

    def db_type(self, connection: Any) -> str:
        return f"bit({BLOCK})"


class Tally(models.Model):
    """The records of a block that one choice of a question counts.

    Questions and codes are those of the filter panel, with four more: `kept` (not deleted), `everyone` (seen by
    everybody), `example` (fictional) and `day` (freshness is as on the day that is the code).
    """

    question = models.CharField(max_length=20)
    code = models.CharField(max_length=100, blank=True)
    block = models.IntegerField(help_text="The key of its records, without the last thirteen bits.")
    bits = BitsField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["question", "code", "block"], name="tally_once")]
        indexes = [models.Index(fields=["block"], name="tallies_of_block")]

    def __str__(self) -> str:
        return f"{self.question} {self.code}, block {self.block}"


class Untallied(models.Model):
    """A record that changed since its block was tallied: counted by itself until it is tallied again.

    The database writes it (`register/migrations/_tallies.py`). No foreign key: a record that is gone counts no more.
    """

    initiative_id = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["initiative_id"], name="untallied_initiative")]

    def __str__(self) -> str:
        return f"initiative {self.initiative_id}"

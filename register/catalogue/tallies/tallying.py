"""Keeping the blocks: what has changed is tallied again, by whoever comes first."""

from __future__ import annotations

from django.db import connection, transaction

from register.catalogue.models import BLOCK, BLOCK_BITS, TalliedBlock
from register.catalogue.tallies.blocks import Block
from register.catalogue.tallies.facts import facts_of_block

# Any number, the same for all who tally: one at a time.
LOCK = 4_817_001


def tally() -> int:
    """Tally again the blocks of what has changed. How many blocks; 0 while another does it.

    What changes meanwhile stays untallied: only marks that were there at the start are taken away.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            if cursor.fetchone() != (True,):
                return 0
            cursor.execute(
                "WITH taken AS (DELETE FROM register_untallied RETURNING initiative_id)"
                " SELECT DISTINCT initiative_id >> %s FROM taken ORDER BY 1",
                [BLOCK_BITS],
            )
            numbers = [number for (number,) in cursor.fetchall()]
        for number in numbers:
            first = number << BLOCK_BITS
            block = Block.of(facts_of_block(first, first + BLOCK))
            TalliedBlock.objects.filter(block=number).delete()
            if block.bits:
                TalliedBlock.objects.create(block=number, content=block.packed())
    return len(numbers)

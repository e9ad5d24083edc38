"""Making the tallies: a block of records read once, and for each choice the bits of those that it counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.db import connection, transaction
from django.db.models import F, TextField
from django.db.models.functions import Cast

from register.accounts.roles import Audience
from register.catalogue.facets import Facet, facets_of
from register.catalogue.grouping import with_freshness
from register.catalogue.models import BLOCK, BLOCK_BITS, CatalogueEntry, Tally
from register.catalogue.models.sets import CodesField
from register.catalogue.tallies import OF_A_DAY
from register.initiatives.models import Initiative

SETS = {f"entry__{field.name}" for field in CatalogueEntry._meta.fields if isinstance(field, CodesField)}
# Any number, the same for all who tally: one at a time.
LOCK = 4_817_001


def tally(*, on: date) -> int:
    """Tally again the blocks of what has changed, and those of another day. How many blocks; 0 while another does it.

    What changes meanwhile stays untallied: only marks that were there at the start are taken away.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
            if cursor.fetchone() != (True,):
                return 0
            cursor.execute(
                "WITH taken AS (DELETE FROM register_untallied RETURNING initiative_id)"
                " SELECT DISTINCT initiative_id >> %s FROM taken UNION"
                " (SELECT block FROM register_tally WHERE question = 'kept'"
                " EXCEPT SELECT block FROM register_tally WHERE question = 'day' AND code = %s)",
                [BLOCK_BITS, str(on)],
            )
            blocks = sorted(block for (block,) in cursor.fetchall())
        facets = list(facets_of({}).values()) if blocks else []
        for block in blocks:
            _tally_block(block, facets, on)
    return len(blocks)


def _tally_block(block: int, facets: Sequence[Facet], on: date) -> None:
    columns = sorted({facet.column for facet in facets})
    first = block << BLOCK_BITS
    rows = (
        with_freshness(Initiative.objects.kept(), on)
        .filter(pk__gte=first, pk__lt=first + BLOCK, entry__isnull=False)
        .order_by()
        .annotate(
            **{
                # Sets as the texts that they are kept as.
                f"told_{index}": Cast(F(name), TextField()) if name in SETS else F(name)
                for index, name in enumerate(columns)
            }
        )
        .values_list("pk", "audience", "is_fictional", *(f"told_{index}" for index in range(len(columns))))
    )
    bits: dict[tuple[str, str], bytearray] = defaultdict(lambda: bytearray(b"0" * BLOCK))
    known: dict[tuple[str, str], list[str]] = {}
    for pk, audience, is_fictional, *told in rows:
        at = pk - first
        values = dict(zip(columns, told, strict=True))
        marks = [("kept", ""), ("day", str(on))]
        if audience == Audience.EVERYONE:
            marks.append(("everyone", ""))
        if is_fictional:
            marks.append(("example", ""))
        for facet in facets:
            value = values[facet.column]
            if (facet.name, value) not in known:
                known[facet.name, value] = [choice for choice in facet.choices_of(value) if choice]
            day = f"{on} " if facet.name == OF_A_DAY else ""
            marks += [(facet.name, f"{day}{choice}") for choice in known[facet.name, value]]
        for mark in marks:
            bits[mark][at] = ord("1")
    Tally.objects.filter(block=block).delete()
    Tally.objects.bulk_create(
        Tally(question=question, code=code, block=block, bits=text.decode())
        for (question, code), text in bits.items()
    )

"""Proving the ledger: every row hashed again, in the order it was sealed, and held against its seal.

Nothing here trusts the database's own functions: the owner, who could change a row, could change those too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, pairwise
from typing import Any

from django.db import connection, transaction

from register.history.models import Seal

BATCH = 2000
MOST_TOLD = 10

# As register_leaf() has it (register/migrations/_seals.py); a test holds the two together.
LEAF = """sha256(convert_to(jsonb_build_array(
    c.id, c.tx::text, to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), c.table_name, c.object_id,
    c.root_id, c.operation, c.before, c.after, c.actor_id, c.source, c.request_id, c.reason)::text, 'UTF8'))"""
_ROWS = f"SELECT c.tx::text::numeric, c.id, {LEAF} FROM register_change c WHERE c.id > %s AND c.id <= %s ORDER BY c.tx, c.id"  # noqa: S608, E501
FIRST_ID, LAST_ID = -(2**63), 2**63 - 1

Row = tuple[int, int, bytes]


@dataclass(frozen=True)
class Proof:
    """What checking found: `broken` says where the chain first breaks, empty where it is whole."""

    broken: str
    sealed: int
    seals: int
    unsealed: int
    newest: str
    sealed_at: datetime | None
    has_anchor: bool


def prove(*, anchor: str = "") -> Proof:
    """Check the whole ledger in one pass; memory does not grow with its rows. Stops at the first break.

    `anchor` is a seal's hash that was kept elsewhere: whoever owns the database can write the chain anew from any row
    on, or take its newest seals away, but not so that it holds that hash.
    """
    with transaction.atomic():
        seals = list(Seal.objects.defer("ids", "leaves").order_by("number"))
        broken, unsealed = _walk(seals)
    last = seals[-1] if seals else None
    return Proof(
        broken=broken,
        sealed=sum(seal.rows for seal in seals),
        seals=len(seals),
        unsealed=unsealed,
        newest=last.hash if last else "",
        sealed_at=last.sealed_at if last else None,
        has_anchor=not anchor or any(seal.hash == anchor for seal in seals),
    )


def _walk(seals: list[Seal]) -> tuple[str, int]:
    """The first break ("" for none), and how many rows no seal covers."""
    broken = _chain(seals)
    if broken:
        return broken, 0
    eras = [list(group) for _, group in groupby(seals, key=lambda seal: seal.above)] or [[]]
    floors = [FIRST_ID, *(era[0].above for era in eras[1:])]
    unsealed = 0
    for era, (above, below) in zip(eras, pairwise([*floors, LAST_ID]), strict=True):
        broken, unsealed = _era(era, _rows(above, below))
        if not broken and unsealed and below != LAST_ID:
            broken = f"{unsealed:,} rows above number {above} are in no seal: they were added."
        if broken:
            return broken, 0
    return "", unsealed


def _chain(seals: list[Seal]) -> str:
    """Whether each seal follows the one before it."""
    before, number = "", 0
    for seal in seals:
        if seal.number != number + 1:
            return f"Seal {number + 1} is missing."
        if seal.previous != before:
            return f"Seal {seal.number} does not follow from seal {number}: one of the two was changed."
        before, number = seal.hash, seal.number
    return ""


def _rows(above: int, below: int) -> Iterator[Row]:
    """Rows in the order of their transactions, with their hashes."""
    chunked: Any = connection.chunked_cursor()
    with chunked as cursor:
        cursor.itersize = BATCH
        cursor.execute(_ROWS, [above, below])
        for tx, pk, leaf in cursor:
            yield int(tx), pk, bytes(leaf)


def _era(seals: list[Seal], rows: Iterator[Row]) -> tuple[str, int]:
    row = next(rows, None)
    for seal in seals:
        found: list[Row] = []
        digest = hashlib.sha256()
        while row is not None and row[:2] < (seal.to_tx, seal.to_id):
            digest.update(row[2])
            if len(found) <= seal.rows + MOST_TOLD:
                found.append(row)
            row = next(rows, None)
        if _hash_of(seal, digest.hexdigest()) != seal.hash:
            return _what_broke(seal, found), 0
    return "", (0 if row is None else 1 + sum(1 for _ in rows))


def _hash_of(seal: Seal, leaves: str) -> str:
    """A seal's hash, as register_seal_next() makes it: Python writes a JSON array of these as PostgreSQL does."""
    told: list[Any] = [
        seal.number, seal.previous, seal.above, str(seal.to_tx), seal.to_id, seal.rows, seal.last_id,
        seal.sealed_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"), leaves,
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _what_broke(seal: Seal, found: list[Row]) -> str:
    ids, leaves = Seal.objects.values_list("ids", "leaves").get(pk=seal.pk)
    told = bytes(leaves)
    which = f"Seal {seal.number} of {seal.sealed_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC does not hold"
    if _hash_of(seal, hashlib.sha256(told).hexdigest()) != seal.hash or len(told) != 32 * len(ids):
        return f"{which}: the seal itself was changed."
    was = {pk: told[32 * place : 32 * place + 32] for place, pk in enumerate(ids)}
    now = {pk: leaf for _, pk, leaf in found}
    parts = [
        _listed("changed", [pk for pk in was if pk in now and was[pk] != now[pk]]),
        _listed("missing", [pk for pk in was if pk not in now]),
        _listed("added", [pk for pk in now if pk not in was]),
    ]
    return f"{which}: {'; '.join(part for part in parts if part) or 'its rows stand in another order'}."


def _listed(what: str, keys: list[int]) -> str:
    if not keys:
        return ""
    more = f" and {len(keys) - MOST_TOLD:,} more" if len(keys) > MOST_TOLD else ""
    return f"{'row' if len(keys) == 1 else 'rows'} {', '.join(map(str, keys[:MOST_TOLD]))}{more} {what}"

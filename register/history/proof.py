"""Proving the ledger: every row hashed again, in the order it was sealed, and held against its seal.

Nothing here trusts the database's own functions: the owner, who could change a row, could change those too.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from django.db import connection, transaction

from register.history import sealing
from register.history.models import Seal

BATCH = 2000
MOST_TOLD = 10

# As register_leaf() has it (register/migrations/_seals.py); a test holds the two together.
LEAF = """sha256(convert_to(jsonb_build_array(
    c.id, c.tx::text, to_char(c.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), c.table_name, c.object_id,
    c.root_id, c.operation, c.before, c.after, c.actor_id, c.source, c.request_id, c.reason)::text, 'UTF8'))"""
_ROWS = f"""
    SELECT c.tx::text::numeric, c.id, {LEAF}, c.at, c.source FROM register_change c
     WHERE c.id > %s AND c.id <= %s ORDER BY c.tx, c.id"""  # noqa: S608 names of ours
# What each seal keeps beside its hash, and when the one before it was made.
_KEPT = """
    SELECT number, sha256(leaves), sha256(convert_to(array_to_string(ids, ','), 'UTF8')),
           lag(sealed_at) OVER (ORDER BY number)
      FROM register_seal"""
# No transaction with such a number has begun: told by the statement's own snapshot, which sees no row of a later one.
_NOT_BEGUN = "SELECT min(id) FROM register_change WHERE tx >= pg_snapshot_xmax(pg_current_snapshot())"
FIRST_ID, LAST_ID = -(2**63), 2**63 - 1
# How much earlier than the seal before it a row may be timed: longer than a transaction runs.
EARLIEST = timedelta(days=1)
# How far a clock that was put right may have been ahead.
AHEAD = timedelta(hours=1)
# The loader of samples sets the clock, as the owner, and says so in each row.
SETS_THE_CLOCK = "sample"

Row = tuple[int, int, bytes, datetime, str]


@dataclass(frozen=True)
class Proof:
    """What checking found: `broken` says where the chain first breaks, empty where it is whole.

    `late` says what no seal covers though one should: nothing is proved of it, and the owner may have added it.
    """

    broken: str
    sealed: int
    seals: int
    unsealed: int
    newest: str
    sealed_at: datetime | None
    has_anchor: bool
    late: str = ""


def prove(*, now: datetime, anchor: str = "") -> Proof:
    """Check the whole ledger in one pass; memory does not grow with its rows. Stops at the first break.

    `anchor` is a seal's hash that was kept elsewhere: whoever owns the database can write the chain anew from any row
    on, or take its newest seals away, but not so that it holds that hash.
    """
    with transaction.atomic():
        seals = list(Seal.objects.defer("ids", "leaves").order_by("number"))
        broken, unsealed = _walk(seals)
        late = "" if broken or not unsealed else _late(seals, unsealed, now)
    last = seals[-1] if seals else None
    return Proof(
        broken=broken,
        sealed=sum(seal.rows for seal in seals),
        seals=len(seals),
        unsealed=unsealed,
        newest=last.hash if last else "",
        sealed_at=last.sealed_at if last else None,
        has_anchor=not anchor or any(seal.hash == anchor for seal in seals),
        late=late,
    )


def _late(seals: list[Seal], number: int, now: datetime) -> str:
    """What is wrong with rows that no seal covers; "" where they are only new."""
    if not seals:
        return f"{number:,} changes and no seal: none was made yet, or all were taken away."
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::numeric")
        following = int(cursor.fetchone()[0])
        # In a database that was restored into another server old numbers are higher, until the next seal.
        if following >= int(seals[-1].to_tx):
            cursor.execute(_NOT_BEGUN)
            [forged] = cursor.fetchone()
            if forged is not None:
                return f"row {forged} is of a transaction that has not begun: it was added."
    old = sealing.unsealed().filter(at__lt=now - sealing.GRACE).count()
    if old:
        return f"{old:,} changes of more than an hour ago are in no seal: see /health/ and the worker’s log."
    return ""


def _walk(seals: list[Seal]) -> tuple[str, int]:
    """The first break ("" for none), and how many rows no seal covers."""
    broken = _chain(seals)
    if broken:
        return broken, 0
    kept = _kept()
    eras = [list(group) for _, group in groupby(seals, key=lambda seal: seal.above)] or [[]]
    floors = [FIRST_ID, *(era[0].above for era in eras[1:])]
    unsealed = 0
    for era, (above, below) in zip(eras, pairwise([*floors, LAST_ID]), strict=True):
        broken, unsealed = _era(era, _rows(above, below), kept)
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
        for tx, pk, leaf, at, source in cursor:
            yield int(tx), pk, bytes(leaf), at, source


class _Kept(NamedTuple):
    """Of a seal the hashes of its leaves and of its list of rows, and when the one before it was made."""

    leaves: bytes
    ids: bytes
    before: datetime | None


def _kept() -> dict[int, _Kept]:
    with connection.cursor() as cursor:
        cursor.execute(_KEPT)
        return {
            number: _Kept(bytes(leaves), bytes(ids), before)
            for number, leaves, ids, before in cursor.fetchall()
        }


def _era(seals: list[Seal], rows: Iterator[Row], kept: dict[int, _Kept]) -> tuple[str, int]:
    row = next(rows, None)
    for seal in seals:
        found: list[Row] = []
        digest, listed = hashlib.sha256(), hashlib.sha256()
        strange = ""
        while row is not None and row[:2] < (seal.to_tx, seal.to_id):
            digest.update(row[2])
            listed.update(f"{',' if found else ''}{row[1]}".encode())
            strange = strange or _strange(row, seal, kept[seal.number].before)
            if len(found) <= seal.rows + MOST_TOLD:
                found.append(row)
            row = next(rows, None)
        if _hash_of(seal, digest.hexdigest()) != seal.hash:
            return _what_broke(seal, found), 0
        if kept[seal.number][:2] != (digest.digest(), listed.digest()):
            return f"Seal {seal.number} lists other rows than it was made of: the list was changed.", 0
        if strange:
            return strange, 0
    return "", (0 if row is None else 1 + sum(1 for _ in rows))


def _strange(row: Row, seal: Seal, before: datetime | None) -> str:
    """What is wrong with when a row says it was written, by when it was sealed and the seal before it was made.

    Who adds a row to what is not sealed yet can choose its time: far from the others' it is found.
    """
    _, pk, _, at, source = row
    if source == SETS_THE_CLOCK or (
        at <= seal.sealed_at + AHEAD and (before is None or at >= before - EARLIEST)
    ):
        return ""
    return (
        f"Row {pk} says that it is of {at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC and was sealed on"
        f" {seal.sealed_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC: it was added, or the clock was set."
    )


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
    now = {pk: leaf for _, pk, leaf, _, _ in found}
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

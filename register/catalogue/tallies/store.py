"""The blocks in the memory of whoever counts: read once, and again when their stamp has changed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from uuid import UUID

from django.db import connection

from register.catalogue.models import BLOCK_BITS, TalliedBlock
from register.catalogue.tallies.blocks import NOTHING, Block, Code
from register.catalogue.tallies.columns import Column
from register.catalogue.tallies.freshness import fresh

# Stamps and marks in one statement, so in one snapshot: what has changed since a stamp is marked. The marks of another
# database, or of this one before it was restored, are others.
_STATE = """
    SELECT (SELECT coalesce(jsonb_object_agg(block, stamp), '{}')::text FROM register_talliedblock),
           (SELECT coalesce(jsonb_object_agg(initiative_id, marks), '{}')::text
              FROM (SELECT initiative_id, string_agg(id::text, ' ' ORDER BY id) AS marks
                      FROM register_untallied GROUP BY initiative_id) AS untallied),
           (SELECT oid FROM pg_database WHERE datname = current_database()) || ' ' || pg_postmaster_start_time()
"""
# By the key of a record that changed since it was tallied, what says which changes of it there have been.
Marked = dict[int, str]


@dataclass(frozen=True)
class Blocks:
    """Blocks by their number. What has been joined of them is kept with them; a new block makes new `Blocks`."""

    blocks: Mapping[int, Block] = field(default_factory=dict)
    stamps: Mapping[int, UUID] = field(default_factory=dict)
    _joined: dict[Code, int] = field(default_factory=dict)
    _columns: dict[str, Column] = field(default_factory=dict)

    def with_these(self, blocks: Mapping[int, Block], stamps: Mapping[int, UUID], among: set[int]) -> Blocks:
        """The same with some blocks new, and none but those `among` these."""
        return Blocks(
            {number: block for number, block in {**self.blocks, **blocks}.items() if number in among},
            {number: stamp for number, stamp in {**self.stamps, **stamps}.items() if number in among},
        )

    def bits(self, question: str, code: str) -> int:
        """A bit for each record that the code counts, at the place that is its key."""
        mark = (question, code)
        if mark not in self._joined:
            self._joined[mark] = _joined(
                {n: block.bits[mark] for n, block in self.blocks.items() if mark in block.bits}
            )
        return self._joined[mark]

    def fresh(self, code: str, on: date) -> int:
        """The same for how fresh they are on a day."""
        mark = (f"fresh {on}", code)
        if mark not in self._joined:
            self._joined[mark] = fresh(self, code, on)
        return self._joined[mark]

    def codes(self, question: str) -> tuple[str, ...]:
        """The codes of a question that count something."""
        return self._by_question.get(question, ())

    @cached_property
    def _by_question(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = defaultdict(dict)
        for block in self.blocks.values():
            for name, code in block.bits:
                found[name][code] = None
        return {name: tuple(codes) for name, codes in found.items()}

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of amounts that occur."""
        return frozenset(name for block in self.blocks.values() for name in block.amounts)

    def column(self, name: str) -> Column:
        """All values under a name with the keys of their records, in their order."""
        if name not in self._columns:
            self._columns[name] = Column.joined(
                Column((number << BLOCK_BITS) + block.amounts[name].keys, block.amounts[name].values)
                for number, block in sorted(self.blocks.items())
                if name in block.amounts
            )
        return self._columns[name]

    @property
    def end(self) -> int:
        """All keys of their records are below this; it is a multiple of eight."""
        return (max(self.blocks, default=-1) + 1) << BLOCK_BITS


_kept = Blocks()


def current() -> tuple[Blocks, Marked]:
    """The blocks as they are tallied, and the records that have changed since: one query, one more for new blocks."""
    global _kept
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_STATE)
            [(told, untallied, where)] = cursor.fetchall()
        marked = {int(key): f"{where} {marks}" for key, marks in json.loads(untallied).items()}
        stamps = {int(number): UUID(stamp) for number, stamp in json.loads(told).items()}
        kept = _kept
        if kept.stamps == stamps:
            return kept, marked
        missing = [number for number, stamp in stamps.items() if kept.stamps.get(number) != stamp]
        # Tallied once more meanwhile? Then the next look at the stamps says so.
        rows = TalliedBlock.objects.filter(block__in=missing) if missing else ()
        found = {row.block: (row.stamp, Block.unpacked(bytes(row.content))) for row in rows}
        _kept = kept.with_these(
            {number: block for number, (_, block) in found.items()},
            {number: stamp for number, (stamp, _) in found.items()},
            set(stamps),
        )
        if _kept.stamps == stamps:
            return _kept, marked


def _joined(parts: Mapping[int, bytes]) -> int:
    """The bits of blocks as one number."""
    if not parts:
        return 0
    packed = b"".join(parts.get(number, NOTHING) for number in range(max(parts) + 1))
    return int.from_bytes(packed, "little")


def last_keys(bits: int, number: int) -> list[int]:
    """So many of the keys whose bits are set, the highest first."""
    found: list[int] = []
    while bits and len(found) < number:
        found.append(bits.bit_length() - 1)
        bits ^= 1 << found[-1]
    return found


def bits_of(pks: Iterable[int]) -> int:
    """A bit for each of these keys."""
    pks = list(pks)
    packed = bytearray((max(pks, default=0) >> 3) + 1)
    for pk in pks:
        packed[pk >> 3] |= 1 << (pk & 7)
    return int.from_bytes(packed, "little")


def those_in(bits: int, pks: Iterable[int]) -> list[int]:
    """Those of the keys whose bits are set, in their order: for few keys, where `keys_of` looks at all bits."""
    packed = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    return [pk for pk in pks if pk >> 3 < len(packed) and packed[pk >> 3] >> (pk & 7) & 1]


def keys_of(bits: int) -> Iterator[int]:
    """The keys whose bits are set, lowest first."""
    packed = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    for at, byte in enumerate(packed):
        while byte:
            low = byte & -byte
            yield at * 8 + low.bit_length() - 1
            byte ^= low

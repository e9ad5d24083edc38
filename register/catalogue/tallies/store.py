"""The blocks in the memory of whoever counts: read once, and again when their stamp has changed."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import compress
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from register.catalogue.models import BLOCK, BLOCK_BITS, TalliedBlock
from register.catalogue.tallies.blocks import BYTES, NOTHING, Amounts, Block, Code
from register.catalogue.tallies.facts import Names, facts_of

# Stamps and marks in one statement, so in one snapshot: what has changed since a stamp is marked.
_STATE = """
    SELECT (SELECT coalesce(jsonb_object_agg(block, stamp), '{}')::text FROM register_talliedblock),
           array(SELECT DISTINCT initiative_id FROM register_untallied)
"""
_ONES = bytes.maketrans(b"01", b"\x00\x01")


class Chosen(NamedTuple):
    """Values under a name in a block, of which some records are chosen. Nothing is picked out before it is asked."""

    name: str
    first: int  # the key of the block's first record
    amounts: Amounts
    hits: int  # the chosen records that have a value, in bits
    chosen: bytes  # a byte for each record of the block: 1 for those that are chosen

    @property
    def values(self) -> Iterable[int]:
        if self._is_few:
            return [value for _, value in self._few()]
        return compress(self.amounts.values, self._selected())

    def pairs(self, wanted: Set[int] | None = None) -> Iterator[tuple[int, int]]:
        """Value and key of a record, for each value or for those that are wanted."""
        if self._is_few:
            for place, value in self._few():
                if wanted is None or value in wanted:
                    yield value, self.first + place
            return
        # Whole columns at a time, which is many times as fast as value by value.
        selected = self._selected()
        places: Iterable[int] = compress(
            EVERY_PLACE if self.amounts.is_dense else self.amounts.offsets, selected
        )
        values: Iterable[int] = compress(self.amounts.values, selected)
        if wanted is not None:
            values = list(values)
            hits = bytes(map(wanted.__contains__, values))
            places, values = compress(places, hits), compress(values, hits)
        for place, value in zip(places, values, strict=True):
            yield value, self.first + place

    @property
    def _is_few(self) -> bool:
        """Whether to look each of the chosen up is less than to go through all that have a value."""
        return 16 * self.hits.bit_count() < len(self.amounts.values)

    def _few(self) -> Iterator[tuple[int, int]]:
        offsets, values, hits = self.amounts.offsets, self.amounts.values, self.hits
        while hits:
            low = hits & -hits
            hits ^= low
            place = low.bit_length() - 1
            if self.amounts.is_dense:
                yield place, values[place]
                continue
            at = bisect_left(offsets, place)
            while at < len(offsets) and offsets[at] == place:
                yield place, values[at]
                at += 1

    def _selected(self) -> bytes:
        """A byte for each value: 1 for those of chosen records."""
        if self.amounts.is_dense:
            return _bytes_of(self.hits)
        return bytes(map(self.chosen.__getitem__, self.amounts.offsets))


EVERY_PLACE = range(BLOCK)


def _bytes_of(bits: int) -> bytes:
    """A byte for each record of a block: 1 where its bit is set."""
    return format(bits, f"0{BLOCK}b").encode().translate(_ONES)[::-1]


@dataclass(frozen=True)
class Blocks:
    """Blocks by their number. What has been joined of them is kept with them; a new block makes new `Blocks`."""

    blocks: Mapping[int, Block] = field(default_factory=dict)
    stamps: Mapping[int, UUID] = field(default_factory=dict)
    _joined: dict[Code, int] = field(default_factory=dict)
    _fresh: dict[tuple[int, date], Mapping[str, bytes]] = field(default_factory=dict)

    def with_these(self, blocks: Mapping[int, Block], stamps: Mapping[int, UUID], among: set[int]) -> Blocks:
        """The same with some blocks new, and none but those `among` these."""
        kept = {number: block for number, block in {**self.blocks, **blocks}.items() if number in among}
        # Threads share what is kept: a copy of the keys is one step, going through a dictionary is not.
        fresh = {
            key: bits for key, bits in list(self._fresh.items()) if key[0] in among and key[0] not in blocks
        }
        told = {number: stamp for number, stamp in {**self.stamps, **stamps}.items() if number in among}
        return Blocks(kept, told, _fresh=fresh)

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
            self._joined[mark] = _joined(
                {number: self._fresh_of(number, block, on)[code] for number, block in self.blocks.items()}
            )
        return self._joined[mark]

    def _fresh_of(self, number: int, block: Block, on: date) -> Mapping[str, bytes]:
        found = self._fresh.get((number, on))
        if found is None:
            found = self._fresh[number, on] = block.fresh(on)
            for key in list(self._fresh):
                if key[0] == number and key[1] != on:  # of another day
                    self._fresh.pop(key, None)
        return found

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

    def amounts(self, names: Iterable[str], spread: Mapping[int, tuple[int, bytes]]) -> Iterator[Chosen]:
        """The values under these names of the records chosen (see `spread`), block by block, where there are any."""
        names = list(names)
        for number, (bits, chosen) in spread.items():
            amounts = self.blocks[number].amounts
            for name in names:
                told = amounts.get(name)
                if told is not None and (hits := told.places & bits):
                    yield Chosen(name, number << BLOCK_BITS, told, hits, chosen)

    def spread(self, mask: int) -> dict[int, tuple[int, bytes]]:
        """A mask by block, as bits and with a byte for each record. Blocks with none are left out."""
        whole = mask.to_bytes(BYTES * (max(self.blocks, default=0) + 1) + BYTES, "little") if mask else b""
        found = {}
        for number in self.blocks:
            here = int.from_bytes(whole[number * BYTES : (number + 1) * BYTES], "little")
            if here:
                found[number] = here, _bytes_of(here)
        return found


_kept = Blocks()


def current() -> tuple[Blocks, tuple[int, ...]]:
    """The blocks as they are tallied, and the records that have changed since: one query, one more for new blocks."""
    global _kept
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_STATE)
            [(told, changed)] = cursor.fetchall()
        stamps = {int(number): UUID(stamp) for number, stamp in json.loads(told).items()}
        kept = _kept
        if kept.stamps == stamps:
            return kept, tuple(changed)
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
            return _kept, tuple(changed)


def blocks_of(pks: Iterable[int], names: Names) -> Blocks:
    """Blocks of some records alone, read now: one query."""
    by_block = defaultdict(list)
    for told in facts_of(list(pks)):
        by_block[told.pk >> BLOCK_BITS].append(told)
    return Blocks({number: Block.of(facts, names) for number, facts in by_block.items()})


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


def keys_of(bits: int) -> Iterator[int]:
    """The keys whose bits are set, lowest first."""
    packed = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    for at, byte in enumerate(packed):
        while byte:
            low = byte & -byte
            yield at * 8 + low.bit_length() - 1
            byte ^= low

"""A block of records packed: for each code the bits of those that it counts, for each amount whose and how much."""

from __future__ import annotations

import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from register.catalogue.models import BLOCK
from register.catalogue.tallies.columns import Column
from register.catalogue.tallies.facts import Facts, amounts_of, marks_of

BYTES = BLOCK // 8
NOTHING = bytes(BYTES)
Code = tuple[str, str]
# As they are kept: places within a block, and values.
PLACE, VALUE = np.dtype("<u2"), np.dtype("<i8")


@dataclass(frozen=True)
class Block:
    """The facts of up to `BLOCK` records, by their place (the last bits of their keys). Nobody changes it."""

    bits: Mapping[Code, bytes]
    amounts: Mapping[str, Column]

    @classmethod
    def of(cls, facts: Iterable[Facts]) -> Block:
        """Of facts in the order of their keys."""
        bits: dict[Code, bytearray] = defaultdict(lambda: bytearray(BYTES))
        amounts: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for told in facts:
            place = told.pk & (BLOCK - 1)
            byte, bit = place >> 3, 1 << (place & 7)
            for mark in marks_of(told):
                bits[mark][byte] |= bit
            for name, value in amounts_of(told):
                amounts[name].append((place, value))
        return cls(
            {mark: bytes(packed) for mark, packed in bits.items()},
            {name: Column.of(pairs) for name, pairs in amounts.items()},
        )

    def packed(self) -> bytes:
        """A head in JSON that says what follows, then the numbers; the lowest byte first on every machine."""
        head = {
            "bits": list(self.bits),
            "amounts": [(name, len(column.values)) for name, column in self.amounts.items()],
        }
        parts = [json.dumps(head, separators=(",", ":")).encode(), b"\n", *self.bits.values()]
        for column in self.amounts.values():
            parts += [column.keys.astype(PLACE).tobytes(), column.values.astype(VALUE).tobytes()]
        return zlib.compress(b"".join(parts), 1)

    @classmethod
    def unpacked(cls, content: bytes) -> Block:
        told, _, numbers = zlib.decompress(content).partition(b"\n")
        head, at = json.loads(told), 0
        bits: dict[Code, bytes] = {}
        for question, code in head["bits"]:
            bits[question, code] = numbers[at : at + BYTES]
            at += BYTES
        amounts = {}
        for name, length in head["amounts"]:
            places = np.frombuffer(numbers, PLACE, length, at)
            at += places.nbytes
            values = np.frombuffer(numbers, VALUE, length, at)
            at += values.nbytes
            amounts[name] = Column(places.astype(np.int64), values.astype(np.int64))
        return cls(bits, amounts)

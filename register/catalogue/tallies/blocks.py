"""A block of records packed: for each code the bits of those that it counts, for each amount whose and how much."""

from __future__ import annotations

import json
import zlib
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from sys import byteorder

from register.catalogue.choices import FRESHNESS
from register.catalogue.models import BLOCK
from register.catalogue.tallies.facts import Facts, Names, amounts_of, marks_of
from register.initiatives.vocabulary import Standing

BYTES = BLOCK // 8
NOTHING = bytes(BYTES)
Code = tuple[str, str]


@dataclass(frozen=True)
class Amounts:
    """Values under one name: `offsets[n]` is the record of `values[n]`, as its place in the block; in their order.

    Without offsets (`is_dense`) there is one value for each place, 0 for none: most records have one.
    """

    offsets: array[int]
    values: array[int]

    @classmethod
    def of(cls, offsets: array[int], values: array[int]) -> Amounts:
        if 2 * len(values) < BLOCK or len(set(offsets)) < len(offsets) or 0 in values:
            return cls(offsets, values)
        dense = array("q", bytes(8 * BLOCK))
        for place, value in zip(offsets, values, strict=True):
            dense[place] = value
        return cls(array("H"), dense)

    @property
    def is_dense(self) -> bool:
        return not self.offsets

    @cached_property
    def places(self) -> int:
        """A bit for each record that has a value: most selections of a few records meet few of them."""
        packed = bytearray(BYTES)
        for place in self.offsets or (place for place, value in enumerate(self.values) if value):
            packed[place >> 3] |= 1 << (place & 7)
        return int.from_bytes(packed, "little")


@dataclass(frozen=True)
class Block:
    """The facts of up to `BLOCK` records, by their place (the last bits of their keys). Nobody changes it."""

    bits: Mapping[Code, bytes]
    amounts: Mapping[str, Amounts]

    @classmethod
    def of(cls, facts: Iterable[Facts], names: Names) -> Block:
        """Of facts in the order of their keys."""
        bits: dict[Code, bytearray] = defaultdict(lambda: bytearray(BYTES))
        offsets: dict[str, array[int]] = defaultdict(lambda: array("H"))
        values: dict[str, array[int]] = defaultdict(lambda: array("q"))
        for told in facts:
            place = told.pk & (BLOCK - 1)
            byte, bit = place >> 3, 1 << (place & 7)
            for mark in marks_of(told, names):
                bits[mark][byte] |= bit
            for name, value in amounts_of(told):
                offsets[name].append(place)
                values[name].append(value)
        return cls(
            {mark: bytes(packed) for mark, packed in bits.items()},
            {name: Amounts.of(offsets[name], values[name]) for name in values},
        )

    def packed(self) -> bytes:
        """A head in JSON that says what follows, then the numbers; the lowest byte first on every machine."""
        head = {
            "bits": list(self.bits),
            "amounts": [(name, len(a.offsets), len(a.values)) for name, a in self.amounts.items()],
        }
        parts = [json.dumps(head, separators=(",", ":")).encode(), b"\n", *self.bits.values()]
        for amounts in self.amounts.values():
            parts += [_low_first(amounts.offsets).tobytes(), _low_first(amounts.values).tobytes()]
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
        for name, *numbers_of in head["amounts"]:
            offsets, values = array("H"), array("q")
            for some, number in zip((offsets, values), numbers_of, strict=True):
                size = number * some.itemsize
                some.frombytes(numbers[at : at + size])
                at += size
            amounts[name] = Amounts(_low_first(offsets), _low_first(values))
        return cls(bits, amounts)

    def fresh(self, on: date) -> dict[str, bytes]:
        """How fresh its records are on a day, by code of the filter: what `choices.freshness` says, in bits."""
        confirmed, due = self._by_place("confirmed"), self._by_place("due")
        active = self.bits.get(("standing", Standing.ACTIVE.value), NOTHING)
        kept = self.bits.get(("kept", ""), NOTHING)
        today = on.toordinal()
        found = {code: bytearray(BYTES) for code, _ in FRESHNESS}
        for byte in (place for place, some in enumerate(kept) if some):
            for bit_number in range(8):
                bit, place = 1 << bit_number, 8 * byte + bit_number
                if kept[byte] & bit:
                    is_late = active[byte] & bit and 0 < due[place] < today
                    code = "late" if is_late else _freshness(confirmed[place], today)
                    if code:
                        found[code][byte] |= bit
        return {code: bytes(packed) for code, packed in found.items()}

    def _by_place(self, name: str) -> Sequence[int]:
        """The one value of each record, 0 for none."""
        told = self.amounts.get(name)
        if told is not None and told.is_dense:
            return told.values
        found = [0] * BLOCK
        for place, value in zip(told.offsets, told.values, strict=True) if told else ():
            found[place] = value
        return found


def _freshness(confirmed: int, today: int) -> str:
    if not confirmed:
        return "never"
    if confirmed > today:
        return ""
    weeks = (today - confirmed) / 7
    return "3-months" if weeks < 13 else "6-months" if weeks < 26 else "12-months" if weeks < 5200 else ""


def _low_first(numbers: array[int]) -> array[int]:
    if byteorder == "little":
        return numbers
    turned = array(numbers.typecode, numbers)
    turned.byteswap()
    return turned

"""Values of records in columns: which record, how much, as arrays of numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]
NONE: Numbers = np.array([], np.int64)


class Column(NamedTuple):
    """Values: `values[n]` is of the record whose key is `keys[n]` (in a block, the last bits of it).

    Nobody changes it.
    """

    keys: Numbers
    values: Numbers

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, int]]) -> Column:
        """Of keys and values."""
        keys, values = np.array(list(pairs), np.int64).reshape(-1, 2).T
        return cls(np.ascontiguousarray(keys), np.ascontiguousarray(values))

    @classmethod
    def joined(cls, columns: Iterable[Column]) -> Column:
        """One after the other."""
        some = [column for column in columns if column.size]
        if len(some) < 2:
            return some[0] if some else EMPTY
        return cls(np.concatenate([one.keys for one in some]), np.concatenate([one.values for one in some]))

    @property
    def size(self) -> int:
        """How many values."""
        return self.values.size

    def where(self, wanted: Flags) -> Column:
        """Those for which it is true."""
        return Column(self.keys[wanted], self.values[wanted])

    def of_records(self, chosen: Flags) -> Column:
        """Those of the records at whose key it is true."""
        return self.where(chosen[self.keys]) if self.size else self

    def values_of(self, chosen: Flags) -> Numbers:
        """The same without the keys."""
        return self.values[chosen[self.keys]]

    def pairs(self) -> list[tuple[int, int]]:
        """Value and key of each."""
        return list(zip(self.values.tolist(), self.keys.tolist(), strict=True))

    def smallest(self, number: int) -> list[tuple[int, int]]:
        """The smallest values with the keys of their records, in order; all that equal the last."""
        if number < 1:
            return []
        if number >= self.size:
            return sorted(self.pairs())
        last = np.partition(self.values, number - 1)[number - 1]
        return sorted(self.where(self.values <= last).pairs())

    def largest(self, number: int) -> list[tuple[int, int]]:
        """The same for the largest, those first."""
        turned = Column(-self.keys, -self.values).smallest(number)
        return [(-value, -key) for value, key in turned]


EMPTY = Column(NONE, NONE)


def flags_of(bits: int, end: int) -> Flags:
    """For each key whether its bit is set: at least for the keys below an end."""
    packed = bits.to_bytes((max(bits.bit_length(), end) + 7) // 8, "little")
    return np.unpackbits(np.frombuffer(packed, np.uint8), bitorder="little").view(np.bool_)


def bits_of_keys(keys: Numbers) -> int:
    """A bit for each of these keys."""
    if not keys.size:
        return 0
    flags = np.zeros(int(keys.max()) + 1, np.bool_)
    flags[keys] = True
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")

"""What changed since it was tallied: a minute's records, read singly, and read again only when they change again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple

from register.catalogue.tallies.blocks import Code
from register.catalogue.tallies.columns import EMPTY, Column
from register.catalogue.tallies.facts import Facts, amounts_of, facts_of, marks_of
from register.catalogue.tallies.freshness import fresh
from register.catalogue.tallies.store import Marked, bits_of


class Told(NamedTuple):
    """One record: which codes count it, and its values under their names."""

    marks: frozenset[Code]
    amounts: tuple[tuple[str, int], ...]

    @classmethod
    def of(cls, facts: Facts) -> Told:
        return cls(frozenset(marks_of(facts)), tuple(amounts_of(facts)))


@dataclass(frozen=True)
class Loose:
    """Records by key; None for one that is not kept. It answers as `Blocks` does. Nobody changes it."""

    marked: Marked = field(default_factory=dict)
    records: Mapping[int, Told | None] = field(default_factory=dict)
    _bits: dict[Code, int] = field(default_factory=dict)

    @cached_property
    def changed(self) -> int:
        """All of them, in bits."""
        return bits_of(self.marked)

    @cached_property
    def _counted(self) -> Mapping[Code, list[int]]:
        found: dict[Code, list[int]] = defaultdict(list)
        for key, told in self.records.items():
            for mark in told.marks if told else ():
                found[mark].append(key)
        return dict(found)

    @cached_property
    def _columns(self) -> Mapping[str, Column]:
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for key, told in self.records.items():
            for name, value in told.amounts if told else ():
                found[name].append((key, value))
        return {name: Column.of(pairs) for name, pairs in found.items()}

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._columns)

    def column(self, name: str) -> Column:
        return self._columns.get(name, EMPTY)

    @cached_property
    def _codes(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = defaultdict(list)
        for question, code in self._counted:
            found[question].append(code)
        return {question: tuple(codes) for question, codes in found.items()}

    def codes(self, question: str) -> tuple[str, ...]:
        return self._codes.get(question, ())

    def bits(self, question: str, code: str) -> int:
        mark = (question, code)
        keys = self._counted.get(mark)
        if not keys:
            return 0
        if mark not in self._bits:
            self._bits[mark] = bits_of(keys)
        return self._bits[mark]

    def fresh(self, code: str, on: date) -> int:
        return fresh(self, code, on)


_kept = Loose()


def loose(marked: Marked) -> Loose:
    """These records, as they are now: a query for those whose marks are not what they were.

    A mark is written in the transaction of the change that it tells of, and none is written twice. So a record with
    the marks that it had when it was read is as it was, and one that is read a moment later than its marks were may
    be newer than they say, for which it is read again once they are seen.
    """
    global _kept
    kept = _kept
    if kept.marked == marked:
        return kept
    records = {key: kept.records[key] for key, marks in marked.items() if kept.marked.get(key) == marks}
    unread = [key for key in marked if key not in records]
    if unread:
        records |= dict.fromkeys(unread) | {facts.pk: Told.of(facts) for facts in facts_of(unread)}
    _kept = Loose(marked, records)
    return _kept

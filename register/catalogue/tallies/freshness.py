"""How fresh records are on a day, in bits: what `register.catalogue.choices.freshness` says."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from register.catalogue.choices import WEEKS
from register.catalogue.tallies.columns import Column, bits_of_keys
from register.initiatives.vocabulary import Standing


class Records(Protocol):
    """Records that know their marks and amounts."""

    def bits(self, question: str, code: str) -> int: ...

    def column(self, name: str) -> Column: ...


def fresh(records: Records, code: str, on: date) -> int:
    """Those of the records that are as fresh as a code says."""
    due, confirmed, today = records.column("due"), records.column("confirmed"), on.toordinal()
    late = bits_of_keys(due.keys[due.values < today]) & records.bits("standing", Standing.ACTIVE)
    if code == "late":
        return late
    if code == "never":
        return records.bits("kept", "") & ~bits_of_keys(confirmed.keys) & ~late
    newest, oldest = WEEKS[code]
    days = today - confirmed.values
    return bits_of_keys(confirmed.keys[(days >= 7 * newest) & (days < 7 * oldest)]) & ~late

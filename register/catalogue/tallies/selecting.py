"""What a reader's question selects, in bits, and counting within it.

A set of records is one whole number: the bit at the place of a record's key says whether it is in. *And* is `&`,
and how many there are is `bit_count()`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from register.accounts.roles import Audience
from register.catalogue.choices import FRESHNESS, barrier_codes, benefit_codes
from register.catalogue.filters import PAGE_PARAMETERS, Parameters, Selection
from register.catalogue.tallies.blocks import Code
from register.catalogue.tallies.columns import Column, Flags, flags_of
from register.catalogue.tallies.loose import Loose, loose
from register.catalogue.tallies.store import Blocks, bits_of, current, keys_of
from register.reference.atlas import Atlas

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User
    from register.accounts.permissions import Table

# Parameters whose codes are those of the question of the same name.
SAME = (
    "stage", "standing", "service", "mix", "place", "region", "depth", "figure", "fresh", "marking", "why",
    "replicable",
)  # fmt: skip
# Parameters that name rows, and the question that has them by key.
BY_KEY = {"org": "org", "also": "org", "lead": "lead"}
PAIRS = {"barrier", "remover", "outcome", "benefit"}
ANSWERED = {*SAME, *BY_KEY, *PAIRS, "area", "not_area", "not_stage", "not_place", "not_org", "example"}


@dataclass
class Tallied:
    """The whole register on one day, as of this moment: the tallied blocks, and what has changed since read anew."""

    on: date
    blocks: Blocks
    since: Loose = field(default_factory=Loose)
    _bits: dict[Code, int] = field(default_factory=dict)
    _chosen: dict[int, tuple[tuple[Blocks | Loose, Flags], ...]] = field(default_factory=dict)

    @classmethod
    def now(cls, on: date) -> Tallied:
        """One query; two where something has changed since this process last looked."""
        blocks, marked = current()
        return cls(on, blocks, loose(marked))

    @property
    def changed(self) -> int:
        return self.since.changed

    @cached_property
    def atlas(self) -> Atlas:
        """Areas of work, police areas and services as on the day: one query, for whoever asks first."""
        return Atlas.on(self.on)

    # What is there

    def bits(self, question: str, code: str = "") -> int:
        """The records that a code of a question counts."""
        mark = (question, code)
        if mark not in self._bits:
            before, since = self._both(question, code)
            self._bits[mark] = (before & ~self.changed) | since if self.changed else before
        return self._bits[mark]

    def _both(self, question: str, code: str) -> tuple[int, int]:
        """Those that were tallied, what has changed since among them; and of what has changed."""
        if question == "fresh":
            return self.blocks.fresh(code, self.on), self.since.fresh(code, self.on)
        return self.blocks.bits(question, code), self.since.bits(question, code)

    def any_of(self, question: str, codes: Iterable[str]) -> int:
        found = 0
        for code in codes:
            found |= self.bits(question, code)
        return found

    def codes(self, question: str) -> list[str]:
        """The codes of a question that may count something."""
        if question == "fresh":
            return [code for code, _ in FRESHNESS]
        return list(dict.fromkeys([*self.blocks.codes(question), *self.since.codes(question)]))

    def names(self) -> frozenset[str]:
        """The names of amounts that occur."""
        return self.blocks.names | self.since.names

    # Counting

    def counts(self, question: str, among: int, codes: Iterable[str] | None = None) -> dict[str, int]:
        """How many of these records each code counts; codes that count none are left out."""
        found, before, since = {}, among & ~self.changed, among & self.changed
        for code in self.codes(question) if codes is None else codes:
            told, new = self._both(question, code)
            number = (told & before).bit_count() + ((new & since).bit_count() if new else 0)
            if number:
                found[code] = number
        return found

    def occurring(self, question: str, among: int) -> list[str]:
        """The codes that count at least one of these records."""
        before, since = among & ~self.changed, among & self.changed
        found = []
        for code in self.codes(question):
            told, new = self._both(question, code)
            if told & before or new & since:
                found.append(code)
        return found

    def sums(self, names: Iterable[str], among: int) -> dict[str, int]:
        """The sum of the values under each name, over these records; names without a value are left out."""
        parts, found = self._parts(among), {}
        for name in names:
            values = [held.column(name).values_of(chosen) for held, chosen in parts]
            if any(some.size for some in values):
                found[name] = sum(int(some.sum()) for some in values)
        return found

    def column(self, names: Iterable[str], among: int) -> Column:
        """The values under these names of these records."""
        parts = self._parts(among)
        return Column.joined(held.column(name).of_records(chosen) for name in names for held, chosen in parts)

    def _parts(self, among: int) -> tuple[tuple[Blocks | Loose, Flags], ...]:
        """Where values of these records are, with a flag for each record that is among them there."""
        if among not in self._chosen:
            before, since = among & ~self.changed, among & self.changed
            self._chosen[among] = (
                *([(self.blocks, flags_of(before, self.blocks.end))] if before else []),
                *([(self.since, flags_of(since, self.changed.bit_length()))] if since else []),
            )
        return self._chosen[among]

    # Selecting

    def seen_by(self, user: User | AnonymousUser | Table) -> int:
        """The records that the reader may see, fictional ones too: what `InitiativeQuerySet.visible_to` says, in bits.

        No query but for the reader's roles. A test holds the two equal.
        """
        if not user.is_authenticated or not user.is_active:
            return 0
        kept, holdings = self.bits("kept"), user.holdings
        if holdings.is_the_register:
            return kept
        if holdings.sees_everything:
            seen = kept & ~self.bits("audience", Audience.DRAFT)
        else:
            seen = self.bits("audience", Audience.EVERYONE)
        if user.pk is not None:
            seen |= self.bits("author", str(user.pk))
        mine, draft = [str(key) for key in holdings.organisations], self.bits("audience", Audience.DRAFT)
        if mine:
            seen |= (self.any_of("org", mine) & ~draft) | (self.any_of("lead", mine) & draft)
        if holdings.groups:
            named = self.any_of("named", [str(key) for key in holdings.groups])
            seen |= named & self.bits("audience", Audience.PARTNERS_AND_GROUPS)
        return kept & seen

    def selected(
        self,
        selection: Selection,
        parameters: Parameters,
        user: Any,
        *,
        without: str = "",
        seen: int | None = None,
    ) -> int:
        """The records that right parameters mean to a reader, when one of them (`without`) is not asked.

        `seen`, when it is at hand, saves asking again what the reader may see. What the blocks don't hold (words,
        dates, amounts, whose) is asked of the database: one query.
        """
        told = {
            name: list(values)
            for name, values in parameters.items()
            if values and name != without and name not in PAGE_PARAMETERS
        }
        if not ANSWERED.issuperset(told):
            found = selection.without(without) if without else selection.initiatives
            return bits_of(found.order_by().values_list("pk", flat=True))
        bits = self.seen_by(user) if seen is None else seen
        example = self.bits("example")
        asked = told.pop("example", None)
        if asked != ["with"]:
            bits &= example if asked else ~example
        for part in self._asked(told, selection.filterset.form.cleaned_data):
            bits &= part
        return bits

    def _asked(self, told: Mapping[str, Sequence[str]], named: Mapping[str, Any]) -> Iterator[int]:
        for name in told:
            if name in SAME:
                yield self.any_of(name, told[name])
            elif name in BY_KEY:
                yield self.any_of(BY_KEY[name], [str(row.pk) for row in named[name]])
            elif name == "area":
                yield self.any_of("area", _became(named[name]))
            elif name == "not_area":
                yield ~self.any_of("area", _became(named[name]))
            elif name in ("not_stage", "not_place"):
                yield ~self.any_of(name.removeprefix("not_"), told[name])
            elif name == "not_org":
                yield ~self.any_of("org", [str(row.pk) for row in named[name]])
        if "barrier" in told or "remover" in told:
            codes = barrier_codes(list(told.get("barrier", ())), list(told.get("remover", ())))
            yield self.any_of("barriers", codes)
        if "outcome" in told or "benefit" in told:
            codes = benefit_codes(list(told.get("outcome", ())), list(told.get("benefit", ())))
            yield self.any_of("benefits", codes)


def _became(areas: Iterable[Any]) -> list[str]:
    """Areas of work as they are tallied: one that was merged under what it became."""
    return [(area.merged_into if area.merged_into_id else area).code for area in areas]


__all__ = ["Tallied", "keys_of"]

"""What every number of a dashboard is counted in: a subject, through one reader's eyes, on one day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from register.catalogue.filters import Parameters, select
from register.catalogue.narrowing import linked
from register.catalogue.tallies import Tallied
from register.catalogue.tallies.store import keys_of
from register.catalogue.words import in_words
from register.core.charts import Number
from register.dashboards.subjects import Subject
from register.groups.remit import areas_of_remit
from register.initiatives.vocabulary import Marking, Standing

if TYPE_CHECKING:
    from register.accounts.models import WorkingGroup
    from register.reference.models import PoliceArea

ACTIVE = Standing.ACTIVE.value


@dataclass(frozen=True)
class Frame:
    """A subject through one reader's eyes. Nothing outside `among` (a bit for each initiative) is ever counted."""

    subject: Subject
    user: Any
    on: date
    parameters: Parameters
    errors: tuple[str, ...]
    words: str
    tallied: Tallied
    among: int

    @classmethod
    def of(cls, subject: Subject, user: Any, on: date) -> Frame:
        parameters = subject.parameters
        if parameters is None:
            return cls(subject, user, on, {}, subject.missing, "Not set yet.", Tallied.now(on), 0)
        selection = select(parameters, user=user, on=on)
        words = in_words(selection, parameters)
        if selection.errors:
            return cls(subject, user, on, parameters, selection.errors, words, Tallied.now(on), 0)
        tallied = Tallied.now(on)
        among = tallied.selected(selection, parameters, user)
        return cls(subject, user, on, parameters, (), words, tallied, among)

    @classmethod
    def of_group(cls, group: WorkingGroup, user: Any, on: date) -> Frame:
        return cls.of(Subject.of_group(group), user, on)

    @cached_property
    def going_on(self) -> int:
        return self.among & self.tallied.bits("standing", ACTIVE)

    @cached_property
    def areas(self) -> list[PoliceArea]:
        """The police areas that the subject speaks of: those it names, those of its regions, or all of its kind."""
        return areas_of_remit(self.tallied.atlas, self.parameters)

    @property
    def is_sensitive(self) -> bool:
        """Whether a page that counts them all says something of what is marked OFFICIAL-SENSITIVE."""
        return bool(self.among & self.tallied.bits("marking", Marking.OFFICIAL_SENSITIVE))

    def at(self, *stages: str) -> int:
        """Those that go on at these stages."""
        return self.going_on & self.tallied.any_of("stage", stages)

    def with_standing(self, *standings: str) -> int:
        return self.among & self.tallied.any_of("standing", standings)

    def counts(self, question: str, among: int | None = None) -> dict[str, int]:
        """By code of a question, how many of those that go on (or of others) it counts."""
        return self.tallied.counts(question, self.going_on if among is None else among)

    def keys(self, bits: int) -> list[int]:
        return list(keys_of(bits))

    def number(self, n: int, level: int = 0, **cell: str | Sequence[str]) -> Number:
        """A count of initiatives of this subject, linked to the list that the cell's parameters narrow it to."""
        return linked(self.parameters, n, level, **cell)

    def speaks_of(self, name: str, code: str) -> bool:
        """Whether a row for this value belongs on the page: a remit that names values is only about them."""
        return not self.parameters.get(name) or code in self.parameters[name]

    def spoken_of(self, name: str, codes: Iterable[str]) -> list[str]:
        return [code for code in codes if self.speaks_of(name, code)]

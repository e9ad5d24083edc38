"""Who might see a record while something was done to it: the one rule of how much of its history a reader is told.

What was done to a record is told whole to who might have seen the record then: by the audience that it had, and by who
its partners, its named groups and its author are now. Anybody else is told that something was done while it was
closed to them, and nothing of what. Opening a record therefore opens what it says from then on, never what it said
before; what opened it is told by its new audience alone, for what it said until then stands beside it.

Overseers are told of the time when it was a draft on its own pages only, where that is noted, as opening a draft is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from django.contrib.postgres.fields import ArrayField
from django.db.models import JSONField, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.dateparse import parse_datetime

from register.accounts.permissions import Scope, Table, has_permission
from register.accounts.roles import Audience, Permission
from register.history.folding import key_of
from register.history.models import Change
from register.initiatives.models import Initiative
from register.initiatives.vocabulary import Marking
from register.initiatives.whole import gather

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User

Reader: TypeAlias = "User | AnonymousUser | Table"
RECORD = Initiative._meta.db_table
# Each is seen by fewer than the one before it, and by nobody else.
NARROWER = (Audience.EVERYONE, Audience.PARTNERS_AND_GROUPS, Audience.PARTNERS, Audience.DRAFT)

# What is told of a record to everybody who sees it now, whenever it was done: to whom it was opened, and that it was
# deleted or restored.
ALWAYS_TOLD = ("audience", "deleted_at")
CLOSED = {
    Audience.DRAFT: ("was logged as a draft", "was changed while it was a draft"),
    Audience.PARTNERS: (
        "was logged for its partners only",
        "was changed while it was for its partners only",
    ),
    Audience.PARTNERS_AND_GROUPS: (
        "was logged for its partners and named groups only",
        "was changed while it was for its partners and named groups only",
    ),
}


class State(NamedTuple):
    """Who might see a record at a time, and how it was marked."""

    audience: str
    marking: str

    @property
    def is_sensitive(self) -> bool:
        return self.marking == Marking.OFFICIAL_SENSITIVE


@dataclass(frozen=True)
class Past:
    """The states of a record, the first first, and by which lines of the ledger, and when, it came to the next."""

    states: tuple[State, ...]
    lines: tuple[int, ...]
    moments: tuple[datetime, ...]
    author: int | None

    @classmethod
    def of(cls, record: Any) -> Past:
        """Of a record that was read `with_turns`."""
        turns = record.turns
        states = [State(record.audience, record.marking)]
        for turn in reversed(turns):
            now = states[0]
            states.insert(0, State(turn["audience"] or now.audience, turn["marking"] or now.marking))
        moments = tuple(moment for turn in turns if (moment := parse_datetime(turn["at"])))
        return cls(tuple(states), tuple(turn["line"] for turn in turns), moments, record.created_by_id)

    def during(self, first: int, last: int) -> tuple[State, ...]:
        """The states from before one line of the ledger to after another."""
        return self.states[bisect_left(self.lines, first) : bisect_right(self.lines, last) + 1]

    def of_changes(self, changes: Sequence[Change]) -> tuple[State, ...]:
        """The states while these were made."""
        keys = [change.pk for change in changes]
        return self.during(min(keys), max(keys))

    def before(self, moment: datetime) -> State:
        return self.states[sum(at < moment for at in self.moments)]

    @property
    def now(self) -> State:
        return self.states[-1]

    @property
    def is_wider_than_once(self) -> bool:
        return any(narrowness(state.audience) > narrowness(self.now.audience) for state in self.states)


# As text: put together from expressions it takes longer to write than to answer, on every page that tells of events.
_TURNS: RawSQL = RawSQL(
    """
    ARRAY(SELECT jsonb_build_object('line', c.id, 'at', c.at,
                                    'audience', c.before->>'audience', 'marking', c.before->>'marking')
            FROM register_change c
           WHERE c.table_name = 'register_initiative' AND c.object_id = register_initiative.id
             AND c.operation = 'U' AND c.before ?| ARRAY['audience', 'marking']
           ORDER BY c.id)
    """,
    [],
    output_field=ArrayField(JSONField()),
)


def with_turns(records: QuerySet[Initiative]) -> QuerySet[Initiative]:
    """The records, each with the lines of the ledger that changed who may see it or how it is marked (`turns`)."""
    return records.annotate(turns=_TURNS)


def pasts_of(keys: Collection[int]) -> dict[int, Past]:
    """In one query."""
    if not keys:
        return {}
    rows = with_turns(Initiative.objects.filter(pk__in=keys)).only("audience", "marking", "created_by_id")
    return {record.pk: Past.of(record) for record in rows}


class Eyes:
    """How much one reader is told of what was done to records that they may see now."""

    def __init__(self, reader: Reader, pasts: Mapping[int, Past], *, opens: bool = False) -> None:
        """`opens`: on the record's own pages, which overseers open knowingly."""
        self._reader, self._pasts = reader, pasts
        self._permission = Permission.OPEN if opens else Permission.VIEW
        self._asked: dict[tuple[int, str], bool] = {}
        self.looked_into_draft = False

    def closed(self, changes: Sequence[Change]) -> str:
        """The audience that closes to the reader what was done together; empty where they are told all of it."""
        past = self._pasts.get(changes[0].root_id or 0)
        return self.closed_in(changes[0].root_id or 0, past.of_changes(changes)) if past else ""

    def closed_in(self, root: int, states: Iterable[State]) -> str:
        """Of these states' audiences the narrowest that is closed to the reader."""
        found = [state.audience for state in states if not self._is_open(root, state.audience)]
        return max(found, key=narrowness, default="")

    def closed_after(self, change: Change) -> str:
        """The audience that closes to the reader the record as the change left it; empty where they might see it."""
        root = change.root_id or 0
        past = self._pasts.get(root)
        return self.closed_in(root, past.during(change.pk + 1, change.pk)) if past else ""

    def parted(self, changes: Sequence[Change]) -> tuple[list[Change], list[Change]]:
        """What was done to a record while it was closed to the reader, and the rest."""
        together: dict[tuple[object, ...], list[Change]] = defaultdict(list)
        for change in changes:
            together[key_of(change)].append(change)
        shut = {key for key, some in together.items() if self.closed(some)}
        closed = [change for change in changes if key_of(change) in shut]
        return closed, [change for change in changes if key_of(change) not in shut]

    def was_sensitive(self, changes: Sequence[Change]) -> bool:
        past = self._pasts.get(changes[0].root_id or 0)
        return past is not None and any(state.is_sensitive for state in past.of_changes(changes))

    def _is_open(self, root: int, audience: str) -> bool:
        # They see it now, and who sees a narrower audience sees a wider one.
        if narrowness(audience) <= narrowness(self._pasts[root].now.audience):
            return True
        if (root, audience) not in self._asked:
            self._asked[root, audience] = self._might_see(root, audience)
        return self._asked[root, audience]

    def _might_see(self, root: int, audience: str) -> bool:
        then = _Then(replace(self._scopes[root], audience=audience))
        if has_permission(self._reader, Permission.VIEW, then):  # type: ignore[arg-type]
            return True
        is_opened = has_permission(self._reader, self._permission, then)  # type: ignore[arg-type]
        self.looked_into_draft |= is_opened
        return is_opened

    @cached_property
    def _scopes(self) -> dict[int, Scope]:
        """Whose those are that are open to more people than they once were: one query for all."""
        opened = [
            Initiative(pk=pk, created_by_id=past.author)
            for pk, past in self._pasts.items()
            if past.is_wider_than_once
        ]
        gather(opened, ["partners", "named_groups"], named=False)
        return {record.pk: record.permission_scope() for record in opened}


class EveryonesEyes(Eyes):
    """What may be told at once to all who see a record now, whoever they are."""

    def __init__(self, pasts: Mapping[int, Past]) -> None:
        self._pasts, self._asked = pasts, {}

    def _might_see(self, root: int, audience: str) -> bool:
        return False


@dataclass(frozen=True)
class _Then:
    """A record as it was, to ask who might see it."""

    scope: Scope

    def permission_scope(self) -> Scope:
        return self.scope


def always_told(group: Sequence[Change]) -> list[Change]:
    """Of what was done together the little that everybody is told, without the reason."""
    found = []
    for change in group:
        told = [column for column in ALWAYS_TOLD if column in (change.after or {})]
        if change.table_name == RECORD and change.operation == Change.Operation.CHANGED and told:
            less = copy(change)
            less.before = {column: (change.before or {}).get(column) for column in told}
            less.after = {column: (change.after or {})[column] for column in told}
            less.reason = ""
            found.append(less)
    return found


def in_words(audience: str, *, is_new: bool) -> str:
    """That something was done while that was the audience, to read on after the title of the record."""
    return CLOSED[Audience(audience)][0 if is_new else 1]


def narrowness(audience: str) -> int:
    return NARROWER.index(Audience(audience))

"""A meeting's agenda: what the group's queue holds for everybody at the table, trimmed and ordered by the secretary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

from register.accounts.permissions import Table
from register.groups.models import Decision, Meeting
from register.groups.queue import TITLES, Part, Queued, queue
from register.initiatives.models import Initiative
from register.initiatives.rows import Row, rows_of
from register.meetings.models import AgendaItem
from register.meetings.rules import met_before

if TYPE_CHECKING:
    from register.accounts.models import WorkingGroup

# How many of each part of the queue a meeting is offered: more is no agenda.
OF_EACH_PART = 10
BY_HAND = "by_hand"
PARTS = TITLES | {BY_HAND: "Put on by the secretary"}
How = AgendaItem.How


@dataclass(frozen=True)
class Line:
    """One initiative that may be on the agenda: in which part of the queue, why, and what was decided last."""

    row: Row
    part: str
    why: tuple[str, ...]
    said: str = ""
    last: Decision | None = None
    how: str = How.QUEUED
    position: int | None = None

    @property
    def initiative(self) -> Initiative:
        return self.row.initiative

    @property
    def title_of_part(self) -> str:
        return PARTS[self.part]

    @property
    def is_on(self) -> bool:
        return self.how != How.LEFT_OFF


@dataclass(frozen=True)
class Agenda:
    """What may be on it, in its order, and how many more the queue holds (title of the part, number)."""

    lines: tuple[Line, ...]
    more: tuple[tuple[str, int], ...]
    errors: tuple[str, ...]

    @property
    def on(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.is_on)


def state_of(meeting: Meeting) -> str:
    """What the secretary has said of it so far, in short: two that differ are of different agendas."""
    said = meeting.agenda_items.order_by("pk").values_list("initiative", "how", "position")
    return sha256(repr(list(said)).encode()).hexdigest()[:16]


def agenda_of(meeting: Meeting, group: WorkingGroup, *, on: date) -> Agenda:
    """The agenda as everybody at the table may see it, on a day before the meeting has begun.

    What the secretary has put in an order comes first, what has come into the queue since after it.
    """
    table = Table.of(group)
    held = queue(group, table, on=on, met_at=met_before(meeting), shown=OF_EACH_PART)  # type: ignore[arg-type]
    said = {item.initiative_id: item for item in meeting.agenda_items.all()}
    found = _from_queue(held.parts)
    by_hand = [pk for pk, item in said.items() if item.how == How.PUT_ON and pk not in found]
    found |= _by_hand(group, table, by_hand)
    lines = [_as_said(line, said) for line in found.values()]
    lines.sort(key=lambda line: (line.position is None, line.position or 0))
    return Agenda(
        tuple(lines), tuple((part.title, part.more) for part in held.parts if part.more > 0), held.errors
    )


def _from_queue(parts: Sequence[Part]) -> dict[int, Line]:
    """Each initiative once, under the first part that holds it, with every reason why it is there."""
    found: dict[int, Line] = {}
    for part in parts:
        for queued in part.queued:
            there = found.get(queued.initiative.pk)
            found[queued.initiative.pk] = (
                replace(there, why=(*there.why, queued.why)) if there else _line(part, queued)
            )
    return found


def _line(part: Part, queued: Queued) -> Line:
    return Line(queued.row, part.code, (queued.why,), queued.said, queued.last)


def _by_hand(group: WorkingGroup, table: Table, pks: Sequence[int]) -> dict[int, Line]:
    """What the secretary put on beyond the queue, if everybody at the table may still see it."""
    if not pks:
        return {}
    rows = rows_of(Initiative.objects.visible_to(table).filter(pk__in=pks))  # type: ignore[arg-type]
    last = Decision.objects.filter(group=group, initiative__in=pks).last_words()
    decided = {decision.initiative_id: decision for decision in last}
    return {row.initiative.pk: Line(row, BY_HAND, (), last=decided.get(row.initiative.pk)) for row in rows}


def _as_said(line: Line, said: Mapping[int, AgendaItem]) -> Line:
    item = said.get(line.initiative.pk)
    return replace(line, how=item.how, position=item.position) if item else line

"""What happened, as things people did: the ledger's rows folded into events, each with a sentence.

A sentence reads on after the title of its record: "moved from agreed to live". `fold` gives one event for each
thing done (a transaction's changes to one record); `net` gives what a window changed in the end, where there and
back is silent. Both read the names they need in bulk.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from register.history.models import Change
from register.history.names import Names
from register.history.rows import Row, combined
from register.history.wording import Said, details_of, say
from register.initiatives.vocabulary import Stage

EARLY = (Stage.OPPORTUNITY, Stage.CONSIDERED, Stage.BUSINESS_CASE)
STATE_OF_PLAY, OPPORTUNITIES, BARRIERS = "state_of_play", "opportunities", "barriers"
MOST_SENTENCES = 3
MOVES = "register_stagemove"
# Beside these nothing else that the same transaction did is worth a word.
ON_THEIR_OWN = ("logged", "deleted", "restored")
# What makes up a new record, and says nothing of its own in the window in which it was logged.
PARTS_OF_A_NEW_ONE = ("partner", "tagged", "source", "edited", "confirmed")


@dataclass(frozen=True)
class Detail:
    """One value that changed, in words ready to show; empty for none."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Event:
    """One thing that was done to one record (or, without `root_id`, to reference data or a group)."""

    root_id: int | None
    at: datetime
    tx: int
    actor_id: int | None
    source: str
    kind: str
    heading: str
    sentence: str
    reason: str
    details: tuple[Detail, ...] = ()


def fold(changes: Iterable[Change]) -> list[Event]:
    """One event for each thing done, newest first. Rows of one transaction and record belong together."""
    rows = sorted(changes, key=lambda c: (c.at, c.pk), reverse=True)
    groups = []
    for _, members in groupby(rows, key=lambda c: (c.tx, c.root_id or f"{c.table_name} {c.object_id}")):
        groups.append(combined(reversed(list(members))))
    names = Names.of(row for group in groups for row in _worth_naming(group))
    events = (_folded(group, names) for group in groups)
    return [event for event in events if event is not None]


def net(changes: Iterable[Change]) -> list[Event]:
    """What a window changed in the end, oldest first: an event for each object that is not as it was.

    Confirming that nothing changed is no change. Of a record that was logged in the window, what made it up is
    part of that one event.
    """
    rows = combined(sorted(changes, key=lambda c: (c.at, c.pk)))
    names = Names.of(rows)
    new = {row.root_id for row in rows if row.is_new_record}
    moves = {row.root_id: row for row in rows if row.table == MOVES}
    events = []
    for row in rows:
        for said in say(row, names) if row.table != MOVES else []:
            if said.kind == "confirmed" or (row.root_id in new and said.kind in PARTS_OF_A_NEW_ONE):
                continue
            # The last move of the window says when and why the stage is what it is.
            told = moves.get(row.root_id, row) if said.kind == "stage" else row
            why = str(told.after.get("why") or "") if told is not row else ""
            events.append(_event(told, said, names, reason=why or told.reason))
    return sorted(events, key=lambda event: (event.at, event.root_id or 0))


def _worth_naming(group: list[Row]) -> list[Row]:
    """Of a new record its many parts are not told one by one, so nobody need look up their names."""
    return [row for row in group if row.is_new_record] or group


def _folded(group: list[Row], names: Names) -> Event | None:
    told = [(said, row) for row in _worth_naming(group) for said in say(row, names)]
    if not told:
        return None
    told.sort(key=lambda pair: -pair[0].rank)
    first, row = told[0]
    said = [s for s, _ in told if s.kind != "confirmed"] or [first]
    if first.kind in ON_THEIR_OWN:
        said = [first]
    sentences = list(dict.fromkeys(s.sentence for s in said))
    more = len(sentences) - MOST_SENTENCES
    sentence = "; ".join(sentences[:MOST_SENTENCES]) + (f"; and {more} more" if more > 0 else "")
    reason = next((s.reason for s in said if s.reason), "") or row.reason
    details = () if first.kind == "logged" else tuple(
        Detail(*values) for other in group for values in details_of(other, names)
    )
    return _event(row, Said(first.kind, sentence, first.rank), names, reason=reason, details=details)


def _event(row: Row, said: Said, names: Names, *, reason: str, details: tuple[Detail, ...] = ()) -> Event:
    return Event(
        root_id=row.root_id,
        at=row.at,
        tx=row.tx,
        actor_id=row.actor_id,
        source=row.source,
        kind=said.kind,
        heading=_heading(said.kind, names.stage_of(row.root_id)),
        sentence=said.sentence,
        reason="" if reason and reason.rstrip(".") in said.sentence else reason,
        details=details,
    )


def _heading(kind: str, stage: str) -> str:
    if kind.startswith(("barrier", "ask")):
        return BARRIERS
    if kind in ("milestone", "agreement") or stage in EARLY:
        return OPPORTUNITIES
    return STATE_OF_PLAY

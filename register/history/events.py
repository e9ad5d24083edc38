"""What happened, as things people did: the ledger's rows folded into events, each with a sentence.

A sentence reads on after the title of its record: "moved from agreed to live"; one that begins with "a", "an" or
"the" stands after "Title:". `fold` gives one event for each thing done (a transaction's changes to one record);
`net` gives what a window changed in the end, where there and back is silent. Names, and rows as they were, are read
in bulk: three queries at most, however many changes.

Of what was done while a record was closed to the reader (`past.py`) an event tells only that, and when, and by whom.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from register.history.details import Detail, details_of
from register.history.folding import KEY, Net, key_of, net_rows
from register.history.lookup import Names, Rows, names_for
from register.history.models import Change
from register.history.past import RECORD, Eyes, always_told, in_words
from register.history.querysets import NOTED
from register.history.sayings import SAYERS, Said, Teller
from register.history.sayings.notes import noted
from register.history.sayings.outside import outside
from register.initiatives.models import Initiative
from register.initiatives.vocabulary import Stage

__all__ = ["KEY", "Detail", "Event", "fold", "key_of", "net", "tell"]

EARLY = (Stage.OPPORTUNITY, Stage.CONSIDERED, Stage.BUSINESS_CASE)
STATE_OF_PLAY, OPPORTUNITIES, BARRIERS = "state_of_play", "opportunities", "barriers"
MOST_SENTENCES = 3
# The first of these that a transaction did gives its event its kind.
KINDS = (
    "deleted", "restored", "logged", "standing", "stage", "decision", "flag", "consideration", "barrier_raised",
    "barrier_removed", "barrier", "ask", "saving", "cost", "funding", "benefit", "figure", "milestone", "agreement",
    "update", "partner", "edited", "document", "source", "confirmed", "reference",
)  # fmt: skip
# What makes up a new record says nothing of its own beside "was logged".
PARTS_OF_A_NEW_ONE = ("standing", "stage", "partner", "edited", "figure", "source", "confirmed")
OWN_SUBJECT = ("a ", "an ", "the ")
# What a record's event is about: the last change of this column says when, who and why.
ABOUT = {"stage": "stage", "standing": "standing", "deleted": "deleted_at", "restored": "deleted_at"}


@dataclass(frozen=True)
class Event:
    """One thing that was done to one record (or, without `root_id`, to reference data, a group or an account)."""

    root_id: int | None
    at: datetime
    tx: int
    actor_id: int | None
    source: str
    kind: str
    heading: str
    sentence: str
    reason: str
    # Told in part: it was closed to the reader then. Told whole: it was OFFICIAL-SENSITIVE then.
    is_closed: bool = False
    was_sensitive: bool = False
    # Keys of the first and the last change that it is of.
    changes: tuple[int, int] = (0, 0)
    _told: tuple[Sequence[Net], Teller] | None = field(default=None, repr=False, compare=False)

    @cached_property
    def details(self) -> tuple[Detail, ...]:
        """Value by value, which only a page of history shows."""
        if self._told is None:
            return ()
        nets, teller = self._told
        return tuple(detail for net in nets for detail in details_of(net, teller))


def fold(changes: Iterable[Change]) -> list[Event]:
    """One event for each thing done, newest first. The changes may come in any order."""
    return tell(changes)[0]


def tell(
    changes: Iterable[Change], stages: Mapping[int, str] | None = None, eyes: Eyes | None = None
) -> tuple[list[Event], Names]:
    """What `fold` tells, to these eyes, and the names it looked up, those of who did it included."""
    groups: dict[tuple[object, ...], list[Change]] = defaultdict(list)
    for change in changes:
        groups[key_of(change)].append(change)
    every = [change for group in groups.values() for change in group]
    rows, names, stages = _look_up(every, stages)
    found = []
    for group in sorted(groups.values(), key=_newest, reverse=True):
        if group[0].operation == NOTED:
            found.append(_noted(group[0]))
        elif eyes and (closed := eyes.closed(group)):
            found.append(_closed(group, closed, rows, names, stages))
        else:
            event = _told_whole(group, rows, names, stages)
            if event is not None:
                found.append(replace(event, was_sensitive=bool(eyes and eyes.was_sensitive(group))))
    return found, names


def _told_whole(group: Sequence[Change], rows: Rows, names: Names, stages: Mapping[int, str]) -> Event | None:
    nets = net_rows(group, rows)
    return _together(
        max(group, key=lambda c: c.pk), nets, Teller(names, rows, nets, group, names_people=True), stages
    )


def _closed(
    group: Sequence[Change], audience: str, rows: Rows, names: Names, stages: Mapping[int, str]
) -> Event:
    """What was done together while it was closed to the reader: that it was, and what is told always."""
    last = max(group, key=lambda change: (change.at, change.pk))
    is_new = any(change.table_name == RECORD and change.operation == "I" for change in group)
    always = [] if is_new else always_told(group)
    event = _told_whole(always, rows, names, stages) if always else None
    if event is None:
        event = Event(
            root_id=last.root_id,
            at=last.at,
            tx=last.tx,
            actor_id=last.actor_id,
            source=last.source,
            kind="logged" if is_new else "edited",
            heading=_heading("edited", stages.get(last.root_id or 0, "")),
            sentence=in_words(audience, is_new=is_new),
            reason="",
        )
    return replace(event, is_closed=True)


def net(
    changes: Iterable[Change], stages: Mapping[int, str] | None = None, eyes: Eyes | None = None
) -> list[Event]:
    """What a window changed in the end, to these eyes, oldest first: one event for each thing that is not as it was.

    Of a record that was logged in the window, what made it up is part of that one event; of one that was deleted,
    that alone is told. `stages` of the records, where they are known, save asking.
    """
    of_root: dict[int | None, list[Change]] = defaultdict(list)
    every = list(changes)
    for change in every:
        of_root[change.root_id].append(change)
    rows, names, stages = _look_up(every, stages)
    events: list[Event] = []
    for root, group in of_root.items():
        closed, seen = eyes.parted(group) if eyes and root is not None else ([], group)
        always = always_told(closed)
        nets = [*net_rows(always, rows), *net_rows(seen, rows)]
        teller = Teller(names, rows, nets, [*always, *seen])
        if root is None:
            event = _together(group[-1], nets, teller, stages)
            events += [event] if event else []
            continue
        told = [_event(row, said, teller, stages, [row]) for said, row in _worth_saying(_said(nets, teller))]
        events += _with_closed(told, closed, group, eyes, rows, names, stages) if eyes and closed else told
    return sorted(events, key=lambda event: (event.at, event.root_id or 0))


def _with_closed(
    told: list[Event],
    closed: list[Change],
    group: Sequence[Change],
    eyes: Eyes,
    rows: Rows,
    names: Names,
    stages: Mapping[int, str],
) -> list[Event]:
    """What is told of a record that was closed for some of the window.

    One that was logged then, and is open at the end, is new to the reader as it is at the end. Of any other, what
    opened it stands for what was done before.
    """
    last = max(group, key=lambda change: change.pk)
    is_new = any(change.table_name == RECORD and change.operation == "I" for change in closed)
    if is_new and not eyes.closed_after(last):
        own = [change for change in group if change.table_name == RECORD]
        nets = net_rows(own, rows)
        teller = Teller(names, rows, nets, own)
        new = [
            _event(row, said, teller, stages, [row])
            for said, row in _said(nets, teller)
            if said.kind == "logged"
        ]
        rest = [event for event in told if event.kind not in PARTS_OF_A_NEW_ONE]
        return [replace(event, reason="", is_closed=True) for event in new] + rest
    if always_told(closed):
        return told
    return [*told, _closed(closed, eyes.closed(closed), rows, names, stages)]


def _newest(group: Sequence[Change]) -> tuple[datetime, int]:
    return max((change.at, change.pk) for change in group)


def _look_up(
    changes: Sequence[Change], stages: Mapping[int, str] | None
) -> tuple[Rows, Names, Mapping[int, str]]:
    rows = Rows(changes)
    names = names_for(changes, rows)
    if stages is None:
        roots = {change.root_id for change in changes if change.root_id}
        stages = dict(Initiative.objects.filter(pk__in=roots).values_list("pk", "stage")) if roots else {}
    return rows, names, stages


def _said(nets: Sequence[Net], teller: Teller) -> list[tuple[Said, Net]]:
    told = [(said, row) for row in nets if row.table in SAYERS for said in SAYERS[row.table](row, teller)]
    return sorted(told, key=lambda pair: KINDS.index(pair[0].kind))


def _worth_saying(told: list[tuple[Said, Net]]) -> list[tuple[Said, Net]]:
    kinds = {said.kind for said, _ in told}
    if kinds & {"deleted", "restored"}:
        told = [pair for pair in told if pair[0].kind in ("deleted", "restored")]
        # A record that came and went in one window was never there for its readers.
        return [pair for pair in told if pair[0].sentence != "was logged and deleted again"]
    if "logged" in kinds:
        told = [pair for pair in told if not pair[0].minor and pair[0].kind not in PARTS_OF_A_NEW_ONE]
    return [pair for pair in told if not pair[0].minor] or told[:1]


def _together(last: Change, nets: Sequence[Net], teller: Teller, stages: Mapping[int, str]) -> Event | None:
    """Everything that was done at once, as one event."""
    if not nets:
        return None
    if last.root_id is None:
        told = [(said, nets[-1]) for said in outside(nets, teller)]
    else:
        told = _worth_saying(_said(nets, teller))
    if not told:
        return None
    first, row = told[0]
    sentences = list(dict.fromkeys(said.sentence for said, _ in told))
    more = len(sentences) - MOST_SENTENCES
    # What reads on after the title comes first, so that all of it does.
    sentences = sorted(sentences[:MOST_SENTENCES], key=lambda sentence: sentence.startswith(OWN_SUBJECT))
    sentence = "; ".join(sentences) + (f"; and {more} more" if more > 0 else "")
    reason = next((said.reason for said, _ in told if said.reason), "")
    return _event(row, Said(first.kind, sentence, reason), teller, stages, nets)


def _event(row: Net, said: Said, teller: Teller, stages: Mapping[int, str], nets: Sequence[Net]) -> Event:
    every = sorted((change for other in nets for change in other.changes), key=lambda c: (c.at, c.pk))
    changes = [change for change in every if ABOUT.get(said.kind) in (change.after or {})] or every
    last = changes[-1]
    # Why a record was deleted says nothing of one that is back.
    gone = said.kind in ("deleted", "restored")
    reasons = [change.reason for change in changes if gone or "deleted_at" not in (change.before or {})]
    given = next((reason for reason in reversed(reasons) if reason), "")
    reason = said.reason or given
    return Event(
        root_id=row.last.root_id,
        at=last.at,
        tx=last.tx,
        actor_id=last.actor_id,
        source=last.source,
        kind=said.kind,
        heading=_heading(said.kind, stages.get(row.last.root_id or 0, "")),
        sentence=said.sentence,
        reason="" if _is_in(reason, said.sentence) else reason,
        changes=(changes[0].pk, last.pk),
        _told=(nets, teller),
    )


def _noted(change: Change) -> Event:
    said = noted(change)
    return Event(
        root_id=change.root_id,
        at=change.at,
        tx=change.tx,
        actor_id=change.actor_id,
        source=change.source,
        kind=said.kind,
        heading="",
        sentence=said.sentence,
        reason="",
    )


def _is_in(reason: str, sentence: str) -> bool:
    return reason.strip().removesuffix(".").lower() in sentence.lower()


def _heading(kind: str, stage: str) -> str:
    if kind.startswith(("barrier", "ask")):
        return BARRIERS
    if kind in ("milestone", "agreement") or stage in EARLY:
        return OPPORTUNITIES
    return STATE_OF_PLAY

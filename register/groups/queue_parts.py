"""The rows behind a queue: what its four parts hold, and what is shown of it, read whole in one statement.

What a group was asked to look at, what is due and what it decided lately are few rows, and come by one statement for
whoever may see them; which of them are this reader's is told in bits. What has moved and what is overdue is found and
put in order from the tallies. The two statements are written out: the ORM takes longer to write them than the database
to answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection

from register.catalogue.filters import Selection
from register.catalogue.tallies import Tallied
from register.initiatives.models import Initiative
from register.initiatives.vocabulary import Standing

if TYPE_CHECKING:
    from register.accounts.models import User, WorkingGroup

FLAGGED, DUE, MOVED, OVERDUE = "flagged", "due", "moved", "overdue"
PARTS = (FLAGGED, DUE, MOVED, OVERDUE)
DECIDED = "decided"
Said = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """What a part holds, in its order: keys of initiatives with what says why each is there."""

    rows: Sequence[tuple[int, Said]]
    total: int


def found_in(
    group: WorkingGroup,
    user: User,
    remit: Selection,
    parameters: Mapping[str, Sequence[str]] | None,
    *,
    on: date,
    since: date,
    only: str,
    offset: int,
    shown: int,
) -> dict[str, Found]:
    """What the reader is shown of each part (or of `only` one) from an offset on, and how many it holds."""
    tallied = Tallied.now(on)
    seen = tallied.seen_by(user)
    is_remit = parameters is not None and not remit.errors
    among = tallied.selected(remit, parameters or {}, user, seen=seen) if is_remit else 0
    asked = [code for code in PARTS if only in ("", code)]
    told = _told(group, on, since)
    found = {}
    for code in asked:
        if code == MOVED:
            found[code] = _moved(tallied, among, told[DECIDED], since, offset, shown)
        elif code == OVERDUE:
            late = among & tallied.bits("fresh", "late") & tallied.bits("standing", Standing.ACTIVE)
            first = tallied.column(["due"], late).smallest(offset + shown)[offset : offset + shown]
            overdue = [(key, {"day": date.fromordinal(day).isoformat()}) for day, key in first]
            found[code] = Found(overdue, late.bit_count())
        else:
            mine = sorted((row for row in told[code] if seen >> row[0] & 1), key=PLACES[code])
            found[code] = Found(mine[offset : offset + shown], len(mine))
    return found


# Whoever may see them: flags that wait, the group's last words on a record (as they stand) that are due for review,
# and the last day since the beginning of a month on which it decided on a record.
_TOLD = """
    SELECT f.initiative_id, 'flagged', jsonb_build_object(
           'pk', f.id, 'why', f.why, 'at', f.raised_at, 'by', u.name, 'erased', u.erased_at)
      FROM register_reviewflag f LEFT JOIN register_user u ON u.id = f.raised_by_id
     WHERE f.group_id = %(group)s AND f.settled_by_id IS NULL AND f.withdrawn_at IS NULL
    UNION ALL
    SELECT d.initiative_id, 'due', jsonb_build_object('day', d.next_review_on)
      FROM register_decision d
     WHERE d.group_id = %(group)s AND d.next_review_on <= %(on)s
       AND NOT EXISTS (SELECT FROM register_decision c WHERE c.corrects_id = d.id)
       AND NOT EXISTS (
           SELECT FROM register_decision later
            WHERE later.initiative_id = d.initiative_id AND later.group_id = d.group_id
              AND (later.decided_on, later.id) > (d.decided_on, d.id)
              AND NOT EXISTS (SELECT FROM register_decision c WHERE c.corrects_id = later.id))
    UNION ALL
    SELECT initiative_id, 'decided', jsonb_build_object('day', max(decided_on))
      FROM register_decision
     WHERE group_id = %(group)s AND decided_on >= date_trunc('month', %(since)s::date)
     GROUP BY initiative_id
"""


def _told(group: WorkingGroup, on: date, since: date) -> dict[str, list[tuple[int, Said]]]:
    """Keys of initiatives with what is said of them: one query."""
    found: dict[str, list[tuple[int, Said]]] = {FLAGGED: [], DUE: [], DECIDED: []}
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, {"group": group.pk, "on": on, "since": since})
        for key, code, said in cursor.fetchall():
            found[code].append((key, json.loads(said)))
    return found


PLACES = {
    FLAGGED: lambda row: (row[1]["at"], row[1]["pk"]),
    DUE: lambda row: (row[1]["day"], row[0]),
}


def _moved(
    tallied: Tallied, among: int, decided: Sequence[tuple[int, Said]], since: date, offset: int, shown: int
) -> Found:
    """Moved on, back, paused or closed since a day, and not decided on since it moved; the last to move first.

    The last move says when, and `whole` reads it. What was logged since has not moved. A move of which only the month
    is known counts from that month on.
    """
    moves = tallied.column(["moved"], among)
    days, is_month = moves.values // 2, moves.values % 2 == 1
    first = since.replace(day=1).toordinal()
    moves = moves.where((days >= since.toordinal()) | is_month & (days >= first))
    last = {key: date.fromisoformat(said["day"]).toordinal() for key, said in decided}
    again = moves.where(np.isin(moves.keys, list(last)))
    done = [key for value, key in again.pairs() if last[key] >= value // 2]
    moves = moves.where(~np.isin(moves.keys, done))
    latest = moves.largest(offset + shown)[offset : offset + shown]
    return Found([(key, {}) for _, key in latest], moves.size)


# Each record with its last move, and with the group's last decision on it, as it stands, and when it met over that.
_WHOLE = """
    SELECT i.*, last.told, move.moved
      FROM register_initiative i
      LEFT JOIN LATERAL (
           SELECT jsonb_build_object(
                  'pk', d.id, 'outcome', d.outcome, 'decided_on', d.decided_on, 'reasons', d.reasons,
                  'conditions', d.conditions, 'owner', d.owner, 'next_review_on', d.next_review_on,
                  'met_at', m.starts_at) AS told
             FROM register_decision d LEFT JOIN register_meeting m ON m.id = d.meeting_id
            WHERE d.initiative_id = i.id AND d.group_id = %s
              AND NOT EXISTS (SELECT FROM register_decision c WHERE c.corrects_id = d.id)
            ORDER BY d.decided_on DESC, d.id DESC LIMIT 1) AS last ON true
      LEFT JOIN LATERAL (
           SELECT jsonb_build_object(
                  'from_stage', m.from_stage, 'to_stage', m.to_stage, 'from_standing', m.from_standing,
                  'to_standing', m.to_standing, 'happened_on', m.happened_on,
                  'happened_precision', m.happened_precision) AS moved
             FROM register_stagemove m
            WHERE m.initiative_id = i.id AND m.from_stage <> ''
            ORDER BY m.id DESC LIMIT 1) AS move ON true
     WHERE i.id = ANY(%s)
"""


def whole(group: WorkingGroup, found: Mapping[str, Found]) -> dict[int, Any]:
    """The initiatives of the parts by key, each with what the group decided on it `last`, and its last `move` (or
    None): one query."""
    keys = list({key for part in found.values() for key, _ in part.rows})
    if not keys:
        return {}
    rows: list[Any] = list(Initiative.objects.raw(_WHOLE, [group.pk, keys]))
    for one in rows:
        one.last, one.move = (said and json.loads(said) for said in (one.told, one.moved))
    return {one.pk: one for one in rows}

"""The rows behind a queue: what its four parts hold, and what is shown of it, read whole in one statement.

What a group was asked to look at and what is due are few rows, and come by one statement for whoever may see them;
which of them are this reader's is told in bits. What has moved and what is overdue is found and put in order from the
tallies.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection
from django.db.models import CharField, Max, QuerySet, Value
from django.db.models.functions import JSONObject

from register.catalogue.filters import Selection
from register.catalogue.tallies import Tallied
from register.groups.models import Decision, ReviewFlag
from register.initiatives.models import Initiative, StageMove
from register.initiatives.vocabulary import Standing

if TYPE_CHECKING:
    from register.accounts.models import User, WorkingGroup

FLAGGED, DUE, MOVED, OVERDUE = "flagged", "due", "moved", "overdue"
PARTS = (FLAGGED, DUE, MOVED, OVERDUE)


@dataclass(frozen=True)
class Found:
    """What a part holds, in its order: keys of initiatives with what says why each is there."""

    rows: Sequence[tuple[int, Mapping[str, Any]]]
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
    found = {code: Found((), 0) for code in asked}
    rows = {code: part for code, part in _rows(group, on).items() if code in asked}
    for code, some in told(rows).items():
        mine = sorted((row for row in some if seen >> row[0] & 1), key=PLACES[code])
        found[code] = Found(mine[offset : offset + shown], len(mine))
    if MOVED in asked:
        found[MOVED] = _moved(tallied, among, group, since, offset, shown)
    if OVERDUE in asked:
        late = among & tallied.bits("fresh", "late") & tallied.bits("standing", Standing.ACTIVE)
        first = tallied.column(["due"], late).smallest(offset + shown)[offset : offset + shown]
        overdue = [(key, {"day": date.fromordinal(day).isoformat()}) for day, key in first]
        found[OVERDUE] = Found(overdue, late.bit_count())
    return found


def _rows(group: WorkingGroup, on: date) -> dict[str, tuple[QuerySet[Any], Mapping[str, str]]]:
    """By part its rows, whoever may see them, and the columns that say why."""
    who = {"by": "raised_by__name", "erased": "raised_by__erased_at"}
    return {
        FLAGGED: (
            ReviewFlag.objects.filter(group=group).standing(),
            {"pk": "pk", "why": "why", "at": "raised_at"} | who,
        ),
        # As the group's last word on it says.
        DUE: (Decision.objects.filter(group=group).due(on), {"day": "next_review_on"}),
    }


MOVE = ("from_stage", "to_stage", "from_standing", "to_standing", "happened_on", "happened_precision")


def _moved(tallied: Tallied, among: int, group: WorkingGroup, since: date, offset: int, shown: int) -> Found:
    """Moved on, back, paused or closed since a day, and not decided on since it moved; the last to move first.

    The last move says when. What was logged since has not moved. A move of which only the month is known counts from
    that month on. Two queries.
    """
    moves = tallied.column(["moved"], among)
    days, is_month = moves.values // 2, moves.values % 2 == 1
    first = since.replace(day=1).toordinal()
    moves = moves.where((days >= since.toordinal()) | is_month & (days >= first))
    decided = _decided(group, since)
    done = [key for value, key in moves.pairs() if key in decided and decided[key].toordinal() >= value // 2]
    moves = moves.where(~np.isin(moves.keys, done))
    latest = moves.largest(offset + shown)[offset : offset + shown]
    return Found(_moves([key for _, key in latest]), moves.size)


def _decided(group: WorkingGroup, since: date) -> dict[int, date]:
    """The initiatives that the group decided on in the month of a day or later, and the last day it did."""
    decided = Decision.objects.filter(group=group, decided_on__gte=since.replace(day=1)).order_by()
    return dict(decided.values_list("initiative").annotate(Max("decided_on")))


def _moves(keys: Sequence[int]) -> list[tuple[int, Mapping[str, Any]]]:
    """The last move of each of these initiatives."""
    moves = StageMove.objects.filter(initiative__in=keys).exclude(from_stage="").order_by("pk")
    last = {row["initiative_id"]: row for row in moves.values("initiative_id", *MOVE)}
    return [(key, last[key] | {"happened_on": last[key]["happened_on"].isoformat()}) for key in keys]


def told(
    parts: Mapping[str, tuple[QuerySet[Any], Mapping[str, str]]],
) -> dict[str, list[tuple[int, Mapping[str, Any]]]]:
    """Of each part the keys of initiatives and what says why: one query."""
    found: dict[str, list[tuple[int, Mapping[str, Any]]]] = {code: [] for code in parts}
    if not parts:
        return found
    asked = [
        rows.order_by()
        .annotate(part=Value(code, CharField()), said=JSONObject(**why))
        .values_list("initiative_id", "part", "said")
        .query.sql_with_params()
        for code, (rows, why) in parts.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join(f"({sql})" for sql, _ in asked), [one for _, more in asked for one in more]
        )
        for key, code, said in cursor.fetchall():
            found[code].append((key, json.loads(said)))
    return found


PLACES = {
    FLAGGED: lambda row: (row[1]["at"], row[1]["pk"]),
    DUE: lambda row: (row[1]["day"], row[0]),
}

# Each record with the group's last decision on it, as it stands, and when the group met over that.
_WHOLE = """
    SELECT i.*, last.told
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
     WHERE i.id = ANY(%s)
"""


def whole(group: WorkingGroup, found: Mapping[str, Found]) -> dict[int, Any]:
    """The initiatives of the parts by key, each with what the group decided on it `last` (or None): one query."""
    keys = list({key for part in found.values() for key, _ in part.rows})
    if not keys:
        return {}
    rows: list[Any] = list(Initiative.objects.raw(_WHOLE, [group.pk, keys]))
    for one in rows:
        one.last = one.told and json.loads(one.told)
    return {one.pk: one for one in rows}

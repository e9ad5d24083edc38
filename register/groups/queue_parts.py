"""The statement behind a queue: the rows of its four parts, with why each is there, in one round trip.

What a part holds is found and counted by keys alone, once; only what is shown is read whole.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db.models import CharField, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, Window
from django.db.models.functions import JSONObject

from register.catalogue.choices import freshness
from register.catalogue.filters import Selection
from register.groups.models import Decision, ReviewFlag
from register.initiatives.models import Initiative, StageMove
from register.initiatives.querysets import InitiativeQuerySet

if TYPE_CHECKING:
    from register.accounts.models import User, WorkingGroup

FLAGGED, DUE, MOVED, OVERDUE = "flagged", "due", "moved", "overdue"


class Found:
    """The rows of one part: what of them names the initiative, says why it is there, and orders them."""

    def __init__(
        self, rows: QuerySet[Any], *, why: Mapping[str, str], order: Sequence[Any], key: str = "initiative_id"
    ) -> None:
        self.rows, self.why, self.order, self.key = rows, JSONObject(**why), order, key

    def sql(self, code: str, *, counted: bool, offset: int, shown: int) -> tuple[str, tuple[Any, ...]]:
        """Key, part, how many there are of it, and why: for the rows shown. EmptyResultSet when there are none."""
        told = self.rows.order_by(*self.order).annotate(
            part=Value(code, CharField()),
            of_all=Window(Count("pk")) if counted else Value(0, IntegerField()),
            said=self.why,
        )
        shown_rows = told.values_list(self.key, "part", "of_all", "said")[offset : offset + shown]
        return shown_rows.query.sql_with_params()


def parts(
    group: WorkingGroup, user: User, remit: Selection, *, on: date, since: date
) -> Mapping[str, Callable[[], Found]]:
    return {
        FLAGGED: lambda: flagged(group, user),
        DUE: lambda: due(group, user, on),
        MOVED: lambda: moved(group, remit, on, since),
        OVERDUE: lambda: Found(
            late(remit, on), why={"day": "next_update_due"}, order=("next_update_due", "pk"), key="pk"
        ),
    }


def flagged(group: WorkingGroup, user: User) -> Found:
    who = {"by": "raised_by__name", "erased": "raised_by__erased_at"}
    return Found(
        ReviewFlag.objects.visible_to(user).filter(group=group).standing(),
        why={"pk": "pk", "why": "why", "at": "raised_at"} | who,
        order=("raised_at", "pk"),
    )


def due(group: WorkingGroup, user: User, on: date) -> Found:
    """To be looked at again by this day, as the group's last word on it says."""
    return Found(
        Decision.objects.visible_to(user).filter(group=group).due(on),
        why={"day": "next_review_on"},
        order=("next_review_on", "initiative_id"),
    )


def moved(group: WorkingGroup, remit: Selection, on: date, since: date) -> Found:
    """Moved on, back, paused or closed since a day, and not decided on since it moved. The last move says how.

    What was logged since has not moved. A move of which only the month is known counts from that month on.
    """
    lately = Q(happened_precision="day", happened_on__gte=since) | Q(
        happened_precision="month", happened_on__gte=since.replace(day=1)
    )
    # The plain comparison is what the index is asked for.
    lately &= Q(happened_on__gte=since.replace(day=1), happened_on__lte=on) & ~Q(from_stage="")
    later = StageMove.objects.filter(lately, initiative=OuterRef("initiative"), pk__gt=OuterRef("pk"))
    decided = Decision.objects.filter(
        group=group, initiative=OuterRef("initiative"), decided_on__gte=OuterRef("happened_on")
    )
    moves = StageMove.objects.filter(lately, initiative__in=remit.initiatives.order_by().values("pk"))
    columns = ("from_stage", "to_stage", "from_standing", "to_standing", "happened_on", "happened_precision")
    return Found(
        moves.exclude(Exists(later)).exclude(Exists(decided)),
        why={column: column for column in columns},
        order=(F("happened_on").desc(), "-initiative_id"),
    )


def late(remit: Selection, on: date) -> InitiativeQuerySet:
    return remit.initiatives.order_by().filter(freshness("late", on))


# Each record with the group's last decision on it, as it stands, and when the group met over that.
_WHOLE = """
    SELECT i.*, found.part, found.of_all, found.said, last.told
      FROM ({parts}) AS found (pk, part, of_all, said)
      JOIN register_initiative i ON i.id = found.pk
      LEFT JOIN LATERAL (
           SELECT jsonb_build_object(
                  'pk', d.id, 'outcome', d.outcome, 'decided_on', d.decided_on, 'reasons', d.reasons,
                  'conditions', d.conditions, 'owner', d.owner, 'next_review_on', d.next_review_on,
                  'met_at', m.starts_at) AS told
             FROM register_decision d LEFT JOIN register_meeting m ON m.id = d.meeting_id
            WHERE d.initiative_id = i.id AND d.group_id = %s
              AND NOT EXISTS (SELECT FROM register_decision c WHERE c.corrects_id = d.id)
            ORDER BY d.decided_on DESC, d.id DESC LIMIT 1) AS last ON true
"""
# A join promises no order: a part's rows are put in theirs again by what ordered them.
PLACES: dict[str, Callable[[Any], Any]] = {
    FLAGGED: lambda one: (one.why["at"], one.why["pk"]),
    DUE: lambda one: (one.why["day"], one.pk),
    MOVED: lambda one: (-date.fromisoformat(one.why["happened_on"]).toordinal(), -one.pk),
    OVERDUE: lambda one: (one.next_update_due, one.pk),
}


def together(
    found: Mapping[str, Found], group: WorkingGroup, *, uncounted: Sequence[str], offset: int, shown: int
) -> list[Any]:
    """The initiatives of the parts, `shown` of each from an offset on, part by part and in order.

    Each carries its `part`, `of_all` (how many the part holds, unless it is among `uncounted`), `why` and `last`.
    """
    asked: list[str] = []
    values: list[Any] = []
    for code, part in found.items():
        try:
            sql, more = part.sql(code, counted=code not in uncounted, offset=offset, shown=shown)
        except EmptyResultSet:  # the remit is wrong, or there is none
            continue
        asked.append(f"({sql})")
        values += more
    if not asked:
        return []
    rows: list[Any] = list(
        Initiative.objects.raw(_WHOLE.format(parts=" UNION ALL ".join(asked)), [*values, group.pk])
    )
    for one in rows:
        one.why, one.last = json.loads(one.said), one.told and json.loads(one.told)
    codes = list(found)
    return sorted(rows, key=lambda one: (codes.index(one.part), PLACES[one.part](one)))

"""What a working group is to look at: what it was asked to, what is due for review, what has moved, what is overdue.

Each part counts initiatives that the reader may see, and gives some of them. One that is in two parts is in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import F, Max, QuerySet
from django.utils.timezone import localtime

from register.catalogue.choices import freshness
from register.catalogue.facets import how_many
from register.catalogue.filters import Selection
from register.catalogue.narrowing import narrowed
from register.groups.models import Decision, ReviewFlag
from register.groups.remit import in_remit, remit_parameters
from register.initiatives.models import Initiative, StageMove
from register.initiatives.rows import Row, rows_of
from register.initiatives.vocabulary import Standing

if TYPE_CHECKING:
    from register.accounts.models import User, WorkingGroup

FLAGGED, DUE, MOVED, OVERDUE = "flagged", "due", "moved", "overdue"
TITLES = {
    FLAGGED: "Put before the group",
    DUE: "Due for review",
    MOVED: "Changed stage",
    OVERDUE: "Overdue for an update",
}
# How many of each part stand on the queue's page; the rest is one page further.
SHOWN = 10
# How far back a move counts for a group that has never met.
LATELY = timedelta(days=91)


@dataclass(frozen=True)
class Queued:
    """One initiative to look at: why, and what the group decided on it last."""

    row: Row
    why: str
    said: str = ""
    last: Decision | None = None
    flag: ReviewFlag | None = None

    @property
    def initiative(self) -> Initiative:
        return self.row.initiative


@dataclass(frozen=True)
class Part:
    code: str
    total: int
    queued: tuple[Queued, ...]

    @property
    def title(self) -> str:
        return TITLES[self.code]

    @property
    def more(self) -> int:
        return self.total - len(self.queued)


@dataclass(frozen=True)
class Queue:
    parts: tuple[Part, ...]
    since: date
    errors: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return sum(part.total for part in self.parts)


@dataclass
class _Found:
    """What one part holds: how many, the initiatives shown and why each is there."""

    total: int
    initiatives: Sequence[Initiative]
    why: Mapping[int, str]
    said: Mapping[int, str] = field(default_factory=dict)
    flags: Mapping[int, ReviewFlag] = field(default_factory=dict)


def queue(
    group: WorkingGroup,
    user: User,
    *,
    on: date,
    met_at: datetime | None,
    only: str = "",
    offset: int = 0,
    shown: int = SHOWN,
) -> Queue:
    """The group's queue through one reader's eyes: `shown` of each part, or one part (`only`) from an offset on."""
    since = localtime(met_at).date() if met_at else on - LATELY
    remit = in_remit(group, user, on)
    finders = {
        FLAGGED: lambda: _flagged(group, user, offset, shown),
        DUE: lambda: _due(group, user, on, offset, shown),
        MOVED: lambda: _moved(group, remit, on, since, offset, shown),
        OVERDUE: lambda: _overdue(group, user, remit, on, offset, shown),
    }
    found = {code: find() for code, find in finders.items() if only in ("", code)}
    every = {one.pk: one for part in found.values() for one in part.initiatives}
    rows = dict(zip(every, rows_of(every.values()), strict=True))
    last = _last_words(group, every)
    parts = tuple(
        Part(
            code,
            part.total,
            tuple(
                Queued(
                    rows[one.pk],
                    part.why[one.pk],
                    part.said.get(one.pk, ""),
                    last.get(one.pk),
                    part.flags.get(one.pk),
                )
                for one in part.initiatives
            ),
        )
        for code, part in found.items()
    )
    return Queue(parts, since, remit.errors)


def _flagged(group: WorkingGroup, user: User, offset: int, shown: int) -> _Found:
    flags = ReviewFlag.objects.visible_to(user).filter(group=group).standing()
    rows = list(
        flags.select_related("initiative", "raised_by").order_by("raised_at", "pk")[offset : offset + shown]
    )
    return _Found(
        _total(flags, rows, offset, shown),
        [flag.initiative for flag in rows],
        {
            flag.initiative_id: f"Asked for by {flag.raised_by or 'somebody who has left'} on"
            f" {localtime(flag.raised_at):%-d %B %Y}"
            for flag in rows
        },
        {flag.initiative_id: flag.why for flag in rows},
        {flag.initiative_id: flag for flag in rows},
    )


def _due(group: WorkingGroup, user: User, on: date, offset: int, shown: int) -> _Found:
    due = Decision.objects.visible_to(user).filter(group=group).due(on)
    rows = list(due.select_related("initiative").order_by("next_review_on", "pk")[offset : offset + shown])
    return _Found(
        _total(due, rows, offset, shown),
        [decision.initiative for decision in rows],
        {row.initiative_id: f"To be looked at again on {row.next_review_on:%-d %B %Y}" for row in rows},
    )


def _moved(group: WorkingGroup, remit: Selection, on: date, since: date, offset: int, shown: int) -> _Found:
    """Moved on, back, paused or closed since the group last met, and not decided on since."""
    decided = Decision.objects.filter(group=group, decided_on__gte=since).values("initiative")
    moves = StageMove.objects.filter(happened_on__gte=since, happened_on__lte=on, happened_precision="day")
    moved = remit.initiatives.order_by().filter(pk__in=moves.values("initiative")).exclude(pk__in=decided)
    latest = moved.filter(stage_moves__happened_on__gte=since).annotate(
        moved_on=Max("stage_moves__happened_on"), moved_as=Max("stage_moves__pk")
    )
    rows = list(latest.order_by(F("moved_on").desc(), "-pk")[offset : offset + shown])
    last = (
        {move.pk: move for move in StageMove.objects.filter(pk__in=[row.moved_as for row in rows])}
        if rows
        else {}
    )
    return _Found(
        _total(moved, rows, offset, shown), rows, {row.pk: _move_in_words(last[row.moved_as]) for row in rows}
    )


def _move_in_words(move: StageMove) -> str:
    when = f" on {move.happened}" if move.happened else ""
    if move.from_stage == move.to_stage:
        return f"{move.get_to_standing_display()}{when}"
    before = f", from {move.get_from_stage_display().lower()}" if move.from_stage else ""
    return f"{move.get_to_stage_display()}{before}{when}"


def _overdue(group: WorkingGroup, user: User, remit: Selection, on: date, offset: int, shown: int) -> _Found:
    late = remit.initiatives.filter(freshness("late", on))
    rows = list(late.order_by("next_update_due", "pk")[offset : offset + shown])
    return _Found(
        how_many_overdue(group, user, on),
        rows,
        {row.pk: f"Its update was due on {row.next_update_due:%-d %B %Y}" for row in rows},
    )


def how_many_overdue(group: WorkingGroup, user: User, on: date) -> int:
    parameters = overdue_parameters(group)
    return 0 if parameters is None else how_many(parameters, user=user, on=on)


def overdue_parameters(group: WorkingGroup) -> dict[str, list[str]] | None:
    """The list of what is overdue in the group's remit; None when the remit leaves all of it out."""
    remit = remit_parameters(group)
    return None if remit is None else narrowed(remit, {"standing": Standing.ACTIVE, "fresh": "late"})


def _total(rows: QuerySet, found: Sequence[object], offset: int, shown: int) -> int:
    """How many there are; a page that is not full says so itself."""
    if len(found) < shown and (found or not offset):
        return offset + len(found)
    return rows.order_by().count()


def _last_words(group: WorkingGroup, pks: Iterable[int]) -> dict[int, Decision]:
    pks = list(pks)
    if not pks:
        return {}
    decisions = Decision.objects.filter(group=group, initiative__in=pks).last_words()
    return {decision.initiative_id: decision for decision in decisions}

"""What a person's own edition left to digests of their groups, to be asked after by the next: did they bring it?

Kept with the edition as `[[at, snapshot, life, [initiatives]], …]`: of these initiatives, the changes after this mark.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from register.digests.making.lives import Lives
from register.digests.making.marks import Mark
from register.digests.models import Edition
from register.history.models import Change
from register.history.snapshots import snapshot_of


def kept(left: Mapping[int, Mark]) -> list[list[Any]]:
    """As it is kept."""
    by_mark: dict[Mark, list[int]] = defaultdict(list)
    for pk, mark in left.items():
        by_mark[mark].append(pk)
    return [[mark.at.isoformat(), mark.snapshot, mark.life, sorted(pks)] for mark, pks in by_mark.items()]


def left_by(edition: Edition | None, lives: Lives) -> dict[int, Mark]:
    """By initiative from which mark on an edition left it."""
    found: dict[int, Mark] = {}
    for at, snapshot, life, pks in edition.left if edition else ():
        mark = Mark(datetime.fromisoformat(at), snapshot, life, lives)
        found |= dict.fromkeys(pks, mark)
    return found


def changes_after(
    left: Iterable[Mapping[int, Mark]], edition: Edition, lives: Lives
) -> dict[int, list[Change]]:
    """By initiative what was left with any of these marks, as far as the edition sees: one query."""
    pks = {pk for some in left for pk in some}
    marks = {mark for some in left for mark in some.values()}
    if not marks:
        return {}
    after = Q(at__gte=min(mark.at for mark in marks))
    snapshots = [snapshot_of(mark.snapshot) for mark in marks if mark.snapshot]
    if snapshots:
        after |= Q(tx__gte=min(snapshot.first for snapshot in snapshots))
    rows = lives.seen_by(edition).filter(at__lt=edition.ends_at, root_id__any_of=pks)
    # Of another life than the edition's, transactions can't be compared: the marks sort them out.
    rows = rows.filter(after) if all(mark.life == lives.last for mark in marks) else rows
    if lives.told_until:
        rows = rows.filter(at__gte=lives.told_until)
    found: dict[int, list[Change]] = defaultdict(list)
    for change in rows.order_by("at", "pk"):
        found[change.root_id or 0].append(change)
    return found


def merged(first: Sequence[Change], second: Sequence[Change]) -> list[Change]:
    """Each change once, in their order."""
    return sorted({change.pk: change for change in (*first, *second)}.values(), key=_order)


def _order(change: Change) -> tuple[datetime, int]:
    return change.at, change.pk

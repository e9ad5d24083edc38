"""What people's own editions say, built many at a time: a week's changes are read and folded once for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.utils.timezone import localtime

from register.digests.making.building import Frozen, changes_of, in_order, of_event
from register.digests.making.following import Followed, Following
from register.digests.models import Edition
from register.history.events import Event, net
from register.history.models import Change
from register.initiatives.models import Initiative

# A person's first edition begins when they began to follow something; what each is told is told from when they followed
# it, so first editions that end together tell the same changes.
Week = tuple[datetime | None, datetime, str, datetime | None, str]


def contents_of(editions: Sequence[Edition]) -> dict[int, list[Frozen]]:
    """By key of the edition what it says: nothing of what is due, and nothing of before the person followed it."""
    before = _editions_before(editions)
    weeks: dict[Week, list[Edition]] = defaultdict(list)
    for edition in editions:
        last = before.get(edition.pk)
        weeks[
            edition.starts_at if last else None,
            edition.ends_at,
            edition.snapshot,
            last.ends_at if last else None,
            last.snapshot if last else "",
        ].append(edition)
    found: dict[int, list[Frozen]] = {}
    for some in weeks.values():
        found |= _contents_of_a_week(some, before.get(some[0].pk))
    return found


def _editions_before(editions: Sequence[Edition]) -> dict[int, Edition]:
    """By key of an edition the one before it for the same person: one query."""
    people = {edition.person_id for edition in editions}
    earlier: dict[int | None, list[Edition]] = defaultdict(list)
    for one in Edition.objects.filter(person__in=people).order_by("-ends_at"):
        earlier[one.person_id].append(one)
    found = {}
    for edition in editions:
        last = next((one for one in earlier[edition.person_id] if one.ends_at <= edition.starts_at), None)
        if last is not None:
            found[edition.pk] = last
    return found


def _contents_of_a_week(editions: Sequence[Edition], before: Edition | None) -> dict[int, list[Frozen]]:
    """Of editions that tell the same changes."""
    first = min(editions, key=lambda edition: edition.starts_at)
    on = localtime(first.ends_at).date()
    changes = changes_of(first, before)
    changed = set(changes.exclude(root_id=None).order_by().values_list("root_id", flat=True).distinct())
    people = [edition.person for edition in editions if edition.person]
    following = Following(people, changed, on=on)
    followed = {person.pk: following.of(person) for person in people}
    wanted = {pk for theirs in followed.values() for pk in theirs}
    rows = list(changes.filter(root_id__in=wanted).order_by("at", "pk"))
    week = _Week(rows, Initiative.objects.in_bulk(wanted))
    return {edition.pk: week.told(followed[edition.person_id or 0]) for edition in editions}


class _Week:
    """The changes of a week, folded for whoever followed all along; for others from when they did."""

    def __init__(self, changes: Sequence[Change], initiatives: Mapping[int, Initiative]) -> None:
        self._initiatives = initiatives
        self._changes: dict[int, list[Change]] = defaultdict(list)
        for change in changes:
            self._changes[change.root_id or 0].append(change)
        self._events = _by_root(net(changes))
        self._shared: dict[tuple[int, str], list[Frozen]] = {}

    def told(self, followed: Mapping[int, Followed]) -> list[Frozen]:
        return in_order([said for pk, why in followed.items() for said in self._said(pk, why)])

    def _said(self, pk: int, followed: Followed) -> Sequence[Frozen]:
        """What is said of one record: the same for all who followed it from before the week, for the same reason."""
        changes = self._changes[pk]
        if pk not in self._initiatives or not changes:
            return ()
        if not (followed.is_told(changes[0].at) and followed.is_told(changes[-1].at)):
            events = net([change for change in changes if followed.is_told(change.at)])
            return self._frozen(pk, events, followed.why)
        mark = (pk, followed.why)
        if mark not in self._shared:
            self._shared[mark] = self._frozen(pk, self._events.get(pk, ()), followed.why)
        return self._shared[mark]

    def _frozen(self, pk: int, events: Iterable[Event], why: str) -> list[Frozen]:
        return [of_event(self._initiatives[pk], event, why=why) for event in events]


def _by_root(events: Iterable[Event]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        found[event.root_id or 0].append(event)
    return found

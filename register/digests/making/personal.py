"""What people's own editions say, built many at a time: a week's changes are read and folded once for all of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from django.db.models import Min, OuterRef, Subquery
from django.utils.timezone import localdate, localtime

from register.accounts.models import User
from register.catalogue.models import InitiativeFollow, ViewFollow
from register.catalogue.tallies.store import bits_of
from register.digests.making.building import Frozen, changes_of, in_order, of_due, of_event
from register.digests.making.due import Due, Window, due_in, news_in
from register.digests.making.following import DueOf, Followed, Following
from register.digests.making.left import changes_after, left_by, merged
from register.digests.making.lives import Lives
from register.digests.making.marks import Mark, Span
from register.digests.making.telling import Telling
from register.digests.models import Edition
from register.history.events import Event, net
from register.history.models import Change
from register.history.past import EveryonesEyes, pasts_of
from register.history.querysets import ChangeQuerySet
from register.initiatives.models import Initiative

# A person's first edition begins when they began to follow something; what each is told is told from when they followed
# it, so first editions that end together tell the same changes.
Week = tuple[datetime | None, datetime, str, datetime | None, str]


@dataclass(frozen=True)
class Told:
    """What one person's edition says, and what it leaves to digests of their groups, by initiative from which mark."""

    said: list[Frozen]
    left: dict[int, Mark] = field(default_factory=dict)


def contents_of(editions: Sequence[Edition]) -> dict[int, Told]:
    """By key of the edition what it says: nothing of before the person followed it."""
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
    found: dict[int, Told] = {}
    for some in weeks.values():
        found |= _contents_of_a_week(some, before)
    return found


def _editions_before(editions: Sequence[Edition]) -> dict[int, Edition]:
    """By key of an edition the one before it for the same person: two queries."""
    earlier = Edition.objects.filter(person=OuterRef("person"), ends_at__lte=OuterRef("starts_at"))
    last = Subquery(earlier.order_by("-ends_at").values("pk")[:1])
    keys = Edition.objects.filter(pk__any_of=editions).annotate(last=last)
    found = dict(keys.exclude(last=None).values_list("pk", "last"))
    before = Edition.objects.in_bulk(found.values())
    return {pk: before[last] for pk, last in found.items()}


def _contents_of_a_week(editions: Sequence[Edition], before: Mapping[int, Edition]) -> dict[int, Told]:
    """Of editions that tell the same changes."""
    first = min(editions, key=lambda edition: edition.starts_at)
    on = localtime(first.ends_at).date()
    lives = Lives.read()
    changes = changes_of(first, before.get(first.pk), lives)
    changed = set(changes.exclude(root_id=None).order_by().values_list("root_id", flat=True).distinct())
    left = {edition.pk: left_by(before.get(edition.pk), lives) for edition in editions}
    over = changes_after(left.values(), first, lives)
    changed |= over.keys()
    people = [edition.person for edition in editions if edition.person]
    due = _Due(people, since=localtime(first.starts_at).date(), on=on)
    following = Following(
        people, changed | due.of.keys(), on=on, began=_first_of(changes, over, on=first.ends_at)
    )
    since = min([first.starts_at, *(mark.at for some in left.values() for mark in some.values())])
    asked_after = changed.union(*left.values())
    telling = Telling(people, asked_after, since=since, now=first.ends_at, lives=lives)
    followed = {person.pk: following.of(person, telling) for person in people}
    wanted = {pk for theirs in followed.values() for pk in theirs}
    rows = list(changes.filter(root_id__any_of=wanted).order_by("at", "pk"))
    week = _Week(rows, over, Initiative.objects.in_bulk(wanted))
    due_of = {
        person.pk: following.due_of(person, due.of, due.logged_by[person.pk], due.is_news, telling)
        for person in people
        if due.of or due.is_news
    }
    due.read({pk for theirs in due_of.values() for pk in theirs.in_views})
    found = {}
    for edition in editions:
        told = week.told(followed[edition.person_id or 0], left[edition.pk])
        theirs = due_of.get(edition.person_id or 0)
        if theirs and edition.person:
            untold = _untold_since(left[edition.pk], telling.told(edition.person)) if left[edition.pk] else {}
            told.said.extend(due.said(theirs, untold))
            told.left.update(
                {pk: mark for pk, mark in due.left(theirs, untold).items() if pk not in told.left}
            )
        found[edition.pk] = Told(in_order(told.said), told.left)
    return found


def _untold_since(left: Mapping[int, Mark], told: Mapping[int, Sequence[Span]]) -> dict[int, date]:
    """Of what was left to digests of groups, since which day none of them has told of it."""
    return {
        pk: localdate(max([mark.at, *(span.until.at for span in told.get(pk, ()))]))
        for pk, mark in left.items()
    }


def _first_of(changes: ChangeQuerySet, over: Mapping[int, Sequence[Change]], *, on: datetime) -> datetime:
    """When the first of these changes was made; `on`, without any."""
    first = changes.order_by().aggregate(first=Min("at"))["first"]
    return min([first or on, *(change.at for some in over.values() for change in some)])


class _Due:
    """What is due of records that people follow by themselves or logged, and what came near or fell late of all, for
    who follows a view. Fourteen queries, however many people.

    A view brings no old lateness: it is what somebody looks at, not what they have to see to.
    """

    def __init__(self, people: Sequence[User], *, since: date, on: date) -> None:
        self._since, self._on = since, on
        followed = InitiativeFollow.objects.filter(person__any_of=people).values_list("initiative", flat=True)
        logged = Initiative.objects.filter(created_by__any_of=people).values_list("pk", flat=True)
        theirs = Initiative.objects.filter(pk__any_of=set(followed.distinct()).union(logged))
        self.of: dict[int, list[Due]] = defaultdict(list)
        for due in due_in(theirs, group_id=None, since=since, on=on):
            self.of[due.initiative_id].append(due)
        self._initiatives = Initiative.objects.in_bulk(self.of)
        self.logged_by: dict[int, list[int]] = defaultdict(list)
        for pk, initiative in self._initiatives.items():
            self.logged_by[initiative.created_by_id or 0].append(pk)
        self._news: dict[int, list[Due]] = defaultdict(list)
        if ViewFollow.objects.filter(person__any_of=people).exists():
            for due in news_in(Initiative.objects.all(), since=since, on=on):
                self._news[due.initiative_id].append(due)
        self.is_news = bits_of(self._news)

    def read(self, in_views: Collection[int]) -> None:
        """Know these records of views, too: one query."""
        self._initiatives |= Initiative.objects.in_bulk(set(in_views) - self._initiatives.keys())

    def said(self, theirs: DueOf, untold: Mapping[int, date]) -> list[Frozen]:
        """What is due to one person, with why it is there, in the order of its dates.

        What a group's digest was to tell, and did not, is news for as long as it is `untold`.
        """
        due = [(one, theirs.own[pk]) for pk in theirs.own for one in self._of(pk, untold)]
        due += [(one, why) for pk, why in theirs.in_views.items() for one in self._news[pk]]
        due.sort(key=lambda told: (told[0].day, told[0].initiative_id))
        return [of_due(self._initiatives[one.initiative_id], one, why=why) for one, why in due]

    def left(self, theirs: DueOf, untold: Mapping[int, date]) -> dict[int, Mark]:
        """Of what was left to digests of their groups that of which it is news."""
        return {
            pk: mark for pk, mark in theirs.left.items() if any(one.is_news for one in self._of(pk, untold))
        }

    def _of(self, pk: int, untold: Mapping[int, date]) -> list[Due]:
        if untold.get(pk, self._since) >= self._since:
            return self.of[pk]
        window = Window(untold[pk], self._on)
        return [replace(one, is_news=one.is_news or window.is_news(one.day)) for one in self.of[pk]]


class _Week:
    """The changes of a week, and what was left `over` of weeks before, folded once for all who are told the same."""

    def __init__(
        self,
        changes: Sequence[Change],
        over: Mapping[int, Sequence[Change]],
        initiatives: Mapping[int, Initiative],
    ) -> None:
        self._initiatives, self._over = initiatives, over
        self._changes: dict[int, list[Change]] = defaultdict(list)
        for change in changes:
            self._changes[change.root_id or 0].append(change)
        self._eyes = EveryonesEyes(pasts_of(initiatives.keys()))
        self._events = _by_root(net(changes, eyes=self._eyes))
        self._shared: dict[tuple[object, ...], tuple[Sequence[Frozen], bool]] = {}

    def told(self, followed: Mapping[int, Followed], left: Mapping[int, Mark]) -> Told:
        told = Told([])
        for pk, why in followed.items():
            said, is_left = self._said(pk, why, left.get(pk))
            told.said.extend(said)
            if is_left:
                told.left[pk] = min(why.to_tell, key=lambda mark: mark.at)
        return told

    def _said(self, pk: int, followed: Followed, after: Mark | None) -> tuple[Sequence[Frozen], bool]:
        """What is said of one record, and whether some is left: the same for all who are told the same of it."""
        changes: Sequence[Change] = self._changes[pk]
        if after:
            over = [change for change in self._over.get(pk, ()) if not after.holds(change)]
            changes = merged(over, changes)
        if pk not in self._initiatives or not changes:
            return (), False
        is_whole = followed.since <= changes[0].at
        mark = (pk, followed.why, followed.told, followed.to_tell, after)
        if is_whole and mark in self._shared:
            return self._shared[mark]
        found = self._of(pk, followed, changes)
        if is_whole:
            self._shared[mark] = found
        return found

    def _of(self, pk: int, followed: Followed, changes: Sequence[Change]) -> tuple[list[Frozen], bool]:
        told = [change for change in changes if followed.is_told(change)]
        is_the_week = len(told) == len(changes) == len(self._changes[pk])
        events = self._events.get(pk, ()) if is_the_week else net(told, eyes=self._eyes)
        is_left = any(followed.is_left(change) for change in changes) if followed.to_tell else False
        return [of_event(self._initiatives[pk], event, why=followed.why) for event in events], is_left


def _by_root(events: Iterable[Event]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        found[event.root_id or 0].append(event)
    return found

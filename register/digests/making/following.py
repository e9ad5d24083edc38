"""A person's own edition: when it is due, and what they follow outside their groups' digests.

It goes out once a week, to one person. What a group's digest tells them is left to that digest, so that nothing
reaches anybody twice in a week; the rest is asked with their eyes, and told from when they began to follow it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from django.db.models import Case, Exists, Model, OuterRef, Subquery, When

from register.accounts.holding import read_holdings
from register.accounts.models import User
from register.accounts.permissions import Holdings, Table
from register.catalogue.filters import Parameters, select
from register.catalogue.models import InitiativeFollow, SavedView, SavedViewGroup, ViewFollow
from register.catalogue.tallies import Tallied
from register.catalogue.tallies.selecting import ANSWERED
from register.catalogue.tallies.store import bits_of, keys_of, those_in
from register.digests.making.lives import Lives
from register.digests.making.marks import Mark, Span
from register.digests.making.telling import Telling
from register.digests.models import WEEKDAYS, Edition
from register.digests.slots import due_window
from register.groups.remit import remit_parameters
from register.history.models import Change

# When everybody's goes out: on Mondays at seven.
WEEKDAY, HOUR, ZONE = 0, 7, "Europe/London"
WHEN = f"on {dict(WEEKDAYS)[WEEKDAY]}s at {HOUR:02d}:00"


EVER = datetime.min.replace(tzinfo=UTC)

# What a view brings when more of it came near or fell late in one week: what the reader's organisations take part in. A
# longer list reminds nobody.
MOST_DUE = 100

# The register's own eyes: it sees every record, for building only. Readers look with theirs.
REGISTER = Table(Holdings(is_the_register=True))


@dataclass(frozen=True)
class Followed:
    """One initiative that somebody follows: why it reaches them, and since when.

    `told`: what digests of their groups have brought them of it; `to_tell`: how far those have come that are to bring
    them the rest.
    """

    why: str
    since: datetime
    told: tuple[Span, ...] = ()
    to_tell: tuple[Mark, ...] = ()

    def is_told(self, change: Change) -> bool:
        """Whether the person's own edition tells a change."""
        return self._is_new(change) and not self.is_left(change)

    def is_left(self, change: Change) -> bool:
        """Whether a digest of their group is to tell it."""
        return self._is_new(change) and any(not mark.holds(change) for mark in self.to_tell)

    def _is_new(self, change: Change) -> bool:
        return self.since <= change.at and not any(span.holds(change) for span in self.told)


@dataclass(frozen=True)
class DueOf:
    """What is due to one person, by key with why: all that is due of `own`, what is news `in_views`; and what is `left`
    to digests of their groups, from which mark."""

    own: dict[int, str]
    in_views: dict[int, str]
    left: dict[int, Mark]


def _in_view(view: SavedView) -> str:
    return f"In the view “{view}” that you follow"


def due_people(*, now: datetime) -> list[tuple[int, datetime, datetime]]:
    """Who follows anything and whose slot has passed, by key, with the window that each is due.

    A window starts where the last one ended, or when the person began to follow what they follow now.
    """
    people = (
        User.objects.active()
        .filter(
            Exists(ViewFollow.objects.filter(person=OuterRef("pk")))
            | Exists(InitiativeFollow.objects.filter(person=OuterRef("pk")))
        )
        .annotate(
            told_to=_one_of(Edition, "ends_at", "-ends_at"),
            first_view=_one_of(ViewFollow, "since", "since"),
            first_initiative=_one_of(InitiativeFollow, "since", "since"),
        )
        .order_by("pk")
        .values_list("pk", "told_to", "first_view", "first_initiative")
    )
    due: list[tuple[int, datetime, datetime]] = []
    told_until = Lives.read().told_until
    windows: dict[datetime, tuple[datetime, datetime] | None] = {}
    for person, told_to, *followed in people:
        start = max(filter(None, (told_to, min(filter(None, followed)), told_until)))
        if start not in windows:  # mostly everybody's is the same
            windows[start] = due_window(WEEKDAY, HOUR, ZONE, start=start, now=now)
        window = windows[start]
        if window:
            due.append((person, *window))
    return due


def _one_of(model: type[Model], column: str, order: str) -> Subquery:
    """The first of a person's, in an order."""
    rows = model._default_manager.filter(person=OuterRef("pk"))
    return Subquery(rows.order_by(order).values(column)[:1])


class Following:
    """What some people follow, among initiatives that changed, and that no group's digest tells them of.

    Five queries for all of them, and one for each view and remit that they share; one more for each person where a
    view asks for what the tallies don't hold.
    """

    def __init__(
        self,
        people: Sequence[User],
        changed: Collection[int],
        *,
        on: date,
        began: datetime = EVER,
    ) -> None:
        """`began`: before this nothing is told, so what was followed earlier is as if from then."""
        read_holdings(people)
        self._on = on
        self._changed = bits_of(changed)
        self._tallied = Tallied.now(on)
        self._whole: dict[str, int | None] = {}
        self._follows: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
        follows = InitiativeFollow.objects.filter(person__any_of=people, initiative__any_of=changed)
        # A moment takes as long to read as all else in a row, and most are of long ago.
        since_then = follows.annotate(then=Case(When(since__gt=began, then="since")))
        for person, initiative, then in since_then.values_list("person_id", "initiative_id", "then"):
            self._follows[person].append((initiative, then or began))
        self._watched: dict[int, list[ViewFollow]] = defaultdict(list)
        watched = ViewFollow.objects.filter(person__any_of=people).select_related("view").order_by("since")
        for follow in watched:
            self._watched[follow.person_id].append(follow)
        self._shares: dict[int, set[int]] = defaultdict(set)
        shares = SavedViewGroup.objects.filter(view__follows__person__any_of=people)
        for view, group in shares.values_list("view_id", "group_id"):
            self._shares[view].add(group)

    def of(self, person: User, telling: Telling) -> dict[int, Followed]:
        """By key what this person follows, with what digests of their groups tell them of it."""
        found = self.all_of(person)
        for pk, told in telling.told(person).items():
            if pk in found:
                found[pk] = replace(found[pk], told=told)
        seen = bits_of(found)
        for group, mark in telling.to_tell(person):
            for pk in keys_of(self._matches(remit_parameters(group), person, seen)):
                found[pk] = replace(found[pk], to_tell=(*found[pk].to_tell, mark))
        return found

    def due_of(
        self, person: User, due: Collection[int], logged: Sequence[int], news: int, telling: Telling
    ) -> DueOf:
        """Of records that something is due of: those that this person logged or follows by itself, and in the views
        that they follow those of which it is `news`.

        Less what digests of their groups are to list.
        """
        seen = self._tallied.seen_by(person)
        why = {pk: "You follow it" for pk, _ in self._follows[person.pk] if pk in due}
        why |= dict.fromkeys(logged, "You logged it")
        own = bits_of(why) & seen
        in_view = self._news_in_views(person, news & seen & ~own) if news else {}
        theirs, left = own | bits_of(in_view), dict[int, Mark]()
        for group, mark in telling.to_tell(person) if theirs else ():
            matched = self._matches(remit_parameters(group), person, theirs)
            left |= {pk: mark for pk in keys_of(matched) if pk not in left or mark.at < left[pk].at}
        return DueOf(
            {pk: why[pk] for pk in those_in(own, sorted(why)) if pk not in left},
            {pk: view for pk, view in in_view.items() if pk not in left},
            {pk: mark for pk, mark in left.items() if pk in why},
        )

    def _news_in_views(self, person: User, news: int) -> dict[int, str]:
        """Of some records those in views that the person follows, and in which."""
        found: dict[int, str] = {}
        for watched in self._watched[person.pk]:
            if not self._may_see(person, watched.view):
                continue
            matched = self._matches(watched.view.parameters, person, news)
            if matched.bit_count() > MOST_DUE:
                matched &= self._tallied.any_of("org", [str(pk) for pk in person.holdings.organisations])
            if matched.bit_count() <= MOST_DUE:
                for pk in keys_of(matched):
                    found.setdefault(pk, _in_view(watched.view))
        return found

    def all_of(self, person: User) -> dict[int, Followed]:
        """By key the initiatives that this person may see and follows, and why: itself, or a view that it is in."""
        seen = self._tallied.seen_by(person) & self._changed
        since = dict(self._follows[person.pk])
        found = {pk: Followed("You follow it", since[pk]) for pk in those_in(seen, since)}
        for watched in self._watched[person.pk]:
            if not self._may_see(person, watched.view):
                continue
            why = Followed(_in_view(watched.view), watched.since)
            for pk in keys_of(self._matches(watched.view.parameters, person, seen)):
                known = found.setdefault(pk, why)
                if why.since < known.since:
                    found[pk] = Followed(known.why, why.since)
        return found

    def _may_see(self, person: User, view: SavedView) -> bool:
        """What `SavedViewQuerySet.visible_to` says, of many people's views at once."""
        if person.holdings.sees_everything or view.owner_id == person.pk:
            return True
        return not self._shares[view.pk].isdisjoint(person.holdings.groups)

    def _matches(self, parameters: Parameters | None, person: User, among: int) -> int:
        """Of some records that the person may see, those that parameters mean; none for wrong ones."""
        if parameters is None or not among:
            return 0
        key = json.dumps(parameters, sort_keys=True)
        if key not in self._whole:
            self._whole[key] = self._meant(parameters)
        whole = self._whole[key]
        if whole is not None:
            return whole & among
        found = select(parameters, user=person, on=self._on).initiatives.order_by()
        return bits_of(found.filter(pk__any_of=keys_of(among)).values_list("pk", flat=True))

    def _meant(self, parameters: Parameters) -> int | None:
        """The records that parameters mean to anybody; None when that is another answer for each reader."""
        selection = select(parameters, user=REGISTER, on=self._on)  # type: ignore[arg-type]
        if selection.errors:
            return 0
        if not ANSWERED.issuperset(name for name, values in parameters.items() if values):
            return None
        kept = self._tallied.bits("kept")
        return self._tallied.selected(selection, parameters, REGISTER, seen=kept)

"""A person's own edition: when it is due, and what they follow outside their groups' digests.

It goes out once a week, to one person. What a group's digest tells them is left to that digest, so that nothing
reaches anybody twice in a week; what is left is asked with their eyes, and told from when they began to follow it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, Model, OuterRef, Subquery

from register.accounts.models import User, WorkingGroup
from register.catalogue.filters import select
from register.catalogue.models import InitiativeFollow, SavedView, ViewFollow
from register.digests.models import WEEKDAYS, DigestSchedule, DigestWish, Edition
from register.digests.slots import due_window, last_slot, moment
from register.groups.remit import in_remit
from register.history.querysets import ChangeQuerySet
from register.initiatives.models import Initiative

# When everybody's goes out: on Mondays at seven.
WEEKDAY, HOUR, ZONE = 0, 7, "Europe/London"
WHEN = f"on {dict(WEEKDAYS)[WEEKDAY]}s at {HOUR:02d}:00"


@dataclass(frozen=True)
class Followed:
    """One initiative that somebody follows: why it reaches them, and since when.

    `until`: what it does from then on is told by a digest of their group.
    """

    why: str
    since: datetime
    until: datetime | None = None

    def is_told(self, at: datetime) -> bool:
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Telling:
    """A group whose digest goes out, and the times that it is silent to one person: what happens in them, it skips.

    They end and begin with a slot, for an edition that goes out tells all since the one before.
    """

    group: WorkingGroup
    silent_from: datetime | None = None
    silent_until: datetime | None = None

    def leaves(self, followed: Followed) -> Followed | None:
        """What of an initiative in the group's remit its digest does not tell; None when it tells all."""
        if self.silent_from is None:
            return None
        ends = [end for end in (followed.until, self.silent_until) if end is not None]
        return Followed(followed.why, max(followed.since, self.silent_from), min(ends, default=None))


def due_people(*, now: datetime) -> list[tuple[User, datetime, datetime]]:
    """Who follows anything and whose slot has passed, with the window that each is due.

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
    )
    due: list[tuple[User, datetime, datetime]] = []
    for person in people:
        began = min(filter(None, (person.first_view, person.first_initiative)))
        start = max(filter(None, (person.told_to, began)))
        window = due_window(WEEKDAY, HOUR, ZONE, start=start, now=now)
        if window:
            due.append((person, *window))
    return due


def _one_of(model: type[Model], column: str, order: str) -> Subquery:
    """The first of a person's, in an order."""
    rows = model._default_manager.filter(person=OuterRef("pk"))
    return Subquery(rows.order_by(order).values(column)[:1])


def follows_anything(person: User) -> bool:
    return (
        ViewFollow.objects.filter(person=person).exists()
        or InitiativeFollow.objects.filter(person=person).exists()
    )


def followed_by(person: User, changes: ChangeQuerySet, *, on: date) -> dict[int, Followed]:
    """Of the initiatives that these changes are of: those that the person follows and that no group tells them of."""
    changed = set(changes.exclude(root_id=None).order_by().values_list("root_id", flat=True).distinct())
    found = followed_of(person, changed, on=on)
    for telling in _groups_that_tell(person):
        told = in_remit(telling.group, person, on).initiatives.order_by().filter(pk__in=list(found))
        for pk in told.values_list("pk", flat=True):
            left = telling.leaves(found.pop(pk))
            if left is not None:
                found[pk] = left
    return found


def followed_of(person: User, initiatives: Collection[int], *, on: date) -> dict[int, Followed]:
    """Of these initiatives, those that the person may see and follows, and why: itself, or a view that it is in."""
    seen = Initiative.objects.visible_to(person).filter(pk__in=initiatives)
    found: dict[int, Followed] = {}
    for follow in InitiativeFollow.objects.filter(person=person, initiative__in=seen):
        found[follow.initiative_id] = Followed("You follow it", follow.since)
    views = ViewFollow.objects.filter(person=person, view__in=SavedView.objects.visible_to(person))
    for watched in views.select_related("view").order_by("since"):
        selection = select(watched.view.parameters, user=person, on=on)
        why = Followed(f"In the view “{watched.view}” that you follow", watched.since)
        for pk in selection.initiatives.order_by().filter(pk__in=initiatives).values_list("pk", flat=True):
            known = found.setdefault(pk, why)
            found[pk] = Followed(known.why, min(known.since, why.since))
    return found


def wished_of(
    person: User, group: WorkingGroup | None, initiatives: Collection[int], *, on: date
) -> dict[int, Followed] | None:
    """What of a group's digest goes to somebody who gets only what they follow of it; None when they get all."""
    wish = DigestWish.objects.of(person, group) if group is not None else None
    if wish is None or wish.wish != DigestWish.Wish.FOLLOWED:
        return None
    return followed_of(person, initiatives, on=on)


def _groups_that_tell(person: User) -> list[Telling]:
    """The person's groups whose digest goes out, each with the times that it does not go out to them.

    One of which they get only what they follow tells them just that, so it is not silent.
    """
    schedules = DigestSchedule.objects.filter(is_on=True, group__in=WorkingGroup.objects.of(person))
    wishes = {wish.group_id: wish for wish in DigestWish.objects.filter(user=person, group__isnull=False)}
    return [
        _telling(schedule, wishes.get(schedule.group_id))
        for schedule in schedules.select_related("group__remit__view").order_by("group")
    ]


def _telling(schedule: DigestSchedule, wish: DigestWish | None) -> Telling:
    if wish is None or (wish.wish != DigestWish.Wish.NONE and wish.paused_until is None):
        return Telling(schedule.group)
    silent_from = last_slot(*schedule.timing, now=wish.since)
    if wish.paused_until is None:
        return Telling(schedule.group, silent_from)
    # The last edition that the pause held back: the one after it, on that day or later, goes out again.
    back = moment(wish.paused_until, 0, ZONE) - timedelta(microseconds=1)
    return Telling(schedule.group, silent_from, last_slot(*schedule.timing, now=back))

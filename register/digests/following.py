"""A person's own edition: when it is due, and what they follow outside their groups' digests.

It goes out once a week, to one person. What a group's digest tells them is left to that digest, so that nothing
reaches anybody twice in a week; what is left is asked with their eyes, and told from when they began to follow it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, Model, OuterRef, Subquery

from register.accounts.models import User, WorkingGroup
from register.catalogue.filters import select
from register.catalogue.models import InitiativeFollow, SavedView, ViewFollow
from register.digests.models import WEEKDAYS, DigestSchedule, DigestWish, Edition
from register.digests.slots import due_window
from register.groups.remit import in_remit
from register.history.querysets import ChangeQuerySet
from register.initiatives.models import Initiative

# When everybody's goes out: on Mondays at seven.
WEEKDAY, HOUR, ZONE = 0, 7, "Europe/London"
WHEN = f"on {dict(WEEKDAYS)[WEEKDAY]}s at {HOUR:02d}:00"


@dataclass(frozen=True)
class Followed:
    """One initiative that somebody follows: why it reaches them, and since when."""

    why: str
    since: datetime


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
    for group in _groups_that_tell(person, on):
        told = in_remit(group, person, on).initiatives.order_by().filter(pk__in=list(found))
        for pk in told.values_list("pk", flat=True):
            del found[pk]
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


def _groups_that_tell(person: User, on: date) -> list[WorkingGroup]:
    """The person's groups whose digest goes out to them: neither refused nor paused on that day.

    One of which they get only what they follow tells them just that: it is among these.
    """
    silent = DigestWish.objects.not_coming(on).filter(user=person, group__isnull=False).values("group")
    telling = DigestSchedule.objects.filter(is_on=True).values("group")
    groups = WorkingGroup.objects.of(person).filter(pk__in=telling).exclude(pk__in=silent)
    return list(groups.select_related("remit__view"))

"""What is due in a remit: records to confirm, agreements and decisions to review, milestones to reach.

An old lateness is no news. It is listed in an edition that has something to say, and makes none of its own; what
fell late, or came into reach, since the window began does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q

from register.core.dates import LimitedDate
from register.digests.models import EditionItem
from register.digests.words import DATES_THAT_OPEN_A_DOOR, DUE_SOON, LATE
from register.groups.models import Decision
from register.initiatives.models import Agreement, Initiative, Milestone
from register.initiatives.querysets import InitiativeQuerySet
from register.initiatives.vocabulary import Standing

# How far ahead a date is listed, and how far ahead the review of an agreement is announced, once.
SOON = timedelta(days=14)
AHEAD = timedelta(days=70)


@dataclass(frozen=True)
class Due:
    initiative_id: int
    heading: str
    kind: str
    sub: str
    sentence: str
    is_news: bool
    day: date


@dataclass(frozen=True)
class Window:
    """The days an edition looks at: from the day its window began to the day it ended."""

    since: date
    on: date

    def is_listed(self, day: date) -> bool:
        return day <= self.on + SOON

    def is_late(self, day: date) -> bool:
        return day < self.on

    def is_news(self, day: date) -> bool:
        """It was not listed as it is now at the end of the window before."""
        came_near = self.since + SOON < day <= self.on + SOON
        fell_late = self.since <= day < self.on
        return came_near or fell_late

    def comes_into_reach(self, day: date) -> bool:
        return self.since + AHEAD < day <= self.on + AHEAD


def news_in(remit: InitiativeQuerySet, *, since: date, on: date) -> list[Due]:
    """What of it came near or fell late within a window, in three queries; an old lateness is not read."""
    window = Window(since, on)
    active = remit.filter(standing=Standing.ACTIVE)
    came_near = Q(next_update_due__gt=since + SOON, next_update_due__lte=on + SOON)
    fell_late = Q(next_update_due__gte=since, next_update_due__lt=on)
    due = [
        *_confirmations(active.filter(came_near | fell_late), window),
        *_agreements(active, window),
        *_milestones(active, window),
    ]
    return [one for one in due if one.is_news]


def due_in(remit: InitiativeQuerySet, *, group_id: int | None, since: date, on: date) -> list[Due]:
    """Everything due in the remit, in four queries."""
    window = Window(since, on)
    active = remit.filter(standing=Standing.ACTIVE)
    return [
        *_confirmations(active, window),
        *_agreements(active, window),
        *_milestones(active, window),
        *_reviews(active, window, group_id),
    ]


def _listed(initiative_id: int, kind: str, day: date, window: Window, *, late: str, soon: str) -> Due:
    is_late = window.is_late(day)
    return Due(
        initiative_id,
        EditionItem.Heading.DUE,
        f"{kind}_{'late' if is_late else 'soon'}",
        LATE if is_late else DUE_SOON,
        late if is_late else soon,
        window.is_news(day),
        day,
    )


def _confirmations(active: InitiativeQuerySet, window: Window) -> list[Due]:
    found: InitiativeQuerySet = (
        active.filter(next_update_due__lte=window.on + SOON)
        .only("next_update_due")
        .order_by("next_update_due", "pk")
    )
    return [_confirmation(initiative, window) for initiative in found]


def _confirmation(initiative: Initiative, window: Window) -> Due:
    day = initiative.next_update_due
    assert day is not None  # the query asked for it
    return _listed(
        initiative.pk,
        "confirm",
        day,
        window,
        late=f"was due to be confirmed on {day:%-d %B %Y}",
        soon=f"is due to be confirmed by {day:%-d %B %Y}",
    )


def _agreements(active: InitiativeQuerySet, window: Window) -> list[Due]:
    """A review or an end that comes into reach is an opportunity, said once; when it is near or late it is due.

    Of an agreement that has ended nothing is due: when it ends is told before.
    """
    ahead = window.on + AHEAD
    found = (
        Agreement.objects.filter(Q(review_on__lte=ahead) | Q(ends_on__lte=ahead), initiative__in=active)
        .exclude(ends_on__lt=window.on)
        .order_by("pk")
    )
    days: list[tuple[date, Agreement, str, str]] = []
    for agreement in found:
        if agreement.review_on and agreement.review_on <= ahead:
            days.append((agreement.review_on, agreement, "due for review", "that was due for review on"))
        if agreement.ends_on and agreement.ends_on <= ahead:
            days.append((agreement.ends_on, agreement, "ending", ""))
    told = [
        _agreement(agreement, day, what, late, window)
        for day, agreement, what, late in sorted(days, key=_by_day)
    ]
    return [due for due in told if due]


def _by_day(row: tuple[date, Agreement, str, str]) -> tuple[date, int]:
    return row[0], row[1].pk


def _agreement(agreement: Agreement, day: date, what: str, late: str, window: Window) -> Due | None:
    said = f"has an agreement {'ending on' if what == 'ending' else f'{what} by'} {day:%-d %B %Y}"
    if window.is_listed(day):
        return _listed(
            agreement.initiative_id,
            "agreement",
            day,
            window,
            late=f"has an agreement {late} {day:%-d %B %Y}",
            soon=said,
        )
    if not window.comes_into_reach(day):
        return None
    return Due(
        agreement.initiative_id,
        EditionItem.Heading.OPPORTUNITIES,
        "agreement_ahead",
        DATES_THAT_OPEN_A_DOOR,
        said,
        is_news=True,
        day=day,
    )


def _milestones(active: InitiativeQuerySet, window: Window) -> list[Due]:
    found = Milestone.objects.filter(
        initiative__in=active, reached_on=None, due_on__lte=window.on + SOON
    ).order_by("due_on", "pk")
    due = []
    for milestone in found:
        when = LimitedDate(milestone.due_on, milestone.due_precision)
        if window.is_listed(when.last):
            due.append(
                _listed(
                    milestone.initiative_id,
                    "milestone",
                    when.last,
                    window,
                    late=f"has not reached a milestone that was due {_by(when)}: {milestone.what}",
                    soon=f"has a milestone due {_by(when)}: {milestone.what}",
                )
            )
    return due


def _by(when: LimitedDate) -> str:
    return f"by {when}" if when.precision == "day" else f"in {when}"


def _reviews(active: InitiativeQuerySet, window: Window, group_id: int | None) -> list[Due]:
    """When the group is to look again: its latest decision on each record counts, as it stands."""
    latest: dict[int, Decision] = {}
    decisions = Decision.objects.filter(initiative__in=active, group=group_id).standing()
    for decision in decisions.order_by("decided_on", "pk"):
        latest[decision.initiative_id] = decision
    return [
        _listed(
            decision.initiative_id,
            "review",
            decision.next_review_on,
            window,
            late=f"was to be reviewed by the group on {decision.next_review_on:%-d %B %Y}",
            soon=f"is to be reviewed by the group on {decision.next_review_on:%-d %B %Y}",
        )
        for decision in latest.values()
        if decision.next_review_on and window.is_listed(decision.next_review_on)
    ]

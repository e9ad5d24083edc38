"""What waits for a person: confirmations, drafts, questions of groups, agreements and milestones that come up.

Of each kind only the most urgent are read, with the number of all: an organisation may take part in thousands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, QuerySet, Window
from django.urls import reverse

from register.groups.models import Decision
from register.initiatives.models import Agreement, Initiative, Milestone
from register.initiatives.querysets import InitiativeQuerySet
from register.initiatives.vocabulary import Audience, Standing

if TYPE_CHECKING:
    from register.accounts.models import User

# How long before its day a confirmation is asked for, and a date is told.
TO_CONFIRM, SOON = timedelta(days=14), timedelta(days=70)
MOST = 8


@dataclass(frozen=True)
class Item:
    """One thing that waits: by when, for which record, what is asked, and what to press."""

    due: date | None
    days: int
    initiative: Initiative
    text: str
    confirms: bool = False
    action: str = ""
    url: str = ""

    @property
    def is_late(self) -> bool:
        return self.days < 0


def what_waits(user: User, mine: InitiativeQuerySet, on: date) -> tuple[list[Item], int]:
    """The most urgent things of a person's own initiatives, what has a day first; and how many there are."""
    editable = mine.editable_by(user)
    found: list[Item] = []
    number = 0
    for items, total in (
        _confirmations(editable, on),
        _drafts(editable),
        _questions(editable, on),
        _agreements(editable, on),
        _milestones(editable, on),
    ):
        found += items
        number += total
    found.sort(key=lambda item: (item.due is None, item.due or on, item.initiative.pk))
    return found[:MOST], number


def _first(rows: QuerySet[Any]) -> tuple[list[Any], int]:
    """The first rows, and how many there are of all: one query."""
    found = list(rows.annotate(of_all=Window(Count("pk")))[:MOST])
    return found, found[0].of_all if found else 0


def _confirmations(editable: InitiativeQuerySet, on: date) -> tuple[list[Item], int]:
    due = editable.filter(standing=Standing.ACTIVE, next_update_due__lte=on + TO_CONFIRM)
    rows, number = _first(due.order_by("next_update_due", "pk"))
    return [
        Item(
            i.next_update_due,
            (i.next_update_due - on).days,
            i,
            f"Is this entry still current? It was last confirmed on {i.confirmed_on:%-d %B %Y}."
            if i.confirmed_on
            else "Is this entry still current? Nobody has confirmed it yet.",
            confirms=True,
        )
        for i in rows
    ], number


def _drafts(editable: InitiativeQuerySet) -> tuple[list[Item], int]:
    rows, number = _first(editable.filter(audience=Audience.DRAFT).order_by("pk"))
    return [
        Item(
            None,
            0,
            i,
            "This is a draft: only the lead organisation sees it.",
            action="Finish it",
            url=reverse("initiative_edit", args=[i.reference]),
        )
        for i in rows
    ], number


def _questions(editable: InitiativeQuerySet, on: date) -> tuple[list[Item], int]:
    """Groups that asked for more information, where that was their last word, as it stands."""
    last = Decision.objects.filter(initiative__in=editable.values("pk")).standing()
    last = last.order_by("initiative_id", "group_id", "-decided_on", "-pk").distinct(
        "initiative_id", "group_id"
    )
    asked = Decision.objects.filter(pk__in=last.values("pk"), outcome=Decision.Outcome.MORE_INFORMATION)
    rows, number = _first(
        asked.select_related("group", "initiative").order_by(F("next_review_on").asc(nulls_last=True), "pk")
    )
    return [
        Item(
            d.next_review_on,
            (d.next_review_on - on).days if d.next_review_on else 0,
            d.initiative,
            f"{d.group} asked for more information on {d.decided_on:%-d %B %Y}: {d.reasons}",
            action="Answer",
            url=d.initiative.get_absolute_url(),
        )
        for d in rows
    ], number


def _agreements(editable: InitiativeQuerySet, on: date) -> tuple[list[Item], int]:
    due = Agreement.objects.filter(initiative__in=editable.values("pk"), review_on__lte=on + SOON)
    rows, number = _first(_soonest(due.exclude(ends_on__lt=on), "review_on"))
    return [
        Item(
            row.review_on,
            (row.review_on - on).days,
            row.initiative,
            f"Its agreement comes up for review: {row}.",
            action="Open the agreement",
            url=f"{row.initiative.get_absolute_url()}#agreements",
        )
        for row in rows
    ], number


def _milestones(editable: InitiativeQuerySet, on: date) -> tuple[list[Item], int]:
    due = Milestone.objects.filter(initiative__in=editable.values("pk"), due_on__lte=on + SOON)
    rows, number = _first(_soonest(due.filter(reached_on=None), "due_on"))
    return [
        Item(
            row.due_on,
            (row.due_on - on).days,
            row.initiative,
            f"Milestone: {row.what}.",
            action="Open the milestone",
            url=f"{row.initiative.get_absolute_url()}#milestones",
        )
        for row in rows
    ], number


def _soonest(rows: QuerySet[Any], day: str) -> QuerySet[Any]:
    return rows.select_related("initiative").order_by(day, "pk")

"""Who was sent an edition, when, and what failed: for the group's secretary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, Count, IntegerField, QuerySet, Value, When
from django.utils.timezone import localtime

from register.accounts.models import User
from register.digests.models import Delivery, DigestWish, Edition
from register.digests.posting.refused import PAUSED

State = Delivery.State
# What asks for somebody's eyes stands first.
ORDER = [State.FAILED, State.HELD, State.WAITING, State.CLAIMED, State.SENDING, State.SKIPPED, State.SENT]
COUNTED = {
    State.SENT: "sent",
    State.WAITING: "waiting",
    State.CLAIMED: "being written",
    State.SENDING: "being sent",
    State.SKIPPED: "skipped",
    State.HELD: "held",
    State.FAILED: "failed",
}
RELEASED = (State.HELD, State.FAILED)


def may_release(delivery: Delivery) -> bool:
    """Whether somebody can let it be tried again: it was held, it failed, or its reader's address is paused."""
    return delivery.state in RELEASED or (delivery.state == State.SKIPPED and delivery.why == PAUSED)


@dataclass(frozen=True)
class Row:
    """One person, and what became of their copy."""

    delivery: Delivery
    said: str
    may_release: bool


def deliveries_of(edition: Edition) -> QuerySet[Delivery]:
    """Those of the edition with their people, what needs somebody first."""
    places = [When(state=state, then=Value(place)) for place, state in enumerate(ORDER)]
    return (
        Delivery.objects.filter(edition=edition)
        .select_related("user")
        .annotate(place=Case(*places, default=Value(len(ORDER)), output_field=IntegerField()))
        .order_by("place", "user__name", "pk")
    )


def counts_of(edition: Edition) -> list[str]:
    """Such as ["12 sent", "1 held"]."""
    found = dict(
        Delivery.objects.filter(edition=edition).order_by().values_list("state").annotate(Count("pk"))
    )
    known = [f"{found[state]:,} {word}" for state, word in COUNTED.items() if state in found]
    return known + [f"{number:,} {state}" for state, number in found.items() if state not in COUNTED]


def rows_of(deliveries: Iterable[Delivery]) -> list[Row]:
    return [Row(delivery, said_of(delivery), may_release(delivery)) for delivery in deliveries]


def said_of(delivery: Delivery) -> str:
    """Its state in a line, such as "Sent on 23 November 2026, 07:01" or "Skipped. They switched it off."."""
    if delivery.state == State.SENT and delivery.sent_at:
        return f"Sent on {localtime(delivery.sent_at):%-d %B %Y, %H:%M}"
    if delivery.state == State.WAITING and delivery.attempts:
        said = f"To be tried again on {localtime(delivery.due_at):%-d %B %Y, %H:%M}"
    else:
        said = delivery.get_state_display().split(":")[0]
    return f"{said}. {delivery.why}" if delivery.why else said


def not_addressed(edition: Edition) -> list[tuple[User, str]]:
    """People who are in the group now and have no delivery of the edition, each with why, as far as is known."""
    if edition.group is None or edition.state != Edition.State.READY:
        return []
    addressed = Delivery.objects.filter(edition=edition).values("user")
    people = User.objects.in_group(edition.group).exclude(pk__in=addressed).order_by("name", "pk")
    refusing = set(DigestWish.objects.refusing().filter(group=edition.group).values_list("user", flat=True))
    return [
        (
            person,
            "They want none." if person.pk in refusing else "Not in the group, or wanted none, at the time.",
        )
        for person in people
    ]

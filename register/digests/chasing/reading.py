"""What is left to ask or to tell one person, through their eyes of now; and what a link still asks."""

from __future__ import annotations

import enum
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.timezone import localdate

from register.accounts.models import User
from register.accounts.roles import Role
from register.digests.chasing.links import Question
from register.digests.chasing.models import Chase, ChaseItem, ChaseRound
from register.digests.models import RefusedAddress
from register.digests.posting.refused import PAUSED, refused_of
from register.initiatives.models import Initiative
from register.initiatives.querysets import InitiativeQuerySet
from register.initiatives.vocabulary import PartnerRole, Standing


@dataclass(frozen=True)
class Line:
    """A record in an email. `asked` are the people who were asked the last time, for who is told of it."""

    initiative: Initiative
    asked_before: int
    lead_is_told: bool = False
    asked: tuple[str, ...] = ()
    last_asked_on: date | None = None


def why_nothing(chase: Chase) -> str:
    """Why the person is not to get it after all, as of now; empty when they are."""
    if not chase.person.is_active or chase.person.erased_at:
        return "They have left."
    if refused_of([chase.person]).get(chase.person_id, 0) >= RefusedAddress.PAUSES:
        return PAUSED
    if ChaseRound.objects.filter(week__gt=chase.round.week).exists():
        return "The next asking came first."
    return ""


def lines_of(chase: Chase, *, now: datetime) -> list[Line]:
    """What is left of an email, in its order: records that are still late and still this person's to see to."""
    items = list(chase.items.all())
    late = Initiative.objects.late(localdate(now)).filter(pk__in={item.initiative_id for item in items})
    of_theirs = (
        _led_by(chase.person, late) if chase.kind == Chase.Kind.LEAD else late.editable_by(chase.person)
    )
    found = of_theirs.prefetch_related("partners__organisation").in_bulk()
    asked = _who_was_asked(found, chase.round) if chase.kind == Chase.Kind.LEAD else {}
    told = set(
        ChaseItem.objects.filter(initiative__in=found)
        .told()
        .without_answer()
        .values_list("initiative_id", flat=True)
    )
    return [
        Line(
            found[item.initiative_id],
            item.asked_before,
            item.initiative_id in told,
            *asked.get(item.initiative_id, ()),
        )
        for item in items
        if item.initiative_id in found
    ]


def _led_by(person: User, initiatives: InitiativeQuerySet) -> InitiativeQuerySet:
    """Of these, the records that organisations lead for which the person is the organisation lead."""
    mine = [pk for pk, roles in person.holdings.organisations.items() if Role.ORGANISATION_LEAD in roles]
    return initiatives.filter(partners__organisation__in=mine, partners__role=PartnerRole.LEAD)


def _who_was_asked(initiatives: Iterable[int], before: ChaseRound) -> dict[int, tuple[tuple[str, ...], date]]:
    """For each record the names of those who were last asked about it before this week, and the day."""
    names: dict[int, dict[date, list[str]]] = defaultdict(lambda: defaultdict(list))
    items = ChaseItem.objects.filter(
        initiative__in=list(initiatives), chase__round__week__lt=before.week
    ).asked()
    for item in (
        items.without_answer()
        .select_related("chase__person", "chase__round")
        .order_by("chase__person__name", "chase__person__pk")
    ):
        day = localdate(item.chase.round.opened_at)
        names[item.initiative_id][day].append(str(item.chase.person))
    return {pk: (tuple(by_day[max(by_day)]), max(by_day)) for pk, by_day in names.items()}


class State(enum.Enum):
    """What a link from an email finds."""

    ASKED = "it waits for an answer"
    ANSWERED = "it was confirmed meanwhile"
    ENDED = "it is paused, closed or declined"
    NOT_THEIRS = "the person may not change it any more, or it is gone"
    LEFT = "the person has left"


@dataclass(frozen=True)
class Found:
    """What a link finds; the record only where its person may still change it."""

    state: State
    initiative: Initiative | None = None


def look(question: Question, *, on: date) -> Found:
    """Whether the question of a link still waits."""
    if question.person is None:
        return Found(State.LEFT)
    initiative = Initiative.objects.editable_by(question.person).filter(number=question.number).first()
    if initiative is None:
        return Found(State.NOT_THEIRS)
    if initiative.standing != Standing.ACTIVE:
        return Found(State.ENDED, initiative)
    was_confirmed = initiative.confirmed_on is not None and initiative.confirmed_on >= question.asked_on
    if was_confirmed or not initiative.days_late(on):
        return Found(State.ANSWERED, initiative)
    return Found(State.ASKED, initiative)

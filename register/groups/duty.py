"""Evidence of the duty to consider: what one organisation was notified of in a year, what it answered, and why.

A year is a financial year, 1 April to 31 March, as the accounts and plans of police and fire authorities are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Q

from register.core.dates import financial_year_in_words
from register.groups.models import Consideration, Decision
from register.initiatives.models import Initiative, StageMove
from register.initiatives.vocabulary import Standing
from register.reference.models import Organisation

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User

Kind = Organisation.Kind
POLICE = (Kind.POLICE, Kind.POLICING_BODY)
# The emergency services that the Policing and Crime Act 2017 speaks of.
EMERGENCY = (*POLICE, Kind.FIRE, Kind.AMBULANCE)

ENGLAND = (
    "Policing and Crime Act 2017, sections 1 and 2",
    "In England police, fire and rescue and ambulance services keep opportunities to collaborate under consideration."
    " One that proposes a collaboration that could be in the interests of efficiency or effectiveness notifies the"
    " others it concerns, and they consider it. They collaborate where that is in those interests of each, unless it"
    " would harm public safety.",
)
WALES_POLICE = (
    "Police Act 1996, section 22A",
    "In Wales police forces and policing bodies may agree to collaborate in the interests of efficiency or"
    " effectiveness. Sections 1 and 2 of the Policing and Crime Act 2017 bind services in England.",
)
WALES_FIRE = (
    "Fire and Rescue Services Act 2004, section 16",
    "In Wales fire and rescue authorities may arrange for others to carry out their functions. Sections 1 and 2 of the"
    " Policing and Crime Act 2017 bind services in England.",
)
NONE_KNOWN = (
    "No duty in law is known to the register",
    "Sections 1 and 2 of the Policing and Crime Act 2017 bind police, fire and rescue and ambulance services in"
    " England. What this organisation was notified of, and what it considered, is kept all the same.",
)


@dataclass(frozen=True)
class Entry:
    """One consideration, with what working groups decided on the record in the year."""

    consideration: Consideration
    decisions: tuple[Decision, ...]

    @property
    def initiative(self) -> Initiative:
        return self.consideration.initiative


@dataclass(frozen=True)
class Declined:
    """A record of the organisation's that was declined in the year."""

    move: StageMove
    decisions: tuple[Decision, ...]

    @property
    def initiative(self) -> Initiative:
        return self.move.initiative


@dataclass(frozen=True)
class Evidence:
    body: Organisation
    year: int
    received: tuple[Entry, ...]
    given: tuple[Entry, ...]
    declined: tuple[Declined, ...]

    @property
    def year_in_words(self) -> str:
        return financial_year_in_words(self.year)

    @property
    def first(self) -> date:
        return date(self.year, 4, 1)

    @property
    def last(self) -> date:
        return date(self.year + 1, 3, 31)

    @property
    def law(self) -> tuple[str, str]:
        """(Which sections, what they come to) for where the organisation is and what it is."""
        return law_for(self.body)

    @property
    def answered(self) -> int:
        return sum(entry.consideration.is_answered for entry in self.received)

    @property
    def initiatives(self) -> list[Initiative]:
        told = [entry.initiative for entry in (*self.received, *self.given)]
        return [*told, *(declined.initiative for declined in self.declined)]

    @property
    def is_sensitive(self) -> bool:
        return any(initiative.is_sensitive for initiative in self.initiatives)


def law_for(body: Organisation) -> tuple[str, str]:
    if body.nation == "England" and body.kind in EMERGENCY:
        return ENGLAND
    if body.nation == "Wales" and body.kind in POLICE:
        return WALES_POLICE
    if body.nation == "Wales" and body.kind == Kind.FIRE:
        return WALES_FIRE
    return NONE_KNOWN


def evidence(body: Organisation, year: int, user: User | AnonymousUser) -> Evidence:
    """What there is for one organisation and one financial year (2026 for 2026–27), through one reader's eyes."""
    blank = Evidence(body, year, (), (), ())
    first, last = blank.first, blank.last
    seen = Initiative.objects.visible_to(user)
    told = Consideration.objects.filter(initiative__in=seen).between(first, last)
    told = told.select_related("initiative", "organisation", "notified_by").order_by("notified_on", "pk")
    received: list[Consideration] = list(told.filter(organisation=body))
    given: list[Consideration] = list(told.filter(notified_by=body))
    moves = (
        StageMove.objects.filter(initiative__in=seen.of_organisations([body.pk]))
        .filter(_within(first, last), to_standing=Standing.DECLINED)
        .exclude(from_standing=Standing.DECLINED)
        .select_related("initiative")
        .order_by("happened_on", "pk")
    )
    declined: list[StageMove] = list(moves)
    records = {one.initiative_id for one in [*received, *given]} | {one.initiative_id for one in declined}
    decisions = _decisions(records, first, last)
    return Evidence(
        body,
        year,
        tuple(Entry(one, decisions.get(one.initiative_id, ())) for one in received),
        tuple(Entry(one, decisions.get(one.initiative_id, ())) for one in given),
        tuple(Declined(one, decisions.get(one.initiative_id, ())) for one in declined),
    )


def _within(first: date, last: date) -> Q:
    """Moves of a financial year. One of which only the calendar year is known may be of either year, and is in both."""
    years = [date(first.year, 1, 1), date(last.year, 1, 1)]
    exact = Q(happened_on__gte=first, happened_on__lte=last) & ~Q(happened_precision="year")
    return exact | Q(happened_precision="year", happened_on__in=years)


def _decisions(initiatives: Iterable[int], first: date, last: date) -> dict[int, tuple[Decision, ...]]:
    found: dict[int, list[Decision]] = defaultdict(list)
    decisions = Decision.objects.filter(
        initiative__in=initiatives, decided_on__gte=first, decided_on__lte=last
    ).select_related("group", "corrected_by")
    for decision in decisions.order_by("decided_on", "pk"):
        found[decision.initiative_id].append(decision)
    return {pk: tuple(rows) for pk, rows in found.items()}

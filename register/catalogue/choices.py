"""The values that the filter language has of its own: codes, and what they are called."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations, product

from django.db.models import Q

from register.initiatives.vocabulary import BarrierCategory, BenefitKind, Outcome, Remover, Standing


def _in_words(names: list[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} with {names[0].lower()}"
    lower = [names[0], *(name.lower() for name in names[1:])]
    return f"{', '.join(lower[:-1])} and {lower[-1]}"


SERVICES = {
    "police": ("police", "policing_body"),
    "fire": ("fire",),
    "ambulance": ("ambulance",),
    "council": ("council",),
    "other": ("health", "justice", "voluntary", "private", "national"),
}
SERVICE_LABELS = [
    ("police", "Police"),
    ("fire", "Fire"),
    ("ambulance", "Ambulance"),
    ("council", "Council"),
    ("other", "Others"),
]
# Every set of services, such as police-fire, in their order; one alone works with others of its kind.
MIXES = [
    ("-".join(code for code, _ in some), _in_words([label for _, label in some]))
    for number in range(1, len(SERVICE_LABELS) + 1)
    for some in combinations(SERVICE_LABELS, number)
]
FRESHNESS = [
    ("3-months", "Confirmed in the last 3 months"),
    ("6-months", "Confirmed 3 to 6 months ago"),
    ("12-months", "Confirmed 6 to 12 months ago"),
    ("late", "Late for its update"),
    ("never", "Never confirmed"),
]
# Confirmed so many weeks ago or more, and fewer than so many.
WEEKS = {"3-months": (0, 13), "6-months": (13, 26), "12-months": (26, 5200)}
FIGURES = [("with", "With a figure"), ("none", "With no figure")]
# Whether others may copy it, as its owners said.
REPLICABLE = {True: "yes", False: "no", None: "unasked"}
REPLICATION = [("yes", "Open to replication"), ("no", "Not open to it"), ("unasked", "Nobody has asked")]
EXAMPLES = [("only", "Exampleshire only"), ("with", "Exampleshire too")]
CHANGED = [
    ("week", "In the last 7 days"),
    ("month", "In the last 4 weeks"),
    ("quarter", "In the last 3 months"),
    ("year", "In the last year"),
]
CHANGED_DAYS = {"week": 7, "month": 28, "quarter": 91, "year": 365}
MINE = [("mine", "Mine: my organisation takes part, or I logged it"), ("follows", "Those I follow")]


def freshness(code: str, on: date) -> Q:
    """Which records are as fresh as that on a day. Each record that goes on is in exactly one of them."""
    late = Q(standing=Standing.ACTIVE, next_update_due__lt=on)
    if code == "late":
        return late
    if code == "never":
        return Q(confirmed_on=None) & ~late
    newest, oldest = WEEKS[code]
    return ~late & Q(
        confirmed_on__lte=on - timedelta(weeks=newest) if newest else on,
        confirmed_on__gt=on - timedelta(weeks=oldest),
    )


def barrier_codes(categories: list[str], removers: list[str]) -> list[str]:
    """What an entry says of one barrier of these categories and removers; none given means any."""
    return _pairs(categories or BarrierCategory.values, removers or Remover.values)


def benefit_codes(outcomes: list[str], kinds: list[str]) -> list[str]:
    """What an entry says of one benefit of these outcomes and kinds; none given means any."""
    return _pairs(outcomes or Outcome.values, kinds or BenefitKind.values)


def _pairs(first: list[str], second: list[str]) -> list[str]:
    return [f"{one}:{other}" for one, other in product(first, second)]

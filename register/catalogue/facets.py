"""How many initiatives each choice of the filter panel would show, the other filters as they stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from register.catalogue.choices import barrier_codes, benefit_codes
from register.catalogue.filters import PAGE_PARAMETERS, Parameters, select
from register.catalogue.tallies import Tallied
from register.initiatives.vocabulary import BarrierCategory, BenefitKind, Outcome, Remover

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User

Counts = dict[str, int]
# The questions whose choices are counted; of the last four each choice is of a part of a pair.
QUESTIONS = (
    "area", "stage", "standing", "service", "mix", "place", "region", "depth", "figure", "fresh", "marking",
    "replicable", "outcome", "benefit", "barrier", "remover",
)  # fmt: skip


def counts(parameters: Parameters, *, user: User | AnonymousUser, on: date) -> tuple[int, dict[str, Counts]]:
    """How many match, and by question and choice how many would. Nothing when the parameters are wrong."""
    selection = select(parameters, user=user, on=on)
    if selection.errors:
        return 0, {}
    told = {name: values for name, values in parameters.items() if name not in PAGE_PARAMETERS and values}
    tallied = Tallied.now(on)
    seen = tallied.seen_by(user)
    among = tallied.selected(selection, told, user, seen=seen)
    found = {}
    for question in QUESTIONS:
        within = (
            tallied.selected(selection, told, user, seen=seen, without=question)
            if question in told
            else among
        )
        found[question] = _numbers(tallied, question, told, within)
    return among.bit_count(), found


def _numbers(tallied: Tallied, question: str, told: Parameters, within: int) -> Counts:
    if question not in PARTS:
        return tallied.counts(question, within)
    pairs, parts = PARTS[question]
    codes = {part: parts(part, told) for part in CHOICES[question]}
    found = {part: (tallied.any_of(pairs, some) & within).bit_count() for part, some in codes.items()}
    return {part: number for part, number in found.items() if number}


def _asked(told: Parameters, name: str) -> list[str]:
    return list(told.get(name, ()))


# A choice of one part counts those with a pair of it and of one of the other part's that are asked for, if any are.
CHOICES: Mapping[str, list[str]] = {
    "barrier": BarrierCategory.values,
    "remover": Remover.values,
    "outcome": Outcome.values,
    "benefit": BenefitKind.values,
}
PARTS = {
    "barrier": ("barriers", lambda part, told: barrier_codes([part], _asked(told, "remover"))),
    "remover": ("barriers", lambda part, told: barrier_codes(_asked(told, "barrier"), [part])),
    "outcome": ("benefits", lambda part, told: benefit_codes([part], _asked(told, "benefit"))),
    "benefit": ("benefits", lambda part, told: benefit_codes(_asked(told, "outcome"), [part])),
}

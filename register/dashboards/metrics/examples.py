"""What is shown of an example that others could follow: why it is there, what it saves, what is known, whom to ask."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.urls import reverse

from register.core.dates import LimitedDate, financial_year, financial_year_in_words
from register.dashboards.metrics.closeness import MOST_NAMED, Surroundings, Tier
from register.initiatives.models import Initiative, SavingLine
from register.initiatives.rows import Row, rows_of
from register.initiatives.vocabulary import BenefitKind, Evidence, NoFigureReason, PartnerRole
from register.initiatives.whole import gather

if TYPE_CHECKING:
    from register.reference.models import AreaOfWork, PoliceArea

HANGING = ("benefits", "stated_figures", "stage_moves")
KINDS = list(BenefitKind.values)
# The best evidence first, and what of a line counts as such.
WORDS: tuple[tuple[str, Callable[[SavingLine], int | None]], ...] = (
    ("verified", lambda line: line.actual_pence if line.verified_on else None),
    ("claimed", lambda line: None if line.verified_on else line.actual_pence),
    ("forecast", lambda line: line.forecast_pence),
)


@dataclass(frozen=True)
class Saving:
    """What it saves: an amount with its word and what it is of, or why there is none."""

    pence: int | None
    words: str
    qualifier: str = ""


@dataclass(frozen=True)
class Contact:
    """Whom to ask: a post, with its shared mailbox, or the organisation that leads."""

    name: str
    mailbox: str = ""


@dataclass(frozen=True)
class Example:
    row: Row
    why: tuple[str, ...]
    since: LimitedDate | None
    saving: Saving
    evidence: str
    contact: Contact | None
    log_url: str

    @property
    def replication(self) -> str:
        """Whether its owners say that others may do the same."""
        told = self.row.initiative.open_to_replication
        return "Not asked" if told is None else "Open to others" if told else "Not open to others"


def examples_of(
    found: Sequence[Any],
    around: Surroundings,
    wanted: Sequence[str],
    *,
    where: str,
    area: AreaOfWork,
    place: PoliceArea | None,
    on: date,
) -> tuple[Example, ...]:
    """The rows of the page, in their order: two queries."""
    gather(found, HANGING, named=False)
    return tuple(
        Example(
            row,
            tuple(_why(row, around, wanted, where)),
            _since(row.initiative),
            saving_of(row.initiative, on),
            _evidence(row.initiative),
            _contact(row),
            like_url(row.initiative, area.code, place.slug if place else ""),
        )
        for row in rows_of(found)
    )


def like_url(initiative: Initiative, area: str, place: str) -> str:
    """The page that logs an opportunity, with what can be taken over from this initiative."""
    told = {"like": initiative.reference, "place": place, "area": area}
    return f"{reverse('initiative_new')}?{urlencode({name: value for name, value in told.items() if value})}"


def saving_of(initiative: Initiative, on: date) -> Saving:
    """The latest year of the best evidence there is; else what is stated; else why there is no figure.

    Of one kind only, recurring before one-off and cashable first: kinds, years and words are never added together.
    """
    lines = [line for benefit in initiative.benefits.all() for line in benefit.lines.all()]
    for word, amount in WORDS:
        sums: dict[tuple[bool, int], dict[int, int]] = defaultdict(lambda: defaultdict(int))
        for line in lines:
            pence = amount(line)
            if pence is not None:
                kind = (not line.benefit.is_recurring, KINDS.index(line.benefit.kind))
                sums[kind][line.financial_year] += pence
        if sums:
            (is_once, kind_index), years = min(sums.items(), key=lambda one: one[0])
            past = [year for year in years if year <= financial_year(on)]
            year = max(past) if past else min(years)
            label = BenefitKind(KINDS[kind_index]).label.lower()
            once = ", one-off" if is_once else ""
            return Saving(years[year], f"{word} for {financial_year_in_words(year)}, {label}{once}")
    return _stated(initiative)


def _stated(initiative: Initiative) -> Saving:
    figures = sorted(initiative.stated_savings, key=lambda figure: figure.amount_pence is None)
    if figures:
        figure, more = figures[0], f", and {len(figures) - 1} more" if len(figures) > 1 else ""
        if figure.amount_pence is None:
            return Saving(None, f"“{figure.as_stated}”, as stated{more}")
        words = f"{figure.get_basis_display()}, as stated, claimed{more}"
        return Saving(figure.amount_pence, words, figure.qualifier)
    if not initiative.no_figure_reason:
        return Saving(None, "No figure yet")
    if initiative.no_figure_reason == NoFigureReason.OTHER:
        return Saving(None, f"No figure, because {initiative.no_figure_text}")
    return Saving(None, f"No figure, because {initiative.get_no_figure_reason_display()}")


def _since(initiative: Initiative) -> LimitedDate | None:
    """When it came to its stage, as far as anybody has said."""
    moves = initiative.stage_moves.all()
    came = [move for move in moves if move.to_stage == initiative.stage != move.from_stage]
    return came[-1].happened if came else None


def _evidence(initiative: Initiative) -> str:
    """Such as "2 benefits: 1 worked, 1 promising"; what nobody has said is said too."""
    benefits = list(initiative.benefits.all())
    if not benefits:
        return "No benefit recorded yet"
    told = Counter(benefit.evidence for benefit in benefits)
    noun = "1 benefit" if len(benefits) == 1 else f"{len(benefits)} benefits"
    words = [(Evidence(code).label.lower(), told[code]) for code in Evidence.values if told[code]]
    if told[""]:
        words.append(("evidence not said yet", told[""]))
    if len(words) == 1:
        return f"{noun}: {'all ' if len(benefits) > 1 and words[0][0] in EVERY else ''}{words[0][0]}"
    return f"{noun}: {', '.join(f'{n} {word}' for word, n in words)}"


EVERY = {label.lower() for label in Evidence.labels}


def _contact(row: Row) -> Contact | None:
    """As on the record's page: the mailbox only beside the post that it belongs to."""
    initiative = row.initiative
    if initiative.contact_post:
        return Contact(initiative.contact_post, initiative.contact_email)
    lead = next((p.name for p in row.partners if p.role == PartnerRole.LEAD.label.lower()), "")
    name = initiative.owner or lead
    return Contact(name) if name else None


def _why(row: Row, around: Surroundings, wanted: Sequence[str], where: str) -> list[str]:
    tier, places = around.closest(row.places)
    found = [_nearness(tier, _listed(places, most=MOST_NAMED), around, where)]
    mix = set(row.initiative.mix.split("-"))  # type: ignore[attr-defined]
    same = [service for service in wanted if service in mix]
    if len(same) == len(wanted) and wanted:
        found.append(f"the same services: {_listed(same)}")
    elif len(same) > 1:
        found.append(f"{_listed(same)} together")
    if row.initiative.open_to_replication:
        found.append("open to replication")
    return found


def _nearness(tier: Tier, places: str, around: Surroundings, where: str) -> str:
    return {
        Tier.HERE: f"in {places} too, without {where}",
        Tier.NEXT_DOOR: f"next door, in {places}",
        Tier.REGION: f"in the same region, in {places}",
        Tier.KIND: f"the same kind of place: {places}{f', {around.kind}' if around.kind else ''}",
        Tier.NATION: f"elsewhere in {around.nation or 'the same nation'}, in {places}",
        Tier.BEYOND: f"further away, in {places}",
        Tier.EVERYWHERE: f"for the whole country: ask whether it reaches {where} already",
    }[tier]


def _listed(words: Iterable[str], most: int = 0) -> str:
    """ "Essex, Surrey and Sussex"; beyond the most, "Essex, Surrey and 2 more"."""
    told = list(words)
    if most and len(told) > most:
        told = [*told[: most - 1], f"{len(told) - most + 1} more"]
    return " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)

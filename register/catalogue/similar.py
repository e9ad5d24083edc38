"""Records that look the same, or do the same elsewhere; each with why, and none that the reader may not see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Case, Count, Exists, F, FloatField, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from register.initiatives.models import Initiative, InitiativeArea, InitiativePlace
from register.initiatives.vocabulary import Standing
from register.reference.models import AreaNeighbour

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User

# Words that say nothing about what an initiative is.
COMMON = {
    "and",
    "the",
    "for",
    "with",
    "joint",
    "shared",
    "of",
    "in",
    "at",
    "an",
    "to",
    "on",
    "police",
    "fire",
    "ambulance",
    "service",
    "services",
}
# How alike two titles are (pg_trgm): worth a look, and likely the same thing.
ALIKE, CLOSE = 0.25, 0.45
SURELY = 0.8
# How many are looked at closely, after the database has put the likeliest first.
LOOKED_AT = 40


@dataclass(frozen=True)
class Match:
    """A record, why it is shown, and whether it is close enough to be the same."""

    initiative: Initiative
    why: str
    is_close: bool = False


def words_of(text: str) -> set[str]:
    return {word for word in re.findall(r"[^\W_]+", text.lower()) if len(word) > 2 and word not in COMMON}


def looks_like(
    title: str, *, areas: Sequence[str], places: Sequence[str], user: User | AnonymousUser, limit: int = 5
) -> list[Match]:
    """What a title being typed may be already, best first. `areas` and `places` are codes and slugs."""
    words = words_of(title[:200])
    if not words:
        return []
    condition = Q(alike__gte=ALIKE)
    for word in words:
        condition |= Q(title__icontains=word)
    found = (
        Initiative.objects.visible_to(user)
        .annotate(alike=TrigramSimilarity("title", title[:200]))
        .filter(condition)
        .for_rows()
        .order_by("-alike", "-number")[:LOOKED_AT]
    )
    scored = []
    for initiative in found:
        common = words & words_of(initiative.title)
        same_areas = {area.code for area in initiative.areas_of_work.all()} & set(areas)
        same_places = {place.slug for place in initiative.places.all()} & set(places)
        alike = float(initiative.alike)
        score = alike + 0.12 * len(common) + 0.15 * bool(same_areas) + 0.2 * bool(same_places)
        if score < CLOSE:
            continue
        why = [
            "the same place" if same_places else "",
            "the same area of work" if same_areas else "",
            _in_both_titles(common) or "a title like it",
        ]
        lead = f" Led by {initiative.lead}." if initiative.lead else ""
        scored.append((score, Match(initiative, _sentence(why) + lead, alike >= CLOSE or score >= SURELY)))
    return _best(scored, limit)


def similar_to(initiative: Initiative, user: User | AnonymousUser, *, limit: int = 5) -> list[Match]:
    """Records elsewhere like this one, best first: areas of work, services, neighbours, words of the title."""
    areas = {area.pk for area in initiative.areas_of_work.all()}
    places = {place.pk for place in initiative.places.all()}
    words, services = words_of(initiative.title), set(initiative.services)
    found = _likely(initiative, user, areas, places)
    scored = []
    for other in found:
        shared = [area.name for area in other.areas_of_work.all() if area.pk in areas]
        same_services = bool(services) and set(other.services) == services
        common = words & words_of(other.title)
        why = [
            "the same area of work" if len(shared) == 1 else f"{len(shared)} areas of work in common",
            "the same services" if same_services else "",
            "the same place" if other.same_place else "a neighbour" if other.near else "",  # type: ignore[attr-defined]
            _in_both_titles(common),
        ]
        score = float(other.likely) + same_services + 0.25 * len(common)  # type: ignore[attr-defined]
        scored.append((score, Match(other, _sentence(why if shared else why[1:]))))
    return _best([(score, match) for score, match in scored if match.why], limit)


def _likely(
    initiative: Initiative, user: User | AnonymousUser, areas: set[int], places: set[int]
) -> list[Initiative]:
    """Those that share an area of work or have a title like it, the likeliest first: one query."""
    common = (
        InitiativeArea.objects.filter(initiative=OuterRef("pk"), area_of_work__in=areas)
        .order_by()
        .values("initiative")
        .annotate(number=Count("pk"))
        .values("number")
    )
    there = InitiativePlace.objects.filter(initiative=OuterRef("pk"))
    round_it = AreaNeighbour.objects.filter(area__in=places).values("neighbour")
    return list(
        Initiative.objects.visible_to(user)
        .filter(is_fictional=initiative.is_fictional)
        .exclude(pk=initiative.pk)
        .exclude(standing=Standing.DECLINED)
        .annotate(
            common=Coalesce(Subquery(common), 0),
            alike=TrigramSimilarity("title", initiative.title),
            same_place=Exists(there.filter(police_area__in=places)),
            near=Exists(there.filter(police_area__in=round_it)),
        )
        .filter(Q(common__gt=0) | Q(alike__gte=ALIKE))
        .annotate(
            likely=F("common")
            + F("alike")
            + Case(When(Q(near=True) | Q(same_place=True), then=Value(0.5)), default=Value(0.0))
            + Case(When(stage="live", then=Value(0.25)), default=Value(0.0), output_field=FloatField())
        )
        .for_rows()
        .order_by("-likely", "-number")[:LOOKED_AT]
    )


def _in_both_titles(words: Iterable[str]) -> str:
    told = [f"“{word}”" for word in sorted(words)]
    return (
        f"{' and '.join([', '.join(told[:-1]), told[-1]] if told[1:] else told)} in the title" if told else ""
    )


def _best(scored: list[tuple[float, Match]], limit: int) -> list[Match]:
    return [match for _, match in sorted(scored, key=lambda pair: -pair[0])[:limit]]


def _sentence(parts: list[str]) -> str:
    text = ", ".join(part for part in parts if part)
    return f"{text[:1].upper()}{text[1:]}." if text else ""

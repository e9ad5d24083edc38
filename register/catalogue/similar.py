"""Records that look the same, or do the same elsewhere; each with why, and none that the reader may not see."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import Q

from register.initiatives.models import Initiative
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
    "a",
    "an",
    "to",
    "police",
    "fire",
    "service",
    "services",
}
ALIKE, CLOSE = 0.25, 0.45
LOOKED_AT = 60


@dataclass(frozen=True)
class Match:
    """A record, why it is shown, and whether it is close enough to be the same."""

    initiative: Initiative
    why: str
    is_close: bool = False


def words_of(text: str) -> set[str]:
    return {w for w in re.findall(r"[a-z0-9]+", text.lower()) if len(w) > 2 and w not in COMMON}


def looks_like(
    title: str, *, areas: Sequence[str], places: Sequence[str], user: User | AnonymousUser, limit: int = 5
) -> list[Match]:
    """What a title being typed may be already, best first."""
    words = words_of(title)
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
        same_areas = {a.code for a in initiative.areas_of_work.all()} & set(areas)
        same_places = {p.slug for p in initiative.places.all()} & set(places)
        alike = float(initiative.alike)
        score = alike + 0.12 * len(common) + 0.15 * bool(same_areas) + 0.2 * bool(same_places)
        if score < CLOSE:
            continue
        why = [
            "same place" if same_places else "",
            "same area of work" if same_areas else "",
            f"{len(common)} word{'' if len(common) == 1 else 's'} of the title in common"
            if common
            else "a title like it",
        ]
        lead = f" Led by {initiative.lead}." if initiative.lead else ""
        scored.append((score, Match(initiative, _sentence(why) + lead, alike >= CLOSE or score >= 0.8)))
    scored.sort(key=lambda pair: -pair[0])
    return [match for _, match in scored[:limit]]


def similar_to(initiative: Initiative, user: User | AnonymousUser, *, limit: int = 5) -> list[Match]:
    """Records elsewhere like this one: same areas of work first, then services, then neighbours."""
    areas = [area.pk for area in initiative.areas_of_work.all()]
    if not areas:
        return []
    places = {place.pk for place in initiative.places.all()}
    neighbours = set(AreaNeighbour.objects.filter(area__in=places).values_list("neighbour_id", flat=True))
    found = (
        Initiative.objects.visible_to(user)
        .filter(areas_of_work__in=areas, is_fictional=initiative.is_fictional)
        .exclude(pk=initiative.pk)
        .exclude(standing=Standing.DECLINED)
        .distinct()
        .for_rows()
        .order_by("-changed_at", "-number")[:LOOKED_AT]
    )
    mine = set(initiative.services)
    scored = []
    for other in found:
        there = {place.pk for place in other.places.all()}
        near, same_services = (
            bool(there & (neighbours - places)),
            set(other.services) == mine and len(mine) > 0,
        )
        common = len({a.pk for a in other.areas_of_work.all()} & set(areas))
        why = [
            "same area of work" if common == 1 else f"{common} areas of work in common",
            "the same services" if same_services else "",
            "the same place" if there & places else "a neighbour" if near else "",
        ]
        score = common + same_services + 0.5 * near + 0.25 * (other.stage == "live")
        scored.append((score, Match(other, _sentence(why))))
    scored.sort(key=lambda pair: -pair[0])
    return [match for _, match in scored[:limit]]


def _sentence(parts: list[str]) -> str:
    said = [part for part in parts if part]
    text = ", ".join(said)
    return f"{text[:1].upper()}{text[1:]}." if text else ""

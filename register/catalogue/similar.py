"""Records that look the same, or do the same elsewhere; each with why, and none that the reader may not see.

The database gives some hundred likely ones (the latest of the same areas of work and places, and those with words
of the title in theirs), however many there are in all; only these are weighed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery, SearchVector, TrigramSimilarity
from django.db import connection, transaction
from django.db.models import BooleanField, ExpressionWrapper, F, Func, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from register.catalogue.search import CONFIG
from register.initiatives.models import Initiative, InitiativeArea, InitiativePlace
from register.initiatives.vocabulary import Stage, Standing
from register.initiatives.whole import gather
from register.reference.models import AreaNeighbour, AreaOfWork, PoliceArea

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User
    from register.initiatives.querysets import InitiativeQuerySet

# Querysets of the keys of initiatives.
Keys = QuerySet[Any, Any]

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
# How alike two titles are (pg_trgm): enough to be shown for it alone, and likely the same thing.
CLOSE, SURELY = 0.45, 0.8
# How many of each kind are weighed, the latest first.
LIKELY = 100
MOST_WORDS = 5


class InArray(Func):
    """`… = ANY(array)`: the array is made once, before anything else. Beside IN, the planner would rather read all
    that the reader may see."""

    template, arg_joiner = "%(expressions)s)", " = ANY("
    output_field = BooleanField()


@dataclass(frozen=True)
class Match:
    """A record, why it is shown, and whether it is close enough to be the same."""

    initiative: Initiative
    why: str
    is_close: bool = False


@dataclass(frozen=True)
class Likely:
    """What is weighed of a record."""

    pk: int
    title: str
    alike: float
    is_live: bool
    mix: str
    areas: frozenset[int]
    places: frozenset[int]
    is_near: bool


def words_of(text: str) -> set[str]:
    return {word for word in re.findall(r"[^\W_]+", text.lower()) if len(word) > 2 and word not in COMMON}


def looks_like(
    title: str, *, areas: Sequence[str], places: Sequence[str], user: User | AnonymousUser, limit: int = 5
) -> list[Match]:
    """What a title being typed may be already, best first. `areas` and `places` are codes and slugs."""
    title = title[:200]
    words = words_of(title)
    if not words:
        return []
    area_pks = set(AreaOfWork.objects.filter(code__in=areas).values_list("pk", flat=True))
    place_pks = set(PoliceArea.objects.filter(slug__in=places).values_list("pk", flat=True))
    visible = Initiative.objects.visible_to(user)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(CLOSE)])
        weighed = _weighed(visible, title, _with_titles_like(title), _with_words(words))
    scored = []
    for likely in weighed:
        common = words & words_of(likely.title)
        same_areas, same_places = bool(likely.areas & area_pks), bool(likely.places & place_pks)
        score = likely.alike + 0.12 * len(common) + 0.15 * same_areas + 0.2 * same_places
        if score < CLOSE:
            continue
        why = [
            "the same place" if same_places else "",
            "the same area of work" if same_areas else "",
            _in_both_titles(common) or "a title like it",
        ]
        scored.append((score, likely.pk, why, likely.alike >= CLOSE or score >= SURELY))
    return [
        Match(match.initiative, f"{match.why} Led by {lead}.", match.is_close) if lead else match
        for match in _best(scored, limit)
        for lead in [match.initiative.lead]
    ]


def similar_to(initiative: Initiative, user: User | AnonymousUser, *, limit: int = 5) -> list[Match]:
    """Records elsewhere like this one, best first: areas of work, services, neighbours, words of the title."""
    areas = {area.pk: area.name for area in initiative.areas_of_work.all()}
    places = {place.pk for place in initiative.places.all()}
    words, mix = words_of(initiative.title), set(initiative.services)
    near = AreaNeighbour.objects.filter(area__in=places).order_by().values("neighbour")
    visible = (
        Initiative.objects.visible_to(user)
        .filter(is_fictional=initiative.is_fictional)
        .exclude(pk=initiative.pk)
        .exclude(standing=Standing.DECLINED)
    )
    scored = []
    likely = (
        _latest(InitiativeArea, "area_of_work", areas),
        _latest(InitiativePlace, "police_area", places),
        _latest(InitiativePlace, "police_area", near),
        _with_words(words),
    )
    for other in _weighed(visible, initiative.title, *likely, near=near):
        shared = other.areas & areas.keys()
        common = words & words_of(other.title)
        same_services = bool(mix) and set(other.mix.split("-")) == mix
        same_place = bool(other.places & places)
        if not shared and not common:
            continue
        why = [
            "the same area of work"
            if len(shared) == 1
            else f"{len(shared)} areas of work in common"
            if shared
            else "",
            "the same services" if same_services else "",
            "the same place" if same_place else "a neighbour" if other.is_near else "",
            _in_both_titles(common),
        ]
        score = len(shared) + other.alike + same_services + 0.5 * (same_place or other.is_near)
        scored.append((score + 0.25 * other.is_live + 0.25 * len(common), other.pk, why, False))
    return _best(scored, limit)


def _latest(through: type[InitiativeArea | InitiativePlace], key: str, values: Any) -> Keys:
    """The latest of those that name one of the `values`: keys, or a queryset of keys."""
    rows = through._default_manager.filter(**{f"{key}__in": values})
    return rows.order_by("-initiative").values_list("initiative")[:LIKELY]


def _with_words(words: set[str]) -> Keys:
    """Those with two of the words in their titles (or the one, when there is only one)."""
    longest = sorted(words, key=lambda word: (-len(word), word))[:MOST_WORDS]
    if not longest:
        return Initiative.objects.none()
    query = None
    for some in combinations(longest, 2) if len(longest) > 1 else [tuple(longest)]:
        both = SearchQuery(" & ".join(f"'{word}'" for word in some), config=CONFIG, search_type="raw")
        query = both if query is None else query | both
    found = Initiative.objects.annotate(title_words=SearchVector("title", config=CONFIG)).filter(
        title_words=query
    )
    # Ordered by what is no index: walking back through all of them until enough match can take long.
    return found.order_by((F("pk") + 0).desc()).values_list("pk")[:LIKELY]


def _with_titles_like(title: str) -> Keys:
    """Titles written nearly the same, misspellings included."""
    return Initiative.objects.filter(title__trigram_similar=title).order_by("-pk").values_list("pk")[:LIKELY]


def _weighed(
    initiatives: InitiativeQuerySet, title: str, first: Keys, *more: Keys, near: Any = None
) -> list[Likely]:
    """Those of the initiatives that are among the likely ones, in one statement; which are in places `near` by."""
    is_near = Value(False) if near is None else Q(entry__places__overlap=ArraySubquery(near))
    rows = (
        initiatives.filter(InArray(F("pk"), ArraySubquery(first.union(*more, all=True))))
        .order_by()
        .values_list(
            "pk",
            "title",
            TrigramSimilarity("title", title),
            "stage",
            F("entry__mix"),
            "entry__areas",
            "entry__places",
            Coalesce(ExpressionWrapper(is_near, BooleanField()), False),
        )
    )
    return [
        Likely(
            pk,
            other,
            float(alike),
            stage == Stage.LIVE,
            mix or "",
            frozenset(areas or ()),
            frozenset(places or ()),
            is_near,
        )
        for pk, other, alike, stage, mix, areas, places, is_near in rows
    ]


def _in_both_titles(words: Iterable[str]) -> str:
    told = [f"“{word}”" for word in sorted(words)]
    return (
        f"{' and '.join([', '.join(told[:-1]), told[-1]] if told[1:] else told)} in the title" if told else ""
    )


def _best(scored: list[tuple[float, int, list[str], bool]], limit: int) -> list[Match]:
    best = sorted(scored, key=lambda one: (-one[0], -one[1]))[:limit]
    whole = Initiative.objects.in_bulk([pk for _, pk, _, _ in best])
    gather(list(whole.values()), ["partners"])
    return [Match(whole[pk], _sentence(why), is_close) for _, pk, why, is_close in best]


def _sentence(parts: list[str]) -> str:
    text = ", ".join(part for part in parts if part)
    return f"{text[:1].upper()}{text[1:]}." if text else ""

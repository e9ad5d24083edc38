"""Records that look the same, or do the same elsewhere; each with why, and none that the reader may not see.

The database gives a hundred or so likely ones (the latest of the same areas of work and places, and those with words
of the title in theirs), however many there are in all; only these are weighed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache, partial
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connection, transaction

from register.initiatives.models import Initiative
from register.initiatives.visibility import seen_by
from register.initiatives.vocabulary import Stage, Standing
from register.initiatives.whole import gather
from register.reference.models import AreaOfWork, PoliceArea

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User

# What a line about a record shows and who may see it: the first columns of what is read of a likely one, in the order
# of the model.
SHOWN = ["id", "number", "title", "stage", "standing", "marking", "audience", "created_by_id", "deleted_at"]

# A statement that gives keys of initiatives, and its values.
Keys = tuple[str, Any]

# Words that say nothing about what an initiative is.
COMMON = {
    "across", "ambulance", "an", "and", "at", "based", "between", "fire", "for", "from", "in", "joint", "new", "of",
    "on", "phase", "police", "programme", "project", "service", "services", "shared", "the", "to", "with",
}  # fmt: skip
# How alike two titles are (pg_trgm): enough to be shown for it alone, and likely the same thing.
CLOSE, SURELY = 0.45, 0.8
# Of longer titles only the longest words are looked for.
MOST_WORDS = 3
# The likely ones: the latest 25 of each kind. Written out, because the ORM takes longer to write them than the
# database to answer. Those with the words are any 25: to find the latest, all of them would have to be looked up.
# Titles end in what is no index: walking back through all of them until enough are alike takes long.
OF_AREAS = """SELECT initiative_id FROM register_initiativearea WHERE area_of_work_id = ANY(%s)
 ORDER BY initiative_id DESC LIMIT 25"""
OF_PLACES = """SELECT initiative_id FROM register_initiativeplace WHERE police_area_id = ANY(%s)
 ORDER BY initiative_id DESC LIMIT 25"""
OF_NEIGHBOURS = """SELECT initiative_id FROM register_initiativeplace WHERE police_area_id IN
 (SELECT neighbour_id FROM register_areaneighbour WHERE area_id = ANY(%s)) ORDER BY initiative_id DESC LIMIT 25"""
WITH_WORDS = """SELECT id FROM register_initiative
 WHERE to_tsvector('english'::regconfig, COALESCE(title, '')) @@ to_tsquery('english'::regconfig, %s) LIMIT 25"""
WITH_TITLES_LIKE = "SELECT id FROM register_initiative WHERE title %% %s ORDER BY id + 0 DESC LIMIT 25"
# What is weighed of the likely ones. Their keys come as an array, which is made once and before anything else.
WEIGHED = """SELECT i.id, i.number, i.title, i.stage, i.standing, i.marking, i.audience, i.created_by_id,
 i.deleted_at, i.is_fictional, {alike}, e.mix, e.areas, e.places, string_to_array(e.places, ' ') && ARRAY(
  SELECT neighbour_id::text FROM register_areaneighbour WHERE area_id = ANY(%s))
 FROM register_initiative i JOIN register_catalogueentry e ON e.initiative_id = i.id
 WHERE i.deleted_at IS NULL AND i.id = ANY(ARRAY({keys}))"""


@dataclass(frozen=True)
class Match:
    """A record, why it is shown, and whether it is close enough to be the same."""

    initiative: Initiative
    why: str
    services: tuple[str, ...] = ()
    is_close: bool = False


class Likely(NamedTuple):
    """What is weighed of a record."""

    pk: int
    number: int
    title: str
    stage: str
    standing: str
    marking: str
    audience: str
    created_by_id: int | None
    deleted_at: datetime | None
    is_fictional: bool
    alike: float
    mix: str
    area_keys: str
    place_keys: str
    is_near: bool

    @property
    def areas(self) -> set[int]:
        return set(map(int, self.area_keys.split()))

    @property
    def places(self) -> set[int]:
        return set(map(int, self.place_keys.split()))


# How good a match is, which, why (asked of those shown only), and whether it is likely the same thing.
Scored = tuple[float, Likely, Callable[[], list[str]], bool]


@lru_cache(maxsize=10_000)
def words_of(text: str) -> frozenset[str]:
    """The words that tell. Kept, because the latest records are weighed beside each record that is looked at."""
    return frozenset(
        word for word in re.findall(r"[^\W_]+", text.lower()) if len(word) > 2 and word not in COMMON
    )


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
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(CLOSE)])
        of_titles = [(WITH_TITLES_LIKE, title), (WITH_WORDS, _some_of(words))]
        weighed = _weighed(of_titles, alike_to=title)
    scored: list[Scored] = []
    for likely in weighed:
        common = words & words_of(likely.title)
        same_areas, same_places = (
            not area_pks.isdisjoint(likely.areas),
            not place_pks.isdisjoint(likely.places),
        )
        score = likely.alike + 0.12 * len(common) + 0.15 * same_areas + 0.2 * same_places
        if score < CLOSE:
            continue
        why = partial(_why_like, common, same_areas, same_places)
        scored.append((score, likely, why, likely.alike >= CLOSE or score >= SURELY))
    best = _best(scored, user, limit)
    gather([match.initiative for match in best], ["partners"])
    return [
        replace(match, why=f"{match.why} Led by {lead}.") if lead else match
        for match in best
        for lead in [match.initiative.lead]
    ]


def _why_like(common: Iterable[str], same_areas: bool, same_places: bool) -> list[str]:
    return [
        "the same place" if same_places else "",
        "the same area of work" if same_areas else "",
        _in_both_titles(common) or "a title like it",
    ]


def similar_to(initiative: Initiative, user: User | AnonymousUser, *, limit: int = 5) -> list[Match]:
    """Records elsewhere like this one, best first: areas of work, services, neighbours, words of the title."""
    areas = {area.pk: area.name for area in initiative.areas_of_work.all()}
    places = {place.pk for place in initiative.places.all()}
    words, mix = words_of(initiative.title), set(initiative.services)
    scored: list[Scored] = []
    likely = [
        (OF_AREAS, list(areas)),
        (OF_PLACES, list(places)),
        (OF_NEIGHBOURS, list(places)),
        (WITH_WORDS, _some_of(words)),
    ]
    for other in _weighed(likely, near=list(places)):
        if other.pk == initiative.pk or other.is_fictional != initiative.is_fictional:
            continue
        if other.standing == Standing.DECLINED:
            continue
        shared = areas.keys() & other.areas
        others = words_of(other.title)
        common = words & others
        same_services = bool(mix) and set(other.mix.split("-")) == mix
        same_place = not places.isdisjoint(other.places)
        if not shared and not common:
            continue
        is_near = not same_place and other.is_near
        score = (
            len(shared) + same_services + 0.5 * (same_place or is_near) + 0.25 * (other.stage == Stage.LIVE)
        )
        score += 0.25 * len(common) + len(common) / (len(words | others) or 1)
        why = partial(_why_similar, len(shared), common, same_services, same_place, is_near)
        scored.append((score, other, why, False))
    return _best(scored, user, limit)


def _why_similar(
    shared: int, common: Iterable[str], same_services: bool, same_place: bool, is_near: bool
) -> list[str]:
    return [
        "the same area of work" if shared == 1 else f"{shared} areas of work in common" if shared else "",
        "the same services" if same_services else "",
        "the same place" if same_place else "a neighbour" if is_near else "",
        _in_both_titles(common),
    ]


def _some_of(words: Collection[str]) -> str:
    """Two of the words (or the one, when there is only one), as PostgreSQL's search reads it."""
    longest = [f"'{word}'" for word in sorted(words, key=lambda word: (-len(word), word))[:MOST_WORDS]]
    return " | ".join(f"{one} & {other}" for one, other in combinations(longest, 2)) or "".join(longest)


def _weighed(likely: Collection[Keys], *, alike_to: str = "", near: Sequence[int] = ()) -> list[Likely]:
    """The likely ones, whoever may see them, in one statement: how alike to a title, and which neighbour places."""
    keys = " UNION ALL ".join(f"({statement})" for statement, _ in likely)
    alike = "similarity(i.title, %s)" if alike_to else "0.0"
    values = [*([alike_to] if alike_to else []), list(near), *(values for _, values in likely)]
    with connection.cursor() as cursor:
        cursor.execute(WEIGHED.format(alike=alike, keys=keys), values)
        return [Likely(*row) for row in cursor.fetchall()]


def _in_both_titles(words: Iterable[str]) -> str:
    told = [f"“{word}”" for word in sorted(words)]
    return (
        f"{' and '.join([', '.join(told[:-1]), told[-1]] if told[1:] else told)} in the title" if told else ""
    )


def _best(scored: list[Scored], user: User | AnonymousUser, limit: int) -> list[Match]:
    """The best of them that the user may see. Who may see what is asked of a few at a time, best first."""
    scored = sorted(scored, key=lambda one: (-one[0], -one[1].pk))
    best: list[Match] = []
    for start in range(0, len(scored), 2 * limit):
        some = [
            Match(
                Initiative.from_db("default", SHOWN, likely[: len(SHOWN)]),
                _sentence(why()),
                tuple(likely.mix.split("-")) if likely.mix else (),
                is_close,
            )
            for _, likely, why, is_close in scored[start : start + 2 * limit]
        ]
        seen = seen_by(user, [match.initiative for match in some])
        best += [match for match in some if match.initiative.pk in seen]
        if len(best) >= limit:
            break
    return best[:limit]


def _sentence(parts: list[str]) -> str:
    text = ", ".join(part for part in parts if part)
    return f"{text[:1].upper()}{text[1:]}." if text else ""

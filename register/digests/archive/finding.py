"""Finding past editions: by words, group, year and month, in what one reader may see of them now.

A word is looked for in what the archive would show this reader: never in an item of a record that is hidden from
them, nor in the old words of one that is sensitive, or for more people, by now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.search import SearchVector
from django.core.paginator import Page, Paginator
from django.db.models import Min, Q, QuerySet

from register.accounts.models import User
from register.catalogue.search import as_query
from register.core.clock import today
from register.digests.models import CoveringNote, Edition, EditionItem
from register.digests.querysets import ItemQuerySet
from register.history.past import NARROWER
from register.initiatives.models import Initiative
from register.initiatives.vocabulary import Marking

# Matching lines that are told of one edition.
MOST = 4


@dataclass(frozen=True)
class Found:
    """An edition, the first of its lines that hold the words, and how many more there are."""

    edition: Edition
    lines: tuple[str, ...] = ()
    more: int = 0


def years_of(user: User, *, now: datetime) -> list[int]:
    """The years there may be editions of, the latest first."""
    first = Edition.objects.visible_to(user).built().aggregate(first=Min("ends_at"))["first"]
    last = today(now).year
    return list(range(last, today(first).year - 1, -1)) if first else [last]


def editions_for(
    user: User, *, q: str = "", group: str = "", own: bool = False, year: int | None = None, month: int | None = None
) -> QuerySet[Edition]:  # fmt: skip
    """The reader's past editions, newest first: with the words, of the group or their own, of the year and month."""
    editions = Edition.objects.visible_to(user).built()
    if own:
        editions = editions.filter(person=user)
    if group:
        editions = editions.filter(group__code=group)
    if year:
        editions = editions.filter(ends_at__year=year)
    if month:
        editions = editions.filter(ends_at__month=month)
    if q:
        editions = editions.filter(
            Q(person=None, says__overlap=_items(user, q).values("pk"))
            | Q(pk__in=_own_with(user, q))
            | Q(pk__in=notes_with(q).values("edition"))
        )
    return editions.order_by("-ends_at", "-pk")


def page_of(editions: QuerySet[Edition], number: str | None, *, size: int) -> tuple[Page[int], list[Edition]]:
    """A page of them: their keys are looked up once, for the count and the page alike."""
    page = Paginator(list(editions.values_list("pk", flat=True)), size).get_page(number)
    found = Edition.objects.select_related("group", "person").in_bulk(list(page.object_list))
    return page, [found[pk] for pk in page.object_list]


def with_lines(editions: Sequence[Edition], user: User | None = None, q: str = "") -> list[Found]:
    """Each of these editions with its lines that hold the words: two queries for all of them."""
    if user is None or not q:
        return [Found(edition) for edition in editions]
    lines: dict[int, list[str]] = defaultdict(list)
    for note in notes_with(q).filter(edition__in=editions):
        lines[note.edition_id or 0].append(f"Covering note: {' '.join(note.text.split())}")
    found = _items(user, q).of(edition.says for edition in editions).in_bulk()
    for edition in editions:
        for line in (_line(found[pk].content) for pk in edition.says if pk in found):
            if line not in lines[edition.pk]:
                lines[edition.pk].append(line)
    return [
        Found(edition, tuple(lines[edition.pk][:MOST]), max(0, len(lines[edition.pk]) - MOST))
        for edition in editions
    ]


def _own_with(user: User, q: str) -> list[int]:
    """The reader's own editions that say it: two queries, of their items alone."""
    own = dict(Edition.objects.filter(person=user).values_list("pk", "says"))
    found = set(_items(user, q).of(own.values()).values_list("pk", flat=True))
    return [pk for pk, says in own.items() if not found.isdisjoint(says)]


def _items(user: User, q: str) -> ItemQuerySet:
    seen = Initiative.objects.visible_to(user).values("pk")
    sensitive = Initiative.objects.filter(marking=Marking.OFFICIAL_SENSITIVE).values("pk")
    found: ItemQuerySet = EditionItem.objects.filter(words=as_query(q), initiative__in=seen)
    as_then = ~Q(content__has_key="audience")
    for narrow, audience in enumerate(NARROWER):
        as_then |= Q(content__audience=audience, initiative__audience__in=NARROWER[narrow:])
    found = found.filter(as_then)
    # One that was frozen as sensitive holds a reference and nothing else.
    return found.filter(Q(content__is_sensitive=True) | ~Q(initiative__in=sensitive))


def notes_with(q: str) -> QuerySet[CoveringNote]:
    words = SearchVector("text", config="english")
    return CoveringNote.objects.annotate(words=words).filter(words=as_query(q), edition__isnull=False)


def _line(said: dict[str, Any]) -> str:
    if said["is_sensitive"]:
        return f"{said['reference']} changed"
    why = f". Why: {said['reason']}" if said["reason"] else ""
    return f"{said['reference']} {said['title']}: {said['sentence']}{why}"

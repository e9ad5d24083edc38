"""What one reader gets of an edition: asked at the moment of sending or showing, with their eyes of then.

A sensitive record (frozen so, or sensitive by now) is its reference and a link under a heading of its own. It is
in no count, so no number, subject or preview betrays it. What was said of a record while it was for fewer people than
it is for now is one line that says no more than that.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from register.accounts.roles import Audience
from register.digests.models import Edition, EditionItem
from register.digests.reading.readers import FrozenItem, Items, Sight
from register.digests.words import subheading
from register.history.past import in_words, narrowness

if TYPE_CHECKING:
    from register.accounts.models import User, WorkingGroup
    from register.digests.making.following import Followed

SENSITIVE = "sensitive"
TITLES = dict(EditionItem.Heading.choices) | {SENSITIVE: "Sensitive"}
ORDER = [
    EditionItem.Heading.STATE_OF_PLAY,
    EditionItem.Heading.OPPORTUNITIES,
    EditionItem.Heading.BARRIERS,
    SENSITIVE,
    EditionItem.Heading.DUE,
]


@dataclass(frozen=True, eq=False)
class Item:
    """One frozen thing as it may be said now. What many readers are told is one object."""

    initiative_id: int
    heading: str
    sub: str
    kind: str
    reference: str
    title: str
    sentence: str
    reason: str
    is_news: bool
    is_sensitive: bool
    why: str = ""
    weight: int = 0
    is_closed: bool = False
    changes: tuple[int, int] = (0, 0)

    @property
    def name(self) -> str:
        """The title, with a colon where what is said of it does not read on: "Market Street hub: the lease …"."""
        return self.title + self.colon

    @property
    def colon(self) -> str:
        """By itself for who underlines the title alone."""
        return ":" if self.sentence.startswith(("a ", "an ", "the ")) else ""

    @property
    def url(self) -> str:
        return reverse("initiative", args=[self.reference])

    @property
    def full_url(self) -> str:
        return _full_url().replace(ANY, self.reference)


ANY = "BL-00000"


@cache
def _full_url() -> str:
    """An address is looked up once: for each line of an email it would take as long as all else in it."""
    return settings.SITE_URL + reverse("initiative", args=[ANY])


@dataclass(frozen=True)
class Line:
    """An item and why it reached this reader."""

    item: Item
    why: str


@dataclass(frozen=True)
class Part:
    """The lines under one subheading, and how many more there are that did not fit."""

    title: str
    lines: tuple[Line, ...]
    more: int = 0


@dataclass(frozen=True)
class Section:
    """One heading with its parts."""

    code: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Reading:
    """An edition through one reader's eyes."""

    sections: tuple[Section, ...]
    items: tuple[Item, ...]

    @property
    def has_news(self) -> bool:
        return any(item.is_news for item in self.items)

    @property
    def counted(self) -> list[Item]:
        """What may be counted aloud: nothing sensitive."""
        return [item for item in self.items if not item.is_sensitive]


class Told:
    """What a reader was told elsewhere: the same words of the same changes. (That in the end it is as last week is news
    each week.) Of what is due, which is of no change, the words alone count."""

    def __init__(self, items: Iterable[Item] = ()) -> None:
        self._changes: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
        for item in items:
            self._changes[item.initiative_id, item.sentence].append(item.changes)

    def has(self, item: Item) -> bool:
        first, last = item.changes
        known = self._changes.get((item.initiative_id, item.sentence), ()) if self._changes else ()
        return any(since <= last and first <= until for since, until in known)


NOTHING = Told()


def read(edition: Edition, user: User) -> Reading:
    """The edition as this reader may see it now, whole."""
    kept = Items()
    kept.read([edition])
    items = kept.of(edition)
    return reading_of(edition, items, Sight.of(user, {item.initiative_id for item in items}))


def reading_of(
    edition: Edition,
    frozen: Sequence[FrozenItem],
    sight: Sight,
    *,
    most: int = 0,
    told: Told = NOTHING,
    kept: Mapping[int, Followed] | None = None,
) -> Reading:
    """The edition's items as a reader may see them, with at most `most` lines under a subheading (0: all).

    Left out is what they were `told` elsewhere. What is theirs comes first among what is due,
    and everywhere where lines are cut; then what they follow, and what weighs most. `kept`: of these initiatives alone,
    and why; None for all.
    """
    visible = (item for item in frozen if item.initiative_id in sight.is_sensitive)
    seen = [item for item in _as_of_now(visible, sight) if not told.has(item)]
    if kept is not None:
        pks = kept.keys()
        seen = [replace(item, why=kept[item.initiative_id].why) for item in seen if item.initiative_id in pks]
    by_heading: dict[str, list[Item]] = defaultdict(list)
    for item in seen:
        by_heading[item.heading].append(item)
    sections = tuple(
        _section(code, by_heading[code], edition, sight, most) for code in ORDER if by_heading[code]
    )
    return Reading(sections, tuple(seen))


def _as_of_now(items: Iterable[FrozenItem], sight: Sight) -> list[Item]:
    """Of a sensitive record one line, its reference, and only when something is new; so too of what was said of one
    while it was for fewer people."""
    seen: list[Item] = []
    told: set[int] = set()
    for frozen in items:
        pk = frozen.initiative_id
        audience = sight.audience.get(pk, Audience.EVERYONE)
        item = _item(pk, frozen.heading, frozen.text, sight.is_sensitive[pk], audience)
        if item.is_sensitive or item.is_closed:
            if not item.is_news or item.initiative_id in told:
                continue
            told.add(item.initiative_id)
        seen.append(item)
    return seen


@lru_cache(maxsize=4096)
def _item(initiative_id: int, heading: str, text: str, is_sensitive: bool, audience: str) -> Item:
    """What an item says, as it was frozen, or of a record that is sensitive or for more people by now its reference
    alone."""
    said = json.loads(text)
    reference = said["reference"]
    first, last = said.get("changes", (0, 0))
    changes = (first, last)
    if said["is_sensitive"] or is_sensitive:
        return Item(
            initiative_id,
            SENSITIVE,
            "",
            "",
            reference,
            reference,
            "changed",
            "",
            said["is_news"],
            is_sensitive=True,
            changes=changes if said["is_sensitive"] else (0, 0),
        )
    then = said.get("audience") or Audience.EVERYONE
    if narrowness(then) > narrowness(audience):
        return Item(
            initiative_id,
            EditionItem.Heading.STATE_OF_PLAY,
            subheading("edited"),
            "edited",
            reference,
            reference,
            in_words(then, is_new=False),
            "",
            said["is_news"],
            is_sensitive=False,
            is_closed=True,
            changes=changes,
        )
    return Item(
        initiative_id,
        heading,
        said["sub"],
        said["kind"],
        reference,
        said["title"],
        said["sentence"],
        said["reason"],
        said["is_news"],
        is_sensitive=False,
        why=said.get("why", ""),
        weight=said.get("weight", 0),
        changes=changes,
    )


def _why(group: WorkingGroup | None, item: Item, sight: Sight) -> str:
    """Why it reached the reader. In a person's own edition: what of theirs it is, as it was when that was built."""
    if group is None or item.why:
        return item.why or "In what you follow"
    if item.initiative_id in sight.theirs:
        return "Your organisation takes part"
    if item.initiative_id in sight.followed:
        return "You follow it"
    return f"In the remit of the {group}"


def _section(code: str, items: list[Item], edition: Edition, sight: Sight, most: int) -> Section:
    parts: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        parts[item.sub].append(item)
    return Section(
        code,
        TITLES[code],
        tuple(_part(code, title, some, edition, sight, most) for title, some in parts.items()),
    )


def _part(code: str, title: str, items: list[Item], edition: Edition, sight: Sight, most: int) -> Part:
    fits = most or len(items)
    if code == EditionItem.Heading.DUE or len(items) > fits:
        items = sorted(items, key=lambda item: _importance(item, sight))
    group = edition.group
    lines = tuple(Line(item, _why(group, item, sight)) for item in items[:fits])
    return Part(title, lines, more=max(0, len(items) - fits))


def _importance(item: Item, sight: Sight) -> tuple[bool, bool, int]:
    """The most important first; of equals the order stays. What is due keeps its order by date."""
    pk = item.initiative_id
    return pk not in sight.theirs, pk not in sight.followed, -item.weight

"""What one reader gets of an edition: asked at the moment of sending or showing, with their eyes of then.

A sensitive record (frozen so, or sensitive by now) is its reference and a link under a heading of its own. It is
in no count, so no number, subject or preview betrays it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from register.digests.models import Edition, EditionItem
from register.initiatives.models import Initiative, InitiativePartner
from register.initiatives.vocabulary import Marking

if TYPE_CHECKING:
    from register.accounts.models import User
    from register.digests.following import Followed

SENSITIVE = "sensitive"
TITLES = dict(EditionItem.Heading.choices) | {SENSITIVE: "Sensitive"}
ORDER = [
    EditionItem.Heading.STATE_OF_PLAY,
    EditionItem.Heading.OPPORTUNITIES,
    EditionItem.Heading.BARRIERS,
    SENSITIVE,
    EditionItem.Heading.DUE,
]


@dataclass(frozen=True)
class Item:
    """One frozen thing as it may be said now. `pk` is the item's, 0 for a sensitive record's reference."""

    pk: int
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

    @property
    def name(self) -> str:
        """The title, with a colon where what is said of it does not read on: "Market Street hub: the lease …"."""
        return f"{self.title}:" if self.sentence.startswith(("a ", "an ", "the ")) else self.title

    @property
    def url(self) -> str:
        return reverse("initiative", args=[self.reference])

    @property
    def full_url(self) -> str:
        return settings.SITE_URL + self.url


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

    @property
    def underline(self) -> str:
        return "-" * len(self.title)


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


def frozen_items(edition: Edition) -> list[EditionItem]:
    return list(edition.items.all())


def read(
    edition: Edition,
    user: User,
    *,
    items: Sequence[EditionItem] | None = None,
    most: int = 0,
    kept: Mapping[int, Followed] | None = None,
) -> Reading:
    """The edition as this reader may see it now, with at most `most` lines under a subheading (0: all).

    `items` are the edition's, when the caller has them already. `kept`: of these initiatives alone, and why
    (see `following.wished_of`); None for all.
    """
    frozen = frozen_items(edition) if items is None else items
    markings = dict(
        Initiative.objects.visible_to(user)
        .filter(pk__in={item.initiative_id for item in frozen})
        .values_list("pk", "marking")
    )
    seen = _as_of_now((item for item in frozen if item.initiative_id in markings), markings)
    why = _reasons(edition, user, seen)
    if kept is not None:
        seen = [item for item in seen if item.initiative_id in kept]
        why |= {pk: followed.why for pk, followed in kept.items()}
    by_heading: dict[str, list[Item]] = defaultdict(list)
    for item in seen:
        by_heading[item.heading].append(item)
    sections = tuple(_section(code, by_heading[code], why, most) for code in ORDER if by_heading[code])
    return Reading(sections, tuple(seen))


def _as_of_now(items: Iterable[EditionItem], markings: dict[int, str]) -> list[Item]:
    seen: list[Item] = []
    told: set[int] = set()
    for item in items:
        said = item.content
        if said["is_sensitive"] or markings[item.initiative_id] == Marking.OFFICIAL_SENSITIVE:
            if said["is_news"] and item.initiative_id not in told:
                told.add(item.initiative_id)
                seen.append(_reference_only(item.initiative_id, said))
            continue
        seen.append(
            Item(
                item.pk,
                item.initiative_id,
                item.heading,
                said["sub"],
                said["kind"],
                said["reference"],
                said["title"],
                said["sentence"],
                said["reason"],
                said["is_news"],
                is_sensitive=False,
                why=said.get("why", ""),
            )
        )
    return seen


def _reference_only(initiative_id: int, said: dict[str, Any]) -> Item:
    reference = said["reference"]
    return Item(
        0,
        initiative_id,
        SENSITIVE,
        "",
        "",
        reference,
        reference,
        "changed",
        "",
        is_news=True,
        is_sensitive=True,
    )


def _reasons(edition: Edition, user: User, items: Sequence[Item]) -> dict[int, str]:
    """Why each initiative reached the reader: their organisation takes part, or it is in the group's remit.

    In a person's own edition: what of theirs it is, as it was when the edition was built.
    """
    if edition.group is None:
        return {item.initiative_id: item.why or "In what you follow" for item in items}
    mine: set[int] = set()
    if user.holdings.organisations:
        mine = set(
            InitiativePartner.objects.filter(
                initiative__in={item.initiative_id for item in items},
                organisation__in=list(user.holdings.organisations),
            ).values_list("initiative_id", flat=True)
        )
    remit = f"In the remit of the {edition.group}"
    return {
        item.initiative_id: "Your organisation takes part" if item.initiative_id in mine else remit
        for item in items
    }


def _section(code: str, items: list[Item], why: dict[int, str], most: int) -> Section:
    parts: dict[str, list[Line]] = defaultdict(list)
    for item in items:
        parts[item.sub].append(Line(item, why[item.initiative_id]))
    # Sensitive ones are never "and 7 more": that would count them.
    fits = most if most and code != SENSITIVE else len(items)
    return Section(
        code,
        TITLES[code],
        tuple(
            Part(title, tuple(lines[:fits]), more=max(0, len(lines) - fits)) for title, lines in parts.items()
        ),
    )

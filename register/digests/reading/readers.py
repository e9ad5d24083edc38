"""The readers of a batch, as of a moment: who still wants what, what they may see, and what of it is theirs.

Asked for all of them at once, however many there are; what each may see is told in bits (`register.catalogue.tallies`),
which a test holds equal to `visible_to`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils.timezone import localtime

from register.accounts.holding import read_holdings
from register.accounts.models import User
from register.accounts.roles import Audience
from register.catalogue.models import InitiativeFollow, ViewFollow
from register.catalogue.tallies import Tallied
from register.catalogue.tallies.store import those_in
from register.digests.making.following import Followed, Following
from register.digests.models import Delivery, DigestWish, Edition, EditionItem, RefusedAddress
from register.digests.posting.refused import PAUSED, refused_of
from register.digests.slots import WEEK
from register.history.past import NARROWER
from register.initiatives.models import Initiative, InitiativePartner
from register.initiatives.vocabulary import Marking

if TYPE_CHECKING:
    pass


class FrozenItem(NamedTuple):
    """An edition's item, as it is read: batches hold hundreds. `text` is its content, as JSON."""

    initiative_id: int
    heading: str
    text: str


class Items:
    """What editions say. An item never changes, so what one edition said need not be read for the next."""

    def __init__(self) -> None:
        self._known: dict[int, FrozenItem] = {}

    def read(self, editions: Iterable[Edition]) -> None:
        """Know the items of these: one query for those that are new."""
        new = {pk for edition in editions for pk in edition.says} - self._known.keys()
        rows = EditionItem.objects.filter(pk__any_of=new).annotate(text=Cast("content", TextField()))
        for pk, *said in rows.values_list("pk", *FrozenItem._fields):
            self._known[pk] = FrozenItem(*said)

    def of(self, edition: Edition) -> list[FrozenItem]:
        """In their order; less those whose record is no longer there."""
        return [self._known[pk] for pk in edition.says if pk in self._known]


@dataclass(frozen=True)
class Sight:
    """What one reader may see of some initiatives: by key whether it is sensitive; and what of it is theirs.

    `audience`: of those that are not for everyone, for whom.
    """

    is_sensitive: Mapping[int, bool]
    theirs: Set[int] = frozenset()
    followed: Set[int] = frozenset()
    audience: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, user: User, keys: Collection[int]) -> Sight:
        """For one reader: three queries."""
        rows = Initiative.objects.visible_to(user).filter(pk__in=keys)
        seen = list(rows.values_list("pk", "marking", "audience"))
        is_sensitive = {pk: marking == Marking.OFFICIAL_SENSITIVE for pk, marking, _ in seen}
        partners = InitiativePartner.objects.filter(organisation__in=list(user.holdings.organisations))
        follows = InitiativeFollow.objects.filter(person=user, initiative__in=is_sensitive)
        return cls(
            is_sensitive,
            set(partners.filter(initiative__in=is_sensitive).values_list("initiative_id", flat=True)),
            set(follows.values_list("initiative_id", flat=True)),
            {pk: audience for pk, _, audience in seen if audience != Audience.EVERYONE},
        )


class Readers:
    """Nine queries; some more for those who get only what they follow."""

    def __init__(self, deliveries: Sequence[Delivery], *, now: datetime, items: Items | None = None) -> None:
        """`items`: what was read for readers before these."""
        # One object for each person, whose roles are read once.
        self._users: dict[int, User] = {}
        for delivery in deliveries:
            delivery.user = self._users.setdefault(delivery.user_id, delivery.user)
        self._editions = {delivery.edition_id: delivery.edition for delivery in deliveries}
        self._on = localtime(now).date()
        self._tallied = Tallied.now(self._on)
        self._seen: dict[int, int] = {}
        self.refused = refused_of(self._users.values())
        read_holdings(self._users.values())
        wishes = DigestWish.objects.filter(user__any_of=self._users)
        self._wishes = {(wish.user_id, wish.group_id): wish for wish in wishes}
        self._view_followers = set(
            ViewFollow.objects.filter(person__any_of=self._users).values_list("person_id", flat=True)
        )
        self._follows: dict[int, set[int]] = defaultdict(set)
        follows = InitiativeFollow.objects.filter(person__any_of=self._users)
        for person, initiative in follows.values_list("person_id", "initiative_id"):
            self._follows[person].add(initiative)
        self._others = self._find_others()
        others = (other for some in self._others.values() for other in some)
        sent = {other.edition_id: other.edition for other in others if other.state == Delivery.State.SENT}
        items = items or Items()
        items.read([*self._editions.values(), *sent.values()])
        self.items = {pk: items.of(edition) for pk, edition in (sent | self._editions).items()}
        told_of = {item.initiative_id for some in self.items.values() for item in some}
        self._sensitive = set(those_in(self._tallied.bits("marking", Marking.OFFICIAL_SENSITIVE), told_of))
        self._narrower = {
            pk: name
            for name in NARROWER[1:]
            for pk in those_in(self._tallied.bits("audience", name), told_of)
        }

    def why_not(self, delivery: Delivery) -> str:
        """Why the person is not to get it after all; empty when they are."""
        user, group = delivery.user, delivery.edition.group_id
        if not user.is_active or user.erased_at:
            return "They have left."
        if group is None and not (user.pk in self._view_followers or self._follows[user.pk]):
            return "They follow nothing any more."
        if group is not None and group not in user.holdings.groups:
            return "They are no longer in the group."
        wish = self._wishes.get((user.pk, group))
        if wish is not None and wish.wish == DigestWish.Wish.NONE:
            return "They switched it off."
        if wish is not None and wish.is_paused(self._on):
            return f"They paused it until {wish.paused_until:%-d %B %Y}."
        if self.refused.get(user.pk, 0) >= RefusedAddress.PAUSES:
            return PAUSED
        return ""

    def sight(self, user: User, keys: Collection[int]) -> Sight:
        """What this reader may see of some initiatives that the batch tells of."""
        if user.pk not in self._seen:
            self._seen[user.pk] = self._tallied.seen_by(user)
        visible = those_in(self._seen[user.pk], keys)
        mine = self._tallied.any_of("org", [str(pk) for pk in user.holdings.organisations])
        return Sight(
            {pk: pk in self._sensitive for pk in visible},
            set(those_in(mine, visible)),
            self._follows[user.pk].intersection(visible),
            {pk: self._narrower[pk] for pk in visible if pk in self._narrower},
        )

    def kept(self, delivery: Delivery) -> Mapping[int, Followed] | None:
        """Of a group's digest, what goes to who gets only what they follow of it, and why; None for all of it."""
        wish = self._wishes.get((delivery.user_id, delivery.edition.group_id))
        if wish is None or wish.wish != DigestWish.Wish.FOLLOWED:
            return None
        return self._following.all_of(delivery.user)

    @cached_property
    def _following(self) -> Following:
        people = {key[0] for key, wish in self._wishes.items() if wish.wish == DigestWish.Wish.FOLLOWED}
        keys = {item.initiative_id for items in self.items.values() for item in items}
        return Following([self._users[pk] for pk in people], keys, on=self._on)

    def others(self, delivery: Delivery) -> list[Delivery]:
        """What has told this person what the digest of a group may tell, too: their own since its window began, and
        other groups' of the same week, be they of before or after. Only what was sent counts: what is left out here
        must have reached them there."""
        mine = delivery.edition
        own = [
            other
            for other in self._others.get(delivery.user_id, ())
            if mine.group_id and other.edition.person_id and other.edition.ends_at > mine.starts_at
        ]
        return [other for other in (*own, *self._same_week(delivery)) if other.state == Delivery.State.SENT]

    def has_to_wait(self, delivery: Delivery) -> bool:
        """Whether such a digest of another group, of an earlier slot or of an older group, is on its way or to be tried
        for the first time: what it tells need not be told here."""
        on_its_way = (Delivery.State.CLAIMED, Delivery.State.SENDING)
        mine = delivery.edition
        return any(
            other.state in on_its_way or (other.state == Delivery.State.WAITING and not other.attempts)
            for other in self._same_week(delivery)
            if (other.edition.ends_at, other.edition.group_id or 0) < (mine.ends_at, mine.group_id or 0)
            and not self.why_not(other)
        )

    def _same_week(self, delivery: Delivery) -> list[Delivery]:
        """What goes to the person of other groups' editions whose windows meet this one's, of the same week."""
        mine = delivery.edition
        return [
            other
            for other in self._others.get(delivery.user_id, ())
            if mine.group_id
            and other.edition.group_id
            and other.edition.group_id != mine.group_id
            and other.edition.ends_at > mine.starts_at
            and other.edition.starts_at < mine.ends_at
            and abs(other.edition.ends_at - mine.ends_at) < WEEK
        ]

    def _find_others(self) -> Mapping[int, Sequence[Delivery]]:
        """By person what else went or goes to them since the windows of this batch's groups began."""
        starts = [edition.starts_at for edition in self._editions.values() if edition.group_id]
        found: dict[int, list[Delivery]] = defaultdict(list)
        if not starts:
            return found
        several = [pk for pk, user in self._users.items() if len(user.holdings.groups) > 1]
        # Of who is in one group, what they got of another before they left it, too.
        which = Q(user__in=several) | ~Q(edition__in=self._editions)
        rows = list(Delivery.objects.filter(which, user__in=self._users, edition__ends_at__gt=min(starts)))
        editions = Edition.objects.defer("left").in_bulk({row.edition_id for row in rows})
        for other in rows:
            # Whose roles are read, and one object for each edition.
            other.user, other.edition = self._users[other.user_id], editions[other.edition_id]
            found[other.user_id].append(other)
        return found

"""What digests of groups have told some people of what they follow, and what they are still to tell them.

Their word for it is what became of the copies that were made, not what was meant: what a person's own edition left to a
group's digest that then did not come to them (they left the group, paused it or it was switched off) is found untold.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.utils.timezone import localdate

from register.accounts.models import User, WorkingGroup
from register.digests.making.lives import Lives
from register.digests.making.marks import Mark, Span
from register.digests.models import Delivery, DigestSchedule, DigestWish, Edition, EditionItem
from register.digests.posted import ON_ITS_WAY, SAYS_NOTHING
from register.digests.slots import next_slot

State = Delivery.State


@dataclass(frozen=True)
class Copy:
    """What became of one edition for one person."""

    state: str
    why: str

    @property
    def is_on_its_way(self) -> bool:
        return self.state in ON_ITS_WAY

    @property
    def tells(self) -> bool:
        """It reached them, or is on record as held or failed; what is skipped did not, but for want of news."""
        if self.state == State.SKIPPED:
            return self.why in SAYS_NOTHING
        return not self.is_on_its_way


@dataclass(frozen=True)
class Made:
    """One edition of a group, with what it tells."""

    edition: Edition
    span: Span


class Telling:
    """Of some people and records that changed since a moment. Six queries, however many people."""

    def __init__(
        self,
        people: Sequence[User],
        changed: Collection[int],
        *,
        since: datetime,
        now: datetime,
        lives: Lives,
    ) -> None:
        self._now, self._lives = now, lives
        wishes = DigestWish.objects.filter(user__any_of=people, group__isnull=False)
        self._wishes = {(wish.user_id, wish.group_id): wish for wish in wishes}
        schedules = DigestSchedule.objects.select_related("group__remit__view")
        self._schedules = {schedule.group_id: schedule for schedule in schedules}
        self._made = _made_since(since, lives)
        editions = {made.edition.pk: made.edition for some in self._made.values() for made in some}
        self._copies: dict[int, dict[int, Copy]] = defaultdict(dict)
        copies = Delivery.objects.filter(user__any_of=people, edition__any_of=editions)
        for user, edition, state, why in copies.values_list("user_id", "edition_id", "state", "why"):
            self._copies[user][edition] = Copy(state, why)
        self._editions, self._changed = editions, changed

    @cached_property
    def _items(self) -> Mapping[int, set[int]]:
        """By edition the records that it says something of."""
        items = EditionItem.objects.of(edition.says for edition in self._editions.values())
        of = dict(items.filter(initiative__any_of=self._changed).values_list("pk", "initiative_id"))
        return {
            pk: {of[item] for item in edition.says if item in of} for pk, edition in self._editions.items()
        }

    def told(self, person: User) -> Mapping[int, tuple[Span, ...]]:
        """By record, which of its changes a group's digest has brought this person."""
        found: dict[int, list[Span]] = defaultdict(list)
        copies = self._copies.get(person.pk)
        if copies:
            for made in (made for some in self._made.values() for made in some):
                copy = copies.get(made.edition.pk)
                if copy and copy.tells:
                    for pk in self._items.get(made.edition.pk, ()):
                        found[pk].append(made.span)
        return {pk: tuple(spans) for pk, spans in found.items()}

    def to_tell(self, person: User) -> Iterable[tuple[WorkingGroup, Mark]]:
        """The person's groups whose digest is to come to them, each with how far it has come.

        One of which they get only what they follow tells them just that, so it counts.
        """
        for pk in person.holdings.groups:
            schedule = self._schedules.get(pk)
            if schedule is None:
                continue
            mark, is_unfinished = self._mark(schedule, person)
            if (schedule.is_on or is_unfinished) and self._comes(schedule, person, mark):
                yield schedule.group, mark

    def _mark(self, schedule: DigestSchedule, person: User) -> tuple[Mark, bool]:
        """How far the group's digest has come for a person; and whether there is an edition that is on its way."""
        begun = max(filter(None, (schedule.anchored_at, self._lives.told_until)))
        mark = Mark(begun)
        for made in self._made.get(schedule.group_id, ()):
            copy = self._copies.get(person.pk, {}).get(made.edition.pk)
            if made.edition.state == Edition.State.OPEN or (copy and copy.is_on_its_way):
                return made.span.after or Mark(made.edition.starts_at), True
            if made.edition.ends_at >= begun:
                mark = made.span.until
        return mark, False

    def _comes(self, schedule: DigestSchedule, person: User, mark: Mark) -> bool:
        """Whether the next digest of the group is to go out to a person, as far as they have said by now."""
        wish = self._wishes.get((person.pk, schedule.group_id))
        if wish is None:
            return True
        if wish.wish == DigestWish.Wish.NONE:
            return False
        slot = next_slot(*schedule.timing, after=mark.at)
        return not wish.is_paused(localdate(max(slot, self._now)))


def _made_since(since: datetime, lives: Lives) -> dict[int, list[Made]]:
    """By group the editions that may tell of what changed since a moment, the oldest first."""
    groups = Edition.objects.filter(person=None).defer("left")
    before = groups.filter(ends_at__lte=since).order_by("group_id", "-ends_at").distinct("group_id")
    found: dict[int, list[Made]] = defaultdict(list)
    last: dict[int, Mark] = {}
    for edition in [*before, *groups.filter(ends_at__gt=since).order_by("ends_at")]:
        group = edition.group_id or 0
        after = last.get(group)
        # The first one there is, and the first after windows were begun anew, begin where they say.
        if edition.ends_at > since and (after is None or after.at < edition.starts_at):
            after = Mark(edition.starts_at)
        last[group] = Mark.of(edition, lives)
        found[group].append(Made(edition, Span(after, last[group])))
    return found

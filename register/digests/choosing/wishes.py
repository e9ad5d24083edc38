"""The write doors of what a person wishes of a digest: all of it, only what they follow, none, or none before a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError

from register.accounts.models import User, WorkingGroup
from register.core.clock import RegisterNow
from register.core.tracking import write_door
from register.digests.models import DigestWish

Wish = DigestWish.Wish
# Whoever wants none for longer says so.
LONGEST_PAUSE = timedelta(days=366)


@write_door
def stop_digest(*, by: User | None, user: User, group: WorkingGroup | None) -> None:
    """This person wants no digest of this group. Saying so twice changes nothing."""
    _wish(user, group, Wish.NONE)


@write_door
def want_digest(*, by: User | None, user: User, group: WorkingGroup | None) -> None:
    """This person wants the group's digest, all of it and from now on: what every member gets who says nothing."""
    DigestWish.objects.filter(user=user, group=group).delete()


@write_door
def want_what_one_follows(*, by: User | None, user: User, group: WorkingGroup) -> None:
    """This person wants, of the group's digest, only what they follow."""
    _wish(user, group, Wish.FOLLOWED)


@write_door
def pause_digest(
    *, by: User | None, user: User, group: WorkingGroup | None, until: date, on: date
) -> DigestWish:
    """This person wants none of this before a day, on which it comes again as it did; who had none gets all then.

    ValidationError for a day that is not to come within a year of `on`.
    """
    must_be_a_pause(until, on=on)
    before = DigestWish.objects.of(user, group)
    wish = Wish.FOLLOWED if before is not None and before.wish == Wish.FOLLOWED else Wish.ALL
    if before is not None and before.is_paused(on):  # the same pause, made longer or shorter
        return _wish(user, group, wish, paused_until=until, since=before.since)
    return _wish(user, group, wish, paused_until=until)


def must_be_a_pause(until: date, *, on: date) -> None:
    """ValidationError for a day until which nothing can be paused, seen from another."""
    if until <= on:
        raise ValidationError("Choose a day to come: on that day it comes again.")
    if until > on + LONGEST_PAUSE:
        raise ValidationError(
            "Choose a day within a year. For longer, choose to get none: you can always come back."
        )


def _wish(
    user: User,
    group: WorkingGroup | None,
    wish: str,
    *,
    paused_until: date | None = None,
    since: datetime | None = None,
) -> DigestWish:
    """Keep what was said, as from now or from `since`; nothing changes when it was so before."""
    told = DigestWish.objects.of(user, group)
    if told is not None and (told.wish, told.paused_until) == (wish, paused_until):
        return told
    told, _ = DigestWish.objects.update_or_create(
        user=user,
        group=group,
        defaults={"wish": wish, "paused_until": paused_until, "since": since or RegisterNow()},
    )
    return told

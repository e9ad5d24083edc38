"""The write doors of the digest: schedules, and opening, building and addressing editions. (See notes.py, wishes.py.)

Editions, items and deliveries are not in the ledger (they are made from it), so their doors need no `by`.
"""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid5
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max, Q

from register.accounts.models import User, WorkingGroup
from register.accounts.permissions import require
from register.accounts.roles import Permission
from register.core.errors import EditConflictError
from register.core.tracking import write_door
from register.digests.building import Frozen, content_of
from register.digests.following import due_people
from register.digests.models import Delivery, DigestSchedule, DigestWish, Edition
from register.digests.notes import give_note_to
from register.digests.personal import contents_of
from register.digests.slots import due_window, last_slot, slot_before

if TYPE_CHECKING:
    from collections.abc import Iterable

logger = logging.getLogger(__name__)

# People's own editions that are built together: the week's changes are read once for so many.
AT_ONCE = 1000


@write_door
def set_schedule(
    *,
    by: User | None,
    group: WorkingGroup,
    at: datetime,
    weekday: int = 0,
    hour: int = 7,
    zone: str = "Europe/London",
    rhythm: str = DigestSchedule.Rhythm.WEEK,
    turn: int = 0,
    is_on: bool = True,
    version: int | None = None,
) -> DigestSchedule:
    """When the group's digest goes out. A new one, and one switched on again, has its first window start at `at`.

    EditConflictError if somebody else changed it since `version`; ValidationError for an impossible time or zone.
    """
    if by is not None:
        require(by, Permission.MANAGE_GROUP, group)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValidationError({"zone": "There is no such time zone."}) from error
    schedule = DigestSchedule.objects.select_for_update().filter(group=group).first()
    if schedule is None:
        schedule = DigestSchedule(group=group, anchored_at=at)
    elif version is not None and version != schedule.version:
        raise EditConflictError(schedule)
    else:
        schedule.version += 1
        if is_on and not schedule.is_on:
            schedule.anchored_at = at
    schedule.weekday, schedule.hour, schedule.zone, schedule.is_on = weekday, hour, zone, is_on
    schedule.rhythm, schedule.turn = rhythm, turn
    schedule.full_clean()
    schedule.save()
    return schedule


@write_door
def anchor_digest(*, by: User | None, group: WorkingGroup, at: datetime, reason: str = "") -> DigestSchedule:
    """Start the group's windows again at a moment, by the ledger's times.

    For after a restore: snapshots of the old database mean nothing in the new one, so none is compared with.
    """
    if by is not None:
        require(by, Permission.MANAGE_GROUP, group)
    schedule = DigestSchedule.objects.select_for_update().get(group=group)
    schedule.anchored_at = at
    schedule.version += 1
    schedule.save(update_fields=["anchored_at", "version"])
    Edition.objects.filter(group=group).built().update(snapshot="")
    return schedule


@write_door
def anchor_at_last_week(*, by: User | None, group: WorkingGroup, now: datetime) -> bool:
    """Let the group's first edition be of the last complete week (fortnight, month).

    False (and nothing) if it has one already.
    """
    if Edition.objects.filter(group=group).exists():
        return False
    when = DigestSchedule.objects.get(group=group).timing
    anchor_digest(by=by, group=group, at=slot_before(*when, slot=last_slot(*when, now=now)))
    return True


def open_due_editions(*, now: datetime, groups: Iterable[WorkingGroup] | None = None) -> list[Edition]:
    """Freeze one edition for each group, and each person who follows something, whose slot has passed since the last.

    Gives those that this call opened. With `groups`, for these alone.

    Any number of callers may do this at once: the database lets one of them have each window.
    """
    due = [
        Edition(starts_at=start, ends_at=end, group=schedule.group)
        for schedule, start, end in due_schedules(now=now, groups=groups)
    ]
    if groups is None:
        due += [
            Edition(starts_at=start, ends_at=end, person=person) for person, start, end in due_people(now=now)
        ]
    return _open(due) if due else []


def due_schedules(
    *, now: datetime, groups: Iterable[WorkingGroup] | None = None
) -> list[tuple[DigestSchedule, datetime, datetime]]:
    """The schedules with a slot that passed, and the window that each is due."""
    schedules = DigestSchedule.objects.filter(is_on=True).select_related("group").order_by("group__name")
    if groups is not None:
        schedules = schedules.filter(group__in=list(groups))
    due: list[tuple[DigestSchedule, datetime, datetime]] = []
    for schedule in schedules.annotate(told_to=Max("group__editions__ends_at")):
        start = max(filter(None, (schedule.told_to, schedule.anchored_at)))
        window = due_window(*schedule.timing, start=start, now=now)
        if window:
            due.append((schedule, *window))
    return due


@transaction.atomic
def _open(editions: list[Edition]) -> list[Edition]:
    """Keep these editions with the snapshot that they are to be built from; those that no other opener had before."""
    snapshot = snapshot_of_now()
    for edition in editions:
        edition.snapshot = snapshot
    Edition.objects.bulk_create(editions, ignore_conflicts=True, batch_size=1000)
    # Which of them are there is told by their public ids, which nobody else could have given them.
    ours = Edition.objects.filter(public_id__in=[edition.public_id for edition in editions])
    return list(ours.select_related("group", "person").order_by("pk"))


def snapshot_of_now() -> str:
    """What is committed at this moment, as text of a pg_snapshot. It writes nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        [(snapshot,)] = cursor.fetchall()
    return str(snapshot)


def build_open_editions(*, now: datetime, groups: Iterable[WorkingGroup] | None = None) -> list[Edition]:
    """Build every edition that waits for it, one failing without stopping the others; those built.

    People's own are built many at a time; of such a batch that fails, each by itself.
    """
    waiting = Edition.objects.filter(state=Edition.State.OPEN).order_by("pk")
    if groups is not None:
        waiting = waiting.filter(group__in=list(groups))
    built = []
    for pk in list(waiting.filter(person=None).values_list("pk", flat=True)):
        built += _build_or_log([pk], now)
    personal = list(waiting.filter(group=None).values_list("pk", flat=True))
    for first in range(0, len(personal), AT_ONCE):
        some = personal[first : first + AT_ONCE]
        try:
            built += build_editions(edition_ids=some, now=now)
        except Exception:
            logger.exception("%s editions could not be built together", len(some))
            for pk in some:
                built += _build_or_log([pk], now)
    return built


def _build_or_log(edition_ids: list[int], now: datetime) -> list[Edition]:
    try:
        return build_editions(edition_ids=edition_ids, now=now)
    except Exception:
        logger.exception("Editions %s could not be built; the next beat tries again", edition_ids)
        return []


@transaction.atomic
def build_editions(*, edition_ids: list[int], now: datetime) -> list[Edition]:
    """Freeze what editions say and address them to their group or person; less what another builder has or had."""
    editions = list(
        Edition.objects.select_for_update(skip_locked=True, of=["self"])
        .select_related("group", "person")
        .filter(pk__in=edition_ids, state=Edition.State.OPEN)
        .order_by("pk")
    )
    personal = [edition for edition in editions if edition.person_id]
    said = {edition.pk: content_of(edition) for edition in editions if edition.group_id}
    said |= contents_of(personal) if personal else {}
    for edition in editions:
        has_news = any(item.is_news for item in said[edition.pk])
        edition.state = Edition.State.READY if has_news else Edition.State.QUIET
    ready = [edition for edition in editions if edition.state == Edition.State.READY]
    freeze((edition, said[edition.pk]) for edition in ready)
    for edition in ready:
        give_note_to(edition)
    _address(ready, now)
    for state in (Edition.State.READY, Edition.State.QUIET):
        keys = [edition.pk for edition in editions if edition.state == state]
        Edition.objects.filter(pk__in=keys).update(state=state)
    return editions


def freeze(said: Iterable[tuple[Edition, list[Frozen]]]) -> None:
    """Keep what editions say, in its order. Copied: thousands of people's own have tens of lines each."""
    with connection.cursor() as cursor, cursor.copy(_FREEZE) as rows:
        for edition, frozen in said:
            for position, item in enumerate(frozen):
                rows.write_row((edition.pk, item.initiative_id, item.heading, position, item.as_json))


_FREEZE = "COPY register_editionitem (edition_id, initiative_id, heading, position, content) FROM STDIN"


def _address(editions: list[Edition], now: datetime) -> None:
    """One delivery for each person in an edition's group, or for whose own it is, who has not refused it.

    Who has paused it is addressed: whether the pause still lasts is asked when it is sent, and is then on record.
    """
    whose = Q(group=None) | Q(group__in=[e.group_id for e in editions if e.group_id])
    refused = set(DigestWish.objects.refusing().filter(whose).values_list("user_id", "group_id"))
    deliveries = []
    for edition in editions:
        for person in _people(edition):
            if (person.pk, edition.group_id) not in refused:
                deliveries.append(
                    Delivery(
                        edition=edition, user=person, due_at=now, message_id=_message_id(edition, person)
                    )
                )
    Delivery.objects.bulk_create(deliveries, ignore_conflicts=True, batch_size=1000)


def _people(edition: Edition) -> list[User]:
    if edition.group is not None:
        return list(User.objects.in_group(edition.group).order_by("pk"))
    person = edition.person
    return [person] if person and person.is_active and not person.erased_at else []


def _message_id(edition: Edition, person: User) -> str:
    """Always the same for this edition and person, so that a mail server can tell a second copy."""
    host = urlsplit(settings.SITE_URL).hostname
    return f"<digest.{uuid5(edition.public_id, person.public_id.hex).hex}@{host}>"

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
from django.db import IntegrityError, connection, transaction
from django.db.models import Max

from register.accounts.models import User, WorkingGroup
from register.accounts.permissions import require
from register.accounts.roles import Permission
from register.core.errors import EditConflictError
from register.core.tracking import write_door
from register.digests.building import Frozen, content_of
from register.digests.following import due_people
from register.digests.models import Delivery, DigestSchedule, DigestWish, Edition, EditionItem
from register.digests.notes import give_note_to
from register.digests.slots import due_window, last_slot, slot_before

if TYPE_CHECKING:
    from collections.abc import Iterable

logger = logging.getLogger(__name__)


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
    opened: list[Edition | None] = []
    for schedule, start, end in due_schedules(now=now, groups=groups):
        opened.append(_open(start, end, group=schedule.group))
    if groups is None:
        opened += [_open(start, end, person=person) for person, start, end in due_people(now=now)]
    return [edition for edition in opened if edition]


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


def _open(start: datetime, end: datetime, **audience: WorkingGroup | User) -> Edition | None:
    """The edition of a window, with the snapshot it is to be built from; None if another opener was first."""
    try:
        with transaction.atomic():
            return Edition.objects.create(
                starts_at=start, ends_at=end, snapshot=snapshot_of_now(), **audience
            )
    except IntegrityError:
        return None


def snapshot_of_now() -> str:
    """What is committed at this moment, as text of a pg_snapshot. It writes nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        return str(cursor.fetchone()[0])


def build_open_editions(*, now: datetime, groups: Iterable[WorkingGroup] | None = None) -> list[Edition]:
    """Build every edition that waits for it, one failing without stopping the others; those built."""
    waiting = Edition.objects.filter(state=Edition.State.OPEN).order_by("pk")
    if groups is not None:
        waiting = waiting.filter(group__in=list(groups))
    built = []
    for pk in waiting.values_list("pk", flat=True):
        try:
            edition = build_edition(edition_id=pk, now=now)
        except Exception:
            logger.exception("Edition %s could not be built; the next beat tries again", pk)
            continue
        if edition:
            built.append(edition)
    return built


@transaction.atomic
def build_edition(*, edition_id: int, now: datetime) -> Edition | None:
    """Freeze what the edition says and address it to its group or person. None if another builder has it or had it."""
    edition = (
        Edition.objects.select_for_update(skip_locked=True, of=["self"])
        .select_related("group")
        .filter(pk=edition_id, state=Edition.State.OPEN)
        .first()
    )
    if edition is None:
        return None
    frozen = content_of(edition)
    if any(item.is_news for item in frozen):
        _freeze(edition, frozen)
        give_note_to(edition)
        _address(edition, now)
        edition.state = Edition.State.READY
    else:
        edition.state = Edition.State.QUIET
    edition.save(update_fields=["state"])
    return edition


def _freeze(edition: Edition, frozen: list[Frozen]) -> None:
    EditionItem.objects.bulk_create(
        EditionItem(
            edition=edition,
            initiative_id=item.initiative_id,
            heading=item.heading,
            position=position,
            content=item.as_json(),
        )
        for position, item in enumerate(frozen)
    )


def _address(edition: Edition, now: datetime) -> None:
    """One delivery for each person in the group, or for whose own it is, who has not refused it.

    Who has paused it is addressed: whether the pause still lasts is asked when it is sent, and is then on record.
    """
    if edition.group is not None:
        people = User.objects.in_group(edition.group)
    else:
        people = User.objects.active().filter(pk=edition.person_id)
    refusing = DigestWish.objects.refusing().filter(group=edition.group_id)
    people = people.exclude(pk__in=refusing.values("user"))
    host = urlsplit(settings.SITE_URL).hostname
    Delivery.objects.bulk_create(
        (
            Delivery(
                edition=edition,
                user=person,
                due_at=now,
                # Always the same for this edition and person, so that a mail server can tell a second copy.
                message_id=f"<digest.{uuid5(edition.public_id, person.public_id.hex).hex}@{host}>",
            )
            for person in people.order_by("pk")
        ),
        ignore_conflicts=True,
    )

"""The write doors of editions: opening, building and addressing them.

Editions, items and deliveries are not in the ledger (they are made from it), so their doors need no `by`.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid5

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max, Q

from register.accounts.models import User, WorkingGroup
from register.digests.making import following
from register.digests.making.anchoring import is_restored
from register.digests.making.building import Frozen, content_of
from register.digests.making.following import due_people
from register.digests.making.left import kept
from register.digests.making.lives import Lives
from register.digests.making.notes import give_note_to
from register.digests.making.personal import contents_of
from register.digests.models import DigestSchedule, DigestWish, Edition, EditionItem
from register.digests.slots import due_window, next_slot

if TYPE_CHECKING:
    from collections.abc import Iterable

logger = logging.getLogger(__name__)

# People's own editions that are built together: the week's changes are read once for so many.
AT_ONCE = 2000


def open_due_editions(*, now: datetime, groups: Iterable[WorkingGroup] | None = None) -> list[Edition]:
    """Freeze one edition for each group, and each person who follows something, whose slot has passed since the last.

    Gives those that this call opened. With `groups`, for these alone.

    Any number of callers may do this at once: the database lets one of them have each window. None are opened while a
    restore is not told of: what its windows hold can't be worked out.
    """
    if is_restored(Lives.read()):
        logger.error("The database was restored: no digest is made before `manage.py anchor_digests`")
        return []
    due = [
        Edition(starts_at=start, ends_at=end, group=schedule.group)
        for schedule, start, end in due_schedules(now=now, groups=groups)
    ]
    if groups is None:
        due += [
            Edition(starts_at=start, ends_at=end, person_id=person)
            for person, start, end in due_people(now=now)
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
    lives = Lives.read()
    for schedule in schedules.annotate(told_to=Max("group__editions__ends_at")):
        start = _start(schedule, schedule.told_to, lives)
        window = due_window(*schedule.timing, start=start, now=now)
        if window:
            due.append((schedule, *window))
    return due


def window_start(schedule: DigestSchedule, lives: Lives) -> datetime:
    """Where the group's open window starts."""
    told_to = Edition.objects.filter(group=schedule.group_id).aggregate(last=Max("ends_at"))["last"]
    return _start(schedule, told_to, lives)


def _start(schedule: DigestSchedule, told_to: datetime | None, lives: Lives) -> datetime:
    return max(filter(None, (told_to, schedule.anchored_at, lives.told_until)))


def open_last_edition(*, schedule: DigestSchedule, at: datetime) -> None:
    """Of a digest that is being switched off, what happened until then: it is built and sent like any other."""
    start = window_start(schedule, Lives.read())
    if start < at:
        _open([Edition(group=schedule.group, starts_at=start, ends_at=at)])


def next_edition_due(edition: Edition) -> datetime:
    """When the audience's edition after this one is due: by the group's schedule as it is now, or by the weekly one."""
    if edition.group is None:
        return next_slot(following.WEEKDAY, following.HOUR, following.ZONE, after=edition.ends_at)
    return next_slot(*edition.group.digest_schedule.timing, after=edition.ends_at)


@transaction.atomic
def _open(editions: list[Edition]) -> list[Edition]:
    """Keep these editions with the snapshot that they are to be built from; those that no other opener had before."""
    snapshot = snapshot_of_now()
    columns = [
        [getattr(edition, column) for edition in editions]
        for column in ("public_id", "group_id", "person_id", "starts_at", "ends_at")
    ]
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [snapshot, *columns])
        keys = dict(cursor.fetchall())
    opened = [edition for edition in editions if edition.public_id in keys]
    for edition in opened:
        edition.pk, edition.snapshot, edition._state.adding = keys[edition.public_id], snapshot, False
    return opened


# Thousands in one statement, which gives those that it kept.
_OPEN = """
    INSERT INTO register_edition
           (public_id, group_id, person_id, starts_at, ends_at, snapshot, state, says, "left")
    SELECT public_id, group_id, person_id, starts_at, ends_at, %s, 'open', '{}', '[]'
      FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])
        AS opened(public_id, group_id, person_id, starts_at, ends_at)
        ON CONFLICT DO NOTHING
    RETURNING public_id, id
"""


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
        .filter(pk__any_of=edition_ids, state=Edition.State.OPEN)
        .order_by("pk")
    )
    personal = [edition for edition in editions if edition.person_id]
    said = {edition.pk: content_of(edition) for edition in editions if edition.group_id}
    told = contents_of(personal) if personal else {}
    said |= {pk: what.said for pk, what in told.items()}
    for edition in personal:
        edition.left = kept(told[edition.pk].left)
    for edition in editions:
        has_news = any(item.is_news for item in said[edition.pk])
        edition.state = Edition.State.READY if has_news else Edition.State.QUIET
    ready = [edition for edition in editions if edition.state == Edition.State.READY]
    _freeze([(edition, said[edition.pk]) for edition in ready])
    _keep(editions)
    for edition in ready:
        give_note_to(edition)
    _address(ready, now)
    return editions


def _freeze(said: list[tuple[Edition, list[Frozen]]]) -> None:
    """Keep what editions say, in its order: what several say is one item."""
    items = {
        frozen: EditionItem(
            initiative_id=frozen.initiative_id, heading=frozen.heading, content=frozen.content
        )
        for frozen in {frozen for _, some in said for frozen in some}
    }
    EditionItem.objects.bulk_create(items.values(), batch_size=1000)
    for edition, some in said:
        edition.says = [items[frozen].pk for frozen in some]


def _keep(editions: list[Edition]) -> None:
    """What building changed of editions, thousands of them in one statement."""
    built = [
        {"id": edition.pk, "state": edition.state, "says": edition.says, "left": edition.left}
        for edition in editions
    ]
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [json.dumps(built)])


_KEEP = """
    UPDATE register_edition e SET state = built.state, says = built.says, "left" = built."left"
      FROM jsonb_to_recordset(%s::jsonb) AS built(id bigint, state text, says bigint[], "left" jsonb)
     WHERE e.id = built.id
"""


def _address(editions: list[Edition], now: datetime) -> None:
    """One delivery for each person in an edition's group, or for whose own it is, who has not refused it.

    Who has paused it is addressed: whether the pause still lasts is asked when it is sent, and is then on record.
    """
    whose = Q(group=None) | Q(group__in=[e.group_id for e in editions if e.group_id])
    refused = set(DigestWish.objects.refusing().filter(whose).values_list("user_id", "group_id"))
    addressed = [
        (edition.pk, person.pk, _message_id(edition, person))
        for edition in editions
        for person in _people(edition)
        if (person.pk, edition.group_id) not in refused
    ]
    if addressed:
        with connection.cursor() as cursor:
            cursor.execute(_ADDRESS, [now, *map(list, zip(*addressed, strict=True))])


# Thousands in one statement.
_ADDRESS = """
    INSERT INTO register_delivery (edition_id, user_id, message_id, state, attempts, due_at, why)
    SELECT edition_id, user_id, message_id, 'waiting', 0, %s, ''
      FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS addressed(edition_id, user_id, message_id)
        ON CONFLICT DO NOTHING
"""


def _people(edition: Edition) -> list[User]:
    if edition.group is not None:
        return list(User.objects.in_group(edition.group).order_by("pk"))
    person = edition.person
    return [person] if person and person.is_active and not person.erased_at else []


def _message_id(edition: Edition, person: User) -> str:
    """Always the same for this edition and person, so that a mail server can tell a second copy."""
    host = urlsplit(settings.SITE_URL).hostname
    return f"<digest.{uuid5(edition.public_id, person.public_id.hex).hex}@{host}>"

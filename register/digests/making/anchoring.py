"""Where windows begin: after a restore from a backup, or at the last week for a first edition."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import Max

from register.accounts.models import User, WorkingGroup
from register.accounts.permissions import require
from register.accounts.roles import Permission
from register.core.tracking import write_door
from register.digests.making.lives import Lives
from register.digests.making.models import Restoration
from register.digests.models import Delivery, DigestSchedule, Edition
from register.digests.posting.claiming import hold_restored
from register.digests.slots import last_slot, slot_before
from register.history.models import Change
from register.history.snapshots import snapshot_of


def is_restored(lives: Lives) -> bool:
    """Whether the ledger holds transactions that this server has not counted to, and nobody has said why.

    Such a database was restored into another server. Until `restored` is told, its windows can't be worked out.
    """
    newest = Change.ledger.filter(pk__gt=lives.changes[-1]) if lives.changes else Change.ledger.all()
    tx = newest.order_by("-tx").values_list("tx", flat=True).first()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_snapshot()::text")
        [(snapshot,)] = cursor.fetchall()
    return tx is not None and tx >= snapshot_of(snapshot).last


@write_door
def restored(*, by: User | None, now: datetime, told_until: datetime | None = None) -> int:
    """The database was restored from a backup, and nothing has been built or sent since; how many digests are held.

    Windows of groups and people go on where the last editions of the backup end, or at `told_until`, when what happened
    before that was told by digests that the backup does not know. What was on its way when it was made may have been
    sent since: it is held, for somebody to release.
    """
    held = hold_restored(Delivery.objects.all())
    if told_until:  # those that were being made went out
        made = Edition.objects.filter(state=Edition.State.OPEN, ends_at__lte=told_until)
        made.update(state=Edition.State.QUIET)
    last_change = Change.ledger.aggregate(last=Max("pk"))["last"] or 0
    last_edition = Edition.objects.aggregate(last=Max("pk"))["last"] or 0
    Restoration.objects.create(
        at=now, last_change=last_change, last_edition=last_edition, told_until=told_until
    )
    return held


@write_door
def anchor_digest(*, by: User | None, group: WorkingGroup, at: datetime) -> DigestSchedule:
    """Let the group's first window start at a moment."""
    if by is not None:
        require(by, Permission.MANAGE_GROUP, group)
    schedule = DigestSchedule.objects.select_for_update().get(group=group)
    schedule.anchored_at = at
    schedule.version += 1
    schedule.save(update_fields=["anchored_at", "version"])
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

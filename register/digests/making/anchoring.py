"""Where windows begin: set anew after a restore, or at the last week for a first edition."""

from __future__ import annotations

from datetime import datetime

from register.accounts.models import User, WorkingGroup
from register.accounts.permissions import require
from register.accounts.roles import Permission
from register.core.tracking import write_door
from register.digests.models import DigestSchedule, Edition
from register.digests.slots import last_slot, slot_before


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

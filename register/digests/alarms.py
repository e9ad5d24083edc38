"""What is wrong with the digests: a slot that passed without an edition, and email that does not go out.

Beat opens editions within minutes of their slot. After an hour somebody should look.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef

from register.accounts.models import User
from register.catalogue.models import InitiativeFollow, ViewFollow
from register.digests.chasing.models import Chase
from register.digests.chasing.services import is_missed
from register.digests.making import following
from register.digests.making.anchoring import is_restored
from register.digests.making.editions import due_schedules
from register.digests.making.lives import Lives
from register.digests.models import Delivery, Edition
from register.digests.posted import ON_ITS_WAY
from register.digests.slots import GRACE, last_slot

State = Delivery.State
# For so long it is told that an email was given up.
TOLD = timedelta(days=7)


def alarms(*, now: datetime) -> list[str]:
    """What somebody who runs the register should look at, in sentences; nine queries."""
    late = now - GRACE
    if is_restored(Lives.read()):
        return [
            "The database was restored from a backup: no digest goes out before `manage.py anchor_digests`."
        ]
    found = [
        f"The digest of {schedule.group} was due at {end.astimezone(ZoneInfo(schedule.zone)):%H:%M on %-d %B %Y}"
        " and has not been made."
        for schedule, _, end in due_schedules(now=late)
    ]
    if _people_wait(late):
        found.append(
            "The digests of what people follow were due more than an hour ago and have not been made."
        )
    unbuilt = Edition.objects.filter(state=Edition.State.OPEN, created_at__lt=late).count()
    if unbuilt:
        found.append(f"{_many(unbuilt, 'edition')} could not be built; the worker’s log says why.")
    waiting = Delivery.objects.filter(state__in=ON_ITS_WAY, edition__created_at__lt=late).count()
    if waiting:
        found.append(
            f"{_many(waiting, 'digest')} made more than an hour ago did not go out yet:"
            " either the mail server does not take them, or no worker runs."
        )
    if is_missed(now=now):
        found.append("The owners of records past their update date were to be asked, and have not been.")
    return found


def given_up(*, now: datetime) -> int:
    """How many digests and chases of the last seven days failed for good or expired; two queries."""
    lately = {"state": State.FAILED, "failed_at__gt": now - TOLD}
    return Delivery.objects.filter(**lately).count() + Chase.objects.filter(**lately).count()


def notices(*, now: datetime) -> list[str]:
    """What administrators should know besides, in sentences: it is no fault of the register's."""
    number = given_up(now=now)
    if not number:
        return []
    verb = "was" if number == 1 else "were"
    return [
        f"{_many(number, 'email')} {verb} given up within the last seven days: refused for good, or held or not taken"
        " until the next was due. Who was sent an edition, and why not, stands with it."
    ]


def _people_wait(late: datetime) -> bool:
    """Whether somebody who has followed something since before the last slot has no edition for it."""
    slot = last_slot(following.WEEKDAY, following.HOUR, following.ZONE, now=late)
    mine = {"person": OuterRef("pk")}
    people = User.objects.active().filter(
        Exists(ViewFollow.objects.filter(since__lt=slot, **mine))
        | Exists(InitiativeFollow.objects.filter(since__lt=slot, **mine))
    )
    return people.exclude(Exists(Edition.objects.filter(ends_at__gte=slot, **mine))).exists()


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"

"""Addresses that are refused for good: counted, paused after two in a row, and the secretary told."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid5

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
from django.db.models import Q
from django.template.loader import render_to_string

from register.accounts.models import RoleGrant, User
from register.accounts.permissions import require
from register.accounts.roles import Permission, Role
from register.core.post import Fate, Post
from register.core.tracking import write_door
from register.digests.models import RefusedAddress

if TYPE_CHECKING:
    from collections.abc import Iterable

    from register.accounts.models import WorkingGroup

logger = logging.getLogger(__name__)

PAUSED = "Their address is paused: it was refused for good twice in a row."


def hash_of(address: str) -> str:
    return sha256(address.strip().lower().encode()).hexdigest()


def refused_of(users: Iterable[User]) -> dict[int, int]:
    """By person how often in a row the address they have now was refused: one query."""
    by_key = {user.pk: user for user in users}
    rows = RefusedAddress.objects.filter(user__in=by_key)
    return {row.user_id: row.times for row in rows if row.address_hash == hash_of(by_key[row.user_id].email)}


def note_refusal(user: User, *, now: datetime) -> int:
    """Count one more refusal of the person's address; how many in a row there are."""
    address = hash_of(user.email)
    row, is_new = RefusedAddress.objects.get_or_create(
        user=user, defaults={"address_hash": address, "since": now}
    )
    if is_new:
        return 1
    if row.address_hash == address:
        row.times += 1
    else:  # of another address it begins anew
        row.address_hash, row.times, row.since = address, 1, now
        row.telling_at = row.told_at = None
    row.save()
    return row.times


def note_success(user: User) -> None:
    RefusedAddress.objects.filter(user=user).delete()


@write_door
def try_address_again(*, by: User, user: User, group: WorkingGroup) -> None:
    """Send to a member's address again, because somebody has made sure of it."""
    require(by, Permission.MANAGE_GROUP, group)
    if not RoleGrant.objects.filter(user=user, group=group).exists():
        raise PermissionDenied("They are not in this group.")
    RefusedAddress.objects.filter(user=user).delete()


# A worker that took it upon itself to tell has done so by then, or died.
TELLING_LASTS = timedelta(minutes=15)


def tell_secretaries(*, now: datetime) -> int:
    """Tell who can see to it of people whose address was paused; how many emails were sent.

    At least once: that it was told is written down after the sending. A worker that dies between leaves it to another
    a quarter of an hour later, whose emails have the same Message-ID.
    """
    paused = RefusedAddress.objects.filter(times__gte=RefusedAddress.PAUSES, told_at=None)
    free = Q(telling_at=None) | Q(telling_at__lt=now - TELLING_LASTS)
    sent = 0
    with Post() as post:
        for row in paused.filter(free).select_related("user"):
            if not paused.filter(free, pk=row.pk).update(telling_at=now):
                continue  # another worker tells of it
            results = [post.send(message) for message in _messages(row)]
            sent += sum(result.fate is Fate.SENT for result in results)
            # Nobody could be told: once more later.
            if not results or any(result.fate in (Fate.SENT, Fate.UNKNOWN) for result in results):
                _are_told(row, now)
    return sent


def _are_told(row: RefusedAddress, now: datetime) -> None:
    RefusedAddress.objects.filter(pk=row.pk).update(told_at=now)


def _messages(row: RefusedAddress) -> list[EmailMessage]:
    """To the other secretaries of the person's groups; where there is none, to the administrators."""
    grants = RoleGrant.objects.filter(
        user=row.user, group__isnull=False, group__digest_schedule__is_on=True
    ).select_related("group")
    groups = sorted({grant.group for grant in grants if grant.group}, key=lambda group: group.pk)
    found: list[EmailMessage] = []
    for group in groups:
        people = User.objects.active().filter(roles__group=group, roles__role=Role.SECRETARY)
        found += [
            _message(row, one, group) for one in people.exclude(pk=row.user_id).distinct().order_by("pk")
        ]
    if found:
        return found
    administrators = User.objects.active().filter(roles__role=Role.ADMINISTRATOR).exclude(pk=row.user_id)
    return [_message(row, one, None) for one in administrators.distinct().order_by("pk")]


def _message(row: RefusedAddress, to: User, group: WorkingGroup | None) -> EmailMessage:
    where = group.get_absolute_url() if group else row.user.get_absolute_url()
    context = {"person": row.user, "group": group, "url": f"{settings.SITE_URL}{where}"}
    host = urlsplit(settings.SITE_URL).hostname
    about = uuid5(row.user.public_id, f"{row.since.isoformat()} {to.public_id} {group.pk if group else ''}")
    return EmailMessage(
        subject=f"Email does not reach {row.user}",
        body=render_to_string("digests/refused_email.txt", context),
        to=[to.email],
        headers={"Auto-Submitted": "auto-generated", "Message-ID": f"<refused.{about.hex}@{host}>"},
    )

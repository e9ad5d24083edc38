"""Addresses that are refused for good: counted, paused after two in a row, and the secretary told."""

from __future__ import annotations

import logging
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage
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
    # Of another address, it begins anew.
    row.times = row.times + 1 if row.address_hash == address else 1
    row.since = row.since if row.address_hash == address else now
    row.address_hash = address
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


def tell_secretaries(*, now: datetime) -> int:
    """Tell each group's secretaries, once, of members whose address was paused; how many emails were sent."""
    paused = RefusedAddress.objects.filter(times__gte=RefusedAddress.PAUSES, told_at=None).select_related(
        "user"
    )
    sent = 0
    with Post() as post:
        for row in paused:
            if not RefusedAddress.objects.filter(pk=row.pk, told_at=None).update(told_at=now):
                continue  # another worker tells of it
            results = [post.send(message) for message in _messages(row.user)]
            sent += sum(result.fate is Fate.SENT for result in results)
            if results and not any(result.fate in (Fate.SENT, Fate.UNKNOWN) for result in results):
                RefusedAddress.objects.filter(pk=row.pk).update(
                    told_at=None
                )  # nobody was told: once more later
    return sent


def _messages(user: User) -> list[EmailMessage]:
    grants = RoleGrant.objects.filter(user=user, group__isnull=False, group__digest_schedule__is_on=True)
    groups = {grant.group for grant in grants.select_related("group")}
    found = []
    for group in sorted((group for group in groups if group), key=lambda group: group.pk):
        found += [_message(user, group, secretary) for secretary in _secretaries(group) if secretary != user]
    return found


def _secretaries(group: WorkingGroup) -> list[User]:
    people = User.objects.active().filter(roles__group=group, roles__role=Role.SECRETARY)
    return list(people.distinct().order_by("pk"))


def _message(user: User, group: WorkingGroup, secretary: User) -> EmailMessage:
    context = {"person": user, "group": group, "url": f"{settings.SITE_URL}{group.get_absolute_url()}"}
    return EmailMessage(
        subject=f"The digest does not reach {user}",
        body=render_to_string("digests/refused_email.txt", context),
        to=[secretary.email],
        headers={"Auto-Submitted": "auto-generated"},
    )

"""The next edition as it would be at this moment. Nothing of it is saved, so nothing of it is owed to anybody.

It is built by the same rules as a real one, and read with the eyes of who asks: a secretary sees in it what they may
see, as each member will with theirs.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import make_msgid

from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives

from register.accounts.models import User, WorkingGroup
from register.core.post import Post, Result
from register.digests.making.building import content_of
from register.digests.making.editions import snapshot_of_now, window_start
from register.digests.making.lives import Lives
from register.digests.models import Delivery, DigestSchedule, Edition
from register.digests.reading.readers import FrozenItem, Sight
from register.digests.reading.reading import Reading, reading_of
from register.digests.writing.letter import Writer

# How many one may send oneself, in how long.
MOST_SENT = 5
IN = timedelta(hours=1)


@dataclass(frozen=True)
class Preview:
    """An edition that is not saved, its items, and what the reader gets of it."""

    edition: Edition
    items: list[FrozenItem]
    reading: Reading


def next_edition(group: WorkingGroup, *, now: datetime) -> Edition | None:
    """The edition whose window is open: from where the last one ended to now. None without a schedule that is on."""
    schedule = DigestSchedule.objects.filter(group=group, is_on=True).first()
    if schedule is None:
        return None
    start = window_start(schedule, Lives.read())
    if start >= now:
        return None
    return Edition(group=group, starts_at=start, ends_at=now, snapshot=snapshot_of_now())


def preview(group: WorkingGroup, *, by: User, now: datetime) -> Preview | None:
    """What the next edition would say to this reader if it were built now; None when none is to come."""
    edition = next_edition(group, now=now)
    if edition is None:
        return None
    items = [
        FrozenItem(item.initiative_id, item.heading, json.dumps(item.content)) for item in content_of(edition)
    ]
    return Preview(edition, items, reading_of(edition, items, _sight(items, by)))


def _sight(items: list[FrozenItem], user: User) -> Sight:
    return Sight.of(user, {item.initiative_id for item in items})


def email_of(shown: Preview, *, to: User) -> EmailMultiAlternatives | None:
    """The preview as an email to one person, marked as one; None when there is nothing new for them to see.

    It is on no list and holds no token: the way out of the real one is not the way out of this.
    """
    delivery = Delivery(edition=shown.edition, user=to, message_id=make_msgid())
    sight = _sight(shown.items, to)
    message = Writer(now=shown.edition.ends_at).message_of(
        delivery, lambda most: reading_of(shown.edition, shown.items, sight, most=most)
    )
    if message is None:
        return None
    message.subject = f"Preview: {message.subject}"
    message.extra_headers = {"Message-ID": delivery.message_id, "Auto-Submitted": "auto-generated"}
    return message


def may_send_again(user: User, *, now: datetime) -> bool:
    """Whether somebody has sent themselves few enough in this hour; if so, this one counts.

    Each takes a place that nobody can take twice, so any number of requests at once get no more.
    """
    hour = int(now.timestamp() // IN.total_seconds())
    places = (f"digest-preview-{user.pk}-{hour}-{number}" for number in range(MOST_SENT))
    return any(cache.add(place, True, IN.total_seconds()) for place in places)


def send_to_oneself(message: EmailMultiAlternatives) -> Result:
    """Hand it to the mail server at once, and say what became of it: nobody tries again."""
    with Post() as post:
        return post.send(message)

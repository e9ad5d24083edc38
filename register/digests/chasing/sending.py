"""Bringing a chase to its person: claim, ask again, write, send, mark, as with digests."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from register.core.post import Post
from register.digests.chasing.message import message_of
from register.digests.chasing.models import Chase
from register.digests.chasing.reading import why_nothing
from register.digests.claiming import Ended, State, claim, mark, put_off, record

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]


def deliver_chases(chase_ids: Iterable[int], *, clock: Clock) -> list[Ended[Chase]]:
    """Send those that are due and that nobody else has, over one connection to the mail server."""
    chases = Chase.objects.select_related("round", "person")
    ended = []
    with Post() as post:
        for pk in chase_ids:
            chase = claim(chases, pk=pk, now=clock())
            if chase:
                ended.append(_carry_out(chase, post=post, clock=clock))
    return ended


def _carry_out(chase: Chase, *, post: Post, clock: Clock) -> Ended[Chase]:
    try:
        refusal = why_nothing(chase)
        message = None if refusal else message_of(chase, now=clock())
    except Exception:
        # Nothing has left the house yet, so it is safe to try again.
        logger.exception("Chase %s could not be written", chase.pk)
        return put_off(chase, "It could not be written; the log says why.", clock())
    if message is None:
        return mark(chase, State.SKIPPED, refusal or "Nothing is left that they could answer.")
    return record(chase, post.send(message), clock())

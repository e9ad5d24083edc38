"""Bringing a chase to its person: claim, ask again, write, begin, send, mark, by the rules of digests."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from register.core.post import Fate, Post
from register.digests.chasing.message import message_of
from register.digests.chasing.models import Chase
from register.digests.chasing.reading import why_nothing
from register.digests.chasing.services import next_asking
from register.digests.models import RefusedAddress
from register.digests.posting.claiming import Ended, State, begin, claim, mark, put_off, record
from register.digests.posting.refused import note_refusal, note_success

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
    until = next_asking(after=chase.round.opened_at)
    try:
        refusal = why_nothing(chase)
        message = None if refusal else message_of(chase, now=clock())
    except Exception:
        # Nothing has left the house yet, so it is safe to try again.
        logger.exception("Chase %s could not be written", chase.pk)
        return put_off(chase, "It could not be written; the log says why.", now=clock(), until=until)
    if message is None:
        return mark(chase, State.SKIPPED, refusal or "Nothing is left that they could answer.")
    result = post.send(message, before_text=lambda: begin(chase, now=clock()))
    if result.fate is Fate.WITHDRAWN:
        logger.error("Chase %s was somebody else's by the time it could be sent", chase.pk)
        return Ended(chase, chase.state)
    ended = record(chase, result, now=clock(), until=until)
    _note_address(chase, result.fate, clock())
    return ended


def _note_address(chase: Chase, fate: Fate, now: datetime) -> None:
    """What it tells of the address, which digests go to as well."""
    if fate is Fate.SENT:
        note_success(chase.person)
    elif fate is Fate.REFUSED and note_refusal(chase.person, now=now) >= RefusedAddress.PAUSES:
        logger.warning("The address of person %s is paused: it was refused twice", chase.person_id)

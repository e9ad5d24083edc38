"""The deliveries that one worker has claimed: asked for again, written, and for each: begin, send, mark.

Each of these is a commit of its own and the sending is in no transaction. How one ended is written down as the next
begins, in one commit.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from django.db import connection

from register.core.post import Fate, Post, Result, text_of
from register.digests.making.editions import next_edition_due
from register.digests.models import Delivery, RefusedAddress
from register.digests.posting import claiming
from register.digests.posting.refused import note_refusal, note_success
from register.digests.reading.readers import Items, Readers
from register.digests.writing.letter import Writer

if TYPE_CHECKING:
    from django.core.mail import EmailMessage

logger = logging.getLogger(__name__)

State = Delivery.State
# A batch that takes longer gives back what it has not begun.
LASTS = timedelta(minutes=5)
# What was written longer ago than this is written anew, as what its reader may see may be another.
WRITTEN_LASTS = timedelta(seconds=5)

Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Outcome:
    delivery: Delivery
    state: str
    why: str = ""


@dataclass(frozen=True)
class _Written:
    """A message that can go, or why there is none; as of when its reader was asked."""

    delivery: Delivery
    at: datetime
    message: EmailMessage | None = None
    text: bytes = b""
    why: str = ""
    is_behind: bool = False
    has_failed: bool = False


@dataclass
class _Sent:
    """What the mail server took, and when: to be written down."""

    delivery: Delivery
    at: datetime


# One statement, which is a transaction of its own: the last one was sent, and the next is about to be.
_BEGIN = """
    UPDATE register_delivery
       SET state = CASE id WHEN %(next)s THEN 'sending' ELSE 'sent' END,
           claimed_at = CASE id WHEN %(next)s THEN %(now)s ELSE claimed_at END,
           sent_at = CASE id WHEN %(next)s THEN sent_at ELSE %(sent_at)s END,
           why = CASE id WHEN %(next)s THEN why ELSE '' END
     WHERE id IN (%(next)s, %(last)s)
       AND (id = %(next)s AND attempts = %(attempts)s AND state = 'claimed'
            OR id = %(last)s AND attempts = %(last_attempts)s AND state IN ('claimed', 'sending', 'held'))
    RETURNING id
"""


def _text_of(message: EmailMessage | None) -> bytes:
    """In bytes ahead of time; what can't be written is left to be found when it is handed over."""
    with suppress(ValueError):
        return text_of(message) if message else b""
    return b""


class Batch:
    """The deliveries that one worker has claimed, from writing to marking."""

    def __init__(self, batch: Sequence[Delivery], clock: Clock, items: Items, *, wait: timedelta) -> None:
        """Those that are `behind` another of their reader's wait so long."""
        self._batch, self._clock, self._items, self._wait = batch, clock, items, wait
        self._began = clock()
        self._writer = Writer(now=self._began)
        self._found: list[Outcome] = []
        self._unmarked: _Sent | None = None
        self._refused: set[int] = set()
        self.behind: list[int] = []

    def sent(self, post: Post) -> list[Outcome]:
        """How each ended, once all have. The next is written while the mail server is busy with the one before."""
        if not self._batch:
            return []
        readers = Readers(self._batch, now=self._began, items=self._items)
        self._refused = set(readers.refused)
        written = (self._write(delivery, readers, self._began) for delivery in self._batch)
        ahead: deque[_Written] = deque()

        def write_one() -> None:
            ahead.extend(islice(written, 1))

        for place in range(len(self._batch)):
            if self._clock() - self._began > LASTS:
                self._give_back(self._batch[place:])
                break
            if not ahead:
                write_one()
            result = self._send(ahead.popleft(), post, meanwhile=write_one)
            if result and result.away:
                for later in self._batch[place + 1 :]:
                    self._put_off(later, result.why)
                break
        self._finish()
        return self._found

    def _write(self, delivery: Delivery, readers: Readers, at: datetime) -> _Written:
        """The message, or why there is none. Writes nothing down."""
        try:
            if readers.has_to_wait(delivery):
                return _Written(delivery, at, is_behind=True)
            why = readers.why_not(delivery)
            message = None if why else self._writer.write(delivery, readers)
            text = _text_of(message)
            why = why or ("" if message else self._writer.why_nothing(delivery, readers))
        except Exception:
            # Nothing has left the house yet, so it is safe to try again.
            logger.exception("Delivery %s could not be written", delivery.pk)
            return _Written(delivery, at, why="It could not be written; the log says why.", has_failed=True)
        return _Written(delivery, at, message, text, why)

    def _send(self, one: _Written, post: Post, meanwhile: Callable[[], None]) -> Result | None:
        if self._clock() - one.at > WRITTEN_LASTS:
            # A slow mail server: what they want and may see is asked once more.
            now = self._clock()
            one = self._write(one.delivery, Readers([one.delivery], now=now), now)
        delivery = one.delivery
        if one.message is None:
            self._leave(one)
            return None
        result = post.send(
            one.message, text=one.text, before_text=lambda: self._begin(delivery), meanwhile=meanwhile
        )
        if result.fate is Fate.WITHDRAWN:
            logger.error("Delivery %s was somebody else's by the time it could be sent", delivery.pk)
            return None
        self._record(one.delivery, result)
        return result

    def _leave(self, one: _Written) -> None:
        """Write down why nothing goes out."""
        if one.is_behind:
            self.behind.append(one.delivery.pk)
            self._end(one.delivery, State.WAITING, "", due_at=self._clock() + self._wait)
        elif one.has_failed:
            self._put_off(one.delivery, one.why)
        else:
            self._end(one.delivery, State.SKIPPED, one.why)

    def _begin(self, delivery: Delivery) -> bool:
        """Say that the message is about to leave, together with how the one before ended: one commit."""
        last, self._unmarked = self._unmarked, None
        keys: dict[str, Any] = {
            "next": delivery.pk,
            "attempts": delivery.attempts,
            "now": self._clock(),
            "last": last and last.delivery.pk,
            "last_attempts": last and last.delivery.attempts,
            "sent_at": last and last.at,
        }
        with connection.cursor() as cursor:
            cursor.execute(_BEGIN, keys)
            begun = {pk for (pk,) in cursor.fetchall()}
        if last:
            self._was_marked(last.delivery, last.delivery.pk in begun, State.SENT)
        return delivery.pk in begun

    def _record(self, delivery: Delivery, result: Result) -> None:
        if result.fate is Fate.SENT:
            self._unmarked = _Sent(delivery, self._clock())
            self._found.append(Outcome(delivery, State.SENT))
            return
        if result.fate is Fate.UNKNOWN:
            self._end(delivery, State.HELD, result.why)
        elif result.is_final:
            self._end(delivery, State.FAILED, result.why)
            if (
                result.fate is Fate.REFUSED
                and note_refusal(delivery.user, now=self._clock()) >= RefusedAddress.PAUSES
            ):
                logger.warning("The address of person %s is paused: it was refused twice", delivery.user_id)
        else:
            self._put_off(delivery, result.why)

    def _put_off(self, delivery: Delivery, why: str) -> None:
        """Later, unless the audience's next edition would be due by then: that tells what is new instead."""
        now = self._clock()
        wait = claiming.wait_after(delivery.attempts)
        if now + wait >= next_edition_due(delivery.edition):
            logger.error("Delivery %s is given up: the next edition is due", delivery.pk)
            self._end(delivery, State.FAILED, f"Given up: the next edition is due. {why}")
        else:
            self._end(delivery, State.WAITING, why, due_at=now + wait)

    def _give_back(self, deliveries: Sequence[Delivery]) -> None:
        """What was claimed and not begun waits as before."""
        for delivery in deliveries:
            self._mark(delivery, state=State.WAITING)

    def _end(self, delivery: Delivery, state: str, why: str, **columns: datetime) -> None:
        self._finish()
        if state == State.FAILED:
            columns["failed_at"] = self._clock()
        self._mark(delivery, state=state, why=why[:300], **columns)
        self._found.append(Outcome(delivery, state, why[:300]))

    def _finish(self) -> None:
        """Write down that the last one was sent, if that is still to do."""
        last, self._unmarked = self._unmarked, None
        if last:
            self._mark(last.delivery, state=State.SENT, sent_at=last.at, why="")

    def _mark(self, delivery: Delivery, **columns: object) -> None:
        """Write down how it ended, unless it is no longer ours (a held one is: now we know better)."""
        mine = Delivery.objects.filter(
            pk=delivery.pk, attempts=delivery.attempts, state__in=[State.CLAIMED, State.SENDING, State.HELD]
        )
        self._was_marked(delivery, bool(mine.update(**columns)), str(columns["state"]))

    def _was_marked(self, delivery: Delivery, was: bool, state: str) -> None:
        if not was:
            logger.error("Delivery %s ended as %s, but somebody had changed it meanwhile", delivery.pk, state)
        if state == State.SENT and delivery.user_id in self._refused:
            note_success(delivery.user)

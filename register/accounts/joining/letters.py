"""Sending what the register owes people about their accounts, by a worker.

The database holds the work and a letter is claimed before it is sent, so none goes twice; one whose worker died
meanwhile is left alone, and whoever wrote it sees that nobody knows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from textwrap import fill
from typing import Any

from celery import current_app
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from kombu.exceptions import OperationalError

from register.accounts.joining.links import invitation_url
from register.accounts.joining.models import Invitation, Letter
from register.core.post import Fate, Post, Result

logger = logging.getLogger(__name__)

Kind, State = Letter.Kind, Letter.State
TASK = "accounts.send_letters"
# What one task sends; the next comes in a minute.
BATCH = 20
# How often, a minute apart, an address is tried that is refused for now. (A mail server that is away is no try.)
MOST_TRIES = 60


def owe(kind: str, **of: Any) -> Letter:
    """Write down that a letter is to be sent, and have it sent once this is committed."""
    letter = Letter.objects.create(kind=kind, **of)
    transaction.on_commit(_hand_out)
    return letter


def _hand_out() -> None:
    """Without a broker beat does so in a minute."""
    try:
        current_app.send_task(TASK, retry=False, expires=300)
    except (OperationalError, OSError):
        logger.warning("The broker is away: emails about accounts wait")


def send_letters(*, clock: Callable[[], datetime]) -> int:
    """Send what waits; how many were sent. A mail server that is away leaves them waiting."""
    sent = 0
    waiting = Letter.objects.filter(state=State.WAITING).order_by("tries", "pk")
    with Post() as post:
        for pk in list(waiting.values_list("pk", flat=True)[:BATCH]):
            if not _move(pk, State.WAITING, State.SENDING):
                continue
            letter = Letter.objects.select_related(*RELATED).get(pk=pk)
            message = message_of(letter, now=clock())
            if message is None:
                _move(pk, State.SENDING, State.DROPPED, ended_at=clock())
                continue
            result = post.send(message)
            sent += result.fate is Fate.SENT
            if result.fate is not Fate.UNKNOWN:  # it may have been sent: it is left alone, and says so
                _move(pk, State.SENDING, **_after(result, letter.tries, clock()))
            if result.away:
                break
    return sent


def _after(result: Result, tries: int, now: datetime) -> dict[str, Any]:
    if result.fate is Fate.SENT:
        return {"after": State.SENT, "ended_at": now}
    if result.is_final or tries + 1 >= MOST_TRIES:
        return {"after": State.FAILED, "ended_at": now, "tries": tries + 1}
    return {"after": State.WAITING, "tries": tries if result.away else tries + 1}


def _move(pk: int, before: str, after: str, **fields: Any) -> bool:
    with transaction.atomic(durable=True):
        return Letter.objects.filter(pk=pk, state=before).update(state=after, **fields) == 1


RELATED = ("invitation__organisation", "invitation__group", "invitation__invited_by")


def message_of(letter: Letter, *, now: datetime) -> EmailMessage | None:
    """The email; None when there is no need for it any more."""
    assert letter.invitation
    return _invitation(letter.invitation, now)


def _invitation(invitation: Invitation, now: datetime) -> EmailMessage | None:
    if invitation.state(now) is not Invitation.State.OPEN:
        return None
    context = {"invitation": invitation, "url": invitation_url(invitation)}
    return _email(
        "You are invited to the register", "joining/invitation_email.txt", context, invitation.email
    )


def _email(subject: str, template: str, context: dict[str, Any], to: str) -> EmailMessage:
    return EmailMessage(subject=subject, body=_wrapped(render_to_string(template, context)), to=[to])


def _wrapped(text: str) -> str:
    """At 72, so that the message can travel as it is; an address stays whole."""
    return "\n".join(
        fill(line, 72, break_long_words=False, break_on_hyphens=False) if line.strip() else ""
        for line in text.splitlines()
    )

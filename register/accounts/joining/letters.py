"""Sending what the register owes people about their accounts, by a worker.

The database holds the work and a letter is claimed before it is sent, so none goes twice; one whose worker died
meanwhile is left alone, and whoever wrote it sees that nobody knows.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import datetime
from textwrap import fill
from typing import Any

from celery import current_app
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from kombu.exceptions import OperationalError

from register.accounts.joining.domains import organisations_of
from register.accounts.joining.links import invitation_url, request_url, still_needed_url
from register.accounts.joining.models import Invitation, Letter
from register.accounts.models import User
from register.core.post import Fate, Post, Result
from register.core.secrecy import cipher

logger = logging.getLogger(__name__)

Kind, State = Letter.Kind, Letter.State
TASK = "accounts.send_letters"
SALT = "register.accounts.letter"
# What one task sends; the next comes in a minute.
BATCH = 20
# How often, a minute apart, an address is tried that is refused for now. (A mail server that is away is no try.)
MOST_TRIES = 60


def owe(kind: str, **of: Any) -> Letter:
    """Write down that a letter is to be sent, and have it sent once this is committed."""
    letter = Letter.objects.create(kind=kind, **of)
    transaction.on_commit(_hand_out)
    return letter


def owe_notice(
    *, to: str, subject: str, text: str, person: User | None = None, called_off: str = ""
) -> Letter:
    """The same for an email that is written already, `to` whoever: somebody with an account (`person`) or not.

    `called_off` is the calendar's file of a meeting that is called off, where the email tells of that.
    """
    plain = json.dumps({"to": to, "subject": subject, "text": text, "called_off": called_off}).encode()
    return owe(Kind.NOTICE, person=person, sealed=cipher(SALT).encrypt(plain))


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
                _move(pk, State.SENDING, State.DROPPED, ended_at=clock(), sealed=b"")
                continue
            result = post.send(message)
            sent += result.fate is Fate.SENT
            if result.fate is Fate.UNKNOWN:  # it may have been sent: it is left alone, and says so
                _move(pk, State.SENDING, State.SENDING, sealed=b"")
            else:
                _move(pk, State.SENDING, **_after(result, letter.tries, clock()))
            if result.away:
                break
    return sent


def _after(result: Result, tries: int, now: datetime) -> dict[str, Any]:
    if result.fate is Fate.SENT:
        return {"after": State.SENT, "ended_at": now, "sealed": b""}
    if result.is_final or tries + 1 >= MOST_TRIES:
        return {"after": State.FAILED, "ended_at": now, "tries": tries + 1, "sealed": b""}
    return {"after": State.WAITING, "tries": tries if result.away else tries + 1}


def _move(pk: int, before: str, after: str, **fields: Any) -> bool:
    with transaction.atomic(durable=True):
        return Letter.objects.filter(pk=pk, state=before).update(state=after, **fields) == 1


RELATED = (
    "invitation__organisation", "invitation__group", "invitation__invited_by", "access_request__organisation", "person",
)  # fmt: skip


def message_of(letter: Letter, *, now: datetime) -> EmailMessage | None:
    """The email; None when there is no need for it any more."""
    match letter.kind:
        case Kind.INVITATION:
            return _invitation(letter, now)
        case Kind.STILL_NEEDED:
            return _still_needed(letter)
        case Kind.CONFIRM:
            return _confirm(letter)
        case Kind.REQUEST:
            return _for_the_lead(letter)
        case Kind.REFUSED:
            return _refused(letter)
        case Kind.NOTICE:
            return _notice(letter)
    raise ValueError(letter.kind)


def _confirm(letter: Letter) -> EmailMessage | None:
    """To an address of an organisation; none to any other, of which whoever asked is not told.

    Who has an account is told so here, and nowhere else.
    """
    asked = letter.access_request
    assert asked
    if asked.confirmed_at:
        return None
    known = User.objects.active().filter(email__iexact=asked.email).exists()
    if not known and not organisations_of(asked.email):
        return None
    context = {"is_known": known, "url": settings.SITE_URL if known else request_url(asked)}
    subject = "You have an account already" if known else "Your request for access"
    return _email(subject, "joining/confirm_email.txt", context, asked.email)


def _for_the_lead(letter: Letter) -> EmailMessage | None:
    asked, lead = letter.access_request, letter.person
    assert asked
    assert lead
    if asked.decided_at or not lead.is_active:
        return None
    url = f"{settings.SITE_URL}{reverse('access_request', args=[asked.pk])}"
    return _email(
        "Somebody asks for access", "joining/request_email.txt", {"asked": asked, "url": url}, lead.email
    )


def _refused(letter: Letter) -> EmailMessage | None:
    asked = letter.access_request
    assert asked
    if not asked.email:  # forgotten meanwhile
        return None
    return _email("Your request for access", "joining/refused_email.txt", {"asked": asked}, asked.email)


def _invitation(letter: Letter, now: datetime) -> EmailMessage | None:
    invitation = letter.invitation
    assert invitation
    if invitation.state(now) is not Invitation.State.OPEN:
        return None
    context = {"invitation": invitation, "url": invitation_url(invitation)}
    return _email(
        "You are invited to the register", "joining/invitation_email.txt", context, invitation.email
    )


def _still_needed(letter: Letter) -> EmailMessage | None:
    person = letter.person
    assert person
    if (
        not person.is_active or person.asked_if_needed_at is None
    ):  # they have been here meanwhile, or have left
        return None
    context = {
        "person": person,
        "url": still_needed_url(person),
        "after": settings.LEAVER_ASKED_DAYS,
        "pause": settings.LEAVER_PAUSED_DAYS,
    }
    return _email("Do you still need your account?", "people/still_needed_email.txt", context, person.email)


def _notice(letter: Letter) -> EmailMessage | None:
    try:
        told = json.loads(cipher(SALT).decrypt(bytes(letter.sealed)))
    except InvalidToken:  # taken back, or sealed with a SECRET_KEY that is gone
        return None
    headers = {"Auto-Submitted": "auto-generated"}
    message = EmailMessage(subject=told["subject"], body=told["text"], to=[told["to"]], headers=headers)
    if told.get("called_off"):
        message.attach("called-off.ics", told["called_off"], "text/calendar; method=CANCEL")
    return message


def _email(subject: str, template: str, context: dict[str, Any], to: str) -> EmailMessage:
    return EmailMessage(subject=subject, body=wrapped(render_to_string(template, context)), to=[to])


def wrapped(text: str) -> str:
    """At 72, so that the message can travel as it is; an address stays whole."""
    return "\n".join(
        fill(line, 72, break_long_words=False, break_on_hyphens=False) for line in text.splitlines()
    )

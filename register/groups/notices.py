"""Telling who sees to a decision: one email, by a worker, to who may still see the record when it is sent.

As with digests the database holds the work and a decision is claimed before its email is sent, so none goes twice; one
whose worker died meanwhile is left alone.
"""

from __future__ import annotations

import logging
from textwrap import fill

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from kombu.exceptions import OperationalError

from register.accounts.permissions import has_permission
from register.accounts.roles import Permission
from register.core.post import Fate, Post
from register.core.tracking import recorded
from register.groups.models import Decision

logger = logging.getLogger(__name__)

Notice = Decision.Notice
TASK = "groups.send_notices"
# What one task sends; the next comes in a minute.
BATCH = 20


def hand_out_notices() -> None:
    """Have a worker send what waits. Without a broker beat does so in a minute."""
    try:
        current_app.send_task(TASK, retry=False, expires=300)
    except OperationalError:
        logger.warning("The broker is away: notices of decisions wait")


def send_notices() -> int:
    """Send what waits; how many were sent. A mail server that is away leaves them waiting."""
    sent = 0
    waiting = Decision.objects.filter(notice=Notice.WAITING).order_by("pk")
    with Post() as post:
        for pk in list(waiting.values_list("pk", flat=True)[:BATCH]):
            if not _move(pk, Notice.WAITING, Notice.SENDING):
                continue
            message = message_of(
                Decision.objects.select_related("initiative", "group", "owner_person").get(pk=pk)
            )
            if message is None:
                _move(pk, Notice.SENDING, Notice.NONE)
                continue
            result = post.send(message)
            if result.fate is Fate.TEMPORARY:
                _move(pk, Notice.SENDING, Notice.WAITING)
                break
            sent += result.fate is Fate.SENT
            _move(pk, Notice.SENDING, Notice.FAILED if result.fate is Fate.PERMANENT else Notice.SENT)
    return sent


def _move(pk: int, before: str, after: str) -> bool:
    with transaction.atomic(durable=True), recorded(by=None):
        return Decision.objects.filter(pk=pk, notice=before).update(notice=after) == 1


def message_of(decision: Decision) -> EmailMultiAlternatives | None:
    """The email; None for who has left or may not see the record any more. Of a sensitive one only the reference."""
    person, initiative = decision.owner_person, decision.initiative
    if person is None or not person.is_active or not has_permission(person, Permission.VIEW, initiative):
        return None
    title = initiative.reference if initiative.is_sensitive else initiative.title
    context = {
        "decision": decision,
        "person": person,
        "title": title,
        "is_sensitive": initiative.is_sensitive,
        "reference": initiative.reference,
        "url": f"{settings.SITE_URL}{initiative.get_absolute_url()}",
    }
    text = render_to_string("groups/decision_email.txt", context)
    wrapped = "\n".join(
        fill(line, 72, break_long_words=False) if line.strip() else "" for line in text.splitlines()
    )
    message = EmailMultiAlternatives(
        subject=f"[OFFICIAL] For you to see to: {decision.get_outcome_display().lower()}, {initiative.reference}",
        body=wrapped,
        to=[person.email],
    )
    message.attach_alternative(render_to_string("groups/decision_email.html", context), "text/html")
    return message

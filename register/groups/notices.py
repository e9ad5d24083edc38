"""Telling who sees to a decision: one email, by a worker, to who may still see the record when it is sent.

As with digests the database holds the work and a decision is claimed before its email is sent, so none goes twice; one
whose worker died meanwhile is left alone, and its page says that nobody knows.
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

from register.core.post import Fate, Post, Result
from register.core.tracking import recorded
from register.groups.models import Decision
from register.history.sayings.common import the
from register.initiatives.models import Initiative

logger = logging.getLogger(__name__)

Notice = Decision.Notice
TASK = "groups.send_notices"
# What one task sends; the next comes in a minute.
BATCH = 20
# How often, a minute apart, an address is tried that is refused for now. (A mail server that is away is no try.)
MOST_TRIES = 60


def hand_out_notices() -> None:
    """Have a worker send what waits. Without a broker beat does so in a minute."""
    try:
        current_app.send_task(TASK, retry=False, expires=300)
    except OperationalError:
        logger.warning("The broker is away: notices of decisions wait")


def send_notices() -> int:
    """Send what waits; how many were sent. A mail server that is away leaves them waiting."""
    sent = 0
    waiting = Decision.objects.filter(notice=Notice.WAITING).order_by("notice_tries", "pk")
    with Post() as post:
        for pk in list(waiting.values_list("pk", flat=True)[:BATCH]):
            if not _move(pk, Notice.WAITING, Notice.SENDING):
                continue
            decision = Decision.objects.select_related("initiative", "group", "owner_person").get(pk=pk)
            message = message_of(decision)
            if message is None:
                _move(pk, Notice.SENDING, Notice.WITHHELD)
                continue
            result = post.send(message)
            sent += result.fate is Fate.SENT
            if result.fate is not Fate.UNKNOWN:  # it may have been sent: it is left alone, and says so
                _move(pk, Notice.SENDING, *_after(result, decision.notice_tries))
            if result.away:
                break
    return sent


def _after(result: Result, tries: int) -> tuple[str, int]:
    """What becomes of a notice, and how often its address has been tried then."""
    if result.fate is Fate.SENT:
        return Notice.SENT, tries
    if result.is_final or tries + 1 >= MOST_TRIES:
        return Notice.FAILED, tries + 1
    return Notice.WAITING, tries if result.away else tries + 1


def _move(pk: int, before: str, after: str, tries: int | None = None) -> bool:
    fields = {"notice": after} if tries is None else {"notice": after, "notice_tries": tries}
    with transaction.atomic(durable=True), recorded(by=None):
        return Decision.objects.filter(pk=pk, notice=before).update(**fields) == 1


def message_of(decision: Decision) -> EmailMultiAlternatives | None:
    """The email; None for who has left or may not see the record any more. Of a sensitive one only the reference."""
    person, initiative = decision.owner_person, decision.initiative
    # None of a deleted record either, which whoever may restore it may still see.
    if person is None or not Initiative.objects.visible_to(person).filter(pk=initiative.pk).exists():
        return None
    is_sensitive = initiative.is_sensitive
    context = {
        "decision": decision,
        "group": the(str(decision.group)),
        "title": initiative.reference if is_sensitive else initiative.title,
        "is_sensitive": is_sensitive,
        "reference": initiative.reference,
        "url": f"{settings.SITE_URL}{initiative.get_absolute_url()}",
        "was_corrected": Decision.objects.filter(corrects=decision).exists(),
    }
    # Neither a subject nor what a mail program shows of the text before it is opened names a sensitive record.
    outcome = decision.get_outcome_display().lower()
    what = "a decision" if is_sensitive else f"{outcome}, {initiative.reference}"
    message = EmailMultiAlternatives(
        subject=f"[OFFICIAL] For you to see to: {what}",
        body=_wrapped(render_to_string("groups/decision_email.txt", context)),
        to=[person.email],
    )
    message.attach_alternative(render_to_string("groups/decision_email.html", context), "text/html")
    return message


def _wrapped(text: str) -> str:
    """At 72, so that the message can travel as it is; an address stays whole."""
    return "\n".join(
        fill(line, 72, break_long_words=False, break_on_hyphens=False) if line.strip() else ""
        for line in text.splitlines()
    )


def notice_in_words(decision: Decision) -> str:
    """What became of telling who sees to it, for the group; empty where nobody was to be told."""
    who = decision.owner_person
    if who is None:
        return ""
    return {
        Notice.NONE: "",
        Notice.WAITING: f"An email to {who} waits to be sent.",
        Notice.SENDING: f"{who} may not have been told: the email began to be sent, and nobody knows whether it"
        " arrived. It is not sent again.",
        Notice.SENT: f"{who} was told by email.",
        Notice.FAILED: f"{who} could not be told: the mail server refused the email. Tell them yourselves.",
        Notice.WITHHELD: f"{who} was not told: they have left, or may not see the record.",
    }[Notice(decision.notice)]

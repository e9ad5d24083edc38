"""Messages to one person about their account: plain text, at once, and never a reason for a page to fail."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from textwrap import fill
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

log = logging.getLogger(__name__)

# As over every email of the register: its marking, and whom it is from.
HEAD = "OFFICIAL\nRegister of blue light collaboration\n\n"


def wrapped(text: str) -> str:
    """At 72, so that the message can travel as it is; an address stays whole."""
    return "\n".join(
        fill(line, 72, break_long_words=False, break_on_hyphens=False) for line in text.splitlines()
    )


def send(template: str, to: str, context: dict[str, Any]) -> None:
    """Send what `template` plus _subject.txt and _message.txt say. A mail server that is away is logged."""
    context = {"site_url": settings.SITE_URL, **context}
    subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
    text = HEAD + wrapped(render_to_string(f"{template}_message.txt", context).strip()) + "\n"
    try:
        EmailMessage(subject, text, to=[to], headers={"Auto-Submitted": "auto-generated"}).send()
    except (OSError, SMTPException) as error:
        log.error("%s was not sent: %s", template, type(error).__name__)

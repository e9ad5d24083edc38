"""Messages to one person about their account: plain text, written at once and sent by a worker.

No page waits for the mail server. It could hang for as long as we let it, and how long a page takes would tell whether
somebody has an account. Nothing of what they say goes through the broker.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from register.accounts.joining.letters import owe_notice, wrapped
from register.accounts.models import User

# As over every email of the register: its marking, and whom it is from.
HEAD = "OFFICIAL\nRegister of blue light collaboration\n\n"


def send(template: str, to: str, context: dict[str, Any], person: User | None = None) -> None:
    """Have sent what `template` plus _subject.txt and _message.txt say, with the transaction that this is called in."""
    context = {"site_url": settings.SITE_URL, **context}
    subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
    text = HEAD + wrapped(render_to_string(f"{template}_message.txt", context).strip()) + "\n"
    owe_notice(to=to, subject=subject, text=text, person=person)

"""The token in an email with which its recipient says, without signing in, that a record is still current.

It stands in the mail only. It names a person by their public id, a record by its number and the day on which it was
asked about, signed with a salt of its own so that it opens nothing else. It does not run out, and is of use only
while the question waits for an answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from register.accounts.models import User
from register.initiatives.models import Initiative

SALT = "register.digests.chasing"


@dataclass(frozen=True)
class Question:
    """What a token names. The person may have left by now: then they are None."""

    person: User | None
    number: int
    asked_on: date


def token_for(person: User, initiative: Initiative, asked_on: date) -> str:
    named = [person.public_id.hex, initiative.number, asked_on.isoformat()]
    return signing.dumps(named, salt=SALT, compress=False)


def question_of(token: str) -> Question | None:
    """What a token names; None when it was not made here or lost a part on its way."""
    try:
        person, number, day = signing.loads(token, salt=SALT)
        public_id, asked_on = UUID(person), date.fromisoformat(day)
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    return Question(User.objects.active().filter(public_id=public_id).first(), number, asked_on)


def no_change_url(person: User, initiative: Initiative, asked_on: date) -> str:
    return _full(reverse("still_current", args=[token_for(person, initiative, asked_on)]))


def update_url(initiative: Initiative) -> str:
    """Where one says how it goes, which also makes it current."""
    return _full(reverse("section_new", args=[initiative.reference, "updates"]))


def close_url(initiative: Initiative) -> str:
    return _full(f"{reverse('initiative_standing', args=[initiative.reference])}?to=closed")


def _full(path: str) -> str:
    return f"{settings.SITE_URL}{path}"

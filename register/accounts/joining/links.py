"""The links in emails about accounts. Each stands in the email only, signed with a salt of its own, so that it opens
nothing else.

Whether one still opens anything stands in the database: an invitation that was used, withdrawn or ran out does not.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from register.accounts.joining.models import AccessRequest, Invitation
from register.accounts.models import User

INVITATION = "register.accounts.invitation"
REQUEST = "register.accounts.access_request"
STILL_NEEDED = "register.accounts.still_needed"


def invitation_url(invitation: Invitation) -> str:
    token = signing.dumps(invitation.public_id.hex, salt=INVITATION, compress=False)
    return f"{settings.SITE_URL}{reverse('invitation', args=[token])}"


def invitation_of(token: str) -> Invitation | None:
    """What a link names; None when it was not made here or lost a part on its way."""
    found = Invitation.objects.select_related("organisation", "group", "invited_by")
    return found.filter(public_id__in=_named(token, INVITATION)).first()


def request_url(asked: AccessRequest) -> str:
    token = signing.dumps(asked.public_id.hex, salt=REQUEST, compress=False)
    return f"{settings.SITE_URL}{reverse('access_confirm', args=[token])}"


def request_of(token: str) -> AccessRequest | None:
    """What a link names; None when it was not made here, or is long gone."""
    found = AccessRequest.objects.select_related("organisation")
    return found.filter(public_id__in=_named(token, REQUEST)).first()


def still_needed_url(person: User) -> str:
    token = signing.dumps(person.public_id.hex, salt=STILL_NEEDED, compress=False)
    return f"{settings.SITE_URL}{reverse('still_needed', args=[token])}"


def person_of(token: str) -> User | None:
    """Whose account a link asks about; None when it was not made here, or they were erased."""
    return User.objects.filter(public_id__in=_named(token, STILL_NEEDED), erased_at=None).first()


def _named(token: str, salt: str) -> list[UUID]:
    """The public id that a token names; none when it was not made here."""
    try:
        return [UUID(signing.loads(token, salt=salt))]
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return []

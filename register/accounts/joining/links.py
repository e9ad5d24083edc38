"""The link in an invitation. It stands in the email only, signed with a salt of its own, so that it opens nothing else.

Whether it still opens the invitation stands in the database: used, withdrawn or run out, it does not.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from register.accounts.joining.models import Invitation

INVITATION = "register.accounts.invitation"


def invitation_url(invitation: Invitation) -> str:
    token = signing.dumps(invitation.public_id.hex, salt=INVITATION, compress=False)
    return f"{settings.SITE_URL}{reverse('invitation', args=[token])}"


def invitation_of(token: str) -> Invitation | None:
    """What a link names; None when it was not made here or lost a part on its way."""
    try:
        public_id = UUID(signing.loads(token, salt=INVITATION))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    found = Invitation.objects.select_related("organisation", "group", "invited_by")
    return found.filter(public_id=public_id).first()

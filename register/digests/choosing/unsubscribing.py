"""The token in an email that lets its recipient stop the digest without signing in.

It stands in the mail only, never on a page. It names a person by their public id and a group by its code (none for
what the person follows), signed with a salt of its own so that it opens nothing else. It does not run out: mail is
kept for years.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.core import signing

from register.accounts.models import User, WorkingGroup

SALT = "register.digests.unsubscribe"


@dataclass(frozen=True)
class Named:
    """Whom and what a token names. Either may be gone by now."""

    user: User | None
    group: WorkingGroup | None
    is_personal: bool = False


def token_for(user: User, group: WorkingGroup | None) -> str:
    return signing.dumps([user.public_id.hex, group.code if group else ""], salt=SALT, compress=False)


def named_by(token: str) -> Named | None:
    """Whom and what a token names; None when it was not made here or lost a part on its way."""
    try:
        person, code = signing.loads(token, salt=SALT)
        public_id = UUID(person)
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None
    return Named(
        User.objects.filter(public_id=public_id, erased_at=None).first(),
        WorkingGroup.objects.filter(code=code).first() if code else None,
        is_personal=code == "",
    )

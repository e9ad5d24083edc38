"""Moving one's own account to another address: asked for by who has the password, done by who reads the new mailbox.

Until then nothing is kept of the new address: the link holds it, signed. (allauth would keep it beside the account as
one that is not confirmed, and send the link for a new password there.)
"""

from __future__ import annotations

from datetime import timedelta

from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from register.accounts import mail
from register.accounts.joining.domains import domain_of
from register.accounts.joining.models import EmailDomain
from register.accounts.models import User
from register.accounts.services import move_to_address
from register.core.tracking import write_door

SALT = "register.accounts.address"
GOOD_FOR = timedelta(days=1)


def may_move(user: User) -> bool:
    """Who signs in by password. The address of a work account is its provider's to say."""
    return user.has_usable_password() and not SocialAccount.objects.filter(user=user).exists()


@write_door
def ask_to_move(*, by: User, email: str) -> None:
    """Write to the new address. What is answered here, and the work it takes, are the same whether somebody has it.

    ValidationError on `email` for the address they have, and for one outside their organisation.
    """
    email = _checked(by, email)
    taken = User.objects.filter(email__iexact=email).exists()
    template = "account/email/address_taken" if taken else "account/email/address_confirm"
    context = {"url": _url(by, email), "old": by.email}
    mail.send(template, email, context, person=by)


@write_door
def move_to(*, by: User, email: str, session_key: str | None) -> None:
    """Sign in with this address from now on, which a link has proved (`address_in`). Sessions elsewhere end."""
    try:
        with transaction.atomic():
            move_to_address(by=by, user=by, email=_checked(by, email), but=session_key)
    except IntegrityError:  # somebody came to it at this moment
        raise ValidationError({"email": "Somebody already signs in with this address."}) from None


def address_in(token: str, user: User) -> str | None:
    """The address that a link moves this person to. None when it is somebody else's, too old, not whole, or used, and
    after a change of password: then whoever asked may have been somebody else."""
    try:
        whose, email, proof = signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    is_theirs = whose == user.public_id.hex and constant_time_compare(proof, _proof(user))
    return str(email) if is_theirs and may_move(user) else None


def _url(user: User, email: str) -> str:
    token = signing.dumps([user.public_id.hex, email, _proof(user)], salt=SALT)
    return f"{settings.SITE_URL}{reverse('own_address_confirm', args=[token])}"


def _proof(user: User) -> str:
    """Another one as soon as their address or password is."""
    return salted_hmac(SALT, f"{user.email}:{user.password}", algorithm="sha256").hexdigest()[:32]


def _checked(user: User, email: str) -> str:
    if not may_move(user):
        raise PermissionDenied("The address of a work account is its organisation’s to say.")
    email = email.strip().lower()
    if email == user.email.lower():
        raise ValidationError({"email": "You sign in with this address already."})
    _must_stay(user, email)
    return email


def _must_stay(user: User, email: str) -> None:
    """Who has an address of their organisation's keeps to its domains, so that it still ends with their post there."""
    places = user.roles.exclude(organisation=None).values("organisation")
    domains = set(EmailDomain.objects.filter(organisation__in=places).values_list("domain", flat=True))
    if domain_of(user.email) in domains and domain_of(email) not in domains:
        allowed = " or ".join(sorted(domains))
        raise ValidationError(
            {"email": f"Enter an address at {allowed}. An administrator can set one elsewhere."}
        )

"""The second factor as allauth does it, with our words and our rule of who must keep one."""

from __future__ import annotations

import logging
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import InvalidToken
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from register.accounts.adapters import session
from register.accounts.models import User
from register.core.secrecy import cipher
from register.core.tracking import write_door

log = logging.getLogger(__name__)

SALT = "register.accounts.second_factor"
# What a token of Fernet's begins with, and neither an app's secret nor a seed of recovery codes does.
ENCRYPTED = "gAAAA"
SECRET = ("secret", "seed")
UNREADABLE = (
    "A second factor was encrypted with a key that is neither SECRET_KEY nor among SECRET_KEY_FALLBACKS."
)
REGISTER = "Register of blue light collaboration"


class SecondFactorStage(AuthenticateStage):
    """Between the first factor and being signed in. Who came with a work account that asked for both has done it."""

    def _should_handle(self, request: HttpRequest) -> bool:
        user = self.login.user
        if user is not None and session.provider_asked_second_factor(request, user):
            return False
        return super()._should_handle(request)


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code is not right, or too old. Enter the one your app shows now.",
        "cannot_delete_authenticator": "Your role needs a second factor. Add another before you remove this one.",
    }

    def encrypt(self, text: str) -> str:
        """An app's secret, or what recovery codes are made of: who reads the database or a backup makes no codes."""
        return cipher(SALT).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """One from before they were encrypted is taken as it is. Without its key no code fits, and the log says why."""
        if not encrypted_text.startswith(ENCRYPTED):
            return encrypted_text
        try:
            return cipher(SALT).decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            log.error(UNREADABLE)
            return generate_totp_secret()

    def get_user_full_name(self, user: Any) -> str:
        return user.get_full_name()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        from register.accounts.second_factor import must_keep

        return not must_keep(authenticator.user, authenticator)

    def get_totp_issuer(self) -> str:
        return REGISTER

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count()
        return "Passkey" if number == 0 else f"Passkey {number + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {"name": REGISTER}


@write_door
def encrypt_anew(*, by: User | None) -> int:
    """Encrypt every second factor's secret with the SECRET_KEY of now; how many there are.

    ValidationError, and nothing is changed, where one can't be read: its key would be lost for good.
    """
    number = 0
    for factor in Authenticator.objects.select_for_update().order_by("pk"):
        kept = {name: factor.data[name] for name in SECRET if factor.data.get(name)}
        if kept:
            factor.data |= {name: _anew(text) for name, text in kept.items()}
            factor.save(update_fields=["data"])
            number += 1
    return number


def _anew(text: str) -> str:
    if not text.startswith(ENCRYPTED):
        return cipher(SALT).encrypt(text.encode()).decode()
    try:
        return cipher(SALT).rotate(text.encode()).decode()
    except InvalidToken:
        raise ValidationError(UNREADABLE) from None

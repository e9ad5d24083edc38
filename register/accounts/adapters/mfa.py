"""The second factor as allauth does it, with our words and our rule of who must keep one."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest

from register.accounts.adapters import session
from register.accounts.models import User

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

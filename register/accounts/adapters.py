"""The register's ways with django-allauth: nobody signs up, people are added."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import perform_login
from allauth.core.ratelimit import consume
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from register.accounts.people.reading import whom_to_ask


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Told only to who has proved who they are: whom to ask."""
        context = {"ask": whom_to_ask(user)}
        return render(request, "account/account_inactive.html", context, status=403)


class MFAAdapter(DefaultMFAAdapter):
    def get_user_full_name(self, user: Any) -> str:
        return user.get_full_name()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return super().get_public_key_credential_rp_entity() | {
            "name": "Register of blue light collaboration"
        }


def sign_in(request: HttpRequest, user: Any) -> HttpResponse:
    """Sign somebody in who has just proved who they are, by the same stages as at the sign-in page."""
    return perform_login(request, user)


def within_limit(request: HttpRequest, action: str, key: str) -> bool:
    """Whether somebody may do this once more now: by their network address and by what they do it to."""
    return consume(request, action=action, key=key)

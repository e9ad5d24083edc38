"""What the session remembers of how somebody signed in."""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.timezone import now

from register.accounts.models import User
from register.accounts.providers import Provider
from register.accounts.sessions import BEGAN

WORK_ACCOUNT = "work_account"


def signed_in_recently(request: HttpRequest) -> bool:
    """Whether the person proved who they are within the last SIGN_IN_AGAIN_AFTER seconds."""
    if not request.user.is_authenticated:
        return False
    times = [request.session.get(BEGAN, 0)]
    times += [record["at"] for record in get_authentication_records(request, request.user)]
    return now().timestamp() - max(times) < settings.SIGN_IN_AGAIN_AFTER


def remember_work_account(
    request: HttpRequest, user: User, provider: Provider, *, id_token: str, claims: dict[str, Any]
) -> None:
    methods = claims.get("amr")
    request.session[WORK_ACCOUNT] = {
        "user": user.pk,
        "provider": provider.code,
        "id_token": id_token,
        "second_factor": provider.asks_second_factor or (isinstance(methods, list) and "mfa" in methods),
    }


def work_account(request: HttpRequest, user: User | AnonymousUser) -> dict[str, Any]:
    """How this person signed in with a work account in this session; {} when they did not."""
    told = request.session.get(WORK_ACCOUNT) or {}
    return told if user.pk and told.get("user") == user.pk else {}


def by_work_account_only(user: User) -> bool:
    """Whose way in is their organisation's to give and to end: they get no other behind its back."""
    return not user.has_usable_password() and SocialAccount.objects.filter(user=user).exists()


def provider_asked_second_factor(request: HttpRequest, user: User) -> bool:
    return bool(work_account(request, user).get("second_factor"))

"""What the ledger hears of signing in: who, by which way, and what changed about how they do. Never an address."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import (
    authentication_step_completed,
    password_changed,
    password_reset,
    password_set,
)
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from allauth.socialaccount.signals import social_account_added, social_account_removed
from django.conf import settings
from django.core.cache import cache
from django.dispatch import receiver
from django.http import HttpRequest

from register.accounts.models import User
from register.core.noted import Noted
from register.core.tracking import note


def held_off(request: HttpRequest, source: str) -> None:
    """Once in each wait: whoever tries on and on must not fill the ledger."""
    if cache.add(f"held-off:{source}", True, settings.SIGN_IN_WAIT):
        note(Noted.HELD_OFF, by=request.user if request.user.is_authenticated else None)


@receiver([password_changed, password_reset, password_set])
def _password_changed(sender: Any, user: User, **kwargs: Any) -> None:
    note(Noted.PASSWORD_CHANGED, by=user, object_id=user.pk)


@receiver([authenticator_added, authenticator_reset])
def _factor_added(sender: Any, user: User, authenticator: Any, **kwargs: Any) -> None:
    note(Noted.FACTOR_ADDED, by=user, object_id=user.pk, detail={"type": authenticator.type})


@receiver(authenticator_removed)
def _factor_removed(sender: Any, user: User, authenticator: Any, **kwargs: Any) -> None:
    note(Noted.FACTOR_REMOVED, by=user, object_id=user.pk, detail={"type": authenticator.type})


@receiver(authentication_failed)
def _factor_failed(sender: Any, user: User, authenticator: Any, **kwargs: Any) -> None:
    note(Noted.SIGN_IN_FAILED, by=None, object_id=user.pk, detail={"type": authenticator.type})


@receiver(social_account_added)
def _work_account_added(sender: Any, sociallogin: Any, **kwargs: Any) -> None:
    user, account = sociallogin.user, sociallogin.account
    note(Noted.FACTOR_ADDED, by=user, object_id=user.pk, detail={"provider": account.provider})


@receiver(social_account_removed)
def _work_account_removed(sender: Any, socialaccount: Any, **kwargs: Any) -> None:
    user = socialaccount.user
    note(Noted.FACTOR_REMOVED, by=user, object_id=user.pk, detail={"provider": socialaccount.provider})


@receiver(authentication_step_completed)
def _confirmed(sender: Any, user: User, method: str, reauthenticated: bool = False, **kwargs: Any) -> None:
    if reauthenticated:
        note(Noted.CONFIRMED_IDENTITY, by=user, object_id=user.pk, detail={"method": method})

"""Asking again who it is, before what cannot be undone or changes who may do what: giving or ending a role, inviting,
letting in, switching on and off, erasing, changing an address, exporting everything."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponse

from register.accounts.adapters.session import signed_in_recently

View = Callable[..., HttpResponse]


def ask_again(request: HttpRequest) -> None:
    """Unless somebody signed in within SIGN_IN_AGAIN_AFTER seconds, they prove who they are first; what they posted
    waits (`adapters.again`)."""
    if request.user.is_authenticated and not signed_in_recently(request):
        raise ReauthenticationRequired


def recently_signed_in(view: View) -> View:
    """The same for a whole view."""

    @wraps(view)
    def asking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        ask_again(request)
        return view(request, *args, **kwargs)

    return asking

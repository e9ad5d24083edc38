"""Browsers that somebody has signed in from before, known by a cookie of a year."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from register.accounts.models import User

KEPT_SECONDS = 365 * 24 * 60 * 60
# People share a browser; more than these have long forgotten it.
MOST_PEOPLE = 10


def _mark(user: User) -> str:
    """Says nothing of who it is, and nobody can make one without our key."""
    return salted_hmac("register.accounts.devices", str(user.public_id), algorithm="sha256").hexdigest()[:32]


def _marks(request: HttpRequest) -> list[str]:
    return request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "").split(".")[:MOST_PEOPLE]


def is_known(request: HttpRequest, user: User) -> bool:
    mine = _mark(user)
    return any(hmac.compare_digest(mine, mark) for mark in _marks(request) if mark.isascii())


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    mine = _mark(user)
    others = [mark for mark in _marks(request) if mark and mark != mine]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        ".".join([mine, *others][:MOST_PEOPLE]),
        max_age=KEPT_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )

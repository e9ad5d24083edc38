"""How long a sign-in lasts, where somebody is signed in, and ending that.

A session ends when nobody used it for `SESSION_IDLE_SECONDS`, and `SESSION_COOKIE_AGE` after it began whatever it was
used for. allauth's UserSession tells which there are; how old one is stands in the session itself, so that a page asks
nothing more of the database.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from register.accounts.models import User
from register.accounts.signals import person_erased
from register.core.clock import now
from register.core.noted import Noted
from register.core.tracking import note

BEGAN, USED = "began", "used"
# How exactly it is kept when a session was last used (seconds), and a person last seen.
USED_EVERY = 5 * 60
SEEN_EVERY = 60 * 60


@receiver(user_logged_in)
def begin(request: HttpRequest, user: User, **_: Any) -> None:
    """A sign-in starts both its clocks; whoever signs in has been seen."""
    at = now()
    request.session[BEGAN] = request.session[USED] = int(at.timestamp())
    seen(user, at)


def seen(user: User, at: datetime) -> None:
    """Note that somebody was here, and so needs their account. Nobody's history: the columns are not in the ledger."""
    User.objects.filter(pk=user.pk).update(last_seen_at=at, asked_if_needed_at=None)
    user.last_seen_at, user.asked_if_needed_at = at, None


class SessionLimits:
    """Ends sessions that were idle or lasted for too long; keeps, now and then, when one was used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if isinstance(request.user, User):
            self._look(request, request.user, now())
        return self.get_response(request)

    def _look(self, request: HttpRequest, user: User, at: datetime) -> None:
        moment = int(at.timestamp())
        # One from before this was kept starts now.
        began = request.session.setdefault(BEGAN, moment)
        used = request.session.setdefault(USED, moment)
        if moment - began >= settings.SESSION_COOKIE_AGE or moment - used >= settings.SESSION_IDLE_SECONDS:
            request.session.flush()
            request.user = AnonymousUser()
            return
        if moment - used >= USED_EVERY:
            request.session[USED] = moment
            UserSession.objects.filter(session_key=request.session.session_key).update(last_seen_at=at)
        last = user.last_seen_at
        if last is None or (at - last).total_seconds() >= SEEN_EVERY:
            seen(user, at)


@dataclass(frozen=True)
class SignedIn:
    """One browser that somebody is signed in with."""

    pk: int
    browser: str
    began_at: datetime
    used_at: datetime
    is_this: bool


def where_signed_in(user: User, session_key: str | None) -> list[SignedIn]:
    """The sessions of a person that still work, the one asking first, then by when they were used."""
    found = [
        SignedIn(
            one.pk, in_words(one.user_agent), one.created_at, one.last_seen_at, one.session_key == session_key
        )
        for one in UserSession.objects.purge_and_list(user)
    ]
    return sorted(found, key=lambda one: (one.is_this, one.used_at), reverse=True)


def end_session(*, by: User, pk: int) -> bool:
    """End one of one's own sessions; whether there was one."""
    return _end(by, UserSession.objects.filter(user=by, pk=pk)) > 0


def end_sessions(*, by: User | None, user: User, but: str | None = None) -> int:
    """End every session of a person, but (the key of) one; how many."""
    return _end(by, UserSession.objects.filter(user=user).exclude(session_key=but or ""))


def _end(by: User | None, sessions: QuerySet[UserSession]) -> int:
    ending = list(sessions)
    for one in ending:
        one.end()
    if ending:
        note(Noted.SESSION_ENDED, by=by, object_id=ending[0].user_id, detail={"sessions": len(ending)})
    return len(ending)


@receiver(person_erased)
def forget_where(user: User, **_: Any) -> None:
    """Where somebody was signed in goes with them: addresses and browsers are theirs."""
    end_sessions(by=None, user=user)


# The first that fits: browsers name those that they descend from.
BROWSERS = (
    (r"Edg(e|A|iOS)?/", "Edge"),
    (r"OPR/|Opera", "Opera"),
    (r"SamsungBrowser/", "Samsung Internet"),
    (r"Firefox/|FxiOS/", "Firefox"),
    (r"Chrome/|CriOS/", "Chrome"),
    (r"Safari/", "Safari"),
)
MACHINES = (
    (r"iPhone", "an iPhone"),
    (r"iPad", "an iPad"),
    (r"Android", "an Android device"),
    (r"Windows", "Windows"),
    (r"Macintosh|Mac OS X", "a Mac"),
    (r"CrOS", "a Chromebook"),
    (r"Linux|X11", "Linux"),
)


def in_words(user_agent: str) -> str:
    """The browser and the kind of machine that a User-Agent names: "Firefox on Windows"."""
    browser, machine = (
        next((name for pattern, name in known if re.search(pattern, user_agent)), "")
        for known in (BROWSERS, MACHINES)
    )
    if not browser and not machine:
        return "A program that does not say what it is"
    return f"{browser or 'A browser'} on {machine}" if machine else browser

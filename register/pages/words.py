"""Pages of plain words that anyone may read."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from register.accounts.devices import KEPT_SECONDS
from register.accounts.kept_form import WHOSE_FOR


@dataclass(frozen=True)
class Cookie:
    """One that the register sets: what it is for, and how long a browser keeps it."""

    name: str
    purpose: str
    life: str


def cookies() -> list[Cookie]:
    """All of them. A test compares them with what browsers are given."""
    session = timedelta(seconds=settings.SESSION_COOKIE_AGE) // timedelta(hours=1)
    idle = timedelta(seconds=settings.SESSION_IDLE_SECONDS) // timedelta(minutes=1)
    return [
        Cookie(
            settings.SESSION_COOKIE_NAME,
            "Keeps you signed in.",
            f"Until you close the browser, {session} hours at most. It works no more after {idle} minutes without use.",
        ),
        Cookie(
            settings.CSRF_COOKIE_NAME,
            "Shows that a form you send came from the register, and not from another site in your name.",
            _in_days(settings.CSRF_COOKIE_AGE),
        ),
        Cookie(
            settings.WHOSE_COOKIE_NAME,
            "Tells whose browser it was last, so that a form which was open when your sign-in ended waits for you "
            "alone. It lets nobody in.",
            _in_days(WHOSE_FOR),
        ),
        Cookie(
            settings.DEVICE_COOKIE_NAME,
            "Tells that somebody signed in from this browser before, so that they get an email when it is another one. "
            "It does not say who, and lets nobody in.",
            _in_days(KEPT_SECONDS),
        ),
    ]


def _in_days(seconds: int) -> str:
    return f"{timedelta(seconds=seconds).days} days."


@require_safe
@login_not_required
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/words/accessibility.html", {"said": settings.STATEMENTS})


@require_safe
@login_not_required
def privacy(request: HttpRequest) -> HttpResponse:
    context = {
        "said": settings.STATEMENTS,
        "asked_after": settings.LEAVER_ASKED_DAYS,
        "paused_after": settings.LEAVER_PAUSED_DAYS,
        "forgotten_after": settings.FORGET_AFTER_DAYS,
    }
    return render(request, "pages/words/privacy.html", context)


@require_safe
@login_not_required
def cookies_page(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/words/cookies.html", {"cookies": cookies()})


@require_safe
@login_not_required
def figures(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/words/figures.html")

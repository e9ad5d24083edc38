"""A form that is open when the session ends is kept, and finished by the same person after signing in again.

What was posted waits in the anonymous session, encrypted with a key that is made of SECRET_KEY and the person whose
browser it is. Whose that is tells a signed cookie, which says nothing of them and lets nobody in.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.views.csrf import csrf_failure
from django.views.decorators.http import require_safe

from register.accounts.models import User
from register.core.secrecy import cipher

SALT = "register.accounts.kept_form"
SESSION_KEY = "kept_form"
# Whether this session is of the same person as the one before it in this browser.
CAME_BACK = "came_back"
# A weekend and more: a form may have been open since Friday.
WHOSE_FOR = 30 * 24 * 60 * 60
# Longer than the longest form's texts; a bigger post is somebody else's script.
MOST_BYTES = 200_000
KEPT_SECONDS = 8 * 60 * 60
HIDDEN = {"csrfmiddlewaretoken"}
PRIVATE_PARTS = ("password", "code", "secret", "token")


class KeepForm:
    """A form posted after the session ended is kept for hours, and the person is asked to sign in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        signed_in: User | None = getattr(request, "has_signed_in", None)
        if signed_in:
            response.set_cookie(
                settings.WHOSE_COOKIE_NAME,
                whose_cookie(signed_in),
                max_age=WHOSE_FOR,
                secure=settings.HTTPS,
                httponly=True,
                samesite="Lax",
            )
        return response

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict
    ) -> HttpResponse | None:
        if request.user.is_authenticated or not _may_be_kept(request, view):
            return None
        whose = _whose(request)
        if whose is None or not keep(request, whose):
            return None
        return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': reverse('kept_form')})}")


def _may_be_kept(request: HttpRequest, view: Callable) -> bool:
    """A form of a page for who is signed in, but for those of signing in and of Django's administration."""
    needs_sign_in = getattr(view, "login_required", True)
    is_ours = not request.path.startswith(("/account/", "/admin/"))
    return request.method == "POST" and needs_sign_in and is_ours


def keep_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form of a page from before its writer signed in again, in another tab: its token is of the session that ended.

    It is kept like one that found nobody signed in, and shown with a button that sends it. Only from a page of ours,
    and only when who was here before is who is now.
    """
    match = request.resolver_match
    own = f"{request.scheme}://{request.get_host()}"
    came_from_here = request.headers.get("Origin") == own
    is_the_same = request.session.get(CAME_BACK) is True
    may_be_kept = came_from_here and is_the_same and match and _may_be_kept(request, match.func)
    if may_be_kept and request.user.pk and keep(request, request.user.pk):
        return redirect("kept_form")
    return csrf_failure(request, reason)


@receiver(user_logged_in)
def remember_whose(request: HttpRequest, user: User, **_: Any) -> None:
    request.has_signed_in = user  # type: ignore[attr-defined]
    request.session[CAME_BACK] = _whose(request) == user.pk


def whose_cookie(user: User) -> str:
    """What the cookie holds: the person's key, signed."""
    return signing.dumps(user.pk, salt=SALT)


def _whose(request: HttpRequest) -> int | None:
    """Whose browser this was last."""
    try:
        told = signing.loads(
            request.COOKIES.get(settings.WHOSE_COOKIE_NAME, ""), salt=SALT, max_age=WHOSE_FOR
        )
    except signing.BadSignature:
        return None
    return told if isinstance(told, int) else None


def keep(request: HttpRequest, whose: int) -> bool:
    """Keep what was posted for one person (their key), until `kept_form` shows it to them; no if it is too much."""
    fields = [
        (name, value) for name, values in request.POST.lists() for value in values if name not in HIDDEN
    ]
    if sum(len(name) + len(value) for name, value in fields) > MOST_BYTES:
        return False
    plain = json.dumps({"path": request.get_full_path(), "fields": fields}).encode()
    # With a key for one person, so that it opens for nobody else.
    request.session[SESSION_KEY] = cipher(SALT, whose).encrypt(plain).decode()
    return True


@dataclass(frozen=True)
class Kept:
    path: str
    fields: list[tuple[str, str]]

    @property
    def shown(self) -> list[tuple[str, str]]:
        """What a person recognises of it."""
        filled = {name for name, value in self.fields if value}
        return [
            (_in_words(name), value)
            for name, value in self.fields
            if value and _is_text(name) and _is_begun(name, filled)
        ]


def kept_for(request: HttpRequest) -> Kept | None:
    """What was kept for whoever is signed in; None for anybody else, and after some hours.

    It stays there for as long as it may be asked for: a page that is loaded twice loses nothing.
    """
    token = request.session.get(SESSION_KEY)
    try:
        plain = cipher(SALT, request.user.pk).decrypt(str(token).encode(), ttl=KEPT_SECONDS)
    except InvalidToken:
        return None
    return Kept(**json.loads(plain))


@require_safe
def kept_form(request: HttpRequest) -> HttpResponse:
    """What was typed before the session ended, with a button that sends it on, for whoever signed in again."""
    kept = kept_for(request)
    if kept is None:
        return redirect("home")
    return render(request, "account/kept_form.html", {"kept": kept})


def _is_text(name: str) -> bool:
    last = name.rsplit("-", 1)[-1]
    return not any(part in last for part in (*PRIVATE_PARTS, "FORMS", "version", "_for", "different"))


def _is_begun(name: str, filled: set[str]) -> bool:
    """Whether it is more than what an empty row of organisations begins with, its role."""
    row, _, last = name.rpartition("-")
    return not row or last != "role" or f"{row}-organisation" in filled


def _in_words(name: str) -> str:
    last = name.rsplit("-", 1)[-1].replace("_", " ")
    return last[:1].upper() + last[1:]

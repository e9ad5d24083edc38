"""An expired sign-in keeps the form: what was posted waits in the session until the person is signed in again."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_safe

SESSION_KEY = "kept_form"
# Longer than the longest form's texts; a bigger post is somebody else's script.
MOST_BYTES = 200_000
KEPT_SECONDS = 60 * 60
HIDDEN = {"csrfmiddlewaretoken"}
PRIVATE_PARTS = ("password", "code", "secret", "token")


class KeepForm:
    """A form posted after the sign-in ran out is kept for an hour, and the person is asked to sign in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict
    ) -> HttpResponse | None:
        needs_sign_in = getattr(view, "login_required", True)
        if request.method != "POST" or request.user.is_authenticated or not needs_sign_in:
            return None
        if request.path.startswith(("/account/", "/admin/")):
            return None
        fields = [
            (name, value) for name, values in request.POST.lists() for value in values if name not in HIDDEN
        ]
        if sum(len(name) + len(value) for name, value in fields) > MOST_BYTES:
            return None
        request.session[SESSION_KEY] = {"path": request.path, "fields": fields, "at": now().timestamp()}
        return redirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': reverse('kept_form')})}")


@require_safe
def kept_form(request: HttpRequest) -> HttpResponse:
    """What was typed before the sign-in ran out, with a button that sends it on. Shown once signed in again."""
    kept = request.session.get(SESSION_KEY)
    if not kept or now().timestamp() - kept["at"] > KEPT_SECONDS:
        request.session.pop(SESSION_KEY, None)
        return redirect("home")
    shown = [(_in_words(name), value) for name, value in kept["fields"] if value and _is_text(name)]
    response = render(request, "account/kept_form.html", {"kept": kept, "shown": shown})
    del request.session[SESSION_KEY]
    return response


def _is_text(name: str) -> bool:
    last = name.rsplit("-", 1)[-1]
    return not any(part in last for part in (*PRIVATE_PARTS, "FORMS", "version", "_for"))


def _in_words(name: str) -> str:
    last = name.rsplit("-", 1)[-1].replace("_", " ")
    return last[:1].upper() + last[1:]

"""What somebody posted waits while they prove who they are, and is done then: the same, at the same address, once.

allauth keeps it too, but readable in the database, does it only where the address has no query, and does it after all
when its sender gave it up and opens the page anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ReauthenticationRequired
from cryptography.fernet import InvalidToken
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import resolve

from register.core.secrecy import cipher

SALT = "register.accounts.again"
# Time to find the phone; what was sent before a meeting is not done after it.
KEPT_SECONDS = 30 * 60
HIDDEN = {"csrfmiddlewaretoken"}


class AskAgain:
    """Leads whoever must prove who they are to where they do, and keeps what they posted."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, ReauthenticationRequired) or not request.user.is_authenticated:
            return None
        ways = get_adapter().get_reauthentication_methods(request.user)
        if not ways:  # such as a work account whose provider has been taken out of the settings
            return redirect("account_logout")
        if request.method == "POST":
            _keep(request)
        else:  # whatever waited was given up
            request.session.pop(STATE_SESSION_KEY, None)
        return redirect(f"{ways[0]['url']}?{urlencode({'next': request.get_full_path()})}")


def _keep(request: HttpRequest) -> None:
    fields = [
        (name, value) for name, values in request.POST.lists() for value in values if name not in HIDDEN
    ]
    plain = json.dumps(
        {
            "address": request.get_full_path(),
            "path": request.path,
            "path_info": request.path_info,
            "query": request.META.get("QUERY_STRING", ""),
            "fields": urlencode(fields),
        }
    )
    token = cipher(SALT, request.user.pk).encrypt(plain.encode()).decode()
    request.session[STATE_SESSION_KEY] = {"state": token, "callback": f"{__name__}.go_on"}


def go_on(request: HttpRequest, token: str) -> HttpResponse:
    """Do what waited. allauth calls this once, with what it has taken out of the session."""
    going = get_next_redirect_url(request)
    try:
        kept = json.loads(cipher(SALT, request.user.pk).decrypt(token.encode(), ttl=KEPT_SECONDS))
    except InvalidToken:
        messages.error(request, "What you sent is not done: it waited too long. Please do it again.")
        return redirect("home")
    if going != kept["address"]:  # proved for something else
        return redirect(going or "home")
    match = resolve(kept["path_info"])
    request.method = "POST"
    request.path, request.path_info = kept["path"], kept["path_info"]
    request.META |= {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": kept["path_info"],
        "QUERY_STRING": kept["query"],
    }
    request.GET, request.POST = QueryDict(kept["query"]), QueryDict(kept["fields"])
    request.resolver_match = match
    return match.func(request, *match.args, **match.kwargs)

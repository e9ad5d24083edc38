"""What people are told when something is wrong.

Services refuse with Django's ValidationError (fields and messages), PermissionDenied, or EditConflictError.
"""

import sys
from typing import Any

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.templatetags.static import static


class EditConflictError(Exception):
    """Somebody else saved the same thing first. `current` is what it is now."""

    def __init__(self, current: Any) -> None:
        self.current = current
        super().__init__("Someone else has changed this since you opened it.")


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", {"why": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """A plain page that needs no database, no session and no user. 503 while the database is away."""
    context = {"styles": _styles()}
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        answer = HttpResponse(loader.render_to_string("503.html", context), status=503)
        answer.headers["Retry-After"] = "30"
        return answer
    return HttpResponse(loader.render_to_string("500.html", context), status=500)


def _styles() -> list[str]:
    """Where the style sheets are; nowhere when that is what went wrong, and the page is read without."""
    try:
        return [static(path) for path in ("vendor/govuk/govuk-frontend.min.css", "css/register.css")]
    except ValueError:
        return []

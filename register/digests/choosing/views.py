"""What one gets of digests, and the way out from an email."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from register.core.clock import today
from register.digests.choosing.forms import ChoiceOfDigests
from register.digests.choosing.unsubscribing import Named, named_by
from register.digests.choosing.wishes import stop_digest

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@require_http_methods(["GET", "HEAD", "POST"])
def digest_settings(request: HttpRequest) -> HttpResponse:
    """What one gets of one's groups' digests, and of what one follows."""
    user: Any = request.user
    form = ChoiceOfDigests(request.POST if request.method == "POST" else None, user=user, on=today())
    if form.is_valid():
        form.save()
        messages.success(request, "Your choice of digests is saved.")
        return redirect("digest_settings")
    return render(request, "digests/settings.html", {"form": form}, status=422 if form.errors else 200)


@csrf_exempt
@login_not_required
def digest_unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """The way out from an email: GET asks, POST acts, without signing in.

    A mail program's one click (RFC 8058) comes with a body that says so and no cookie; it needs no token of the
    session, because its address is the secret. A POST of any other shape is our own form, and is checked.
    """
    if request.method == "POST" and request.POST.dict() == ONE_CLICK:
        named = named_by(token)
        if named is None:
            return HttpResponse("This link is not complete.", status=404, content_type="text/plain")
        _stop(named)
        return HttpResponse("Stopped.", content_type="text/plain")
    return _ask_or_stop(request, token)


@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def _ask_or_stop(request: HttpRequest, token: str) -> HttpResponse:
    named = named_by(token)
    if named is None:
        return render(request, "digests/unsubscribe_broken.html", status=404)
    context = {"group": named.group, "is_personal": named.is_personal}
    if request.method == "POST":
        _stop(named)
        return render(request, "digests/unsubscribed.html", context)
    return render(request, "digests/unsubscribe.html", context)


def _stop(named: Named) -> None:
    """Somebody who has left, or a group that is gone, sends nothing any more: that is success too."""
    if named.user and (named.group or named.is_personal):
        stop_digest(by=named.user, user=named.user, group=named.group)

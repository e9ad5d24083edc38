"""The digest's pages: past editions and how to find them, what one gets, and the way out from an email."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from register.accounts.models import WorkingGroup
from register.accounts.permissions import has_permission
from register.accounts.roles import Permission
from register.core.clock import now, today
from register.digests.archive import editions_for, page_of, with_lines, years_of
from register.digests.forms import OWN, ChoiceOfDigests, SearchForm
from register.digests.models import Edition
from register.digests.notes import note_of
from register.digests.reading import read
from register.digests.unsubscribing import Named, named_by
from register.digests.wishes import stop_digest
from register.digests.words import Counts, exact_window, opening, window

ON_A_PAGE = 26  # half a year of weeks
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@require_safe
def digest_list(request: HttpRequest) -> HttpResponse:
    """`/digests/?q=…&group=…&year=…&month=…`: past editions of the reader's groups, newest first."""
    user: Any = request.user
    groups = WorkingGroup.objects.visible_to(user).order_by("name")
    form = SearchForm(request.GET, groups=list(groups), years=years_of(user, now=now()))
    asked = form.asked()
    own = asked.get("group") == OWN
    found = editions_for(user, **(asked | {"group": "" if own else asked.get("group", ""), "own": own}))
    page, editions = page_of(found, request.GET.get("page"), size=ON_A_PAGE)
    context = {
        "form": form,
        "asked": asked,
        "query": urlencode(asked),
        "page": page,
        "found": with_lines(editions, user, asked.get("q", "")),
    }
    return render(request, "digests/list.html", context)


@require_safe
def digest(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One edition through the viewer's eyes of now. It holds no token."""
    editions = (
        Edition.objects.visible_to(request.user).built().select_related("group__digest_schedule", "person")
    )
    edition = get_object_or_404(editions, public_id=public_id)
    user: Any = request.user  # signed in: the middleware saw to it
    reading = read(edition, user)
    context = {
        "edition": edition,
        "note": note_of(edition),
        "may_manage": edition.group and has_permission(user, Permission.MANAGE_GROUP, edition.group),
        "reading": reading,
        "window": window(edition),
        "exact_window": exact_window(edition),
        "opening": opening(Counts.of(reading.counted)),
    }
    return render(request, "digests/digest.html", context)


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

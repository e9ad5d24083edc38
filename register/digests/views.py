"""The digest's pages: past editions, what one gets, and the way out from an email."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from register.digests.forms import ChoiceOfDigests
from register.digests.models import DigestSchedule, Edition
from register.digests.reading import read
from register.digests.services import stop_digest
from register.digests.unsubscribing import Named, named_by
from register.digests.words import Counts, exact_window, opening, when, window

ON_A_PAGE = 26  # half a year of weeks
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@require_safe
def digest_list(request: HttpRequest) -> HttpResponse:
    """Past editions of the reader's groups, newest first."""
    editions = Edition.objects.visible_to(request.user).built().select_related("group", "person")
    page = Paginator(editions, ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "digests/list.html", {"page": page, "editions": page.object_list})


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
        "reading": reading,
        "window": window(edition),
        "exact_window": exact_window(edition),
        "opening": opening(Counts.of(reading.counted)),
    }
    return render(request, "digests/digest.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def digest_settings(request: HttpRequest) -> HttpResponse:
    """Which of one's groups' digests one gets, and whether what one follows."""
    user: Any = request.user
    form = ChoiceOfDigests(request.POST if request.method == "POST" else None, user=user)
    if form.is_valid():
        form.save()
        messages.success(request, "Your choice of digests is saved.")
        return redirect("digest_settings")
    schedules = DigestSchedule.objects.filter(group__in=list(user.holdings.groups), is_on=True)
    context = {
        "form": form,
        "schedules": [(schedule.group, when(schedule)) for schedule in schedules.select_related("group")],
    }
    return render(request, "digests/settings.html", context)


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

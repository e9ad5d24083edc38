"""Past editions and how to find them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from register.accounts.models import WorkingGroup
from register.accounts.permissions import has_permission
from register.accounts.roles import Permission
from register.core.clock import now
from register.digests.archive.finding import editions_for, page_of, with_lines, years_of
from register.digests.archive.forms import OWN, SearchForm
from register.digests.making.notes import note_of
from register.digests.models import Edition
from register.digests.reading.reading import read
from register.digests.words import Counts, exact_window, opening, window

ON_A_PAGE = 26  # half a year of weeks


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

"""Others' drafts, for who answers for the whole register: that they are there, and not what they say."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from register.accounts.permissions import has_permission
from register.accounts.roles import Permission
from register.initiatives.models import Initiative

PER_PAGE = 50
REFUSED = (
    "This page lists the drafts of every organisation, for administrators and auditors: they answer for the whole "
    "register. The drafts that you may see are in the register among its other records, and yours to finish are on "
    "your home page."
)


@require_safe
def draft_list(request: HttpRequest) -> HttpResponse:
    """`/drafts/`: by reference, with who leads and since when. Opening one is recorded."""
    if not has_permission(request.user, Permission.AUDIT):
        raise PermissionDenied(REFUSED)
    found = Initiative.objects.kept().drafts_unseen_by(request.user).order_by("-created_at", "-pk")
    page = Paginator(found.prefetch_related("partners__organisation"), PER_PAGE).get_page(
        request.GET.get("page")
    )
    return render(request, "pages/drafts.html", {"page": page})

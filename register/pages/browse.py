"""Organisations, places and people: what the register knows of each, and their initiatives."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from register.accounts.managing import may_manage
from register.accounts.models import User
from register.catalogue.filters import list_url
from register.core.clock import today
from register.core.dates import financial_year
from register.initiatives.marking import page_marking
from register.initiatives.models import Initiative
from register.initiatives.rows import rows_of
from register.reference.models import Organisation, PoliceArea, Succession

PER_PAGE = 50


@require_safe
def organisations(request: HttpRequest) -> HttpResponse:
    """Organisations by kind or by name, with how many initiatives of each the reader may see."""
    on = today()
    kind, words = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:100]
    ended = request.GET.get("ended") == "yes"
    found = (
        Organisation.objects.search(words, on=on, limit=PER_PAGE) if words else Organisation.objects.real()
    )
    if not words:
        found = found.ended(on) if ended else found.current(on)
        found = found.of_kind(kind) if kind in Organisation.Kind.values else found
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    counts = _initiative_counts(rows, request.user)
    context = {
        "rows": [(row, counts.get(row.pk, 0), list_url(_parameters(row))) for row in rows],
        "page": page,
        "kinds": [(code, label, code == kind) for code, label in Organisation.Kind.choices],
        "kind": kind if kind in Organisation.Kind.values else "",
        "q": words,
        "ended": ended,
    }
    return render(request, "pages/browse/organisations.html", context)


@require_safe
def organisation(request: HttpRequest, code: str) -> HttpResponse:
    body = get_object_or_404(Organisation.objects.prefetch_related("other_names", "areas"), code=code)
    on = today()
    before = Succession.objects.filter(successor=body).select_related("predecessor")
    after = Succession.objects.filter(predecessor=body).select_related("successor")
    seen = _visible(request.user, body).of_organisations([body.pk])
    rows = rows_of(seen.order_by("-changed_at", "-id")[:PER_PAGE])
    context = {
        "body": body,
        "before": before,
        "after": after,
        "successors": body.successors_on(on) if not body.existed_on(on) else [],
        "initiatives": rows,
        "page_marking": page_marking(row.initiative for row in rows),
        "count": seen.count(),
        "list_url": list_url(_parameters(body)),
        "today": on,
        "duty_year": financial_year(on),
        "may_manage_people": may_manage(request.user, body),
    }
    return render(request, "pages/browse/organisation.html", context)


@require_safe
def organisation_search(request: HttpRequest) -> HttpResponse:
    """The options of the combobox: what a few letters find."""
    words = request.GET.get("q", "")[:100]
    found = Organisation.objects.search(words, on=today())
    return render(request, "components/organisation_options.html", {"found": found})


@require_safe
def places(request: HttpRequest) -> HttpResponse:
    areas = PoliceArea.objects.real().select_related("region").order_by("region__name", "name")
    seen = Q(initiatives__in=Initiative.objects.visible_to(request.user).real())
    counted = areas.annotate(count=Count("initiatives", filter=seen, distinct=True))
    rows = [(area, list_url({"place": [area.slug]})) for area in counted]
    return render(request, "pages/browse/places.html", {"rows": rows})


@require_safe
def place(request: HttpRequest, slug: str) -> HttpResponse:
    area = get_object_or_404(
        PoliceArea.objects.select_related("region").prefetch_related("neighbours"), slug=slug
    )
    on = today()
    parameters = {"place": [area.slug]} | ({"example": ["with"]} if area.is_fictional else {})
    seen = Initiative.objects.visible_to(request.user).filter(places=area)
    seen = seen if area.is_fictional else seen.real()
    rows = rows_of(seen.order_by("-changed_at", "-id")[:PER_PAGE])
    context = {
        "area": area,
        "bodies": Organisation.objects.current(on).covering(area).order_by("kind", "name"),
        "initiatives": rows,
        "page_marking": page_marking(row.initiative for row in rows),
        "count": seen.count(),
        "list_url": list_url(parameters),
        "today": on,
    }
    return render(request, "pages/browse/place.html", context)


@require_safe
def person(request: HttpRequest, public_id: Any) -> HttpResponse:
    """A colleague: their post and roles. Their address is for those who manage people."""
    somebody = get_object_or_404(User.objects.filter(erased_at=None), public_id=public_id)
    if not somebody.is_active and not request.user.holdings.is_administrator:
        raise Http404
    roles = somebody.roles.select_related("organisation", "group").order_by("role")
    context = {"somebody": somebody, "roles": roles, "may_manage": may_manage(request.user)}
    return render(request, "pages/browse/person.html", context)


def _parameters(body: Organisation) -> dict[str, list[str]]:
    return {"org": [body.code]} | ({"example": ["with"]} if body.is_fictional else {})


def _visible(user: Any, body: Organisation) -> Any:
    seen = Initiative.objects.visible_to(user)
    return seen if body.is_fictional else seen.real()


def _initiative_counts(rows: list[Organisation], user: Any) -> dict[int, int]:
    """How many initiatives of each the reader may see: one query for the page."""
    seen = Initiative.objects.visible_to(user).of_organisations([row.pk for row in rows])
    counted = (
        seen.real()
        .order_by()
        .filter(organisations__in=rows)
        .values("organisations")
        .annotate(n=Count("pk", distinct=True))
        .values_list("organisations", "n")
    )
    return dict(counted)

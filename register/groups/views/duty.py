"""The duty to consider: notifying, answering, and the evidence of one organisation and year."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from register.accounts.permissions import has_permission
from register.accounts.roles import Permission
from register.core.clock import now, today
from register.core.dates import financial_year
from register.core.errors import EditConflictError
from register.groups.duty import evidence
from register.groups.forms.considerations import ConsiderationForm, NotifyForm
from register.groups.models import Consideration
from register.groups.services import may_speak_for, notify_organisation, record_consideration
from register.initiatives.conflicts import conflict_page
from register.initiatives.forms.common import partners_of
from register.initiatives.models import Initiative
from register.initiatives.views.common import editable_or_403, note_sensitive, visible_or_404
from register.initiatives.vocabulary import Marking
from register.reference.models import Organisation

# The Act of 2017 is the oldest that a page of evidence can be about; a year ahead there is nothing yet.
FIRST_YEAR = 2016


def _back(initiative: Initiative) -> str:
    return f"{initiative.get_absolute_url()}#duty"


@require_http_methods(["GET", "HEAD", "POST"])
def consideration_new(request: HttpRequest, reference: str) -> HttpResponse:
    """`/initiatives/<reference>/duty/`: whoever keeps the record says who was notified of it."""
    initiative, on = editable_or_403(request.user, reference), today()
    lead = next((p.organisation.code for p in initiative.partners.all() if p.role == "lead"), None)
    form = NotifyForm(
        request.POST if request.method == "POST" else None,
        organisations=partners_of(initiative),
        on=on,
        initial={"notified_on": on, "notified_by": lead},
    )
    if form.is_bound and "find" not in request.POST and form.is_valid():
        try:
            made = notify_organisation(by=request.user, initiative=initiative, on=on, **form.for_service())
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"It is recorded that {made.organisation} was notified.")
            return redirect(_back(initiative))
    return _show(request, initiative, form, "Record who was notified", "Record it")


@require_http_methods(["GET", "HEAD", "POST"])
def consideration_edit(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """`/initiatives/<reference>/duty/<pk>/`: what the organisation answered, by its people or the record's."""
    initiative, on = visible_or_404(request.user, reference), today()
    row = get_object_or_404(
        Consideration.objects.filter(initiative=initiative).select_related("organisation", "notified_by"),
        pk=pk,
    )
    if not may_speak_for(request.user, row):
        raise PermissionDenied("Your roles do not let you answer for that organisation.")
    form = ConsiderationForm(
        request.POST if request.method == "POST" else None,
        organisations=partners_of(initiative, also=[row.notified_by_id]),
        keeps_record=has_permission(request.user, Permission.EDIT, initiative),
        initial=ConsiderationForm.initial_of(row),
    )
    if form.is_bound and "find" not in request.POST and form.is_valid():
        try:
            record_consideration(by=request.user, consideration=row, on=on, **form.for_service())
        except EditConflictError as conflict:
            current = conflict.current
            return conflict_page(
                request, form=form, theirs=form.initial_of(current), version=current.version,
                back_url=_back(initiative), marking=initiative.marked,
            )  # fmt: skip
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"What {row.organisation} answered is saved.")
            return redirect(_back(initiative))
    return _show(request, initiative, form, f"What {row.organisation} answered", "Save", row=row)


def _show(
    request: HttpRequest, initiative: Initiative, form: Any, title: str, verb: str, **more: Any
) -> HttpResponse:
    context = {"form": form, "initiative": initiative, "title": title, "verb": verb, **more}
    context["back_url"] = _back(initiative)
    return render(request, "groups/consideration.html", context, status=422 if form.is_bound else 200)


@require_safe
def organisation_duty(request: HttpRequest, code: str, year: int) -> HttpResponse:
    """`/organisations/<code>/duty/<year>/`: evidence to print; the year is the one in which April falls."""
    body, this = get_object_or_404(Organisation, code=code), financial_year(today())
    if not FIRST_YEAR <= year <= this:
        raise Http404
    found = evidence(body, year, request.user)
    note_sensitive(request.user, found.initiatives)
    context = {
        "evidence": found,
        "body": body,
        "before": year - 1 if year > FIRST_YEAR else None,
        "after": year + 1 if year < this else None,
        "as_of": now(),
        "page_marking": (Marking.OFFICIAL_SENSITIVE if found.is_sensitive else Marking.OFFICIAL).label,
    }
    return render(request, "groups/duty.html", context)

"""Adding, changing and taking off what hangs on a record: three views for every section."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from register.accounts.permissions import has_permission, require
from register.accounts.roles import Permission
from register.core.clock import today
from register.core.errors import EditConflictError
from register.initiatives.conflicts import conflict_page
from register.initiatives.forms.common import SectionForm
from register.initiatives.forms.money import VerifyForm
from register.initiatives.forms.progress import RemoveForm
from register.initiatives.models import Initiative, SavingLine
from register.initiatives.sections import SECTIONS, Section
from register.initiatives.services import remove_from_record, verify_saving
from register.initiatives.views.common import editable_or_403, visible_or_404


def _section(slug: str) -> Section:
    if slug not in SECTIONS:
        raise Http404
    return SECTIONS[slug]


def _row(user: Any, section: Section, initiative: Initiative, pk: int) -> Any:
    """What hangs on the record, for who may change it: a line of money is its organisation's own."""
    row: Any = get_object_or_404(
        section.model._default_manager.filter(**{section.on_record: initiative}), pk=pk
    )
    if hasattr(row, "permission_scope"):
        require(user, Permission.EDIT, row)
    return row


def _back(section: Section, initiative: Initiative) -> str:
    return f"{initiative.get_absolute_url()}#{section.slug}"


@require_http_methods(["GET", "POST"])
def section_new(request: HttpRequest, reference: str, slug: str) -> HttpResponse:
    """A part more. From a benefit that was added for it (`?then=savings`) one goes on to the saving."""
    section, on = _section(slug), today()
    initiative = editable_or_403(request.user, reference)
    if request.method == "GET":
        initial = {"raised_on": on, "noted_on": on}
        form = section.form(by=request.user, initiative=initiative, on=on, initial=initial)
        return _show(request, section, initiative, form)
    form = section.form(request.POST, request.FILES, by=request.user, initiative=initiative, on=on)
    if "find" not in request.POST and form.is_valid():
        fields = form.for_service()
        if section.on_record == "initiative":
            fields["initiative"] = initiative
        if section.takes_day[0]:
            fields["on"] = on
        try:
            section.add(by=request.user, **fields)
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"The {section.thing} is saved.")
            if section.slug == "benefits" and request.GET.get("then") == "savings":
                return redirect("section_new", reference=initiative.reference, slug="savings")
            return redirect(_back(section, initiative))
    return _show(request, section, initiative, form, status=422)


@require_http_methods(["GET", "POST"])
def section_edit(request: HttpRequest, reference: str, slug: str, pk: int) -> HttpResponse:
    section, on = _section(slug), today()
    initiative = editable_or_403(request.user, reference)
    row = _row(request.user, section, initiative, pk)
    if request.method == "GET":
        form = section.form(by=request.user, initiative=initiative, on=on, row=row)
        form.initial = form.initial_of(row)
        return _show(request, section, initiative, form, row=row)
    form = section.form(request.POST, request.FILES, by=request.user, initiative=initiative, on=on, row=row)
    if "find" not in request.POST and form.is_valid():
        fields = form.for_service() | {section.row: row, "version": form.cleaned_data["version"]}
        if section.takes_day[1]:
            fields["on"] = on
        try:
            section.change(by=request.user, **fields)
        except EditConflictError as conflict:
            current = conflict.current
            return conflict_page(
                request, form=form, theirs=form.initial_of(current), version=current.version,
                back_url=_back(section, initiative), marking=initiative.marked,
            )  # fmt: skip
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"The {section.thing} is saved.")
            return redirect(_back(section, initiative))
    return _show(request, section, initiative, form, row=row, status=422)


@require_http_methods(["GET", "POST"])
def section_remove(request: HttpRequest, reference: str, slug: str, pk: int) -> HttpResponse:
    """GET asks, POST takes it off the record. The history keeps what it said."""
    section = _section(slug)
    initiative = editable_or_403(request.user, reference)
    row = _row(request.user, section, initiative, pk)
    form = RemoveForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        remove_from_record(by=request.user, row=row, reason=form.cleaned_data["reason"])
        messages.success(request, f"The {section.thing} is taken off the record. Its history is kept.")
        return redirect(_back(section, initiative))
    context = {
        "form": form,
        "section": section,
        "initiative": initiative,
        "row": row,
        "back_url": _back(section, initiative),
    }
    return render(request, "initiatives/remove.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def saving_verify(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    """Say who checked an actual saving, and when."""
    initiative = visible_or_404(request.user, reference)
    line = get_object_or_404(SavingLine.objects.filter(benefit__initiative=initiative), pk=pk)
    require(request.user, Permission.VERIFY_MONEY, line)
    form = VerifyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            verify_saving(by=request.user, line=line, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, "The saving is marked as verified.")
            return redirect(f"{initiative.get_absolute_url()}#savings")
    context = {"form": form, "initiative": initiative, "line": line, "title": "Verify a saving"}
    return render(request, "initiatives/form.html", context, status=422 if form.is_bound else 200)


def _show(
    request: HttpRequest,
    section: Section,
    initiative: Initiative,
    form: SectionForm,
    *,
    row: Any = None,
    status: int = 200,
) -> HttpResponse:
    title = (
        f"Change {section.a_thing}"
        if row
        else f"Raise {section.a_thing}"
        if section.slug == "barriers"
        else f"Add {section.a_thing}"
    )
    context = {
        "form": form,
        "initiative": initiative,
        "title": title,
        "section": section,
        "row": row,
        "back_url": _back(section, initiative),
        "needs_benefit": section.slug == "savings" and row is None and not initiative.benefits.exists(),
        "may_verify": section.slug == "savings"
        and row is not None
        and has_permission(request.user, Permission.VERIFY_MONEY, row),
    }
    return render(request, "initiatives/form.html", context, status=status)

"""Moving a record along: stage, standing, confirming, why there is no figure, deleting, restoring."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from register.accounts.permissions import require
from register.accounts.roles import Permission
from register.core.clock import now, today
from register.core.errors import EditConflictError
from register.core.forms import RegisterForm
from register.core.returning import back
from register.initiatives.conflicts import conflict_page
from register.initiatives.forms.money import NoFigureForm
from register.initiatives.forms.progress import DeleteForm, StageForm, StandingForm
from register.initiatives.models import Document, Initiative
from register.initiatives.services import (
    change_standing,
    confirm_still_current,
    delete_initiative,
    move_stage,
    restore_initiative,
    say_why_no_figure,
)
from register.initiatives.views.common import document_opened, editable_or_403, visible_or_404


def _handled(
    request: HttpRequest,
    initiative: Initiative,
    form: RegisterForm,
    save: Callable[..., Any],
    *,
    title: str,
    saved: str,
    theirs: Callable[[Initiative], dict[str, Any]] = lambda current: {},
    **context: Any,
) -> HttpResponse:
    """Show a form of the record, or save it: what was typed is kept whatever happens."""
    if request.method == "POST" and form.is_valid():
        try:
            save(**form.cleaned_data)
        except EditConflictError as conflict:
            return conflict_page(
                request, form=form, theirs=theirs(conflict.current), version=conflict.current.version,
                back_url=initiative.get_absolute_url(), marking=initiative.marked,
            )  # fmt: skip
        except ValidationError as error:
            messages_of = (
                error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
            )
            for field, texts in messages_of.items():
                for text in texts:
                    form.add_error(field if field in form.fields else None, text)
        else:
            messages.success(request, saved)
            return redirect(initiative)
    context |= {
        "form": form,
        "initiative": initiative,
        "title": title,
        "back_url": initiative.get_absolute_url(),
    }
    return render(request, "initiatives/form.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def stage_page(request: HttpRequest, reference: str) -> HttpResponse:
    initiative = editable_or_403(request.user, reference)
    initial = {"to_stage": initiative.stage, "version": initiative.version}
    form = StageForm(request.POST) if request.method == "POST" else StageForm(initial=initial)

    def save(**fields: Any) -> None:
        move_stage(by=request.user, initiative=initiative, on=today(), **fields)

    return _handled(
        request, initiative, form, save, title="Move stage", verb="Save the stage", saved="The stage is saved.",
        theirs=lambda current: {"to_stage": current.stage},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def standing_page(request: HttpRequest, reference: str) -> HttpResponse:
    """Pause, close, decline or take up again. `?to=closed` chooses one beforehand."""
    initiative = editable_or_403(request.user, reference)
    data = request.POST if request.method == "POST" else None
    asked = {"version": initiative.version, "to_standing": request.GET.get("to", "")}
    form = StandingForm(data, initiative=initiative, initial=asked)

    def save(**fields: Any) -> None:
        change_standing(by=request.user, initiative=initiative, on=today(), **fields)

    title = (
        "Pause, close or decline" if initiative.standing == "active" else "Take up again, or change why not"
    )
    return _handled(
        request, initiative, form, save, title=title, verb="Save how it stands", saved="It is saved, with the reason.",
        theirs=lambda current: {"to_standing": current.standing, "standing_reason": current.standing_reason,
                                "standing_text": current.standing_text},
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def no_figure_page(request: HttpRequest, reference: str) -> HttpResponse:
    initiative = editable_or_403(request.user, reference)
    initial = {"no_figure_reason": initiative.no_figure_reason, "no_figure_text": initiative.no_figure_text}
    form = NoFigureForm(request.POST) if request.method == "POST" else NoFigureForm(initial=initial)

    def save(**fields: Any) -> None:
        say_why_no_figure(by=request.user, initiative=initiative, **fields)

    return _handled(
        request, initiative, form, save, title="Why there is no figure", verb="Save the reason",
        saved="The reason is saved.",
    )  # fmt: skip


@require_POST
def confirm(request: HttpRequest, reference: str) -> HttpResponse:
    """Nothing has changed: one click."""
    initiative = editable_or_403(request.user, reference)
    confirm_still_current(by=request.user, initiative=initiative, on=today())
    messages.success(request, f"{initiative.reference} is confirmed as still current.")
    return back(request, otherwise=initiative.get_absolute_url())


@require_http_methods(["GET", "POST"])
def delete_page(request: HttpRequest, reference: str) -> HttpResponse:
    """GET asks, POST deletes. It can be restored from "Recently deleted"."""
    initiative = visible_or_404(request.user, reference)
    require(request.user, Permission.DELETE, initiative)
    form = DeleteForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        delete_initiative(
            by=request.user, initiative=initiative, reason=form.cleaned_data["reason"], at=now()
        )
        messages.success(request, f"{initiative.reference} is deleted. You can restore it here.")
        return redirect("deleted_list")
    context = {
        "form": form,
        "initiative": initiative,
        "title": "Delete this record",
        "verb": "Delete it",
        "note": "It leaves every list, number and digest. Who may delete it may also restore it, as it was.",
        "back_url": initiative.get_absolute_url(),
    }
    return render(request, "initiatives/form.html", context, status=422 if form.is_bound else 200)


@require_POST
def restore(request: HttpRequest, reference: str) -> HttpResponse:
    initiative = Initiative.objects.restorable_by(request.user).by_reference(reference)
    if initiative is None:
        raise Http404
    restore_initiative(by=request.user, initiative=initiative)
    messages.success(request, f"{initiative.reference} is back as it was.")
    return redirect(initiative)


@require_safe
def document_file(request: HttpRequest, reference: str, pk: int) -> FileResponse:
    """A document's file, for who may see its record now. Always a download, never a page of ours."""
    initiative = visible_or_404(request.user, reference)
    document = get_object_or_404(Document.objects.filter(initiative=initiative).exclude(file=""), pk=pk)
    try:
        file = document.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    document.initiative = initiative
    document_opened(request.user, document)
    answer = FileResponse(
        file, as_attachment=True, filename=document.file_name or "document",
        content_type="application/octet-stream",
    )  # fmt: skip
    answer.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'; sandbox"
    return answer

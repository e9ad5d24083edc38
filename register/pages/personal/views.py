"""A page per person of what is held: their own, or anybody's for administrators; exporting and erasing it."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from register.accounts.again import recently_signed_in
from register.accounts.joining.forms import AnswerableForm
from register.accounts.models import User
from register.accounts.permissions import require
from register.accounts.roles import Permission
from register.accounts.services import erase_person
from register.core.clock import now
from register.core.forms import LineField
from register.core.noted import Noted
from register.core.tracking import note
from register.pages.personal.held import as_json, held_of
from register.pages.personal.named import in_history, mentions_of


@require_safe
def own_data(request: HttpRequest) -> HttpResponse:
    """`/account/data/`"""
    return render(
        request, "pages/personal/data.html", {"somebody": request.user, "held": held_of(request.user)}
    )


@require_POST
def own_data_export(request: HttpRequest) -> HttpResponse:
    return _file(request, request.user)


@require_safe
def person_data(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """`/people/<who>/data/`, for administrators."""
    somebody = _anybody(request, public_id)
    return render(request, "pages/personal/data.html", {"somebody": somebody, "held": held_of(somebody)})


@require_POST
@recently_signed_in
def person_data_export(request: HttpRequest, public_id: UUID) -> HttpResponse:
    return _file(request, _anybody(request, public_id))


def _anybody(request: HttpRequest, public_id: UUID) -> User:
    require(request.user, Permission.MANAGE_REGISTER)
    return get_object_or_404(User.objects.filter(erased_at=None), public_id=public_id)


def _file(request: HttpRequest, somebody: User) -> HttpResponse:
    """A POST, so that nobody is sent to fetch it; noted before its first byte leaves."""
    note(Noted.EXPORTED_PERSON, by=request.user, object_id=somebody.pk)
    answer = StreamingHttpResponse(as_json(somebody), content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="register-personal-data.json"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer  # type: ignore[return-value]


class EraseForm(AnswerableForm):
    reason = LineField(max_length=200, label="Why", help_text="Kept in the history. Do not name them.")
    seen_to = forms.BooleanField(
        label="I have put right the texts that name them, or they may stay",
        error_messages={
            "required": "See to the texts that name them first: afterwards nobody finds them by name"
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@recently_signed_in
def person_erase(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """`/people/<who>/erase/`: GET shows what names them and asks, POST forgets them for good."""
    somebody = _anybody(request, public_id)
    mentions = mentions_of(somebody, reader=request.user)
    form = EraseForm(request.POST if request.method == "POST" else None)
    if not mentions:
        del form.fields["seen_to"]
    if form.is_bound and form.is_valid():
        try:
            erase_person(by=request.user, user=somebody, at=now(), reason=form.cleaned_data["reason"])
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(
                request, "They are erased. The history keeps their number and nothing else of them."
            )
            return redirect("people")
    context = {"somebody": somebody, "form": form, "mentions": mentions, "in_history": in_history(somebody)}
    return render(request, "pages/personal/erase.html", context, status=422 if form.errors else 200)

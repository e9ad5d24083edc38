"""Two moments of a record side by side, and putting a field back."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, make_aware
from django.views.decorators.http import require_http_methods, require_safe

from register.accounts.permissions import has_permission, require
from register.accounts.roles import Permission
from register.core.clock import today
from register.core.dates import LimitedDate
from register.core.errors import EditConflictError
from register.core.forms import DayField, RegisterForm, TextField
from register.history import comparing
from register.history.columns import label
from register.history.details import RECORD
from register.history.past import Eyes, State, pasts_of
from register.initiatives.models import Initiative
from register.initiatives.services import edit_initiative
from register.initiatives.views.common import note_draft_opened, opened


class MomentsForm(RegisterForm):
    """Two days, each as it ended."""

    then = DayField(label="First day")
    now = DayField(label="Second day")

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or {}
        if told.get("then") and told.get("now") and told["then"] >= told["now"]:
            self.add_error("now", "Choose a later day than the first.")
        return told


@require_safe
def initiative_compare(request: HttpRequest, reference: str) -> HttpResponse:
    """`/initiatives/<ref>/history/compare/?then=…&now=…`: what differs between two days; by default the last 30."""
    initiative = opened(request.user, Initiative.objects.by_reference(reference))
    on = today()
    seen = _Seen(request.user, initiative)
    days = {"then": max(on - timedelta(days=30), seen.since), "now": on}
    asked = (
        request.GET
        if {"then", "now"} & request.GET.keys()
        else {n: str(LimitedDate(d)) for n, d in days.items()}
    )
    form = MomentsForm(asked)
    found = None
    # A record that was logged, or opened to the reader, today has no two days yet.
    if (days["then"] < days["now"] or asked is request.GET) and form.is_valid():
        seen.look_at(form)
        if form.is_valid():
            start, end = (_end_of(form.cleaned_data[name]) for name in ("then", "now"))
            found = comparing.differences(initiative, start=start, end=end)
            seen.note()
    context = {
        "initiative": initiative,
        "was_sensitive": found is not None and seen.was_sensitive,
        "was_closed": seen.was_closed,
        "form": form,
        "links": form.error_links() if asked is request.GET else [],
        "differences": found,
        "may_edit": not initiative.deleted_at and has_permission(request.user, Permission.EDIT, initiative),
    }
    return render(request, "history/compare.html", context, status=400 if context["links"] else 200)


class _Seen:
    """On which days a reader might have seen a record, at the end of each; what it said then is not told otherwise."""

    def __init__(self, user: Any, initiative: Initiative) -> None:
        self._user, self._initiative = user, initiative
        self._past = pasts_of([initiative.pk])[initiative.pk]
        self._eyes = Eyes(user, {initiative.pk: self._past}, opens=True)
        self._looked_at: list[State] = []

    def is_closed(self, day: date) -> bool:
        state = self._past.before(_end_of(day))
        self._looked_at.append(state)
        return bool(self._eyes.closed_in(self._initiative.pk, [state]))

    def look_at(self, form: MomentsForm) -> None:
        """Refuse the days on which it was closed to them."""
        for name in ("then", "now"):
            if self.is_closed(form.cleaned_data[name]):
                form.add_error(name, "It was closed to you on that day. Choose a day when you could see it.")

    @property
    def since(self) -> date:
        """The first day from which on it was open to them at the end of each."""
        days = [localdate(self._initiative.created_at)]
        for state, moment in zip(self._past.states, self._past.moments, strict=False):
            if self._eyes.closed_in(self._initiative.pk, [state]):
                days.append(localdate(moment))
        return max(days)

    @property
    def was_closed(self) -> bool:
        return bool(self._eyes.closed_in(self._initiative.pk, self._past.states))

    @property
    def was_sensitive(self) -> bool:
        return any(state.is_sensitive for state in self._looked_at)

    def note(self) -> None:
        """That an overseer saw what others drafted."""
        if Eyes(self._user, {self._initiative.pk: self._past}).closed_in(
            self._initiative.pk, self._looked_at
        ):
            note_draft_opened(self._user, self._initiative)


class PutBackForm(RegisterForm):
    """Why, and which version of the record the reader saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = TextField(label="Why it is put back", max_length=500, rows=2, help_text="Kept in the history.")


@require_http_methods(["GET", "HEAD", "POST"])
def initiative_put_back(request: HttpRequest, reference: str, column: str) -> HttpResponse:
    """`/initiatives/<ref>/history/put-back/<field>/?then=…`: let a field say again what it said at the end of a day.

    Without a day, of the one it was logged on.
    """
    initiative = opened(request.user, Initiative.objects.by_reference(reference))
    if column not in comparing.RESTORABLE or initiative.deleted_at:
        raise Http404
    require(request.user, Permission.EDIT, initiative)
    day = _day(request, initiative)
    seen = _Seen(request.user, initiative)
    was = comparing.value_at(initiative, column, _end_of(day))
    if was is None or seen.is_closed(day):
        raise Http404
    seen.note()
    form = PutBackForm(request.POST or None, initial={"version": initiative.version})
    if request.method == "POST" and form.is_valid():
        back = _put_back(request, initiative, column, was, form)
        if back is not None:
            return back
    context = {
        "initiative": initiative,
        "was_sensitive": seen.was_sensitive,
        "form": form,
        "name": label(RECORD, column),
        "day": day,
        "was": comparing.in_words(column, was),
        "now": comparing.in_words(column, comparing.value_now(initiative, column)),
        "is_same": was == comparing.value_now(initiative, column),
        "back_url": f"{reverse('initiative_compare', args=[initiative.reference])}"
        f"?{urlencode({'then': LimitedDate(day), 'now': LimitedDate(today())})}",
    }
    return render(request, "history/put_back.html", context, status=400 if form.errors else 200)


def _put_back(
    request: HttpRequest, initiative: Initiative, column: str, was: Any, form: PutBackForm
) -> HttpResponse | None:
    """Back to the record; None when it could not be done, with what to do in the form."""
    try:
        edit_initiative(
            by=request.user,  # type: ignore[arg-type]
            initiative=initiative,
            version=form.cleaned_data["version"],
            on=today(),
            reason=form.cleaned_data["reason"],
            **comparing.as_field(column, was),
        )
    except EditConflictError:
        initiative.refresh_from_db()
        typed = request.POST.copy()
        typed["version"] = str(initiative.version)
        form.data = typed
        form.add_error(
            None, "Someone else has changed the record meanwhile. See what it says now, and send again."
        )
        return None
    except ValidationError as error:
        form.add_error(None, error.messages)
        return None
    messages.success(request, f"The {label(RECORD, column)} was put back.")
    return redirect("initiative_history", initiative.reference)


def _day(request: HttpRequest, initiative: Initiative) -> date:
    """The day that the address names; 404 for what is none."""
    if "then" not in request.GET:
        return localdate(initiative.created_at)
    try:
        day: date = MomentsForm.base_fields["then"].clean(request.GET["then"])
    except ValidationError:
        raise Http404 from None
    return day


def _end_of(day: date) -> datetime:
    return make_aware(datetime.combine(day + timedelta(days=1), time.min))

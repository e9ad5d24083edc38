"""What becomes of an ask: it goes out, is answered, is closed with its barriers, or is withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from register.accounts.models import WorkingGroup
from register.accounts.permissions import has_permission
from register.accounts.roles import Permission
from register.core.clock import today
from register.core.errors import EditConflictError
from register.groups.asking import barriers_of, hidden_from_some, still_in_the_way
from register.groups.forms.asks import AnswerForm, AskedForm, CloseForm, CorrectAnswerForm, StepForm
from register.groups.models import Ask
from register.groups.services import close_ask, correct_answer, mark_as_asked, record_answer, withdraw_ask
from register.groups.views.asks import ask_for, marking_of
from register.groups.views.common import head
from register.initiatives.conflicts import conflict_page
from register.initiatives.forms.progress import RemoveForm
from register.initiatives.models import Barrier


@require_http_methods(["GET", "HEAD", "POST"])
def ask_asked(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/asks/<id>/asked/`: it went to its addressee."""
    group, ask = ask_for(request, code, pk)
    barriers = barriers_of(ask, request.user)
    more = {"hidden": hidden_from_some(group, barriers)} | marking_of(barriers)
    form = AskedForm(_sent(request), initial={"asked_on": today(), "version": ask.version})
    return _step(request, group, ask, form, (Ask.State.DRAFT,), mark_as_asked, "groups/ask_asked.html", more)


@require_http_methods(["GET", "HEAD", "POST"])
def ask_answer(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/asks/<id>/answer/`: what was answered, and when."""
    group, ask = ask_for(request, code, pk)
    form = AnswerForm(_sent(request), initial={"answered_on": today(), "version": ask.version})
    return _step(request, group, ask, form, (Ask.State.ASKED,), record_answer, "groups/ask_answer.html", {})


@require_http_methods(["GET", "HEAD", "POST"])
def ask_answer_correct(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/asks/<id>/answer/correct/`: what was recorded of the answer was not right."""
    group, ask = ask_for(request, code, pk)
    initial = {"answered_on": ask.answered_on, "answer": ask.answer, "version": ask.version}
    form = CorrectAnswerForm(_sent(request), initial=initial)
    states = (Ask.State.ANSWERED, Ask.State.CLOSED) if ask.answer else ()
    return _step(
        request, group, ask, form, states, correct_answer, "groups/ask_answer.html", {"corrects": True}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def ask_close(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/asks/<id>/close/`: how it ended, and a choice for each of its barriers still in the way.

    A barrier is changed by who keeps its record; of the others the page says whom to ask.
    """
    group, ask = ask_for(request, code, pk)
    standing = still_in_the_way(barriers_of(ask, request.user))
    mine = [one for one in standing if has_permission(request.user, Permission.EDIT, one.initiative)]
    initial = {"closed_on": today(), "version": ask.version}
    form = CloseForm(_sent(request), barriers=mine, initial=initial)
    more = {"not_mine": [one for one in standing if one not in mine]} | marking_of(standing)
    states = (Ask.State.ASKED, Ask.State.ANSWERED)
    return _step(request, group, ask, form, states, close_ask, "groups/ask_close.html", more)


@require_http_methods(["GET", "HEAD", "POST"])
def ask_withdraw(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/asks/<id>/withdraw/`: GET asks, POST drops a draft."""
    group, ask = ask_for(request, code, pk)
    if ask.state != Ask.State.DRAFT:
        return redirect(ask)
    form = RemoveForm(_sent(request))
    if form.is_bound and form.is_valid():
        try:
            withdraw_ask(by=request.user, ask=ask, version=None, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"“{ask}” is withdrawn. Its barriers are as they were.")
            return redirect("group_asks", code=group.code)
    context = head(request, group, "group_asks") | {"ask": ask, "form": form}
    return render(request, "groups/ask_withdraw.html", context, status=422 if form.errors else 200)


def _sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _step(
    request: HttpRequest,
    group: WorkingGroup,
    ask: Ask,
    form: StepForm,
    states: Sequence[str],
    take: Callable[..., Ask],
    template: str,
    more: dict[str, Any],
) -> HttpResponse:
    """The page of one step. From where it can't be taken it leads back, but for who was typing meanwhile."""
    if ask.state not in states and not form.is_bound:
        return redirect(ask)
    if form.is_bound and form.is_valid() and "find" not in request.POST:
        try:
            take(
                by=request.user,
                ask=ask,
                version=form.cleaned_data["version"],
                on=today(),
                **form.for_service(),
            )
        except EditConflictError as conflict:
            if _is_taken(form, conflict.current):
                messages.success(request, "The ask is saved.")
                return redirect(ask)
            if not isinstance(conflict.current, Barrier):
                return _conflict(request, form, conflict.current)
            assert isinstance(form, CloseForm)
            form.take_up(conflict.current)
            form.add_error(None, _told(conflict.current))
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, "The ask is saved.")
            return redirect(ask)
    context = head(request, group, "group_asks") | {"ask": ask, "form": form} | more
    return render(request, template, context, status=422 if form.errors else 200)


def _is_taken(form: StepForm, current: object) -> bool:
    """The same was sent twice: it is what is saved already."""
    told = [(name, value) for name, value in form.for_service().items() if name != "reason"]
    return all((getattr(current, name, None) or None) == (value or None) for name, value in told)


def _conflict(request: HttpRequest, form: StepForm, current: Ask) -> HttpResponse:
    """Somebody else took a step, or wrote it anew: what is saved now beside what was typed."""
    return conflict_page(
        request,
        form=form,
        theirs={name: getattr(current, name, None) for name in form.fields},
        version=current.version,
        back_url=current.get_absolute_url(),
        back_label=current.title,
    )


def _told(barrier: Barrier) -> str:
    return (
        f"Somebody changed “{barrier}” meanwhile: it is {barrier.get_state_display().lower()} now. "
        "Nothing is saved yet. Look at your choice, and close the ask again"
    )

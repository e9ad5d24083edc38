"""A group's asks: the list, the page of each, drawing one up and writing it anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from register.accounts.models import WorkingGroup
from register.accounts.roles import Permission
from register.core.clock import today
from register.core.errors import EditConflictError
from register.groups.asking import (
    Choices,
    ask_rows,
    barriers_of,
    choices,
    hidden_from_some,
    history_of,
    still_in_the_way,
    what_would_remove_them,
)
from register.groups.forms.asks import AskForm, NarrowForm
from register.groups.models import Ask
from register.groups.services import change_ask, draw_up_ask
from register.groups.services.asks import MOST_BARRIERS
from register.groups.views.common import group_for, head
from register.initiatives.conflicts import Difference, conflict_page
from register.initiatives.marking import SENSITIVE, page_marking
from register.initiatives.views.common import note_sensitive

NO_BARRIER = "Choose at least one barrier that it would remove"
GONE = "A barrier that you chose is no longer open, or no longer there. Look at what is left"


@require_safe
def asks(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/asks/`: all of them, with what each holds up."""
    group = group_for(request, code)
    context = head(request, group, "group_asks") | {"rows": ask_rows(group, request.user, on=today())}
    return render(request, "groups/asks.html", context)


@require_safe
def ask(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/asks/<id>/`: what is asked, the barriers it would remove, what happened to it."""
    group, found = ask_for(request, code, pk, Permission.VIEW_GROUP)
    barriers = barriers_of(found, request.user)
    note_sensitive(request.user, (barrier.initiative for barrier in barriers))
    context = head(request, group, "group_asks") | {
        "ask": found,
        "barriers": barriers,
        "open_barriers": still_in_the_way(barriers),
        "events": history_of(found, request.user),
        "hidden": hidden_from_some(group, barriers) if found.takes_barriers else [],
    }
    return render(request, "groups/ask.html", context | marking_of(barriers))


@require_http_methods(["GET", "HEAD", "POST"])
def ask_new(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/asks/new/?barrier=<id>&…`: draw one up. "Show" filters the barriers, and keeps all the rest."""
    group = group_for(request, code, Permission.DECIDE)
    return _write(request, group, None)


@require_http_methods(["GET", "HEAD", "POST"])
def ask_edit(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/asks/<id>/edit/`: a draft's words and barriers; of one that was asked, its barriers."""
    group, found = ask_for(request, code, pk)
    if not found.takes_barriers:
        return redirect(found)
    return _write(request, group, found)


def _write(request: HttpRequest, group: WorkingGroup, found: Ask | None) -> HttpResponse:
    on, told = today(), request.POST if request.method == "POST" else request.GET
    narrow = NarrowForm(told if any(name in told for name in NarrowForm.base_fields) else None)
    chosen = _chosen(told)
    if found is not None and request.method != "POST":
        chosen |= {barrier.pk for barrier in barriers_of(found, request.user)}
    picked = choices(group, request.user, on=on, wanted=chosen, ask=found, **narrow_by(narrow))
    is_sent = request.method == "POST" and "find" not in request.POST
    form = AskForm(request.POST if is_sent else None, initial=_initial(request, group, found, picked), on=on)
    if found is not None and found.state != Ask.State.DRAFT:
        for name in ("title", "addressee", "what"):
            del form.fields[name]
    links: list[tuple[str, str]] = []
    if is_sent:
        links = _wrong_with(request.POST, picked, is_new=found is None)
        if form.is_valid() and not links:
            answer = _save(request, group, found, form, picked)
            if answer is not None:
                return answer
    context = head(request, group, "group_asks") | {
        "ask": found,
        "form": form,
        "narrow": narrow,
        "picked": picked,
        "links": [*form.error_links(), *links] if is_sent else [],
        "barriers_wrong": links[0][1] if links else "",
        "is_narrowed": any(narrow_by(narrow).values()),
    }
    wrong = is_sent and 422
    note_sensitive(request.user, (barrier.initiative for barrier in (*picked.chosen, *picked.others)))
    return render(
        request, "groups/ask_form.html", context | _marking(picked.is_sensitive), status=wrong or 200
    )


def narrow_by(narrow: NarrowForm) -> dict[str, str]:
    return narrow.asked() if narrow.is_bound else {}


def _chosen(told: Any) -> set[int]:
    """The barriers that are ticked, or that the address names."""
    keys = [key for key in told.getlist("barrier") if key.isdecimal() and len(key) < 19]
    return {int(key) for key in keys[: 2 * MOST_BARRIERS]}


def _initial(
    request: HttpRequest, group: WorkingGroup, found: Ask | None, picked: Choices
) -> Mapping[str, Any]:
    """What the form holds: what was typed before the barriers were filtered, what is saved, or what it suggests."""
    suggested = what_would_remove_them(group, picked.chosen)
    if request.method != "POST":
        return AskForm.initial_of(found) if found else {"what": suggested, "suggested": suggested}
    typed = {bound.name: bound.value() for bound in AskForm(request.POST, on=today())}
    before = [_flat(typed[name]) for name in ("what", "suggested")]
    if found is None and (not before[0] or before[0] == before[1]):
        typed |= {"what": suggested}
    return typed | {"suggested": suggested}


def _flat(text: Any) -> str:
    return str(text or "").replace("\r\n", "\n").strip()


def _wrong_with(told: Any, picked: Choices, *, is_new: bool) -> list[tuple[str, str]]:
    """What is wrong with the barriers: none, one that went, or records that not everybody sees, told for once."""
    if picked.is_one_gone:
        return [("barriers", GONE)]
    if is_new and not picked.chosen:
        return [("barriers", NO_BARRIER)]
    warned = set(told.getlist("warned"))
    if {str(key) for key in picked.hidden_keys} - warned:
        return [
            (
                "hidden",
                "Not everyone in the group may see what you chose. Look at who does not, and save again",
            )
        ]
    return []


def _save(
    request: HttpRequest, group: WorkingGroup, found: Ask | None, form: AskForm, picked: Choices
) -> HttpResponse | None:
    """Where to go when it is saved, or both texts when somebody else was first; None when it is refused."""
    try:
        if found is None:
            saved = draw_up_ask(by=request.user, group=group, barriers=picked.chosen, **form.for_service())
            messages.success(request, "The draft is saved. Nobody outside the group is told of it.")
            return redirect(saved)
        fields = form.for_service() if found.state == Ask.State.DRAFT else {}
        change_ask(
            by=request.user,
            ask=found,
            version=form.cleaned_data["version"],
            barriers=picked.chosen,
            **fields,
        )
    except EditConflictError as conflict:
        return _conflict(request, form, conflict.current, picked)
    except ValidationError as error:
        form.refuse(error)
        return None
    messages.success(request, "The ask is saved.")
    return redirect(found)


def _conflict(request: HttpRequest, form: AskForm, current: Ask, picked: Choices) -> HttpResponse:
    saved = barriers_of(current, request.user)
    mine, theirs = ("\n".join(sorted(str(barrier) for barrier in some)) for some in (picked.chosen, saved))
    return conflict_page(
        request,
        form=form,
        theirs=AskForm.initial_of(current),
        version=current.version,
        back_url=current.get_absolute_url(),
        back_label=current.title,
        marking=page_marking(barrier.initiative for barrier in (*picked.chosen, *saved)),
        more=(Difference("Barriers", mine, theirs),),
    )


def ask_for(
    request: HttpRequest, code: str, pk: int, permission: Permission = Permission.DECIDE
) -> tuple[WorkingGroup, Ask]:
    """A group and one of its asks."""
    group = group_for(request, code, permission)
    found = get_object_or_404(Ask.objects.select_related("addressee", "group"), group=group, pk=pk)
    return group, found


def marking_of(barriers: Any) -> dict[str, str]:
    return _marking(any(barrier.initiative.is_sensitive for barrier in barriers))


def _marking(is_sensitive: bool) -> dict[str, str]:
    """A page that shows something sensitive carries its marking."""
    return {"page_marking": SENSITIVE} if is_sensitive else {}

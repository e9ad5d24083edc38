"""A group's name and terms, and what it looks at: changed by its secretary."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from register.accounts.models import WorkingGroup
from register.accounts.roles import Permission
from register.accounts.services import change_working_group
from register.catalogue.filters import list_url
from register.catalogue.meaning import Kept, checked, meanings, personal, words_of
from register.catalogue.models import SavedView
from register.catalogue.services import must_be_the_same_for_everyone
from register.core.clock import today
from register.core.errors import EditConflictError
from register.groups.forms.managing import GroupForm
from register.groups.models import Remit
from register.groups.remit import in_remit, remit_in_words, remit_parameters
from register.groups.services import set_remit
from register.groups.views.common import group_for, head
from register.initiatives.conflicts import conflict_page

VIEWS_PER_PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
def group_edit(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/edit/`: what it is called and what it is for."""
    group = group_for(request, code, Permission.MANAGE_GROUP)
    form = GroupForm(request.POST if request.method == "POST" else None, initial=GroupForm.initial_of(group))
    if form.is_bound and form.is_valid() and "find" not in request.POST:
        try:
            change_working_group(by=request.user, group=group, **form.cleaned_data)
        except EditConflictError as conflict:
            return conflict_page(
                request,
                form=form,
                theirs=GroupForm.initial_of(conflict.current),
                version=conflict.current.version,
                back_url=group.get_absolute_url(),
                back_label=conflict.current.name,
            )
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, "The group’s name and terms are saved.")
            return redirect("group", code=group.code)
    context = head(request, group, "group") | {"form": form}
    return render(request, "groups/edit.html", context, status=422 if form.errors else 200)


@require_safe
def group_remit(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/remit/`: what the group looks at, and the two ways to another: a filter, or a saved view."""
    group, on = group_for(request, code, Permission.MANAGE_GROUP), today()
    remit = getattr(group, "remit", None)
    views = SavedView.objects.visible_to(request.user).select_related("owner").order_by("name", "pk")
    if remit is not None:
        views = views.exclude(pk=remit.view_id)
    page = Paginator(views, VIEWS_PER_PAGE).get_page(request.GET.get("page"))
    context = head(request, group, "group") | _now(group, request.user)
    context |= {
        "filter_url": list_url(remit_parameters(group) or {}, **{"for": group.code}),
        "page": page,
        "views": [
            (
                meaning,
                bool(personal(meaning.view.parameters)),
                list_url(Kept.by(meaning.view).parameters).partition("?")[2],
            )
            for meaning in meanings(page.object_list, user=request.user, on=on)
        ],
    }
    return render(request, "groups/remit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def group_remit_change(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/remit/change/?<parameters of the list>`: the remit as it is and as it would be; POST sets it."""
    group = group_for(request, code, Permission.MANAGE_GROUP)
    remit = getattr(group, "remit", None)
    kept = Kept.of(request.POST.get("query", "") if request.method == "POST" else request.GET)
    wrong, conflict = _wrong_with(kept, request.user), False
    if request.method == "POST" and not wrong:
        name = remit.view.name if remit else f"Remit of the {group}"
        try:
            set_remit(
                by=request.user,
                group=group,
                name=name[:120],
                parameters=kept.parameters,
                version=_version(request),
            )
        except EditConflictError:
            # Nothing is lost: what was chosen rides in the form, and what is saved now is read again.
            group, conflict = group_for(request, code, Permission.MANAGE_GROUP), True
        except ValidationError as error:
            wrong = error.messages
        else:
            messages.success(request, f"{group} looks at something else from now on.")
            return redirect("group", code=group.code)
    words, selection = words_of(kept, user=request.user, on=today())
    context = head(request, group, "group") | _now(group, request.user)
    context |= {
        "words": words,
        "count": selection.initiatives.order_by().count(),
        "url": list_url(kept.parameters),
        "filter_url": list_url(kept.parameters, **{"for": group.code}),
        "query": list_url(kept.parameters).partition("?")[2],
        "links": [("", text) for text in wrong],
        "is_same": not wrong and kept.parameters == remit_parameters(group),
        "is_conflict": conflict,
    }
    status = 409 if conflict else 422 if wrong and request.method == "POST" else 200
    return render(request, "groups/remit_change.html", context, status=status)


def _now(group: WorkingGroup, user: Any) -> dict[str, Any]:
    """The remit as it is: in words, and how many initiatives it means to the person."""
    selection = in_remit(group, user, today())
    parameters = remit_parameters(group)
    remit: Remit | None = getattr(group, "remit", None)
    return {
        "now_words": remit_in_words(group, selection if not selection.errors else None),
        "now_count": selection.initiatives.order_by().count(),
        "now_errors": selection.errors,
        "now_url": list_url(parameters) if parameters is not None else "",
        "version": remit.view.version if remit else 0,
    }


def _wrong_with(kept: Kept, user: Any) -> list[str]:
    """Why this filter can't be a remit."""
    try:
        must_be_the_same_for_everyone(kept.parameters)
        checked(kept.parameters, columns=(), sort="", user=user, on=today())
    except ValidationError as error:
        return error.messages
    return []


def _version(request: HttpRequest) -> int | None:
    told = request.POST.get("version", "")
    return int(told) if told.isdecimal() and len(told) < 10 else None

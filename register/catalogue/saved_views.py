"""The pages of saved views, and following."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import BooleanField, Case, Exists, OuterRef, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from register.accounts.models import User, WorkingGroup
from register.catalogue.forms import ViewForm
from register.catalogue.meaning import Kept, Meaning, meaning_of, meanings, words_of
from register.catalogue.models import InitiativeFollow, SavedView, ViewFollow
from register.catalogue.services import (
    change_view,
    follow_initiative,
    follow_view,
    remove_view,
    save_view,
    stop_following,
    stop_following_initiative,
)
from register.core.clock import today
from register.core.errors import EditConflictError
from register.core.returning import back
from register.initiatives.conflicts import Difference, conflict_page
from register.initiatives.marking import page_marking
from register.initiatives.models import Initiative
from register.initiatives.views.common import visible_or_404

PER_PAGE = 20
MOST_INITIATIVES = 50
MINE, SHARED, OTHERS = "mine", "shared", "others"


@dataclass(frozen=True)
class Row:
    """A view in the list: what it means to the reader, whose it is and what they may do."""

    meaning: Meaning
    section: str
    sharing: str
    is_remit: bool
    may_change: bool
    is_followed: bool

    @property
    def view(self) -> SavedView:
        return self.meaning.view


@require_safe
def view_list(request: HttpRequest) -> HttpResponse:
    """`/views/`: one's own, those shared with one's groups, and (where a role lets one) everybody else's."""
    user, on = _reader(request), today()
    page = Paginator(_in_order(user), PER_PAGE).get_page(request.GET.get("page"))
    views = list(page.object_list)
    remits = _remits(views)
    rows = [_row(meaning, user, remits) for meaning in meanings(views, user=user, on=on)]
    followed = Initiative.objects.visible_to(user).filter(follows__person=user).order_by("title", "pk")
    initiatives = list(followed[: MOST_INITIATIVES + 1])
    context = {
        "page_marking": page_marking(initiatives),
        "sections": [
            (section, title, [row for row in rows if row.section == section])
            for section, title in (
                (MINE, "Yours"),
                (SHARED, "Shared with your groups"),
                (OTHERS, "Everybody else’s"),
            )
        ],
        "page": page,
        "initiatives": initiatives,
        "most": MOST_INITIATIVES,
    }
    return render(request, "catalogue/views.html", context)


def _in_order(user: Any) -> QuerySet[SavedView]:
    """What the page lists: the reader's own first, then what is shared with them, then the others."""
    meant = SavedView.objects.meant_for(user).filter(pk=OuterRef("pk"))
    may = SavedView.objects.editable_by(user).filter(pk=OuterRef("pk"))
    return (
        SavedView.objects.visible_to(user)
        .annotate(
            section=Case(
                When(owner=user, then=Value(MINE)), When(Exists(meant), then=Value(SHARED)), default=Value(OTHERS)
            ),
            is_mine=Case(When(owner=user, then=Value(True)), default=Value(False), output_field=BooleanField()),
            is_meant=Exists(meant),
            may_change=Exists(may),
            is_followed=Exists(ViewFollow.objects.filter(view=OuterRef("pk"), person=user)),
        )
        .order_by("-is_mine", "-is_meant", "name", "pk")
        .select_related("owner")
        .prefetch_related("groups")
    )  # fmt: skip


def _remits(views: Sequence[SavedView]) -> dict[int, list[str]]:
    """Of which groups each view is the remit."""
    found: dict[int, list[str]] = {}
    groups = WorkingGroup.objects.filter(remit__view__in=[view.pk for view in views])
    for view, name in groups.values_list("remit__view", "name"):
        found.setdefault(view, []).append(name)
    return found


def _row(meaning: Meaning, user: Any, remits: dict[int, list[str]]) -> Row:
    view: Any = meaning.view
    of = remits.get(view.pk, [])
    names = [group.name for group in view.groups.all() if group.name not in of]
    said = [f"the remit of {' and '.join(of)}"] if of else []
    said += [f"shared with {' and '.join(names)}"] if names else []
    if not said:
        said = ["only you"] if view.is_mine else ["not shared"]
    if view.owner_id and not view.is_mine:
        said.append(f"by {view.owner}")
    sharing = ", ".join(said)
    return Row(
        meaning, view.section, sharing[0].upper() + sharing[1:], bool(of), view.may_change, view.is_followed
    )


@require_http_methods(["GET", "HEAD", "POST"])
def view_new(request: HttpRequest) -> HttpResponse:
    """`/views/new/?<parameters of the list>`: keep this filter under a name."""
    if request.method != "POST":
        form = ViewForm(user=_reader(request), initial={"query": Kept.of(request.GET).query})
        return _form_page(request, form, None)
    form = ViewForm(request.POST, user=_reader(request))
    if form.is_valid():
        try:
            view = save_view(
                by=_reader(request), on=today(), follow=form.cleaned_data["follow"], **form.for_service()
            )
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"“{view}” is saved.")
            return redirect("view_list")
    return _form_page(request, form, None, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def view_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """`/views/<id>/edit/`: its name and sharing; with parameters in the address, its filter too."""
    view = _editable(request, pk)
    if request.method != "POST":
        form = ViewForm(user=_reader(request), view=view)
        form.initial = form.initial_of(view)
        if request.GET:
            form.initial["query"] = Kept.of(request.GET).query
        return _form_page(request, form, view)
    form = ViewForm(request.POST, user=_reader(request), view=view)
    if form.is_valid() and "find" not in request.POST:
        try:
            change_view(
                by=_reader(request), view=view, version=form.cleaned_data["version"], on=today(), **form.for_service()
            )  # fmt: skip
        except EditConflictError as conflict:
            return _conflict(request, form, conflict.current)
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"“{form.cleaned_data['name']}” is saved.")
            return redirect("view_list")
    return _form_page(request, form, view, status=422 if form.errors else 200)


def _conflict(request: HttpRequest, form: ViewForm, current: SavedView) -> HttpResponse:
    """Both texts; what was typed rides along."""
    on, theirs = today(), form.initial_of(current)
    filters = [
        words_of(kept, user=_reader(request), on=on)[0] for kept in (form.kept, Kept.of(str(theirs["query"])))
    ]
    return conflict_page(
        request,
        form=form,
        theirs=theirs,
        version=current.version,
        back_url=reverse("view_list"),
        back_label="Saved views",
        more=(Difference("Which initiatives", *filters),),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def view_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """`/views/<id>/delete/`: GET asks, POST deletes. A remit stays, and says whose it is."""
    view = _editable(request, pk)
    refused: list[str] = []
    if request.method == "POST":
        try:
            remove_view(by=_reader(request), view=view)
        except ValidationError as error:
            refused = error.messages
        else:
            messages.success(request, f"“{view}” is deleted. The initiatives it showed are as they were.")
            return redirect("view_list")
    context = {
        "view": view,
        "meaning": meaning_of(view, user=_reader(request), on=today()),
        "shared": list(view.groups.all()),
        "links": [("", text) for text in refused],
    }
    return render(request, "catalogue/view_remove.html", context, status=422 if refused else 200)


@require_POST
def view_follow(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow a view; with `stop`, follow it no more."""
    if "stop" in request.POST:
        view = get_object_or_404(SavedView, pk=pk, follows__person=_reader(request))
        stop_following(by=_reader(request), view=view)
        messages.success(request, f"You no longer follow “{view}”.")
    else:
        view = get_object_or_404(SavedView.objects.visible_to(_reader(request)), pk=pk)
        follow_view(by=_reader(request), view=view)
        messages.success(request, f"You follow “{view}”: one email a week says what its initiatives did.")
    return redirect("view_list")


@require_POST
def initiative_follow(request: HttpRequest, reference: str) -> HttpResponse:
    """Follow an initiative; with `stop`, follow it no more."""
    initiative = visible_or_404(_reader(request), reference)
    if "stop" in request.POST:
        stop_following_initiative(by=_reader(request), initiative=initiative)
        messages.success(request, f"You no longer follow {initiative.reference}.")
    else:
        follow_initiative(by=_reader(request), initiative=initiative)
        messages.success(
            request, f"You follow {initiative.reference}: one email a week says what happened to it."
        )
    return back(request, otherwise=initiative.get_absolute_url())


def _reader(request: HttpRequest) -> User:
    user: Any = request.user  # signed in: the middleware saw to it
    return user


def is_followed(initiative: Initiative, person: Any) -> bool:
    """Whether the person follows it."""
    return InitiativeFollow.objects.filter(person=person, initiative=initiative).exists()


def _editable(request: HttpRequest, pk: int) -> SavedView:
    """The view, for who may change it; a page that says why not for who may only see it."""
    view = get_object_or_404(SavedView.objects.visible_to(_reader(request)).select_related("owner"), pk=pk)
    if not SavedView.objects.editable_by(_reader(request)).filter(pk=pk).exists():
        raise PermissionDenied(
            "This view is changed by who owns it and by the secretaries of the groups it is shared with."
        )
    return view


def _form_page(
    request: HttpRequest, form: ViewForm, view: SavedView | None, *, status: int = 200
) -> HttpResponse:
    words, selection = words_of(form.kept, user=_reader(request), on=today())
    editable = SavedView.objects.editable_by(_reader(request)) if view is None else SavedView.objects.none()
    context = {
        "form": form,
        "view": view,
        "words": words,
        "errors": selection.errors,
        "kept": form.kept,
        "is_other_filter": view is not None and form.kept != Kept.by(view),
        "before": words_of(Kept.by(view), user=_reader(request), on=today())[0] if view else "",
        "instead": list(editable.order_by("name")[:PER_PAGE]) if form.kept.parameters else [],
    }
    return render(request, "catalogue/view_form.html", context, status=status)

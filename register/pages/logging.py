"""Logging an initiative, and editing what a record says."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from register.accounts.permissions import has_permission, require
from register.accounts.roles import Audience, Permission
from register.catalogue.similar import looks_like
from register.core.clock import today
from register.core.errors import EditConflictError
from register.initiatives.conflicts import Difference, conflict_page
from register.initiatives.forms.initiative import EditForm, LogForm, suggested_places
from register.initiatives.forms.partners import PartnerRows, partner_rows, with_pasted_rows, with_rows
from register.initiatives.marking import page_marking
from register.initiatives.models import Initiative
from register.initiatives.services import Part, edit_initiative, log_initiative, log_initiative_like
from register.initiatives.views.common import visible_or_404
from register.initiatives.vocabulary import PartnerRole
from register.pages.like import Like, LikeForm, like_of, modelled_on
from register.reference.models import Organisation, PoliceArea

EMPTY_ROWS = 3


@require_http_methods(["GET", "POST"])
def log_page(request: HttpRequest) -> HttpResponse:
    """One short page. Submit buttons: save, draft; and, without a script, find, add and remove a row."""
    require(request.user, Permission.LOG)
    on = today()
    if request.method == "GET":
        like = like_of(request.user, request.GET, on)
        if like is not None:
            rows = partner_rows(initial=like.rows or _first_rows(request.user))
            return _show(request, LikeForm(user=request.user, on=on, initial=like.initial), rows, like=like)
        rows = partner_rows(initial=_first_rows(request.user))
        return _show(request, LogForm(user=request.user, on=on), rows)
    stepped = _stepped(request)
    data = with_pasted_rows(stepped)
    form = (LikeForm if "like" in data else LogForm)(data, user=request.user, on=on)
    rows = partner_rows(data)
    if stepped is not request.POST or "find" in request.POST:
        return _show(request, _without_errors(form), rows)
    if not (form.is_valid() & rows.is_valid()):
        return _show(request, form, rows, status=422)
    example = modelled_on(request.user, data.get("like", ""))
    if "different" not in request.POST:
        same = _alike(request, form, example)
        if same:
            return _show(request, form, rows, same=same)
    fields = form.for_service()
    if "draft" in request.POST:
        fields["audience"] = Audience.DRAFT
    fields |= {"partners": rows.parts(), "on": on}
    try:
        if example is not None:
            initiative = log_initiative_like(by=request.user, example=example, **fields)
        else:
            initiative = log_initiative(by=request.user, **fields)
    except ValidationError as error:
        form.refuse(error, rows)
        return _show(request, form, rows, status=422)
    kept = "kept as a draft" if initiative.audience == Audience.DRAFT else "logged"
    messages.success(
        request, f"{initiative.reference} is {kept}. Add benefits, money and barriers when you have them."
    )
    return redirect(initiative)


@require_http_methods(["GET", "POST"])
def edit_page(request: HttpRequest, reference: str) -> HttpResponse:
    initiative = visible_or_404(request.user, reference)
    require(request.user, Permission.EDIT, initiative)
    on = today()
    if request.method == "GET":
        form = EditForm(
            user=request.user, on=on, initiative=initiative, initial=EditForm.initial_for(initiative)
        )
        rows = partner_rows(initial=EditForm.rows_for(initiative))
        return _show(request, form, rows, initiative=initiative)
    stepped = _stepped(request)
    data = with_pasted_rows(stepped)
    form = EditForm(data, user=request.user, on=on, initiative=initiative)
    rows = partner_rows(data)
    if stepped is not request.POST or "find" in request.POST:
        return _show(request, _without_errors(form), rows, initiative=initiative)
    if not (form.is_valid() & rows.is_valid()):
        return _show(request, form, rows, initiative=initiative, status=422)
    fields = form.for_service()
    try:
        edit_initiative(
            by=request.user,
            initiative=initiative,
            version=fields.pop("version"),
            on=on,
            partners=_keeping_since(initiative, rows.parts()),
            **fields,
        )
    except EditConflictError as conflict:
        current = conflict.current
        return conflict_page(
            request,
            form=form,
            theirs=EditForm.initial_for(current),
            version=current.version,
            back_url=initiative.get_absolute_url(),
            marking=current.marked,
            more=(Difference("Who takes part", _parts_in_words(rows.parts()), _partners_in_words(current)),),
        )
    except ValidationError as error:
        form.refuse(error, rows)
        return _show(request, form, rows, initiative=initiative, status=422)
    messages.success(request, "Your changes are saved.")
    return redirect(initiative)


@require_GET
def similar_fragment(request: HttpRequest) -> HttpResponse:
    """What looks like a title being typed: at most five records, none that the reader may not see."""
    require(request.user, Permission.LOG)
    title = request.GET.get("title", "")[:200]
    found = looks_like(
        title, areas=request.GET.getlist("areas"), places=request.GET.getlist("places"), user=request.user
    )
    return render(request, "pages/log/similar.html", {"same": found if len(title) > 5 else []})


@require_GET
def places_fragment(request: HttpRequest) -> HttpResponse:
    """The police areas suggested for a lead, ticked; those already ticked stay so."""
    require(request.user, Permission.LOG)
    lead = Organisation.objects.filter(code=request.GET.get("lead", "")).first()
    return render(request, "pages/log/places.html", _places(lead, request.GET.getlist("places")))


def _show(
    request: HttpRequest,
    form: Any,
    rows: PartnerRows,
    *,
    initiative: Initiative | None = None,
    like: Like | None = None,
    same: Any = (),
    status: int = 200,
) -> HttpResponse:
    ticked = [str(v) for v in (form["places"].value() or [])]
    suggest = not form.is_bound and initiative is None and not (like and like.place)
    context = {
        "form": form,
        "rows": rows,
        "initiative": initiative,
        "like": like,
        "same": same,
        "page_marking": page_marking((match.initiative for match in same), [like.example] if like else ()),
        "error_links": error_links(form, rows),
        "may_delete": initiative is not None and has_permission(request.user, Permission.DELETE, initiative),
        "was_different": "different" in request.POST,
        **_places(_lead_of(rows), ticked, suggest=suggest),
    }
    return render(
        request, "pages/log/edit.html" if initiative else "pages/log/log.html", context, status=status
    )


def error_links(form: Any, rows: PartnerRows) -> list[tuple[str, str]]:
    """The error summary: what to put right and the id of the field, in the order of the page."""
    links = []
    for name, texts in form.errors.items():
        if name == "__all__":
            links += [("", text) for text in texts]
        else:
            target = form[name].id_for_label or f"id_{name}_0"
            links += [(target, text) for text in texts]
    if not rows.is_bound:
        return links
    first = rows.forms[0]["organisation"].id_for_label if rows.forms else "partners"
    links += [(first, text) for text in rows.non_form_errors()]
    for row in rows.forms:
        links += [(row[name].id_for_label, text) for name, texts in row.errors.items() for text in texts]
    return links


def _places(lead: Organisation | None, ticked: list[str], *, suggest: bool = True) -> dict[str, Any]:
    own, near = suggested_places(lead)
    chosen = set(ticked) | ({area.slug for area in own} if suggest else set())
    first = {area.slug for area in [*own, *near]} | chosen
    # The fictional area is offered only to who works there, or has it ticked.
    works_there = any(area.is_fictional for area in own)
    listed = [
        (area, area.slug in chosen)
        for area in PoliceArea.objects.all()
        if works_there or area.slug in chosen or not area.is_fictional
    ]
    return {
        "suggested": [(area, ticked) for area, ticked in listed if area.slug in first],
        "others": [(area, ticked) for area, ticked in listed if area.slug not in first],
    }


def _lead_of(rows: PartnerRows) -> Organisation | None:
    """The organisation in the first row that leads, typed or chosen, valid or not."""
    for row in rows.forms:
        if row["role"].value() == "lead":
            value = row["organisation"].value()
            if isinstance(value, Organisation):
                return value
            if row.is_bound and row.is_valid():
                return row.cleaned_data.get("organisation")
    return None


def _first_rows(user: Any) -> list[dict[str, Any]]:
    """The writer's own organisation leads, until they say otherwise."""
    mine = (
        Organisation.objects.filter(pk__in=user.holdings.organisations_allowing(Permission.LOG))
        .order_by("pk")
        .first()
    )
    first: dict[str, Any] = {"role": "lead"}
    if mine is not None:
        first["organisation"] = mine
    return [first] + [{"role": "party"} for _ in range(EMPTY_ROWS - 1)]


def _stepped(request: HttpRequest) -> Any:
    """The posted data, after a step that changes the rows (add, remove); otherwise the data itself."""
    if "add" in request.POST:
        return with_rows(request.POST, add=1)
    if request.POST.get("remove", "").isdecimal():
        return with_rows(request.POST, remove=int(request.POST["remove"]))
    return request.POST


def _without_errors(form: Any) -> Any:
    """The same form with what was typed and no complaints: it was not saved yet."""
    form._errors = ErrorDict()
    form.cleaned_data = {}
    return form


def _alike(request: HttpRequest, form: LogForm, example: Initiative | None) -> list[Any]:
    """What may be the same. An example is like it on purpose, unless its very title stands there still."""
    cleaned = form.cleaned_data
    found = looks_like(
        cleaned["title"],
        areas=[area.code for area in cleaned["areas"]],
        places=[place.slug for place in cleaned["places"]],
        user=request.user,
    )
    if example is not None and example.title.casefold() == cleaned["title"].casefold():
        example = None
    return [match for match in found if match.is_close and match.initiative != example]


def _keeping_since(initiative: Initiative, parts: list[Part]) -> list[Part]:
    """The form doesn't show since when; what the record says of it stays."""
    since = {p.organisation_id: p.since for p in initiative.partners.all()}
    return [Part(p.organisation, p.role, p.note, since.get(p.organisation.pk)) for p in parts]


def _parts_in_words(parts: list[Part]) -> str:
    return "\n".join(
        sorted(f"{part.organisation} ({PartnerRole(part.role).label.lower()})" for part in parts)
    )


def _partners_in_words(initiative: Initiative) -> str:
    partners = initiative.partners.select_related("organisation")
    return "\n".join(sorted(f"{p.organisation} ({p.get_role_display().lower()})" for p in partners))

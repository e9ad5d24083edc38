"""The people of an organisation for its lead, everybody for administrators, and one's own details."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from register.accounts.again import recently_signed_in
from register.accounts.joining.links import person_of
from register.accounts.joining.models import AccessRequest
from register.accounts.managing import may_manage, must_manage, roles_of
from register.accounts.models import RoleGrant, User
from register.accounts.people.forms import DetailsForm, FindForm, PersonForm, RoleForm, WhyForm
from register.accounts.people.reading import found_people, people_of, state_of, whom_to_ask
from register.accounts.people.services import (
    change_own_details,
    change_role_at,
    end_role,
    still_needed,
    switch_off,
    switch_on,
    wake_account,
)
from register.accounts.permissions import require
from register.accounts.roles import Permission
from register.accounts.services import change_person, forget_second_factors
from register.core.clock import now
from register.reference.models import Organisation

PER_PAGE = 50


@require_safe
def organisation_people(request: HttpRequest, code: str) -> HttpResponse:
    """`/organisations/<code>/people/`: who has an account there, for its lead."""
    body = get_object_or_404(Organisation, code=code)
    must_manage(request.user, body)
    context = {
        "body": body,
        "people": people_of(body),
        "waiting": AccessRequest.objects.waiting().filter(organisation=body),
        "may_keep_domains": may_manage(request.user),
    }
    return render(request, "people/organisation.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@recently_signed_in
def organisation_person(request: HttpRequest, code: str, public_id: UUID) -> HttpResponse:
    """`/organisations/<code>/people/<who>/`: which role somebody has there."""
    body, somebody, held = somebody_of(request, code, public_id)
    highest = [role for role in roles_of(body, None) if role in held][-1]
    form = RoleForm(
        request.POST if request.method == "POST" else None, organisation=body, initial={"role": highest}
    )
    if form.is_bound and form.is_valid():
        try:
            change_role_at(by=request.user, user=somebody, organisation=body, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"The role of {somebody} is saved.")
            return back_to_people(request, body)
    context = {"body": body, "somebody": somebody, "form": form, "state": state_of(somebody)}
    return render(request, "people/role.html", context, status=422 if form.errors else 200)


def back_to_people(request: HttpRequest, body: Organisation) -> HttpResponse:
    """The people's page, for who may still open it after what they did."""
    reader = User.objects.get(pk=request.user.pk)  # with the roles of now
    return (
        redirect("organisation_people", code=body.code) if may_manage(reader, body) else redirect("account")
    )


def somebody_of(request: HttpRequest, code: str, public_id: UUID) -> tuple[Organisation, User, list[str]]:
    """An organisation that the reader manages, somebody of it, and their roles there; 404 where there is none."""
    body = get_object_or_404(Organisation, code=code)
    must_manage(request.user, body)
    somebody = get_object_or_404(User.objects.filter(erased_at=None), public_id=public_id)
    held = list(somebody.roles.filter(organisation=body).values_list("role", flat=True))
    if not held:
        raise Http404
    return body, somebody, held


@require_POST
@recently_signed_in
def organisation_person_wake(request: HttpRequest, code: str, public_id: UUID) -> HttpResponse:
    body, somebody, _ = somebody_of(request, code, public_id)
    try:
        wake_account(by=request.user, user=somebody, now=now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"{somebody} can sign in again.")
    return redirect("organisation_people", code=body.code)


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """`/people/`: everybody who has an account, for administrators."""
    require(request.user, Permission.MANAGE_REGISTER)
    find = FindForm(request.GET or None)
    told = find.cleaned_data if find.is_bound and find.is_valid() else {}
    page = Paginator(found_people(told.get("q", ""), told.get("state", "")), PER_PAGE).get_page(
        request.GET.get("page")
    )
    grants = RoleGrant.objects.filter(user__in=page.object_list).select_related("organisation", "group")
    held: dict[int, list[str]] = {}
    for grant in grants.order_by("pk"):
        held.setdefault(grant.user_id, []).append(str(grant))
    rows = [(user, held.get(user.pk, []), state_of(user)) for user in page.object_list]
    waiting = AccessRequest.objects.waiting().select_related("organisation")
    context = {"find": find, "page": page, "rows": rows, "waiting": waiting}
    return render(request, "people/everybody.html", context)


@require_safe
def manage_person(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """`/people/<who>/manage/`: what somebody holds, and whether they can sign in."""
    somebody = _anybody(request, public_id)
    return render(request, "people/manage.html", _managed(somebody, WhyForm()))


def _anybody(request: HttpRequest, public_id: UUID) -> User:
    require(request.user, Permission.MANAGE_REGISTER)
    return get_object_or_404(User.objects.filter(erased_at=None), public_id=public_id)


def _managed(somebody: User, form: WhyForm) -> dict[str, Any]:
    roles = somebody.roles.select_related("organisation", "group").order_by("pk")
    return {"somebody": somebody, "roles": roles, "state": state_of(somebody), "form": form}


@require_http_methods(["GET", "HEAD", "POST"])
@recently_signed_in
def person_edit(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """`/people/<who>/edit/`: somebody's name, post, telephone and address."""
    somebody = _anybody(request, public_id)
    initial = {name: getattr(somebody, name) for name in PersonForm.base_fields}
    form = PersonForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            change_person(by=request.user, user=somebody, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"The details of {somebody} are saved.")
            return redirect("person_manage", public_id=public_id)
    context = {"form": form, "somebody": _anybody(request, public_id)}
    return render(request, "people/edit.html", context, status=422 if form.errors else 200)


@require_POST
@recently_signed_in
def person_role_end(request: HttpRequest, public_id: UUID, pk: int) -> HttpResponse:
    """Take one role away that is held in the register or in a group. (At an organisation it asks who keeps what.)"""
    somebody = _anybody(request, public_id)
    grant = get_object_or_404(somebody.roles.filter(organisation=None).select_related("group", "user"), pk=pk)
    try:
        end_role(by=request.user, grant=grant)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"{somebody} does not hold this role any more: {grant}.")
    if somebody == request.user:  # who takes their own away can't come back here
        return redirect("account")
    return redirect("person_manage", public_id=public_id)


@require_POST
@recently_signed_in
def person_switch_off(request: HttpRequest, public_id: UUID) -> HttpResponse:
    somebody = _anybody(request, public_id)
    form = WhyForm(request.POST)
    if form.is_valid():
        try:
            switch_off(by=request.user, user=somebody, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"{somebody} is signed out everywhere and can’t sign in.")
            return redirect("person_manage", public_id=public_id)
    return render(request, "people/manage.html", _managed(somebody, form), status=422)


@require_POST
@recently_signed_in
def person_switch_on(request: HttpRequest, public_id: UUID) -> HttpResponse:
    somebody = _anybody(request, public_id)
    switch_on(by=request.user, user=somebody, now=now())
    messages.success(request, f"{somebody} can sign in again.")
    return redirect("person_manage", public_id=public_id)


@require_POST
@recently_signed_in
def person_forget_factors(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """For who has lost phone, key and recovery codes."""
    somebody = _anybody(request, public_id)
    forget_second_factors(by=request.user, user=somebody)
    messages.success(request, f"{somebody} has no second factor now, and hears of it by email.")
    return redirect("person_manage", public_id=public_id)


@require_http_methods(["GET", "HEAD", "POST"])
def details(request: HttpRequest) -> HttpResponse:
    """`/account/details/`: one's own name, post and telephone."""
    initial = {name: getattr(request.user, name) for name in ("name", "post", "telephone")}
    form = DetailsForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_bound and form.is_valid():
        change_own_details(by=request.user, **form.cleaned_data)
        messages.success(request, "Your details are saved.")
        return redirect("account")
    return render(request, "people/details.html", {"form": form}, status=422 if form.errors else 200)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def account_still_needed(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks whether somebody still needs their account, POST says so. No sign-in is needed."""
    somebody = person_of(token)
    if somebody is None:
        return render(request, "joining/broken.html", status=404)
    if request.method == "POST" and still_needed(by=somebody, now=now()):
        return redirect("still_needed", token=token)
    context = {"somebody": somebody, "ask": [] if somebody.is_active else whom_to_ask(somebody)}
    return render(request, "people/still_needed.html", context)

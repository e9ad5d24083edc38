"""Who is in a group: found, given roles, taken out, by its secretary."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from register.accounts.again import recently_signed_in
from register.accounts.models import RoleGrant, User, WorkingGroup
from register.accounts.permissions import has_permission
from register.accounts.roles import Permission, Role
from register.groups.forms.managing import AddPersonForm, ChangeRolesForm, FindPersonForm
from register.groups.services import change_group_roles, remove_from_group
from register.groups.views.common import group_for, head
from register.initiatives.forms.progress import RemoveForm

MOST_FOUND = 10


@require_http_methods(["GET", "HEAD", "POST"])
@recently_signed_in
def member_add(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/members/add/?q=…`: find somebody who has an account; POST adds them with their roles."""
    group = group_for(request, code, Permission.MANAGE_GROUP)
    told = request.POST if request.method == "POST" else request.GET
    find = FindPersonForm(told if "q" in told else None)
    people = User.objects.none()
    if find.is_bound and find.is_valid():
        people = User.objects.called(find.cleaned_data["q"]).exclude(roles__group=group)
    # One more than is shown tells that there are others; the form takes only who is shown.
    found = list(people.values_list("pk", flat=True)[: MOST_FOUND + 1])
    offered = User.objects.filter(pk__in=found[:MOST_FOUND]).order_by("name", "pk")
    held = Prefetch("roles", RoleGrant.objects.select_related("organisation").order_by("pk"))
    form = AddPersonForm(
        request.POST if request.method == "POST" else None,
        people=offered.prefetch_related(held),
        initial={"roles": [Role.GROUP_MEMBER.value], "person": _only(offered, found)},
    )
    if form.is_bound and form.is_valid():
        person = form.cleaned_data["person"]
        try:
            change_group_roles(by=request.user, group=group, user=person, give=form.cleaned_data["roles"])
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"{person} is in the group.")
            return redirect("group_members", code=group.code)
    context = head(request, group, "group_members") | {
        "find": find,
        "form": form,
        "number": len(found),
        "is_cut": len(found) > MOST_FOUND,
        "most": MOST_FOUND,
        "already": _already(find, group),
    }
    wrong = form.errors or (request.method == "POST" and find.errors)
    return render(request, "groups/member_add.html", context, status=422 if wrong else 200)


def _only(offered: Any, found: list[int]) -> Any:
    """Who is found alone is chosen already."""
    return offered.values_list("public_id", flat=True).first() if len(found) == 1 else None


def _already(find: FindPersonForm, group: WorkingGroup) -> list[User]:
    """Those found who are in the group: their roles are changed on a page of theirs."""
    if not (find.is_bound and find.is_valid()):
        return []
    return list(
        User.objects.called(find.cleaned_data["q"]).filter(roles__group=group).distinct()[:MOST_FOUND]
    )


@require_http_methods(["GET", "HEAD", "POST"])
@recently_signed_in
def member_roles(request: HttpRequest, code: str, public_id: UUID) -> HttpResponse:
    """`/groups/<code>/members/<who>/`: which roles somebody has in the group."""
    group = group_for(request, code, Permission.MANAGE_GROUP)
    person, held = _member(group, public_id)
    form = ChangeRolesForm(
        request.POST if request.method == "POST" else None, initial={"roles": held, "had": ",".join(held)}
    )
    if form.is_bound and form.is_valid():
        give, take = form.changes()
        try:
            change_group_roles(by=request.user, group=group, user=person, give=give, take=take)
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"The roles of {person} are saved.")
            return _back(request, group)
    context = head(request, group, "group_members") | {"form": form, "person": person}
    return render(request, "groups/member_roles.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@recently_signed_in
def member_remove(request: HttpRequest, code: str, public_id: UUID) -> HttpResponse:
    """`/groups/<code>/members/<who>/remove/`: GET asks, POST takes them out. The history keeps that they were in."""
    group = group_for(request, code, Permission.MANAGE_GROUP)
    person, _ = _member(group, public_id)
    form = RemoveForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            remove_from_group(by=request.user, group=group, user=person, reason=form.cleaned_data["reason"])
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, f"{person} is no longer in the group.")
            return _back(request, group)
    is_last_place = not person.roles.exclude(group=group).exists()
    context = head(request, group, "group_members") | {
        "form": form,
        "person": person,
        "is_last_place": is_last_place,
    }
    return render(request, "groups/member_remove.html", context, status=422 if form.errors else 200)


def _member(group: WorkingGroup, public_id: UUID) -> tuple[User, list[str]]:
    """Somebody of the group, and their roles in it."""
    person = get_object_or_404(User.objects.filter(erased_at=None), public_id=public_id)
    held = list(person.roles.filter(group=group).order_by("role").values_list("role", flat=True))
    if not held:
        raise Http404
    return person, held


def _back(request: HttpRequest, group: WorkingGroup) -> HttpResponse:
    """The members' page, for who may still open it."""
    reader = User.objects.get(pk=request.user.pk)  # with the roles of now
    if has_permission(reader, Permission.VIEW_GROUP, group):
        return redirect("group_members", code=group.code)
    return redirect("group_list")

"""Inviting people into an organisation, a group or the register, and the page behind the link that they get."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from register.accounts.adapters import sign_in
from register.accounts.again import ask_again, recently_signed_in
from register.accounts.joining.forms import AcceptForm, InviteForm
from register.accounts.joining.links import invitation_of
from register.accounts.joining.models import Invitation
from register.accounts.joining.reading import invitations_shown
from register.accounts.joining.services import (
    accept_invitation,
    account_of,
    invite,
    send_invitation_again,
    withdraw_invitation,
)
from register.accounts.managing import must_manage, roles_of
from register.accounts.models import WorkingGroup
from register.core.clock import now
from register.reference.models import Organisation


def invite_to_organisation(request: HttpRequest, code: str) -> HttpResponse:
    """`/organisations/<code>/people/invite/`"""
    return _invite(request, organisation=get_object_or_404(Organisation, code=code))


def invite_to_group(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/members/invite/`"""
    return _invite(request, group=get_object_or_404(WorkingGroup, code=code))


def invite_to_register(request: HttpRequest) -> HttpResponse:
    """`/people/invite/`: readers of everything, auditors, administrators."""
    return _invite(request)


@require_http_methods(["GET", "HEAD", "POST"])
def _invite(
    request: HttpRequest, organisation: Organisation | None = None, group: WorkingGroup | None = None
) -> HttpResponse:
    """Those invited so far; POST invites one more."""
    must_manage(request.user, organisation, group)
    form = InviteForm(request.POST if request.method == "POST" else None, roles=roles_of(organisation, group))
    if form.is_bound and form.is_valid():
        ask_again(request)
        try:
            invitation = invite(
                by=request.user, organisation=organisation, group=group, now=now(), **form.cleaned_data
            )
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"An invitation goes to {invitation.email}.")
            return redirect(request.path)
    context = _place(organisation, group) | {
        "form": form,
        "invitations": invitations_shown(organisation, group, now=now()),
    }
    return render(request, "joining/invite.html", context, status=422 if form.errors else 200)


def _place(organisation: Organisation | None, group: WorkingGroup | None) -> dict[str, Any]:
    """Where somebody is invited to, and the page of its people."""
    if organisation:
        back = reverse("organisation_people", args=[organisation.code])
        return {"place": organisation.name, "back": back, "back_name": f"People of {organisation.name}"}
    if group:
        back = reverse("group_members", args=[group.code])
        return {"place": group.name, "back": back, "back_name": f"{group.name}: members"}
    return {"place": "the whole register", "back": reverse("people"), "back_name": "People"}


@require_POST
@recently_signed_in
def invitation_again(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.managed_by(request.user), pk=pk)
    try:
        send_invitation_again(by=request.user, invitation=invitation, now=now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, f"The invitation goes to {invitation.email} again.")
    return redirect(_page_of(invitation))


@require_POST
def invitation_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.managed_by(request.user), pk=pk)
    try:
        withdraw_invitation(by=request.user, invitation=invitation, now=now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "The invitation is withdrawn: its link opens nothing.")
    return redirect(_page_of(invitation))


def _page_of(invitation: Invitation) -> str:
    if invitation.organisation:
        return reverse("organisation_invite", args=[invitation.organisation.code])
    if invitation.group:
        return reverse("group_invite", args=[invitation.group.code])
    return reverse("people_invite")


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, so that a mail scanner uses up nothing; POST makes the account and signs in."""
    found = invitation_of(token)
    if found is None:
        return render(request, "joining/broken.html", status=404)
    account = account_of(found)
    context: dict[str, Any] = {"invitation": found, "token": token}
    if found.state(now()) is not Invitation.State.OPEN:
        return render(request, "joining/over.html", context | {"state": found.state(now()).name}, status=410)
    if account and not account.is_active and (account.is_kept_out or account.roles.exists()):
        return render(request, "joining/switched_off.html", context, status=403)
    if account and account.is_active:
        return _add_to_account(request, found, context | {"account": account})
    if request.user.is_authenticated:
        return render(request, "joining/somebody_else.html", context, status=403)
    return _new_account(request, found, context)


def _new_account(request: HttpRequest, found: Invitation, context: dict[str, Any]) -> HttpResponse:
    form = AcceptForm(
        request.POST if request.method == "POST" else None, email=found.email, initial={"name": found.name}
    )
    if form.is_bound and form.is_valid():
        try:
            user = accept_invitation(by=None, invitation=found, now=now(), **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        else:
            return sign_in(request, user)
    return render(
        request, "joining/accept.html", context | {"form": form}, status=422 if form.errors else 200
    )


def _add_to_account(request: HttpRequest, found: Invitation, context: dict[str, Any]) -> HttpResponse:
    """Who has an account accepts as themselves."""
    if request.user != context["account"]:
        name = "somebody_else" if request.user.is_authenticated else "sign_in_first"
        return render(
            request, f"joining/{name}.html", context, status=403 if request.user.is_authenticated else 200
        )
    if request.method == "POST":
        try:
            accept_invitation(by=request.user, invitation=found, now=now())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("home")
        messages.success(request, f"You are now: {found}.")
        return redirect("home")
    return render(request, "joining/accept_signed_in.html", context)

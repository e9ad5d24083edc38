"""Asking for access, the lead's answer, and the email domains from which one may ask."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from register.accounts.adapters import asked_too_often, within_limit
from register.accounts.again import ask_again, recently_signed_in
from register.accounts.joining.asking import (
    approve_request,
    ask_for_access,
    confirm_request,
    may_be_confirmed,
    refuse_request,
)
from register.accounts.joining.domains import add_email_domain, organisations_of, remove_email_domain
from register.accounts.joining.forms import REFUSE, AnswerForm, AskForm, ConfirmForm, DomainForm
from register.accounts.joining.links import request_of
from register.accounts.joining.models import AccessRequest
from register.accounts.managing import roles_of
from register.accounts.permissions import require
from register.accounts.roles import Permission
from register.core.clock import now
from register.reference.models import Organisation


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """`/ask-for-access/`: an address. Whatever it is, the answer is the same; its mailbox learns more."""
    form = AskForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        email = form.cleaned_data["email"]
        if not within_limit(request, "ask_for_access", email.lower()):
            return asked_too_often(request, "Ask for access", under=("account_login", "Sign in"))
        ask_for_access(by=None, email=email)
        return render(request, "joining/asked.html", {"email": email})
    return render(request, "joining/ask.html", {"form": form}, status=422 if form.errors else 200)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks who they are, POST puts it before the lead."""
    asked = request_of(token)
    if asked is None:
        return render(request, "joining/broken.html", status=404)
    organisations = organisations_of(asked.email)
    if not may_be_confirmed(asked, now=now()) or not organisations:
        return render(
            request, "joining/request_over.html", {"asked": asked}, status=200 if asked.confirmed_at else 410
        )
    form = ConfirmForm(request.POST if request.method == "POST" else None, organisations=organisations)
    if form.is_bound and form.is_valid():
        try:
            confirm_request(by=None, asked=asked, now=now(), **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        else:
            return redirect("access_confirm", token=token)
    context = {"form": form, "asked": asked}
    return render(request, "joining/confirm.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """`/requests/<pk>/`: one request, for who manages the people of its organisation."""
    found = AccessRequest.objects.managed_by(request.user).exclude(confirmed_at=None)
    asked = get_object_or_404(found.select_related("organisation", "decided_by"), pk=pk)
    form = AnswerForm(
        request.POST if request.method == "POST" else None, roles=roles_of(asked.organisation, None)
    )
    if form.is_bound and form.is_valid():
        told = form.cleaned_data
        try:
            if told["role"] == REFUSE:
                refuse_request(by=request.user, asked=asked, why_not=told["why_not"], now=now())
            else:
                ask_again(request)
                approve_request(by=request.user, asked=asked, role=told["role"], now=now())
        except ValidationError as error:
            form.refuse(error)
        else:
            done = "refused, and told why" if told["role"] == REFUSE else "invited"
            messages.success(request, f"{asked} is {done}.")
            return redirect("organisation_people", code=asked.organisation.code)
    context = {"asked": asked, "form": form}
    return render(request, "joining/request.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def domains(request: HttpRequest, code: str) -> HttpResponse:
    """`/organisations/<code>/domains/`: from which addresses one may ask, for administrators."""
    require(request.user, Permission.MANAGE_REGISTER)
    body = get_object_or_404(Organisation, code=code)
    form = DomainForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        ask_again(request)
        try:
            made = add_email_domain(by=request.user, organisation=body, **form.cleaned_data)
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"People with an address at {made} may ask for access.")
            return redirect("organisation_domains", code=code)
    context = {"body": body, "form": form, "domains": body.email_domains.all()}
    return render(request, "joining/domains.html", context, status=422 if form.errors else 200)


@require_POST
@recently_signed_in
def domain_remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    require(request.user, Permission.MANAGE_REGISTER)
    body = get_object_or_404(Organisation, code=code)
    remove_email_domain(by=request.user, domain=get_object_or_404(body.email_domains, pk=pk))
    messages.success(request, "The domain is removed. Who has an account keeps it.")
    return redirect("organisation_domains", code=code)

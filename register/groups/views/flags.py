"""Putting a record before a working group, and taking it back."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from register.core.clock import now
from register.groups.forms.decisions import FlagForm
from register.groups.models import ReviewFlag
from register.groups.reading import groups_asked, groups_to_ask
from register.groups.services import flag_for_review, withdraw_flag
from register.initiatives.views.common import editable_or_403


@require_http_methods(["GET", "HEAD", "POST"])
def flag_new(request: HttpRequest, reference: str) -> HttpResponse:
    """`/initiatives/<reference>/review/`: whoever keeps the record asks a group to look at it."""
    initiative = editable_or_403(request.user, reference)
    groups = groups_to_ask(initiative)
    form = FlagForm(
        request.POST if request.method == "POST" else None, groups=groups, asked=groups_asked(initiative)
    )
    back_url = f"{initiative.get_absolute_url()}#groups"
    if form.is_bound and form.is_valid():
        try:
            flag = flag_for_review(by=request.user, initiative=initiative, **form.for_service())
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"It is before {flag.group}. A decision of the group settles it.")
            return redirect(back_url)
    context = {"form": form, "initiative": initiative, "groups": groups, "back_url": back_url}
    return render(request, "groups/flag_new.html", context, status=422 if form.is_bound else 200)


@require_POST
def flag_withdraw(request: HttpRequest, reference: str, pk: int) -> HttpResponse:
    initiative = editable_or_403(request.user, reference)
    flag = get_object_or_404(ReviewFlag.objects.filter(initiative=initiative).select_related("group"), pk=pk)
    withdraw_flag(by=request.user, flag=flag, at=now())
    messages.success(request, f"It is no longer before {flag.group}.")
    return redirect(f"{initiative.get_absolute_url()}#groups")

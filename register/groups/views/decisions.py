"""What a group decided, and recording it."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from register.accounts.roles import Permission
from register.core.clock import now, today
from register.groups.forms.decisions import DecisionForm
from register.groups.reading import decisions_of, meetings_held
from register.groups.services import record_decision
from register.groups.views.common import group_for, head

PER_PAGE = 25


@require_safe
def decisions(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/decisions/`: those on records that the reader may see, the latest first."""
    group = group_for(request, code)
    page = Paginator(decisions_of(group, request.user), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "groups/decisions.html", head(request, group, "group_decisions") | {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def decision_new(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/decisions/new/?initiative=BL-00042`: the secretary or chair records what was decided."""
    group = group_for(request, code, Permission.DECIDE)
    on = today()
    form = DecisionForm(
        request.POST or None,
        user=request.user,
        group=group,
        meetings=meetings_held(group, at=now())[:6],
        initial={
            "initiative": request.GET.get("initiative", "")[:20],
            "meeting": request.GET.get("meeting", "")[:20],
            "decided_on": on,
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            decision = record_decision(by=request.user, group=group, on=on, **form.for_service())
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(
                request,
                f"Recorded: {decision.get_outcome_display().lower()}, on {decision.initiative.title}.",
            )
            return redirect("group_decisions", code=group.code)
    context = head(request, group, "group_decisions") | {"form": form, "initiative": form.found_initiative()}
    return render(request, "groups/decision_new.html", context)

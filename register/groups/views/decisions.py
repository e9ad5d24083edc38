"""What a group decided, recording it, and correcting it by a later decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from register.accounts.models import WorkingGroup
from register.accounts.roles import Permission
from register.core.clock import now, today
from register.groups.forms.decisions import DecisionForm
from register.groups.models import Decision
from register.groups.notices import notice_in_words
from register.groups.reading import decisions_of, meetings_held
from register.groups.remit import offered
from register.groups.services import record_decision
from register.groups.views.common import group_for, head
from register.initiatives.views.common import note_sensitive
from register.initiatives.vocabulary import Marking

PER_PAGE = 25
# Of the other decisions on the same record, the latest.
MOST_OTHERS = 10


@require_safe
def decisions(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/decisions/`: those on records that the reader may see, the latest first."""
    group = group_for(request, code)
    page = Paginator(decisions_of(group, request.user), PER_PAGE).get_page(request.GET.get("page"))
    context = head(request, group, "group_decisions") | {"page": page}
    if any(decided.initiative.is_sensitive for decided in page):
        context["page_marking"] = Marking.OFFICIAL_SENSITIVE.label
    note_sensitive(request.user, (decided.initiative for decided in page))
    return render(request, "groups/decisions.html", context)


@require_safe
def decision(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/decisions/<pk>/`: one, with what corrects it and what it corrects."""
    group = group_for(request, code)
    decided = get_object_or_404(decisions_of(group, request.user).select_related("owner_person"), pk=pk)
    note_sensitive(request.user, [decided.initiative])
    others = decisions_of(group, request.user).filter(initiative=decided.initiative).exclude(pk=pk)
    context = head(request, group, "group_decisions") | {
        "decision": decided,
        "notice": notice_in_words(decided),
        "others": list(others[:MOST_OTHERS]),
        "page_marking": decided.initiative.get_marking_display(),
    }
    return render(request, "groups/decision.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def decision_new(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/decisions/new/?initiative=BL-00042`: the secretary or chair records what was decided."""
    group = group_for(request, code, Permission.DECIDE)
    initial = {name: request.GET.get(name, "")[:20] for name in ("initiative", "meeting")}
    return _record(request, group, _form(request, group, initial=initial))


@require_http_methods(["GET", "HEAD", "POST"])
def decision_correct(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """`/groups/<code>/decisions/<pk>/correct/`: a later decision in the place of one, which is kept."""
    group = group_for(request, code, Permission.DECIDE)
    earlier = get_object_or_404(decisions_of(group, request.user).select_related("owner_person"), pk=pk)
    later = Decision.objects.filter(corrects=earlier).first()
    if later is not None:
        return redirect("group_decision", code=group.code, pk=later.pk)
    names = ("outcome", "reasons", "conditions", "owner", "owner_person", "next_review_on")
    initial = {name: getattr(earlier, name) for name in names}
    return _record(request, group, _form(request, group, initial=initial, corrects=earlier))


def _form(
    request: HttpRequest,
    group: WorkingGroup,
    *,
    initial: dict[str, Any],
    corrects: Decision | None = None,
) -> DecisionForm:
    return DecisionForm(
        request.POST or None,
        user=request.user,
        group=group,
        meetings=meetings_held(group, at=now())[:6],
        corrects=corrects,
        initial=initial | {"decided_on": today()},
    )


def _record(request: HttpRequest, group: WorkingGroup, form: DecisionForm) -> HttpResponse:
    """Show the form; or record what it says."""
    if request.method == "POST" and form.is_valid():
        try:
            made = record_decision(by=request.user, group=group, on=today(), **form.for_service())
        except ValidationError as error:
            form.refuse(error)
        else:
            said = "Corrected" if form.corrects else "Recorded"
            messages.success(
                request, f"{said}: {made.get_outcome_display().lower()}, on {made.initiative.title}."
            )
            if made.meeting is not None and made.meeting.is_on:
                return redirect("group_meeting", code=group.code, pk=made.meeting.pk)
            return redirect("group_decision", code=group.code, pk=made.pk)
    initiative = form.found_initiative()
    context = head(request, group, "group_decisions") | {"form": form, "initiative": initiative}
    context |= {"earlier": form.corrects}
    if form.corrects is None:
        context["offered"] = offered(group, request.user, today())
    if initiative is not None:
        context["page_marking"] = initiative.get_marking_display()
        note_sensitive(request.user, [initiative])
    return render(request, "groups/decision_new.html", context, status=422 if form.errors else 200)

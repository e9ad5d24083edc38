"""Ending somebody's roles at an organisation: what they keep there is handed to a colleague first."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from register.accounts.again import recently_signed_in
from register.accounts.models import User
from register.accounts.people.forms import LeaveForm
from register.accounts.people.services import end_roles_at, keepers
from register.accounts.people.views import back_to_people, somebody_of
from register.groups.models import Decision
from register.initiatives.marking import page_marking
from register.initiatives.models import Initiative
from register.initiatives.services.handover import kept_by

# Named on the page; the number is of all.
MOST_NAMED = 20


@require_http_methods(["GET", "HEAD", "POST"])
@recently_signed_in
def leave_page(request: HttpRequest, code: str, public_id: UUID) -> HttpResponse:
    """`/organisations/<code>/people/<who>/end/`: GET asks who keeps what they kept, POST ends their roles there."""
    body, somebody, _ = somebody_of(request, code, public_id)
    kept = kept_by(somebody, body)
    number = kept.count()
    colleagues = User.objects.filter(pk__in=keepers(body) - {somebody.pk}).order_by("name", "pk")
    form = LeaveForm(
        request.POST if request.method == "POST" else None,
        colleagues=colleagues,
        keeps=number > 0,
        initial={"to": request.user.public_id},
    )
    if form.is_bound and form.is_valid():
        told = {"to": None} | form.cleaned_data
        try:
            end_roles_at(by=request.user, user=somebody, organisation=body, **told)
        except ValidationError as error:
            form.refuse(error)
        else:
            messages.success(request, f"{somebody} holds no role at {body} any more.")
            return back_to_people(request, body)
    # One sees the titles of what one may see; the number is of all that is handed over.
    visible = Initiative.objects.visible_to(request.user).filter(pk__in=kept.values("pk"))
    named = list(visible.order_by("-changed_at", "-pk")[:MOST_NAMED])
    context = {
        "page_marking": page_marking(named),
        "body": body,
        "somebody": somebody,
        "form": form,
        "number": number,
        "kept": named,
        "most_named": MOST_NAMED,
        "unnamed": number - len(named),
        "nobody_left": number > 0 and "to" not in form.fields,
        "sees_to": Decision.objects.filter(owner_person=somebody, corrected_by=None).count(),
        "is_last_place": not somebody.roles.exclude(organisation=body).exists(),
    }
    return render(request, "people/leave.html", context, status=422 if form.errors else 200)

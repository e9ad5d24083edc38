"""The page behind "No change" in an email: it asks, and only pressing its button acts. No sign-in is needed."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from register.core.clock import today
from register.digests.chasing.links import question_of
from register.digests.chasing.reading import State, look
from register.initiatives.services import confirm_still_current


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def still_current(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks whether a record is still current, POST says so as the person whom the link names."""
    question = question_of(token)
    if question is None:
        return render(request, "digests/chasing/broken.html", status=404)
    found = look(question, on=today())
    if request.method == "POST" and found.state is State.ASKED and found.initiative:
        confirm_still_current(by=question.person, initiative=found.initiative, on=today())
        return redirect("still_current", token=token)
    context = {"state": found.state.name, "initiative": found.initiative, "today": today()}
    return render(request, "digests/chasing/still_current.html", context)

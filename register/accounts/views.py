"""Your account: who you are here, what you may do, the ways to sign in, and where you are signed in."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from register.accounts.managing import may_manage
from register.accounts.models import RoleGrant
from register.accounts.roles import Permission
from register.accounts.sessions import end_session, end_sessions, where_signed_in


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    roles = (
        RoleGrant.objects.filter(user=request.user.pk)
        .select_related("organisation", "group")
        .order_by("role", "pk")
    )
    managed = request.user.holdings.organisations_allowing(Permission.MANAGE_PEOPLE)
    context = {
        "roles": roles,
        "manages": [grant.organisation for grant in roles if grant.organisation_id in managed],
        "has_providers": bool(settings.SIGN_IN_PROVIDERS),
        "manages_register": may_manage(request.user),
    }
    return render(request, "account/account.html", context)


@require_safe
def signed_in(request: HttpRequest) -> HttpResponse:
    """`/account/signed-in/`: the browsers that somebody is signed in with."""
    sessions = where_signed_in(request.user, request.session.session_key)
    context = {"sessions": sessions, "others": sum(not one.is_this for one in sessions)}
    return render(request, "account/signed_in.html", context)


@require_POST
def signed_in_end(request: HttpRequest, pk: int) -> HttpResponse:
    if not end_session(by=request.user, pk=pk):
        raise Http404
    messages.success(request, "You are signed out there. What was typed there and not sent is kept for you.")
    return redirect("signed_in")


@require_POST
def signed_in_end_others(request: HttpRequest) -> HttpResponse:
    end_sessions(by=request.user, user=request.user, but=request.session.session_key)
    messages.success(request, "You are signed out everywhere but here.")
    return redirect("signed_in")

"""Who must have a second factor, and the page that leads them to one before anything else."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from register.accounts.adapters.session import provider_asked_second_factor
from register.accounts.kept_form import keep
from register.accounts.models import User
from register.accounts.roles import Role

SESSION_KEY = "has_second_factor"
STRONG = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# What somebody without one may open: the way to one, and the way out.
OPEN = {
    "second_factor_needed",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_logout",
    "account_reauthenticate",
    "work_account_again",
    "work_account_done",
    "account_set_password",
}


def needs_second_factor(user: User) -> bool:
    """By SECOND_FACTOR: nobody, everybody, or those whose roles give others theirs or speak for them."""
    if settings.SECOND_FACTOR != "privileged":
        return bool(settings.SECOND_FACTOR == "all")
    held = user.holdings
    return (
        held.is_administrator
        or any(Role.ORGANISATION_LEAD in roles for roles in held.organisations.values())
        or any(Role.SECRETARY in roles for roles in held.groups.values())
    )


def must_keep(user: User, authenticator: Authenticator) -> bool:
    """Whether this is the last factor of somebody who needs one."""
    others = Authenticator.objects.filter(user=user, type__in=STRONG).exclude(pk=authenticator.pk)
    return needs_second_factor(user) and not others.exists()


def _has_second_factor(request: HttpRequest, user: User) -> bool:
    """Asked once a session: who needs one can't remove the last."""
    if not request.session.get(SESSION_KEY):
        has = provider_asked_second_factor(request, user)
        if not (has or Authenticator.objects.filter(user=user, type__in=STRONG).exists()):
            return False
        request.session[SESSION_KEY] = True
    return True


class AskForSecondFactor:
    """Whoever needs a second factor and has none sets one up first. What they posted is kept meanwhile."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable, args: tuple, kwargs: dict
    ) -> HttpResponse | None:
        user = request.user
        if settings.SECOND_FACTOR == "none" or not user.is_authenticated:
            return None
        match = request.resolver_match
        if not getattr(view, "login_required", True) or (match and match.url_name in OPEN):
            return None
        if not needs_second_factor(user) or _has_second_factor(request, user):
            return None
        if request.method == "POST":
            keep(request, user.pk)
        return redirect("second_factor_needed")


@require_safe
def second_factor_needed(request: HttpRequest) -> HttpResponse:
    return render(request, "account/second_factor_needed.html")

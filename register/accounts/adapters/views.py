"""Pages of sign-in that allauth lacks, or that need a step of ours: leaving for a provider, and coming back."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY, resume_request
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import LogoutView, password_set
from allauth.mfa.adapter import get_adapter as get_mfa_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import remove_webauthn
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2LoginView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from register.accounts.adapters import session
from register.accounts.adapters.notes import held_off
from register.accounts.adapters.work import WorkAccountCallback, WorkAccountClient
from register.accounts.again import recently_signed_in


def _leaving(request: HttpRequest, response: HttpResponse, name: str) -> HttpResponse:
    """In place of a redirect to another site, a page that goes there by itself.

    A browser holds our policy's `form-action 'self'` against every redirect that follows a form, wherever a provider
    may send it on to; a page of ours ends that chain.
    """
    address = response.headers.get("Location", "")
    if not address.startswith("http"):
        return response
    return render(request, "account/leaving.html", {"address": address, "name": name})


def _client(request: HttpRequest, provider_id: str) -> WorkAccountClient:
    if provider_id not in settings.SIGN_IN_PROVIDERS:
        raise Http404
    return WorkAccountClient(request, provider_id)


def _ask(request: HttpRequest, client: WorkAccountClient, view: Any) -> HttpResponse:
    try:
        return _leaving(request, view(request), client.trusted.name)
    except (OAuth2Error, KeyError) as error:
        return render_authentication_error(request, client.get_provider(), exception=error)


@login_not_required
def work_account_login(request: HttpRequest, provider_id: str) -> HttpResponse:
    client = _client(request, provider_id)
    return _ask(request, client, OAuth2LoginView.adapter_view(client))


@login_not_required
@require_safe
def work_account_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    return WorkAccountCallback.adapter_view(_client(request, provider_id))(request)


def _mine(request: HttpRequest) -> WorkAccountClient:
    """The provider that the person came from in this session, or else one that they have connected."""
    came_from = session.work_account(request, request.user).get("provider")
    mine = [came_from, *request.user.socialaccount_set.values_list("provider", flat=True)]
    code = next((code for code in mine if code in settings.SIGN_IN_PROVIDERS), None)
    if code is None:
        raise Http404
    return WorkAccountClient(request, code)


@require_http_methods(["GET", "POST"])
def work_account_again(request: HttpRequest) -> HttpResponse:
    """Step-up with a work account: the provider asks for the password, or whatever it asks for, anew."""
    client = _mine(request)
    going = get_next_redirect_url(request) or ""
    if request.method == "GET":
        return render(request, "account/work_account_again.html", {"provider": client.trusted, "next": going})
    back = f"{reverse('work_account_done')}?{urlencode({'next': going})}"
    provider = client.get_provider()

    def ask(request: HttpRequest) -> HttpResponse:
        question = provider.question(prompt="login", max_age="0")
        return provider.redirect(request, AuthProcess.REDIRECT, next_url=back, **question)

    return _ask(request, client, ask)


@require_http_methods(["GET", "POST"])
def work_account_done(request: HttpRequest) -> HttpResponse:
    """Back from the provider: on to the page, or to what was posted before, when the person says so."""
    going = get_next_redirect_url(request) or reverse("home")
    if request.method == "GET" and STATE_SESSION_KEY in request.session:
        return render(request, "account/work_account_done.html", {"next": going})
    if request.method == "POST":
        return resume_request(request) or redirect(going)
    return redirect(going)


_logout = LogoutView.as_view()


@login_not_required
def logout(request: HttpRequest) -> HttpResponse:
    provider = settings.SIGN_IN_PROVIDERS.get(session.work_account(request, request.user).get("provider", ""))
    return _leaving(request, _logout(request), provider.name if provider else "")


def too_many(request: HttpRequest) -> HttpResponse:
    """allauth asks for this page when a limit is reached (`handler429`)."""
    held_off(request, get_adapter().get_client_ip(request))
    answer = render(request, "429.html", status=429)
    answer.headers["Retry-After"] = str(settings.SIGN_IN_WAIT)
    return answer


@recently_signed_in
def set_password(request: HttpRequest) -> HttpResponse:
    """A first password, for who is to sign in by email: not behind the back of the organisation whose work account one
    comes with."""
    if session.by_work_account_only(request.user):
        messages.error(request, "You sign in with your work account, and need no password here.")
        return redirect("account")
    return password_set(request)


def remove_passkey(request: HttpRequest, pk: int) -> HttpResponse:
    """allauth asks before an app is taken off, and not before a passkey is."""
    passkey = get_object_or_404(Authenticator, user=request.user, type=Authenticator.Type.WEBAUTHN, pk=pk)
    adapter = get_mfa_adapter()
    if adapter.can_delete_authenticator(passkey):
        return remove_webauthn(request, pk=pk)
    messages.error(request, adapter.error_messages["cannot_delete_authenticator"])
    return redirect("mfa_list_webauthn")

"""Signing in with a work account: OpenID Connect as allauth does it, with our checks and our rules of who is let in."""

from __future__ import annotations

import hashlib
import logging
import secrets
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import now

from register.accounts.adapters import session
from register.accounts.adapters.tokens import LEEWAY_SECONDS, fetch, read_id_token
from register.accounts.providers import Provider
from register.accounts.work_accounts import (
    RefusedError,
    come_back,
    follow_groups,
    identity,
    join_by_work_account,
)
from register.core.noted import Noted
from register.core.tracking import note

log = logging.getLogger(__name__)

LONGEST_ID = 191


class WorkAccountClient(OpenIDConnectOAuth2Adapter):
    """Talks to a provider. Only what it signed counts; its user information adds what the token leaves out."""

    nonce = ""

    @property
    def openid_config(self) -> dict[str, Any]:
        if not hasattr(self, "_openid_config"):
            self._openid_config = fetch(self.get_provider().server_url)
        return self._openid_config

    @property
    def trusted(self) -> Provider:
        return settings.SIGN_IN_PROVIDERS[self.provider_id]

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        """As it was registered with the provider, whatever this request's host is."""
        return f"{settings.SITE_URL}{reverse('openid_connect_callback', args=[self.provider_id])}"

    def complete_login(
        self, request: HttpRequest, app: SocialApp, token: SocialToken, **kwargs: Any
    ) -> SocialLogin:
        id_token = kwargs["response"].get("id_token") or ""
        claims = read_id_token(self.trusted, self.openid_config, id_token, nonce=self.nonce)
        told = self.openid_config.get("userinfo_endpoint")
        # Entra's is another product with other rules, and adds nothing.
        if told and not self.trusted.is_entra:
            more = fetch(told, headers={"Authorization": f"Bearer {token.token}"})
            if more.get("sub") != claims["sub"]:
                raise OAuth2Error("The user information is somebody else's")
            claims = more | claims
        login = self.get_provider().sociallogin_from_response(request, claims)
        login.claims, login.id_token = claims, id_token
        return login


class WorkAccountCallback(OAuth2CallbackView):
    adapter: WorkAccountClient

    def _get_state(self, request: HttpRequest, provider: OpenIDConnectProvider) -> tuple[Any, Any]:
        state, response = super()._get_state(request, provider)
        self.adapter.nonce = (state or {}).get("nonce", "")
        return state, response


class WorkAccountProvider(OpenIDConnectProvider):
    """One of SIGN_IN_PROVIDERS. What is asked of it is ours alone: nothing in the address adds to it."""

    oauth2_adapter_class = WorkAccountClient
    pkce_enabled_default = True

    @property
    def trusted(self) -> Provider:
        return settings.SIGN_IN_PROVIDERS[self.app.provider_id]

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        asked = super().get_redirect_from_request_kwargs(request)
        connect = asked["process"] == AuthProcess.CONNECT
        if connect and not session.signed_in_recently(request):  # one more way in
            raise ReauthenticationRequired
        asked["process"] = AuthProcess.CONNECT if connect else AuthProcess.LOGIN
        return asked | self.question()

    def question(self, **params: str) -> dict[str, Any]:
        """What to send and, in `nonce`, to remember: the answer must hold it."""
        nonce = secrets.token_urlsafe(24)
        return {"nonce": nonce, "scope": self.get_default_scope(), "auth_params": {"nonce": nonce, **params}}

    def extract_uid(self, data: dict[str, Any]) -> str:
        """The provider's name for a person: within Entra the tenant's and theirs, `sub` elsewhere."""
        told = f"{data['tid']}:{data['oid']}".lower() if self.trusted.is_entra else str(data["sub"])
        return told if len(told) <= LONGEST_ID else f"sha256:{hashlib.sha256(told.encode()).hexdigest()}"

    def extract_extra_data(self, data: dict[str, Any]) -> dict[str, Any]:
        """Only what the person needs to recognise it by."""
        return {"email": str(data.get("email") or data.get("preferred_username") or "")[:254]}

    def extract_common_fields(self, data: dict[str, Any]) -> dict[str, Any]:
        return {}

    def extract_email_addresses(self, data: dict[str, Any]) -> list[Any]:
        """None: allauth must not look for accounts by address. `work_accounts` does, by its own rules."""
        return []


class SocialAccountAdapter(DefaultSocialAccountAdapter):
    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """The settings' providers; the database knows of none."""
        return [
            SocialApp(
                provider=WorkAccountProvider.id,
                provider_id=trusted.code,
                name=trusted.name,
                client_id=trusted.client_id,
                secret=trusted.secret,
                settings={"server_url": trusted.issuer.rstrip("/")},
            )
            for trusted in settings.SIGN_IN_PROVIDERS.values()
            if provider in (None, trusted.code, WorkAccountProvider.id)
            and client_id in (None, trusted.client_id)
        ]

    def list_providers(self, request: HttpRequest) -> list[WorkAccountProvider]:
        return [WorkAccountProvider(request, app=app) for app in self.list_apps(request)]

    def get_provider(
        self, request: HttpRequest, provider: str, client_id: str | None = None
    ) -> WorkAccountProvider:
        return WorkAccountProvider(request, app=self.get_app(request, provider, client_id))

    def on_authentication_error(
        self, request: HttpRequest, provider: WorkAccountProvider, *args: Any, **kwargs: Any
    ) -> None:
        """The page says that it went wrong; why is for whoever runs the register."""
        exception = kwargs.get("exception")
        log.warning("Sign-in with %s: %.300r", provider.app.provider_id, exception or kwargs.get("error"))
        note(Noted.SIGN_IN_FAILED, by=None, detail={"provider": provider.app.provider_id})

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Everything has been checked; whose account is it here?"""
        provider: Provider = sociallogin.provider.trusted
        process = sociallogin.state.get("process")
        if process == AuthProcess.REDIRECT:
            return self._signed_in_again(request, sociallogin)
        if process == AuthProcess.CONNECT:
            # They were asked before they left; allauth would ask once more, and can't keep what they came back with.
            if not session.signed_in_recently(request):
                raise ImmediateHttpResponse(refused(request, provider, "too_late"))
            return None
        told = identity(provider, sociallogin.claims)
        if not sociallogin.is_existing:
            try:
                user = join_by_work_account(by=None, provider=provider, told=told, now=now())
            except RefusedError as error:
                raise ImmediateHttpResponse(refused(request, provider, error.why)) from None
            sociallogin.connect(request, user)
        elif not come_back(by=sociallogin.user, told=told, user=sociallogin.user, now=now()):
            return None  # they are told that the account is closed, and whom to ask
        follow_groups(
            by=None,
            provider=provider,
            user=sociallogin.user,
            groups=told.groups,
            reason=f"Groups of the work account at {provider.name}",
        )
        session.remember_work_account(
            request, sociallogin.user, provider, id_token=sociallogin.id_token, claims=sociallogin.claims
        )
        return None

    def _signed_in_again(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Step-up: the same person as is signed in, who just now proved it to the provider."""
        provider: Provider = sociallogin.provider.trusted
        at = sociallogin.claims.get("auth_time")
        limit = settings.SIGN_IN_AGAIN_AFTER + LEEWAY_SECONDS
        if not sociallogin.is_existing or sociallogin.user.pk != request.user.pk:
            raise ImmediateHttpResponse(refused(request, provider, "somebody_else"))
        if not isinstance(at, int | float) or now().timestamp() - at > limit:
            raise ImmediateHttpResponse(refused(request, provider, "not_again"))
        record_authentication(
            request, request.user, "socialaccount", provider=provider.code, reauthenticated=True
        )


def refused(request: HttpRequest, provider: Provider, why: str) -> HttpResponse:
    return render(request, "socialaccount/refused.html", {"provider": provider, "why": why}, status=403)

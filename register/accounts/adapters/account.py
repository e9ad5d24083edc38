"""The register's ways with django-allauth: nobody signs up, people are added."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter, get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.utils import perform_login
from allauth.core import context
from allauth.core.ratelimit import consume
from allauth.mfa.webauthn.internal.flows import did_use_passwordless_login
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from register.accounts import devices, mail
from register.accounts.adapters import session
from register.accounts.adapters.notes import held_off
from register.accounts.models import User
from register.accounts.people.reading import whom_to_ask
from register.core.noted import Noted
from register.core.tracking import note

# Seconds: the page of who asked for too many emails says an hour.
AN_HOUR = "3600"
WAIT = f"Too many attempts. Try again in {settings.SIGN_IN_WAIT // 60} minutes."


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": "This account is closed.",
        "email_password_mismatch": (
            "The email address or the password is not right. Check both, or choose “Forgot your password?”."
        ),
        "enter_current_password": "This is not your password.",
        "incorrect_password": "This is not your password.",
        "incorrect_code": "This code is not right, or too old. Enter the one your app shows now.",
        "invalid_password_reset": "This link has been used, or is too old. Ask for a new one.",
        "too_many_login_attempts": WAIT,
        "rate_limited": WAIT,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Told only to who has proved who they are: whom to ask."""
        return render(request, "account/account_inactive.html", {"ask": whom_to_ask(user)}, status=403)

    def get_login_stages(self) -> list[str]:
        return ["register.accounts.adapters.mfa.SecondFactorStage"]

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            held_off(request, self.get_client_ip(request))
            raise

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        user = User.objects.filter(email__iexact=credentials.get("email", "")).first()
        note(Noted.SIGN_IN_FAILED, by=None, object_id=user.pk if user else 0, detail={"method": "password"})

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Who comes with a work account uses a passkey beside it, not in its place: it would let a leaver in."""
        response = super().pre_login(request, user, **kwargs)
        if (
            response is None
            and did_use_passwordless_login(request, user)
            and session.by_work_account_only(user)
        ):
            messages.error(request, "Sign in with your work account. Your passkey is asked for after it.")
            return redirect("account_login")
        return response

    def login(self, request: HttpRequest, user: User) -> None:
        """The session's key changes here (Django's own doing), so nobody can have fixed it before."""
        # The first sign-in of all is from a new device, which is no news to anybody.
        known = not user.last_login or devices.is_known(request, user)
        request.new_device = not known  # type: ignore[attr-defined]
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        if getattr(request, "new_device", False):
            self.send_notification_mail("account/email/new_device", user)
        devices.remember(request, response, user)
        used = [record["method"] for record in get_authentication_records(request, user)]
        note(Noted.SIGNED_IN, by=user, object_id=user.pk, detail={"methods": used})
        return response

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            note(Noted.SIGNED_OUT, by=request.user, object_id=request.user.pk)
        super().logout(request)

    def get_logout_redirect_url(self, request: HttpRequest) -> str:
        """The sign-in page; by way of the provider's own sign-out for who came with a work account."""
        from register.accounts.adapters.work import WorkAccountClient

        told = session.work_account(request, request.user)
        if told.get("provider") not in settings.SIGN_IN_PROVIDERS:
            return reverse("account_login")
        client = WorkAccountClient(request, told["provider"])
        try:
            address = client.openid_config.get("end_session_endpoint")
        except OAuth2Error:
            address = None
        if not address:
            return reverse("account_login")
        asked = {
            "id_token_hint": told["id_token"],
            "client_id": client.trusted.client_id,
            "post_logout_redirect_uri": f"{settings.SITE_URL}{reverse('account_login')}",
        }
        return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        return not session.signed_in_recently(context.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """What somebody can prove who they are with, the way they came first."""
        words = {
            "reauthenticate": "Use your password",
            "mfa_reauthenticate": "Use your authenticator app or a recovery code",
            "mfa_reauthenticate:webauthn": "Use your passkey or security key",
        }
        methods = super().get_reauthentication_methods(user)
        for method in methods:
            method["description"] = words[method["id"]]
        if (
            user.is_authenticated
            and user.socialaccount_set.filter(provider__in=settings.SIGN_IN_PROVIDERS).exists()
        ):
            again = {
                "id": "work_account",
                "description": "Use your work account",
                "url": reverse("work_account_again"),
            }
            came_so = bool(session.work_account(context.request, user))
            methods.insert(0 if came_so else len(methods), again)
        return methods

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        mail.send(template_prefix, email, context, person=context.get("user"))

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """Who signs in with a work account gets no password behind their organisation's back."""
        work = session.by_work_account_only(user)
        template = "account/email/password_reset_work" if work else "account/email/password_reset_key"
        self.send_mail(template, email, context)


def sign_in(request: HttpRequest, user: Any) -> HttpResponse:
    """Sign somebody in who has just proved who they are, by the same stages as at the sign-in page."""
    return perform_login(request, user)


def within_limit(request: HttpRequest, action: str, key: str) -> bool:
    """Whether somebody may do this once more now: by their network address and by what they do it to. The ledger hears
    of it when not."""
    is_within = bool(consume(request, action=action, key=key))
    if not is_within:
        held_off(request, get_adapter().get_client_ip(request))
    return is_within


def asked_too_often(request: HttpRequest, here: str, *, under: tuple[str, str]) -> HttpResponse:
    """The page for who asked for one email too many. `here` is what they asked on, `under` the page above that: the
    name of its address, and what it is called."""
    url, name = under
    context = {"here": here, "under": url, "under_name": name}
    answer = render(request, "account/too_often.html", context, status=429)
    answer.headers["Retry-After"] = AN_HOUR
    return answer

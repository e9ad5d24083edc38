"""allauth's forms, in our words."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from register.accounts.adapters.session import by_work_account_only
from register.core.forms import dress
from register.core.noted import Noted
from register.core.tracking import note

HOW_TO_CHOOSE = (
    "8 characters or more. Three words that have nothing to do with each other are good, and so is what a password"
    " manager makes."
)
CODE = "The 6 figures that your app shows now, or one of your recovery codes."


# What to do where a box was left empty, in the words of somebody signing in.
EMPTY = {
    "login": "Enter your email address",
    "email": "Enter your email address",
    "password": "Enter your password",
    "oldpassword": "Enter the password you have now",
    "password1": "Enter a new password",
    "password2": "Enter the new password again",
    "code": "Enter the code",
}


class _Ours:
    """In the register's look before it is read: what allauth says of an empty box does not name the box."""

    fields: dict[str, Any]

    def full_clean(self) -> None:
        for name, told in EMPTY.items():
            if name in self.fields:
                self.fields[name].error_messages["required"] = told
        dress(self)  # type: ignore[arg-type]
        super().full_clean()  # type: ignore[misc]


class LoginForm(_Ours, account.LoginForm):
    pass


class PasswordAgainForm(_Ours, account.ReauthenticateForm):
    pass


class _NewPassword(_Ours):
    """A new password, typed twice because what is typed is not shown."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = "New password"
        self.fields["password1"].help_text = HOW_TO_CHOOSE
        self.fields["password2"].label = "The same password again"


class ChangePasswordForm(_NewPassword, account.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = "The password you have now"

    def clean_oldpassword(self) -> str:
        try:
            return str(super().clean_oldpassword())
        except ValidationError:
            note(Noted.SIGN_IN_FAILED, by=self.user, object_id=self.user.pk, detail={"method": "password"})
            raise


class SetPasswordForm(_NewPassword, account.SetPasswordForm):
    pass


class ResetPasswordKeyForm(_NewPassword, account.ResetPasswordKeyForm):
    pass


class ResetPasswordForm(_Ours, account.ResetPasswordForm):
    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """One message is sent whoever asks, so that neither the page nor the time it takes tells who has an account."""
        if not self.users:
            get_adapter().send_mail("account/email/unknown_account", self.cleaned_data["email"], {})
            return self.cleaned_data["email"]
        return super().save(request, **kwargs)


class _Code(_Ours):
    help_text = CODE

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = self.help_text
        self.fields["code"].widget.attrs |= {
            "inputmode": "numeric",
            "class": "govuk-input govuk-input--width-10",
        }


class CodeForm(_Code, mfa.AuthenticateForm):
    pass


class CodeAgainForm(_Code, mfa.ReauthenticateForm):
    pass


class ActivateTOTPForm(_Code, totp.ActivateTOTPForm):
    help_text = "The 6 figures that your app shows now."


class AddPasskeyForm(webauthn.AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "What you call it"
        self.fields["name"].help_text = "So that you know it from others, such as Work phone."
        self.fields["passwordless"].label = "Sign in with it alone, without a password"
        self.fields[
            "passwordless"
        ].help_text = "Leave this out for a security key that has no PIN or fingerprint."
        self.fields["passwordless"].initial = True
        if by_work_account_only(self.user):
            del self.fields["passwordless"]

"""The secrets of second factors are no use to who reads the database, and outlive a new SECRET_KEY."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.management import CommandError, call_command

from register.accounts.models import User
from tests.accounts.test_second_factor import code_of, with_app
from tests.factories import person

pytestmark = pytest.mark.django_db

ANOTHER = "another secret key of fifty characters or more, as it should be"


@pytest.fixture
def user() -> User:
    return person("reader")


def app_of(user: User) -> Authenticator:
    return Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)


def read(user: User) -> str:
    """What the app's secret is to the register. (A code fits once.)"""
    return str(get_adapter().decrypt(app_of(user).data["secret"]))


def fits(user: User, secret: str) -> bool:
    return TOTP(app_of(user)).validate_code(code_of(secret))


def codes_of(user: User) -> list[str]:
    return RecoveryCodes(Authenticator.objects.get(user=user, type="recovery_codes")).get_unused_codes()


def renew() -> str:
    said = StringIO()
    call_command("encrypt_second_factors", stdout=said)
    return said.getvalue()


def kept() -> list[Any]:
    return list(Authenticator.objects.order_by("pk").values_list("data", flat=True))


def test_the_database_holds_neither_secret_nor_seed(user: User) -> None:
    secret = with_app(user)
    made = RecoveryCodes.activate(user)
    written = made.instance.data["seed"]
    assert secret not in str(kept())
    assert written.startswith("gAAAA")
    assert app_of(user).data["secret"].startswith("gAAAA")
    assert not any(code in str(kept()) for code in codes_of(user))
    assert fits(user, secret)


def test_two_of_one_secret_do_not_look_alike(user: User) -> None:
    other, secret = person("reader"), generate_totp_secret()
    TOTP.activate(user, secret)
    TOTP.activate(other, secret)
    assert app_of(user).data != app_of(other).data


def test_one_from_before_fits_and_is_encrypted_by_the_command(user: User) -> None:
    secret = generate_totp_secret()
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": secret})
    assert fits(user, secret)
    assert "1 second factor" in renew()
    assert secret not in str(kept())
    assert read(user) == secret


def test_a_new_key_reads_what_the_old_one_wrote_until_all_is_encrypted_anew(
    user: User, settings: Any
) -> None:
    secret = with_app(user)
    RecoveryCodes.activate(user)
    codes, old = codes_of(user), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = ANOTHER, [old]
    assert fits(user, secret)
    assert codes_of(user) == codes
    assert "2 second factors" in renew()
    settings.SECRET_KEY_FALLBACKS = []
    assert codes_of(user) == codes
    assert read(user) == secret
    settings.SECRET_KEY = old
    assert codes_of(user) != codes


def test_a_passkey_has_no_secret_and_is_left_alone(user: User) -> None:
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "Phone"})
    before = kept()
    assert "0 second factors" in renew()
    assert kept() == before


def test_without_its_key_no_code_fits_and_nothing_is_lost(
    user: User, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    secret, before = with_app(user), kept()
    settings.SECRET_KEY = ANOTHER
    assert not fits(user, secret)
    assert "encrypted with a key that is neither SECRET_KEY" in caplog.text
    with pytest.raises(CommandError, match="neither SECRET_KEY"):
        renew()
    assert kept() == before

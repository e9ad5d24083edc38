"""Passwords: long ones and pasted ones are welcome, guessable ones refused, and all are kept by Argon2."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import identify_hasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from register.accounts.models import User
from tests.factories import person

pytestmark = pytest.mark.django_db

PHRASE = "teapot gravel nineteen"


@pytest.mark.parametrize(
    "typed",
    ["Teapot gravel nineteen", f"{PHRASE} ", f" {PHRASE}", "teapot  gravel nineteen", PHRASE[:-1], ""],
)
def test_it_is_taken_as_it_is_typed(client: Client, typed: str) -> None:
    """Capitals, blanks and the last character count."""
    user = person()
    user.set_password(PHRASE)
    user.save(update_fields=["password"])
    client.post("/account/login/", {"login": user.email, "password": typed})
    assert "_auth_user_id" not in client.session
    client.post("/account/login/", {"login": user.email, "password": PHRASE})
    assert "_auth_user_id" in client.session


def test_none_is_there_from_the_start_and_none_ends_by_itself() -> None:
    """No account comes with the register, and nothing about a password says how old it may be."""
    assert not User.objects.exists()
    assert {field.name for field in User._meta.concrete_fields if "password" in field.name} == {"password"}


@pytest.mark.parametrize(
    "password", ["gravel-7", PHRASE, "tëapôt grävel", "8392 6628 9962", "teapot gravel " * 9 + "xy"]
)
def test_eight_characters_are_enough_and_128_are_not_too_many(password: str) -> None:
    validate_password(password, person())


@pytest.mark.parametrize(
    "password",
    [
        "grav-7x",  # seven
        "teapot " * 19,  # 133
        "iloveyou",  # among the 20,000 most common
        "P@ssw0rd2026",
        "Sunshine99!",
        "qwertyuiop1!",
        "aaaaaaaaaaaa",
        "Bluelight2026!",
        "KentPolice-1",
        "F1re&Rescue",
        "okafor1984",
        "sam.okafor",
    ],
)
def test_what_others_would_guess_is_refused(password: str) -> None:
    user = person("contributor", at="kent-police", name="Sam Okafor", email="sam.okafor@kent.police.uk")
    with pytest.raises(ValidationError):
        validate_password(password, user)


def test_passwords_are_kept_by_argon2(real_hashers: None) -> None:
    assert identify_hasher(make_password(PHRASE)).algorithm == "argon2"


def test_an_older_hash_is_renewed_when_its_owner_signs_in(real_hashers: None, client: Client) -> None:
    user = person()
    user.password = make_password(PHRASE, hasher="pbkdf2_sha256")
    user.save(update_fields=["password"])
    client.post("/account/login/", {"login": user.email, "password": PHRASE})
    user.refresh_from_db()
    assert identify_hasher(user.password).algorithm == "argon2"


def test_a_password_may_be_pasted_and_filled_in_by_a_manager(client: Client) -> None:
    html = client.get("/account/login/").content.decode()
    assert 'autocomplete="current-password"' in html
    assert "onpaste" not in html

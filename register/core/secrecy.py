"""What the register keeps so that nobody reads it where it lies: in the database, in a backup."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac


def cipher(salt: str, whose: int | None = None) -> MultiFernet:
    """Encrypts with a key that is made of SECRET_KEY for one use (`salt`) and, where it is told, one person.

    It reads what an earlier key wrote for as long as that is among SECRET_KEY_FALLBACKS.
    """
    return MultiFernet(
        [
            Fernet(base64.urlsafe_b64encode(_key(salt, whose, secret)))
            for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        ]
    )


def _key(salt: str, whose: int | None, secret: str) -> bytes:
    return salted_hmac(salt, str(whose), secret=secret, algorithm="sha256").digest()

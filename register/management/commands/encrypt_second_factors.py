"""Encrypt second factors with the SECRET_KEY of now, so that the one before can be given up."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from register.accounts.adapters.mfa import encrypt_anew
from register.core.tracking import origin


class Command(BaseCommand):
    help = (
        "Encrypts the secrets of authenticator apps and recovery codes with SECRET_KEY. Run it after a new SECRET_KEY,"
        " with the old one in SECRET_KEY_FALLBACKS; then the old one can go."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with origin("command"):
                number = encrypt_anew(by=None)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(f"{number:,} second factors are encrypted with the SECRET_KEY of now")

"""Give the demonstration's accounts random passwords, and write them where the person at the machine can read."""

import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from register.accounts.models import User
from register.core.tracking import origin
from register.pages.sample.people import ACCOUNTS


class Command(BaseCommand):
    help = "Writes the demo accounts as email, password and role, with tabs between, one a line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Demo accounts are for the demo only (DEMO=1).")
        path: Path = options["file"]
        known = _read(path)
        lines = []
        for account in ACCOUNTS:
            user = User.objects.get(email=account.email)
            password = known.get(account.email) or secrets.token_urlsafe(9)
            # Each look at a password takes a third of a second, on purpose.
            if account.email not in known or not user.check_password(password):
                user.set_password(password)
                with origin("command"):
                    user.save(update_fields=["password"])
            lines.append(f"{account.email}\t{password}\t{account.says}\n")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.writelines(lines)


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    rows = (line.rstrip("\n").split("\t") for line in path.read_text().splitlines())
    return {row[0]: row[1] for row in rows if len(row) == 3}

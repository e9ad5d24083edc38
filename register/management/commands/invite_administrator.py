"""Invite an administrator: the first one, whom nobody inside can invite."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from register.accounts.joining.links import invitation_url
from register.accounts.joining.services import invite
from register.accounts.roles import Role
from register.core.clock import now
from register.core.tracking import origin


class Command(BaseCommand):
    help = "Sends an invitation as administrator, and prints its link: whoever opens it comes in, once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            validate_email(options["email"])
            with origin("command"):
                invitation = invite(by=None, email=options["email"], role=Role.ADMINISTRATOR, now=now())
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        self.stdout.write(invitation_url(invitation))

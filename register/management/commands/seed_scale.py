"""Fill a database with any number of plausible initiatives, for measuring how fast the register is."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from register.pages.scale.loading import SeedError, seed


class Command(BaseCommand):
    help = "Adds drawn initiatives with partners, money, barriers and history. The owner of a scratch database runs it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--initiatives", type=int, required=True, metavar="N")
        parser.add_argument(
            "--seed", type=int, default=1, metavar="S", help="Another seed draws others. Default: 1."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("Drawn initiatives are for a scratch database only (DEMO=1).")
        if options["initiatives"] < 1:
            raise CommandError("--initiatives is a number from 1.")
        try:
            seed(options["initiatives"], seed=options["seed"], say=self.stdout.write)
        except SeedError as error:
            raise CommandError(str(error)) from error

"""manage.py load_reference: bring organisations, places and areas of work up to the project's tables."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from register.core.tracking import origin
from register.history.sealing import seal
from register.reference.loading import load_reference
from register.reference.tables import TableError


class Command(BaseCommand):
    help = "Loads the reference tables. Run it again whenever they change; what people corrected is kept."

    def handle(self, *args: Any, **options: Any) -> None:
        with origin("command"):
            try:
                report = load_reference(by=None, reason="Reference tables loaded")
            except TableError as error:
                raise CommandError(str(error)) from error
        seal()
        self.stdout.write(str(report))

"""Load the sample: 65 real collaborations from public sources, and the fictional Exampleshire."""

from typing import Any

from django.core.management.base import BaseCommand

from register.core.clock import now
from register.history.sealing import seal
from register.pages.sample.loading import load_sample


class Command(BaseCommand):
    help = "Writes the sample records, groups and accounts once. The owner of the database runs it: it sets the clock."

    def handle(self, *args: Any, **options: Any) -> None:
        report = load_sample(now=now())
        seal()
        self.stdout.write(f"{report.written} records written, {report.there} there already")

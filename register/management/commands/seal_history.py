"""Seal the ledger by hand, as beat does every few minutes."""

from typing import Any

from django.core.management.base import BaseCommand

from register.history.sealing import seal


class Command(BaseCommand):
    help = "Seals the changes that no transaction can still add to. The last line is the newest seal’s hash: an anchor."

    def handle(self, *args: Any, **options: Any) -> None:
        made = seal()
        self.stdout.write(f"{sum(rows for _, rows, _ in made):,} changes sealed, {len(made):,} seals made")
        if made:
            self.stdout.write(made[-1][2])

"""Prove that the ledger is what it was when it was sealed: see docs/history.md."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from register.core.clock import now
from register.history.proof import Proof, prove


class Command(BaseCommand):
    help = (
        "Hashes every change again and compares with the seals. Exits with 1 at the first that is not as it was, and"
        " where what should be sealed is not."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anchor", default="", help="A hash kept elsewhere, which the chain must hold.")

    def handle(self, *args: Any, **options: Any) -> None:
        proof = prove(now=now(), anchor=options["anchor"].strip().lower())
        if proof.broken:
            raise CommandError(f"broken: {proof.broken}", returncode=1)
        if not proof.has_anchor:
            raise CommandError(
                "broken: no seal has the hash that you kept. The chain was made anew or cut.", returncode=1
            )
        if proof.late:
            raise CommandError(f"not proved: {proof.late}", returncode=1)
        self.stdout.write(f"whole: {_whole(proof)}")
        if proof.newest:
            self.stdout.write(proof.newest)


def _whole(proof: Proof) -> str:
    last = f", last sealed {proof.sealed_at:%Y-%m-%d %H:%M:%S} UTC" if proof.sealed_at else ""
    return f"{proof.sealed:,} changes in {proof.seals:,} seals{last}; {proof.unsealed:,} not sealed yet"

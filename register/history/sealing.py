"""Sealing the ledger: what can no longer change becomes a link of a chain of hashes, which the database makes."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.expressions import RawSQL

from register.history.models import Change, Seal
from register.history.querysets import ChangeQuerySet

# What one seal covers: few enough for the memory of the server, whatever was loaded at once.
MOST = 10_000
GRACE = timedelta(hours=1)


def seal() -> list[tuple[int, int, str]]:
    """Seal all that can be sealed: number, count of rows and hash of each new seal. Any number may do so at once.

    A transaction that still runs keeps its own rows, and those of transactions begun after it, for the next time.
    """
    made: list[tuple[int, int, str]] = []
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT * FROM register_seal_next(%s)", [MOST])
            found = cursor.fetchone()
        if found is None:
            return made
        made.append(found)


def unsealed() -> ChangeQuerySet:
    """Rows that no seal covers yet, those of transactions that still run included."""
    last = Seal.objects.defer("ids", "leaves").last()
    if last is None:
        return Change.ledger.all()
    ours = Q(tx__gt=last.to_tx) | Q(tx=last.to_tx, pk__gte=last.to_id)
    # Only in a database restored into a server with lower numbers: everything with an earlier number was sealed.
    restored = Q(pk__gt=last.last_id)
    return Change.ledger.filter(ours | restored, pk__gt=last.above)


def alarms(*, now: datetime) -> list[str]:
    """What somebody who runs the register should look at, in a sentence; two queries."""
    late = now - GRACE
    if Seal.objects.filter(sealed_at__gte=late).exists():
        return []
    oldest_running = RawSQL("pg_snapshot_xmin(pg_current_snapshot())", [])
    if not unsealed().filter(tx__lt=oldest_running, at__lt=late).exists():
        return []
    return [
        "Changes made more than an hour ago are not sealed yet: either no worker runs, or its log says why."
    ]

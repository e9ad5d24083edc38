"""The clock of processes that are really running: the real one, moved by what stands in a file."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any


class MovedClock:
    """Ticks like the real clock, so many seconds from it. Whoever has the file tells the same time."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def offset(self) -> float:
        return float(self.file.read_text(encoding="ascii"))

    def now(self) -> datetime:
        return datetime.fromtimestamp(time.time() + self.offset(), UTC)

    def set(self, moment: datetime) -> None:
        offset = moment.timestamp() - time.time()
        new = self.file.with_suffix(".new")
        new.write_text(repr(offset), encoding="ascii")
        os.replace(new, self.file)

    def take_over(self) -> None:
        """From now on the register's clock in this process, and the ledger's on each of its connections, is this.

        Nothing else is moved: Celery and the broker go on by real time.
        """
        from django.db.backends.signals import connection_created
        from django.utils import timezone

        from register.core import clock

        # The register's clock asks Django's module of that name, for which this stands in: it has what is asked of it.
        clock.timezone = SimpleNamespace(  # type: ignore[assignment]
            now=self.now, localdate=lambda at=None: timezone.localdate(at or self.now())
        )
        connection_created.connect(self._tell, dispatch_uid="tests.faults", weak=False)

    def _tell(self, connection: Any, **_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('register.now', %s, false)", [self.now().isoformat()])

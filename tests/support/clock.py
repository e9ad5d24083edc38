"""Telling the time: Python's clock and the database's together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import time_machine
from django.db import connection
from django.db.backends.signals import connection_created

LONDON = ZoneInfo("Europe/London")


@contextmanager
def standing_still(moment: str) -> Iterator[None]:
    """It is this moment while something is made that several tests share; a test has the fixture `clock`."""
    clock = Clock()
    clock.set(moment)
    try:
        yield
    finally:
        clock.stop()


class Clock:
    """Stands still at a moment until told otherwise. `clock.set("2026-11-23 09:00")` (London time, or aware)."""

    def __init__(self) -> None:
        self._travel: time_machine.travel | None = None
        self._moment: datetime | None = None

    @property
    def now(self) -> datetime:
        assert self._moment is not None, "the clock has not been set"
        return self._moment

    def set(self, moment: str | datetime) -> datetime:
        told = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        told = told if told.tzinfo else told.replace(tzinfo=LONDON)
        first = self._moment is None
        self._moment = told
        if self._travel:
            self._travel.stop()
        self._travel = time_machine.travel(told, tick=False)
        self._travel.start()
        if first:
            connection_created.connect(self._tell, dispatch_uid="tests.clock")
        if connection.connection is not None:
            self._tell(connection=connection)
        return told

    def advance(self, **by: float) -> datetime:
        """`clock.advance(days=7)`"""
        return self.set(self.now + timedelta(**by))

    def _tell(self, connection: Any, **_: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('register.now', %s, false)", [self.now.isoformat()])

    def stop(self) -> None:
        if self._travel:
            self._travel.stop()
            connection_created.disconnect(dispatch_uid="tests.clock")
            if connection.connection is not None and not connection.needs_rollback:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT set_config('register.now', '', false)")
        self._travel = self._moment = None

"""The two servers together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from bluelight.embedded.places import Places
from bluelight.embedded.postgres import Postgres
from bluelight.embedded.processes import Lock
from bluelight.embedded.valkey import Valkey

BUSY = "These servers are in use by process {pid}. Stop it first."


class Servers:
    """PostgreSQL and Valkey in one state folder, for the length of a `with`."""

    def __init__(
        self, state: Path, *, durable: bool = True, short: Sequence[Path] | None = None, busy: str = BUSY
    ) -> None:
        self.places = Places(state, short=short)
        self.lock = Lock(self.places.state / "lock", busy)
        self.postgres = Postgres(self.places, durable=durable)
        self.valkey = Valkey(self.places, durable=durable)

    def start(self) -> None:
        self.lock.take()
        try:
            self.postgres.start()
            self.valkey.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        self.valkey.stop()
        self.postgres.stop()
        self.places.give_back()
        self.lock.release()

    def __enter__(self) -> Servers:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

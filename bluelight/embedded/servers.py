"""The two servers together, or those of somebody's own in their place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import psycopg

from bluelight.embedded.places import Places
from bluelight.embedded.postgres import GROUP, OWNER, SUPERUSER, WEB, Postgres
from bluelight.embedded.processes import EmbeddedError, Lock
from bluelight.embedded.valkey import Valkey

BUSY = "These servers are in use by process {pid}. Stop it first."
AS_APPLICATION = f"-c role={GROUP}"


def with_database(url: str, name: str = "", **options: str) -> str:
    """The same PostgreSQL address with another database, or more options."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | options
    path = f"/{name}" if name else parts.path
    return parts._replace(path=path, query=urlencode(query, quote_via=quote)).geturl()


class Servers:
    """PostgreSQL and Valkey for the length of a `with`; everything they keep is in `state`.

    `database_url` and `redis_url`, when given, name servers to use instead. The database's login then stands in
    for the owner: it must own the database, and be allowed to create a role. `settings` are PostgreSQL's.
    """

    def __init__(
        self,
        state: Path,
        *,
        durable: bool = True,
        short: Sequence[Path] | None = None,
        busy: str = BUSY,
        settings: Mapping[str, str] | None = None,
        database_url: str = "",
        redis_url: str = "",
    ) -> None:
        self.places = Places(state, short=short)
        self.lock = Lock(self.places.state / "lock", busy)
        self.postgres = None if database_url else Postgres(self.places, durable=durable, settings=settings)
        self.valkey = None if redis_url else Valkey(self.places, durable=durable)
        self._database_url, self._redis_url = database_url, redis_url

    @property
    def admin_url(self) -> str:
        """For making and dropping databases."""
        return self.postgres.url(SUPERUSER, "postgres") if self.postgres else self._database_url

    @property
    def owner_url(self) -> str:
        """The owner, who migrates and loads."""
        return self.postgres.url(OWNER) if self.postgres else self._database_url

    @property
    def web_url(self) -> str:
        """The application, which reads and writes and no more."""
        if self.postgres:
            return self.postgres.url(WEB)
        return with_database(self._database_url, options=AS_APPLICATION)

    def redis_url(self, database: int | None = None) -> str:
        """The broker's address; `database` (tests) counts from 0."""
        if self.valkey:
            return self.valkey.url(database or 0)
        if database is None:
            return self._redis_url
        if self._redis_url.startswith("redis+socket:"):
            return f"{self._redis_url.split('?')[0]}?virtual_host={database}"
        return urlsplit(self._redis_url)._replace(path=f"/{database}").geturl()

    def start(self) -> None:
        self.lock.take()
        try:
            if self.postgres:
                self.postgres.start()
            else:
                _prepare_given(self._database_url)
            if self.valkey:
                self.valkey.start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Nothing, if they were never ours: somebody else has the lock."""
        if not self.lock.held:
            return
        for server in (self.valkey, self.postgres):
            if server:
                server.stop()
        self.places.give_back()
        self.lock.release()

    def __enter__(self) -> Servers:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.stop()


def _prepare_given(url: str) -> None:
    """Let the login of a database of somebody's own take the application's role."""
    try:
        with psycopg.connect(url, autocommit=True, connect_timeout=5) as server:
            found: Any = server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [GROUP]).fetchone()
            if not found:
                server.execute(f"CREATE ROLE {GROUP} NOLOGIN")
            server.execute(f"GRANT {GROUP} TO CURRENT_USER")
    except psycopg.Error as error:
        raise EmbeddedError(f"DATABASE_URL can't be used: {str(error).strip()}") from None

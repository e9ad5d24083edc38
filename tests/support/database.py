"""A database of a worker's own, and Django's connection to it."""

from __future__ import annotations

from typing import Any

import psycopg

from bluelight.embedded import AS_APPLICATION, with_database
from tests.support.restoring import Restorer
from tests.support.run import Run


class Database:
    """Cloned from a template, and cloned again when a test has spoilt it."""

    def __init__(self, run: Run, name: str, template: str) -> None:
        self.run, self.name, self.template = run, name, template
        # Logged in as the owner, who may set the clock, and acting as the application, which may do no more
        # than the real one.
        self.url = with_database(run.owner_url, name, options=AS_APPLICATION)
        self.owner_url = with_database(run.owner_url, name)
        self.web_url = with_database(run.web_url, name)
        self._restorer: Restorer | None = None

    def know(self) -> None:
        """Look at it before a test commits to it, so that it can be restored."""
        if self._restorer is None:
            try:
                self._restorer = Restorer(with_database(self.run.admin_url, self.name))
            except psycopg.errors.InsufficientPrivilege:
                pass  # a server of somebody's own: there it is cloned each time

    def restore(self) -> None:
        """As it was at `know`, on the same connection: several times as quick as a clone, which reads it all anew."""
        from django.db import connection

        mine = connection.connection
        usable = mine is not None and not mine.closed and not connection.in_atomic_block
        if not (usable and self._restorer and self._restorer.restore(mine.info.backend_pid)):
            self.renew()

    def renew(self) -> None:
        from django.db import connections

        connections.close_all()
        self.forget()
        with self.run.administration() as server:
            server.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
            server.execute(
                f"CREATE DATABASE {self.name} TEMPLATE {self.template} OWNER {self.run.owner} STRATEGY FILE_COPY"
            )

    def forget(self) -> None:
        """End the session that knows it: from now on only a clone brings it back."""
        if self._restorer:
            self._restorer.close()
            self._restorer = None

    def drop(self) -> None:
        from django.db import connections

        connections.close_all()
        self.forget()
        with self.run.administration() as server:
            server.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")

    def use(self) -> None:
        """Point Django's connection here."""
        import environ
        from django.db import connections

        connection = connections["default"]
        connection.close()
        told: dict[str, Any] = environ.Env.db_url_config(self.url)
        told["OPTIONS"] = {"connect_timeout": 5} | told.get("OPTIONS", {})
        connection.settings_dict.update(told)
        # Django finds out by making a table, which the application may not.
        connection.features.supports_transactions = True

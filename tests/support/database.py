"""A database of a worker's own, and Django's connection to it."""

from __future__ import annotations

from typing import Any

from bluelight.embedded import AS_APPLICATION, with_database
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

    def renew(self) -> None:
        from django.db import connections

        connections.close_all()
        with self.run.administration() as server:
            server.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
            server.execute(
                f"CREATE DATABASE {self.name} TEMPLATE {self.template} OWNER {self.run.owner} STRATEGY FILE_COPY"
            )

    def drop(self) -> None:
        from django.db import connections

        connections.close_all()
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

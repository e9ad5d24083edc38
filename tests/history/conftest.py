"""The application’s own connection to the database."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg import errors

from tests.support.database import Database


@pytest.fixture
def web(django_db_setup: None, worker_database: Database) -> Iterator[psycopg.Connection[Any]]:
    """The application's own login, as the real one is; nothing of it is kept.

    On a server of somebody's own (DATABASE_URL) there may be none: then one is made for the test.
    """
    with ExitStack() as made:
        url = worker_database.web_url
        if urlsplit(url).username == worker_database.run.owner:
            url = made.enter_context(_login(worker_database))
        told = made.enter_context(psycopg.connect(url))
        yield told
        told.rollback()


@contextmanager
def _login(database: Database) -> Iterator[str]:
    name, password = f"{database.name}_login", secrets.token_hex(12)
    parts = urlsplit(database.owner_url)
    place = parts.netloc.rpartition("@")[2]
    with database.run.administration() as server:
        try:
            server.execute(f"CREATE ROLE {name} LOGIN PASSWORD '{password}' IN ROLE bluelight_app")
        except errors.InsufficientPrivilege:
            pytest.skip("the login that DATABASE_URL names may not make another")
    yield parts._replace(netloc=f"{name}:{password}@{place}").geturl()
    with database.run.administration() as server:
        server.execute(f"DROP ROLE {name}")

"""One timed request, and what its answer says."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from django.db import connection
from django.test import Client

from register.accounts.models import User
from tests.bench.preparing import HOST

ROW = re.compile(r"""<h3[^>]*>\s*<a[^>]*href="/initiatives/(BL-\d+)/""")
NEXT = re.compile(r"""<a[^>]*href="([^"]+)"[^>]*rel="next\"""")
NUMBER = re.compile(r"\d+(?:,\d{3})*")


class WrongAnswerError(AssertionError):
    """A page did not show what it should have: its time means nothing."""


@dataclass(frozen=True)
class Statement:
    """What the database was asked, and how long until it answered."""

    ms: float
    sql: str
    parameters: Any

    @property
    def whole(self) -> str:
        with connection.cursor() as cursor:
            return str(cursor.mogrify(self.sql, self.parameters)) if self.parameters else self.sql

    def plan(self) -> list[str]:
        if not self.sql.lstrip().upper().startswith(("SELECT", "WITH")):
            return []
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {self.whole}")
            return [row[0] for row in cursor.fetchall()]


@dataclass
class Answer:
    """What came back, how long it took, and what the database was asked meanwhile."""

    status: int
    body: bytes
    ms: float
    statements: list[Statement] = field(default_factory=list)

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def queries(self) -> int:
        return len(self.statements)

    @property
    def sql_ms(self) -> float:
        return sum(statement.ms for statement in self.statements)

    @property
    def references(self) -> list[str]:
        """The records of a list, in order."""
        return ROW.findall(self.text)

    @property
    def next_url(self) -> str:
        found = NEXT.search(self.text)
        return unescape(found[1]) if found else ""

    @property
    def numbers(self) -> set[int]:
        return {int(number.replace(",", "")) for number in NUMBER.findall(self.text)}


@dataclass(frozen=True)
class Ask:
    """Who asks for which page, and what must hold of the answer. `check` runs after the time was taken."""

    user: User
    url: str
    check: Callable[[Answer], None]


class Browser:
    """Everybody's browser: each person is signed in once."""

    def __init__(self) -> None:
        self._clients: dict[int, Client] = {}

    def get(self, user: User, url: str) -> Answer:
        client = self._signed_in(user)
        statements: list[Statement] = []

        def watch(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
            began = time.perf_counter()
            try:
                return execute(sql, parameters, many, context)
            finally:
                statements.append(Statement((time.perf_counter() - began) * 1000, sql, parameters))

        with connection.execute_wrapper(watch):
            began = time.perf_counter()
            response = client.get(url, secure=True, headers={"host": HOST})
            body = b"".join(response.streaming_content) if response.streaming else response.content
            took = (time.perf_counter() - began) * 1000
        response.close()
        return Answer(response.status_code, body, took, statements)

    def _signed_in(self, user: User) -> Client:
        if user.pk not in self._clients:
            client = Client()
            client.force_login(user)
            self._clients[user.pk] = client
        return self._clients[user.pk]


def must(holds: bool, said: str) -> None:
    if not holds:
        raise WrongAnswerError(said)


def must_be(found: Any, wanted: Any, what: str) -> None:
    must(found == wanted, f"{what}: {found} instead of {wanted}")

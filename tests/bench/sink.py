"""A mail server that takes everything and keeps nothing, in a process of its own: `python -m tests.bench.sink`.

It writes its port, and when its standard input is closed, how many messages it took.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller


class Taker:
    taken = 0

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, answers: list[str]
    ) -> list[str]:
        """As mail servers do, it takes commands in one breath (RFC 2920)."""
        session.host_name = hostname
        return [*answers[:-1], "250-PIPELINING", answers[-1]]

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken += 1
        return "250 taken"


class Sink:
    """The process, from outside."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        assert process.stdout
        self.port = int(process.stdout.readline())
        self.taken = 0

    def stop(self) -> None:
        told, _ = self._process.communicate()
        self.taken = int(told)


@contextmanager
def sink() -> Iterator[Sink]:
    command = [sys.executable, "-m", "tests.bench.sink"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    told = Sink(process)
    try:
        yield told
    finally:
        told.stop()


def main() -> None:
    taker = Taker()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(taker, hostname="127.0.0.1", port=port)
    controller.start()
    print(port, flush=True)
    sys.stdin.read()
    controller.stop()
    print(taker.taken, flush=True)


if __name__ == "__main__":
    main()

"""A mail server in a process of its own that misbehaves on command and writes down every message it took.

python -m tests.faults.sink PORT LOG

Each line of standard input is a command as JSON, answered by `ok` when it is in force:
{"mode": "…", "who": [addresses, none: everyone], "delay": seconds}. The log gets a line of JSON for each message
recipient taken, message taken, answer refused and connection dropped, before the client can know of it.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import threading
import time
from email import message_from_bytes, policy
from itertools import count
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

TOKEN = re.compile(r"\bT\d{4}K\b")

# What it says to which command instead of taking it.
ANSWERS = {
    "greylist": ("RCPT", "450 4.2.0 try again later"),
    "unknown": ("RCPT", "550 5.1.1 nobody of that name"),
    "busy": ("DATA", "451 4.3.0 not now"),
    "spam": ("DATA", "554 5.7.1 not this"),
    "stranger": ("MAIL", "553 5.7.1 not from this sender"),
}
# Takes the message, or not, and lets the client guess: it hangs up, or never answers.
SILENT = {"drop": True, "drop_untaken": False, "mute": True}


class Misbehaving:
    """The handler that aiosmtpd asks. `mode` is one of ANSWERS, SILENT, ok, slow, slow_start, stall or refuse."""

    def __init__(self, log: Path) -> None:
        self.mode, self.who, self.delay = "ok", frozenset[str](), 0.0
        self.changed = asyncio.Event()
        self.file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def become(self, mode: str, who: list[str], delay: float) -> None:
        self.mode, self.who, self.delay = mode, frozenset(who), delay
        self.changed.set()
        self.changed = asyncio.Event()

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        """Every second connection lets commands come together (RFC 2920)."""
        session.host_name = hostname
        return [*answers[:-1], "250-PIPELINING", answers[-1]] if session.number % 2 else answers

    async def handle_MAIL(self, server: Any, session: Any, envelope: Envelope, sender: str, _: Any) -> str:
        if self.mode == "stall":
            await self._until_changed()
        if self.mode == "slow_start":
            await asyncio.sleep(self.delay)
        if refusal := self._refusal("MAIL", ""):
            return refusal
        envelope.mail_from = sender
        return "250 OK"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Envelope, to: str, _: Any) -> str:
        if refusal := self._refusal("RCPT", to):
            return refusal
        envelope.rcpt_tos.append(to)
        self._write("asked", to=to, session=session.number)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        [to] = envelope.rcpt_tos
        told: Any = _of_message(envelope) | {"to": to, "session": session.number}
        if refusal := self._refusal("DATA", to):
            return refusal
        mode = self.mode if self._concerns(to) else "ok"
        if SILENT.get(mode, True):
            self._write("taken", **told)
        if mode in SILENT:
            self._write("unanswered", **told)
            if mode == "mute":
                await self._until_changed()
            assert server.transport
            server.transport.abort()
            return "421 too late"
        if mode == "slow":
            await asyncio.sleep(self.delay)
        return "250 taken"

    def _concerns(self, to: str) -> bool:
        return not self.who or to in self.who or not to

    def _refusal(self, command: str, to: str) -> str:
        where, answer = ANSWERS.get(self.mode, ("", ""))
        if where != command or not self._concerns(to):
            return ""
        self._write("refused", to=to, code=int(answer[:3]), command=command)
        return answer

    async def _until_changed(self) -> None:
        await self.changed.wait()

    def closed(self, session: Any) -> None:
        """The connection has ended, by whichever side."""
        self._write("closed", session=session.number)

    def _write(self, what: str, **told: Any) -> None:
        os.write(self.file, (json.dumps({"what": what, "at": time.time()} | told) + "\n").encode())


class Connection(SMTP):
    """Has a number, and says when it ends."""

    numbers = count(1)

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.session.number = next(self.numbers)

    def connection_lost(self, error: Exception | None) -> None:
        self.event_handler.closed(self.session)
        super().connection_lost(error)


def _of_message(envelope: Envelope) -> dict[str, Any]:
    content = envelope.content
    message = message_from_bytes(content if isinstance(content, bytes) else b"", policy=policy.default)
    body = message.get_body(("plain",))
    text = body.get_content() if body else ""
    return {
        "id": str(message["Message-ID"]),
        "list": str(message["List-Id"] or ""),
        "tokens": sorted(set(TOKEN.findall(text))),
    }


async def serve(port: int, log: Path) -> None:
    loop = asyncio.get_running_loop()
    handler = Misbehaving(log)

    async def listen() -> asyncio.Server:
        return await loop.create_server(
            lambda: Connection(handler, hostname="localhost", loop=loop, timeout=60), "127.0.0.1", port
        )

    server: asyncio.Server | None = await listen()
    ended = asyncio.Event()

    async def obey(mode: str, who: list[str], delay: float) -> None:
        nonlocal server
        handler.become(mode, who, delay)
        if mode == "refuse" and server:
            server.close()
            server = None
        elif mode != "refuse" and server is None:
            server = await listen()

    def listen_to_commands() -> None:
        for line in sys.stdin:
            told = json.loads(line)
            obeying = obey(told["mode"], told.get("who", []), told.get("delay", 0.0))
            asyncio.run_coroutine_threadsafe(obeying, loop).result()
            print("ok", flush=True)
        loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=listen_to_commands, daemon=True).start()
    print("ok", flush=True)
    await ended.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))

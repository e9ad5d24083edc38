"""Where the demo's and the tests' email goes: an SMTP server on loopback that writes every message to a file.

python -m bluelight.sink LISTENING_FD FOLDER
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import socket
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST = 32 * 1024 * 1024


class Outbox:
    """Keeps a message before it says that it has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """One `.eml` per message, named by when it came; the envelope's addressees stand in X-RcptTo."""
        content = envelope.content or b""
        body = content if isinstance(content, bytes) else content.encode()
        head = "".join(f"X-RcptTo: {address}\r\n" for address in envelope.rcpt_tos).encode()
        name = f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{time.time_ns() % 10**9:09}-{secrets.token_hex(3)}"
        new = self.folder / f".{name}"
        new.write_bytes(head + body)
        new.rename(self.folder / f"{name}.eml")
        return "250 Kept"


async def serve(listening: socket.socket, folder: Path) -> None:
    loop = asyncio.get_running_loop()
    outbox = Outbox(folder)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    server = await loop.create_server(
        lambda: SMTP(outbox, hostname="localhost", data_size_limit=LARGEST, loop=loop), sock=listening
    )
    await ended.wait()
    server.close()


def main() -> None:
    descriptor, folder = sys.argv[1:]
    os.umask(0o077)
    asyncio.run(serve(socket.socket(fileno=int(descriptor)), Path(folder)))


if __name__ == "__main__":
    main()

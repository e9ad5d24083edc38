"""The virus scanner: ClamAV's protocol (clamd's INSTREAM), off unless the setting CLAMAV says where it listens."""

from __future__ import annotations

import logging
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

from register.core.files.old_office import pieces

logger = logging.getLogger(__name__)

TO_CONNECT, TO_ANSWER = 5, 30  # seconds
LONGEST_ANSWER = 4096
AWAY = "The virus scanner does not answer, so nothing was kept. Try again later."


def is_on() -> bool:
    return bool(settings.CLAMAV)


def must_be_clean(file: Any) -> None:
    """ValidationError for what it finds something in, and when it does not answer. Nothing while it is off."""
    if not is_on():
        return
    try:
        answer = _asked(file)
    except OSError as error:
        logger.error("The virus scanner at %s does not answer: %s", settings.CLAMAV, error)
        raise ValidationError(AWAY) from None
    if answer.endswith(" FOUND"):
        found = answer.removeprefix("stream: ").removesuffix(" FOUND")
        logger.warning("The virus scanner found %s in a file that was sent", found)
        raise ValidationError(
            "The virus scanner found something harmful in this file, so it was not kept. Tell your IT support."
        )
    if answer != "stream: OK":
        logger.error("The virus scanner could not look into a file: %s", answer)
        raise ValidationError(AWAY)


def _asked(file: Any) -> str:
    with _connected() as scanner:
        scanner.sendall(b"zINSTREAM\0")
        try:
            for piece in pieces(file):
                scanner.sendall(struct.pack(">L", len(piece)) + piece)
            scanner.sendall(struct.pack(">L", 0))
        except (BrokenPipeError, ConnectionResetError):
            pass  # it says why, such as that the file is too long for it
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
            if not (more := scanner.recv(LONGEST_ANSWER)):
                break
            answer += more
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")


@contextmanager
def _connected() -> Iterator[socket.socket]:
    where = urlsplit(settings.CLAMAV)
    if where.scheme == "unix":
        scanner = socket.socket(socket.AF_UNIX)
        scanner.settimeout(TO_CONNECT)
    else:
        scanner = socket.create_connection((where.hostname, where.port or 3310), timeout=TO_CONNECT)
    with scanner:
        if where.scheme == "unix":
            scanner.connect(where.path)
        scanner.settimeout(TO_ANSWER)
        yield scanner

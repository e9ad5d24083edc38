"""What the digest's tests stand on. (Imports wait for the fixtures: this file is read before Django is set up.)"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def committed(fresh_database: Any, clock: Any) -> Iterator[Any]:
    """Writes are committed, as a digest's snapshot needs, and it is the Wednesday of the window."""
    clock.set("2026-11-18 10:00")
    yield clock
    clock.stop()


@pytest.fixture
def team(committed: Any) -> Any:
    from tests.digests.support import new_team

    return new_team()


@pytest.fixture
def sink(settings: Any) -> Iterator[Any]:
    from aiosmtpd.controller import Controller

    from tests.digests.support import Sink

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_TIMEOUT = 5
    yield handler
    controller.stop()

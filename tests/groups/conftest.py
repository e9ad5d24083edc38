"""What the tests of notices stand on. (Imports wait for the fixtures: this file is read before Django is set up.)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def committed(restored_database: Any, clock: Any) -> Iterator[Any]:
    """What is written is committed, as a worker needs to see it."""
    clock.set("2026-11-23 09:14")
    yield clock
    clock.stop()


@pytest.fixture
def sink(settings: Any) -> Iterator[Any]:
    """A mail server on a port of its own."""
    from tests.support.mail import mail_server

    with mail_server(settings) as handler:
        yield handler

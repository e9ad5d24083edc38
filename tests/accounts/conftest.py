"""What the tests of accounts stand on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def sink(settings: Any) -> Iterator[Any]:
    from tests.support.mail import mail_server

    with mail_server(settings) as handler:
        yield handler

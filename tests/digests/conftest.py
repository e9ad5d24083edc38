"""What the digest's tests stand on. (Imports wait for the fixtures: this file is read before Django is set up.)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest


@pytest.fixture
def committed(restored_database: Any, clock: Any) -> Iterator[Any]:
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
    from tests.support.mail import mail_server

    with mail_server(settings) as handler:
        yield handler


@pytest.fixture
def recorded_clock(committed: Any) -> Iterator[Any]:
    """The day before an asking, with an origin for whatever is written."""
    from register.core.tracking import origin

    committed.set("2026-11-23 12:00")
    with origin("test"):
        yield committed


@pytest.fixture
def owner(recorded_clock: Any) -> Any:
    """Who contributes for Derbyshire's police, which lead what tests log."""
    from tests.factories import person

    return person("contributor", at="derbyshire-police", name="Olu Owner")


@pytest.fixture
def old_workshop(team: Any, committed: Any) -> Any:
    """Logged before the window, so that only what happens to it next is news."""
    from tests.factories import initiative

    committed.set("2026-11-02 10:00")
    record = initiative("Shared fleet workshop", stage="considered")
    committed.set("2026-11-18 10:00")
    return record

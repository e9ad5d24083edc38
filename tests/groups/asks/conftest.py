"""The group that asks, on a day, and a chair who keeps records. (Imports wait for fixtures, as in the one above.)"""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    clock.set("2026-11-23 09:14")


@pytest.fixture
def group() -> Any:
    from tests.groups.support import group_of_everything

    return group_of_everything()


@pytest.fixture
def keeper(group: Any) -> Any:
    """A chair who keeps the records of Derbyshire's police."""
    from register.accounts.services import grant_role
    from tests.factories import organisation
    from tests.groups.support import do, somebody

    made = somebody("chair", group)
    do(grant_role, user=made, role="contributor", organisation=organisation("derbyshire-police"))
    return made

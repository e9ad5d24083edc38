"""What the attacks stand on. (Imports wait for the fixtures: this file is read before Django is set up.)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.security.planted import Planted
    from tests.security.world import World


@pytest.fixture(scope="module")
def sample_of_module(sample_database: Any, worker_database: Any, django_db_blocker: Any) -> Iterator[Any]:
    """The sample in a transaction round the whole file, rolled back."""
    from django.db import transaction

    with django_db_blocker.unblock():
        sample_database.use()
        try:
            with transaction.atomic():
                yield sample_database
                transaction.set_rollback(True)
        finally:
            worker_database.use()


@pytest.fixture(scope="module")
def shared_world(sample_of_module: Any) -> World:
    from tests.security.world import World

    made = World()
    made.add_opener()
    made.add_hidden()
    made.sign_in()
    return made


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    """Whatever a test does in it is undone."""
    from django.db import transaction

    undone: Any = transaction.atomic()
    undone._from_testcase = (
        True  # as Django's own test case: what wants to commit at once may think that it did
    )
    with undone:
        yield shared_world
        transaction.set_rollback(True)


@pytest.fixture(scope="session")
def planted_database(sample_database: Any, worker_database: Any) -> Iterator[Any]:
    from tests.support.database import Database

    own = Database(worker_database.run, f"{worker_database.name}_hostile", sample_database.template)
    own.renew()
    yield own
    own.drop()


@pytest.fixture(scope="session")
def planted(planted_database: Any, worker_database: Any, django_db_blocker: Any) -> Planted:
    """The sample with hostile text in it, and every page of it."""
    from tests.security.planted import planted_sample

    with django_db_blocker.unblock():
        planted_database.use()
        try:
            return planted_sample()
        finally:
            worker_database.use()

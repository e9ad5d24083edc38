"""Everything here is written from a test; the reference tables are loaded already."""

from collections.abc import Iterator

import pytest

from register.core.tracking import origin


@pytest.fixture(autouse=True)
def from_a_test() -> Iterator[None]:
    with origin("test"):
        yield

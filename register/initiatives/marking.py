"""The marking in the head of a page, on a screen and on paper: the highest of what the page says of records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from register.initiatives.vocabulary import Marking

SENSITIVE = Marking.OFFICIAL_SENSITIVE.label


class Markable(Protocol):
    @property
    def is_sensitive(self) -> bool: ...


def page_marking(*shown: Iterable[Markable | None]) -> str:
    """Of the records, or what was done to them, that a page shows and has read already; "" leaves it at OFFICIAL."""
    return SENSITIVE if any(one is not None and one.is_sensitive for some in shown for one in some) else ""

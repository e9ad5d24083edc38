"""The marking in the head of a page, on a screen and on paper: the highest of what the page says of records."""

from __future__ import annotations

from collections.abc import Iterable

from register.initiatives.models import Initiative
from register.initiatives.vocabulary import Marking

SENSITIVE = Marking.OFFICIAL_SENSITIVE.label


def page_marking(*shown: Iterable[Initiative | None]) -> str:
    """Of the records that a page shows, which it has read already; "" leaves it at OFFICIAL."""
    return SENSITIVE if any(one is not None and one.is_sensitive for some in shown for one in some) else ""

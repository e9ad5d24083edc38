"""What happened lately, for pages that show a few lines of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from register.history.models import Change
from register.history.reading import EventRow, page_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import QuerySet

    from register.accounts.models import User
    from register.initiatives.models import Initiative

__all__ = ["EventRow", "recent_events"]


def recent_events(
    user: User | AnonymousUser,
    *,
    limit: int,
    initiatives: Sequence[int] | QuerySet | None = None,
    since: datetime | None = None,
    known: Iterable[Initiative] = (),
) -> list[EventRow]:
    """The latest events of records that the person may see, newest first; of some records, since a moment.

    Records that are `known` are not fetched again. Three queries, and two more where there is
    much: whatever the number of events.
    """
    changes = Change.objects.visible_to(user, of=initiatives).exclude(root_id=None)
    if since is not None:
        changes = changes.filter(at__gte=since)
    return page_of(changes, limit=limit, known=known).rows

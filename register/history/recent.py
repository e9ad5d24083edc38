"""What happened lately, for pages that show a few lines of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

from register.history.events import KEY, key_of
from register.history.models import Change
from register.history.reading import ROWS_FOR_ONE, EventRow, with_people

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

    Of what was done while a record was closed to them, that it was. Records that are `known` are not fetched again. At
    most six queries, whatever the number of events.
    """
    changes = Change.objects.visible_to(user, of=initiatives).exclude(root_id=None)
    whole = Change.objects.all()
    if since is not None:
        changes, whole = changes.filter(at__gte=since), whole.filter(at__gte=since)
    # The ledger's rows are wide, and most of the last hundred belong to what is not told: first only whose they are.
    scanned = changes.order_by("-at", "-id").values_list(*KEY, named=True)[: limit * ROWS_FOR_ONE]
    keys = set(islice(dict.fromkeys(key_of(row) for row in scanned), limit))
    if not keys:
        return []
    transactions, records = {key[0] for key in keys}, {key[1] for key in keys}
    found = whole.filter(tx__in=transactions, root_id__in=records)
    return with_people([change for change in found if key_of(change) in keys], user, known)

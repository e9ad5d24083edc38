"""What became of some records since moments of their own, read at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from register.history.events import Event, net
from register.history.models import Change
from register.history.past import Eyes, Reader, pasts_of

if TYPE_CHECKING:
    from register.initiatives.models import Initiative

# Of one record, at most so many of the ledger's last rows are folded.
MOST_ROWS = 200

_CHANGES = """
    SELECT told.* FROM unnest(%(roots)s::bigint[], %(moments)s::timestamptz[]) AS asked (root, moment)
     CROSS JOIN LATERAL (
           SELECT * FROM register_change
            WHERE root_id = asked.root AND at >= asked.moment AND operation <> 'N'
              AND table_name <> ALL(%(without)s)
            ORDER BY at DESC, id DESC LIMIT %(most)s) AS told
"""


def changed_since(
    moments: Mapping[int, datetime],
    reader: Reader,
    *,
    known: Iterable[Initiative],
    without: Sequence[str] = (),
) -> dict[int, tuple[Event, ...]]:
    """The net changes of each record since its moment as a reader is told of them, latest first: at most five queries.

    `moments` by key of the record, of which `known` are the records that the reader was shown; `without` names tables
    that have nothing to say here.
    """
    if not moments:
        return {}
    keys = {
        "roots": list(moments),
        "moments": list(moments.values()),
        "without": list(without),
        "most": MOST_ROWS,
    }
    found: dict[int, list[Event]] = defaultdict(list)
    eyes = Eyes(reader, pasts_of(moments))
    for event in net(Change.objects.raw(_CHANGES, keys), {one.pk: one.stage for one in known}, eyes):
        found[event.root_id or 0].append(event)
    return {pk: tuple(reversed(events)) for pk, events in found.items()}

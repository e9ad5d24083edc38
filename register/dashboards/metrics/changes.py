"""What changed lately in what a dashboard is of."""

from __future__ import annotations

from register.dashboards.metrics.frame import Frame
from register.history.recent import EventRow, recent_events
from register.initiatives.models import Initiative

# Of the whole register so many that changed last are looked at first: most subjects have enough among them.
LOOKED_AT = 400
# Of so few it is known when each changed.
FEW = 5000


def latest_events(frame: Frame, *, limit: int) -> list[EventRow]:
    """The latest events of what the reader may see of it, since the group last met if it did."""
    keys = latest_changed(frame, limit)
    if not keys:
        return []
    return recent_events(frame.user, limit=limit, initiatives=keys, since=frame.subject.since)


def latest_changed(frame: Frame, limit: int) -> list[int]:
    """The initiatives that changed last: their events are the latest of all. At most one query."""
    number = frame.among.bit_count()
    if number > FEW:
        latest = Initiative.objects.order_by("-changed_at", "-pk").values_list("pk", flat=True)
        found = [key for key in latest[:LOOKED_AT] if frame.among >> key & 1][:limit]
        if len(found) == limit:
            return found
    return [key for _, key in frame.tallied.column(["changed"], frame.among).largest(limit)[:limit]]

"""What other digests have told a reader of this week, so that nothing comes to them twice.

What counts is what they could read there: what was only one of "and 7 more" is told here.
"""

from __future__ import annotations

from collections.abc import Iterator

from register.digests.models import Delivery
from register.digests.reading.readers import Readers
from register.digests.reading.reading import Item, Told, reading_of


def told_elsewhere(delivery: Delivery, readers: Readers, *, most: int) -> Told:
    """What their other digests have told the person of a delivery, with at most so many lines under a subheading."""
    return Told(item for other in readers.others(delivery) for item in _shown(other, readers, most))


def _shown(delivery: Delivery, readers: Readers, most: int) -> Iterator[Item]:
    frozen = readers.items[delivery.edition_id]
    sight = readers.sight(delivery.user, {item.initiative_id for item in frozen})
    reading = reading_of(delivery.edition, frozen, sight, most=most, kept=readers.kept(delivery))
    return (line.item for section in reading.sections for part in section.parts for line in part.lines)

"""What an edition says: the net change of its window in the group's remit, and what is due; or in what one follows.

Frozen for everyone at once: whatever is in the remit, whoever may see it. Each reader's part of it is chosen when
it is sent or shown (`reading.py`), never here. Of what was done while a record was open to fewer people than it is now,
only that it was (`register.history.past`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.timezone import localtime

from register.accounts.roles import Audience
from register.digests.making.due import Due, due_in
from register.digests.making.following import REGISTER
from register.digests.making.lives import Lives
from register.digests.models import Edition, EditionItem
from register.digests.words import SUBHEADINGS, subheading
from register.groups.remit import in_remit
from register.history.events import Event, net
from register.history.past import EveryonesEyes, pasts_of
from register.history.querysets import ChangeQuerySet
from register.history.sayings.common import line
from register.initiatives.models import Initiative
from register.initiatives.querysets import InitiativeQuerySet
from register.initiatives.vocabulary import STAGES, Stage

Heading = EditionItem.Heading
HEADINGS = [Heading.STATE_OF_PLAY, Heading.OPPORTUNITIES, Heading.BARRIERS, Heading.DUE]


@dataclass(frozen=True)
class Frozen:
    """One thing said of one initiative. Of a sensitive one only that there is something.

    `audience`: for whom the record was when it was said, where that was not everyone. Once it is for more people, it
    is told to nobody again (`reading.py`): they could not have seen it then. `changes`: keys of the first and the last
    change that it tells, of a sensitive record the last alone, by which two editions that tell the same are known; of
    what is due there are none.
    """

    initiative_id: int
    reference: str
    heading: str
    is_news: bool
    is_sensitive: bool = False
    kind: str = ""
    sub: str = ""
    title: str = ""
    sentence: str = ""
    reason: str = ""
    why: str = ""
    weight: int = 0
    audience: str = ""
    changes: tuple[int, int] = (0, 0)

    @property
    def content(self) -> dict[str, Any]:
        """As it is kept."""
        said: dict[str, Any] = {
            "reference": self.reference,
            "is_news": self.is_news,
            "is_sensitive": self.is_sensitive,
        }
        said |= {"changes": list(self.changes)} if any(self.changes) else {}
        if not self.is_sensitive:
            said |= {
                "kind": self.kind,
                "sub": self.sub,
                "title": self.title,
                "sentence": self.sentence,
                "reason": self.reason,
                "weight": self.weight,
            }
            said |= {"why": self.why} if self.why else {}
            said |= {"audience": self.audience} if self.audience else {}
        return said


def remit_of(edition: Edition, *, on: date) -> InitiativeQuerySet:
    """The initiatives in the remit of the edition's group, whoever may see them; a group without one has none."""
    if edition.group is None:
        return Initiative.objects.none()
    return in_remit(edition.group, REGISTER, on).initiatives  # type: ignore[arg-type]


def changes_of(edition: Edition, before: Edition | None, lives: Lives) -> ChangeQuerySet:
    """The changes that this edition tells: each change of the ledger is in exactly one edition of an audience.

    An edition tells what its snapshot sees and what is timed before its window ends, less what the edition `before`
    it told by the same rule. So a change that commits after the edition before was built is told here, however
    early it is timed; one that falls between the end of this window and its building is left to the next.
    The first edition goes by time alone. Where windows were begun anew, what happened between the two is in neither.
    """
    told = lives.seen_by(edition).filter(at__lt=edition.ends_at)
    if before is None or (lives.told_until and before.ends_at < lives.told_until <= edition.starts_at):
        return told.filter(at__gte=edition.starts_at)
    late = lives.not_seen_by(before).filter(at__lt=before.ends_at).values("pk")
    return told.filter(Q(at__gte=edition.starts_at) | Q(pk__in=late))


def content_of(edition: Edition) -> list[Frozen]:
    """All that a group's edition says, in the order of its headings."""
    since, on = localtime(edition.starts_at).date(), localtime(edition.ends_at).date()
    remit = remit_of(edition, on=on)
    changes = changes_of(edition, Edition.objects.before(edition).first(), Lives.read())
    rows = list(changes.filter(root_id__in=remit.values("pk")).order_by("at", "pk"))
    eyes = EveryonesEyes(pasts_of({row.root_id for row in rows if row.root_id}))
    events = [event for event in net(rows, eyes=eyes) if event.root_id is not None]
    due = due_in(remit, group_id=edition.group_id, since=since, on=on)
    concerned = {event.root_id for event in events} | {item.initiative_id for item in due}
    initiatives = remit.in_bulk(concerned)
    said = [of_event(initiatives[event.root_id], event) for event in events if event.root_id in initiatives]
    said += [of_due(initiatives[item.initiative_id], item) for item in due]
    return in_order(said)


def of_event(initiative: Initiative, event: Event, *, why: str = "") -> Frozen:
    return _frozen(
        initiative,
        heading=event.heading,
        is_news=True,
        kind=event.kind,
        sub=subheading(event.kind),
        sentence=event.sentence,
        reason=_reason(event),
        why=why,
        weight=_weight(initiative, event),
        changes=event.changes,
    )


def _reason(event: Event) -> str:
    """Why, on a line: a long text stands with the record, and none where the sentence has as much of it already."""
    short = line(event.reason)
    if short.removesuffix("…").lower() in event.sentence.lower():
        return ""
    return short if short.endswith("…") else event.reason


def _weight(initiative: Initiative, event: Event) -> int:
    """What stays when a long week is cut: what came farthest, and what was said with a reason."""
    if event.kind in ("logged", "stage", "standing"):
        return 1 + STAGES.index(Stage(initiative.stage))
    return 1 if event.reason else 0


def of_due(initiative: Initiative, item: Due, *, why: str = "") -> Frozen:
    return _frozen(
        initiative,
        heading=item.heading,
        is_news=item.is_news,
        kind=item.kind,
        sub=item.sub,
        sentence=item.sentence,
        why=why,
    )


def _frozen(initiative: Initiative, *, heading: str, is_news: bool, **words: Any) -> Frozen:
    if initiative.is_sensitive:
        last = words.get("changes", (0, 0))[1]
        return Frozen(
            initiative.pk,
            initiative.reference,
            Heading.STATE_OF_PLAY,
            is_news,
            is_sensitive=True,
            changes=(last, last),
        )
    audience = "" if initiative.audience == Audience.EVERYONE else initiative.audience
    return Frozen(
        initiative.pk,
        initiative.reference,
        heading,
        is_news,
        title=initiative.title,
        audience=audience,
        **words,
    )


def in_order(said: list[Frozen]) -> list[Frozen]:
    """In the order of headings. Of a sensitive record one line, whatever happened to it; none when nothing is new."""
    news = sorted(
        (item for item in said if item.is_sensitive and item.is_news), key=lambda item: item.changes
    )
    once = {item.initiative_id: item for item in news}
    return sorted([item for item in said if not item.is_sensitive] + list(once.values()), key=_order)


HEADING_PLACES = {heading.value: place for place, heading in enumerate(HEADINGS)}
SUB_PLACES = {sub: place for place, sub in enumerate(SUBHEADINGS)}


def _order(item: Frozen) -> tuple[int, int, bool, str]:
    return (
        HEADING_PLACES[item.heading],
        SUB_PLACES.get(item.sub, len(SUB_PLACES)),
        not item.is_news,
        # What is due keeps its order by date; of the rest, what is said of one record stands together.
        "" if item.heading == Heading.DUE else item.reference,
    )

"""A meeting's paper as one reader may see it, what was decided there, and its minutes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch
from django.utils.timezone import localdate

from register.groups.models import Ask, AskBarrier, Decision, Meeting
from register.groups.reading import asks_of, decisions_of
from register.initiatives.models import Barrier, Initiative
from register.initiatives.vocabulary import Marking
from register.meetings.content import pack_content
from register.meetings.models import Pack
from register.meetings.plain import Content
from register.meetings.redacting import Marks, keys_in, mark_as_now, seen_by

if TYPE_CHECKING:
    from register.accounts.models import User, WorkingGroup


@dataclass(frozen=True)
class Paper:
    """A pack as one reader may see it: the live one, or the one that was kept, without `taken_out` of its lines."""

    content: Content
    marking: Marking
    as_of: datetime
    is_kept: bool
    taken_out: int = 0


@dataclass(frozen=True)
class Minutes:
    """What became of a meeting: its decisions, what else was on the agenda, and what was asked that day."""

    decisions: tuple[Decision, ...]
    undecided: tuple[Content, ...]
    asks: tuple[tuple[Ask, tuple[Barrier, ...]], ...]
    marking: Marking


def kept_pack(meeting: Meeting) -> Pack | None:
    return Pack.objects.filter(meeting=meeting).first()


def agenda_in_pack(meeting: Meeting, user: User) -> Content:
    """The agenda of a meeting that has begun, as one reader may see it now, and how many lines were taken out."""
    pack = kept_pack(meeting)
    if pack is None:
        return {"agenda": [], "more": []}
    agenda = {name: pack.content[name] for name in ("agenda", "more", "marking")}
    paper = _seen(agenda, user, is_kept=True, as_of=pack.frozen_at)
    return paper.content | {"taken_out": paper.taken_out}


def paper_of(meeting: Meeting, group: WorkingGroup, user: User, *, at: datetime) -> Paper:
    """The pack: as of now until the meeting begins, and as it was then ever after."""
    pack = kept_pack(meeting)
    content: Any = pack.content if pack else pack_content(meeting, group, on=localdate(at))
    return _seen(content, user, is_kept=pack is not None, as_of=pack.frozen_at if pack else at)


def _seen(content: Content, user: User, *, is_kept: bool, as_of: datetime) -> Paper:
    visible = Initiative.objects.visible_to(user).filter(pk__in=keys_in(content))
    seen = {
        pk: Marks(marking == Marking.OFFICIAL_SENSITIVE, handling)
        for pk, marking, handling in visible.values_list("pk", "marking", "handling")
    }
    shown, taken_out = seen_by(content, set(seen))
    mark_as_now(shown, seen)
    sensitive = any(marks.is_sensitive for marks in seen.values())
    highest = Marking.OFFICIAL_SENSITIVE if sensitive else _highest([content["marking"]])
    return Paper(shown, highest, as_of, is_kept, taken_out)


def decided_at(meeting: Meeting, group: WorkingGroup, user: User) -> list[Decision]:
    """What was decided at a meeting on records that the reader may see, in the order in which it was recorded."""
    return list(decisions_of(group, user).filter(meeting=meeting).order_by("pk"))


def minutes_of(meeting: Meeting, group: WorkingGroup, user: User) -> Minutes:
    """Decisions in the order of the agenda, then those on what was not on it."""
    decisions = decided_at(meeting, group, user)
    agenda = agenda_in_pack(meeting, user)["agenda"]
    order = {line["initiative"]: place for place, line in enumerate(agenda)}
    decisions.sort(key=lambda row: (order.get(row.initiative_id, len(order)), row.pk))
    decided = {row.initiative_id for row in decisions}
    asks = _asked_on(localdate(meeting.began_at or meeting.starts_at), group, user)
    barriers = [barrier for _, those in asks for barrier in those]
    undecided = tuple(line for line in agenda if line["initiative"] not in decided)
    marking = marking_of(undecided, [*decisions, *barriers])
    return Minutes(tuple(decisions), undecided, asks, marking)


def marking_of(lines: Iterable[Content], hanging: Iterable[Decision | Barrier]) -> Marking:
    """The highest of what lines of an agenda, decisions and barriers speak of."""
    marked = [row.initiative.marking for row in hanging]
    return _highest([*marked, *(Marking.OFFICIAL_SENSITIVE for line in lines if line["sensitive"])])


def _asked_on(day: date, group: WorkingGroup, user: User) -> tuple[tuple[Ask, tuple[Barrier, ...]], ...]:
    """The asks that the group made on a day, each with those of its barriers that the reader may see."""
    seen = AskBarrier.objects.filter(barrier__in=Barrier.objects.visible_to(user))
    links = Prefetch("barrier_links", seen.select_related("barrier__initiative").order_by("pk"))
    asks = asks_of(group).filter(asked_on=day).order_by("pk").prefetch_related(links)
    return tuple((ask, tuple(link.barrier for link in ask.barrier_links.all())) for ask in asks)


def _highest(markings: Sequence[str]) -> Marking:
    sensitive = Marking.OFFICIAL_SENSITIVE.value in markings
    return Marking.OFFICIAL_SENSITIVE if sensitive else Marking.OFFICIAL

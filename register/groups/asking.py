"""A group's asks through one reader's eyes: their barriers, what to write into one, who will not see what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Prefetch, Q, QuerySet

from register.accounts.models import RoleGrant, User, WorkingGroup
from register.accounts.permissions import Holdings, Table, has_permission
from register.accounts.roles import Audience, Permission
from register.groups.models import Ask, AskBarrier
from register.groups.reading import asks_of
from register.groups.remit import in_remit, remit_parameters
from register.history.events import BARRIERS, Event, key_of, tell
from register.history.lookup import Rows
from register.history.models import Change
from register.history.reading import EventRow
from register.initiatives.models import Barrier, Initiative
from register.initiatives.vocabulary import STANDING_IN_THE_WAY, Standing
from register.initiatives.whole import gather

if TYPE_CHECKING:
    from register.initiatives.querysets import BarrierQuerySet

# How many barriers a form shows to choose from; a filter finds the others.
SHOWN = 50
# What is closed or declined is held up no more; what is paused may be paused for the barrier's sake.
HELD_UP = (Standing.ACTIVE, Standing.PAUSED)


@dataclass(frozen=True)
class AskRow:
    """An ask, and those of its barriers that the reader may see."""

    ask: Ask
    barriers: tuple[Barrier, ...]
    on: date

    @property
    def held_up(self) -> int:
        """Initiatives that its barriers still hold up."""
        return len({one.initiative_id for one in self.barriers if not one.is_resolved})

    @property
    def days(self) -> int | None:
        """How long it has waited for its answer, or did; None before it was asked."""
        ask = self.ask
        if ask.asked_on is None:
            return None
        return ((ask.answered_on or ask.closed_on or self.on) - ask.asked_on).days


@dataclass(frozen=True)
class Hidden:
    """A record that some of the group's people may not see."""

    initiative: Initiative
    people: tuple[str, ...]


@dataclass(frozen=True)
class Choices:
    """Barriers to choose from: those chosen, others that a filter lets through, and how many more there are."""

    chosen: tuple[Barrier, ...]
    others: tuple[Barrier, ...]
    more: int
    hidden: tuple[Hidden, ...]
    is_one_gone: bool

    @property
    def hidden_keys(self) -> set[int]:
        return {one.initiative.pk for one in self.hidden}

    @property
    def is_sensitive(self) -> bool:
        return any(one.initiative.is_sensitive for one in (*self.chosen, *self.others))


def ask_rows(group: WorkingGroup, user: User, *, on: date) -> list[AskRow]:
    """The group's asks, the latest first, in two queries."""
    asks = asks_of(group).prefetch_related(Prefetch("barrier_links", queryset=_links(user)))
    return [AskRow(ask, tuple(link.barrier for link in ask.barrier_links.all()), on) for ask in asks]


def barriers_of(ask: Ask, user: User) -> list[Barrier]:
    """Those of an ask that the reader may see, with their records and who leads them."""
    found = [link.barrier for link in _links(user).filter(ask=ask)]
    records = {one.initiative_id: one.initiative for one in found}
    gather(list(records.values()), ["partners", "named_groups"])
    for one in found:
        one.initiative = records[one.initiative_id]
    return found


def _links(user: User) -> QuerySet[AskBarrier]:
    seen = AskBarrier.objects.filter(barrier__in=Barrier.objects.visible_to(user))
    return seen.select_related("barrier__initiative").order_by("pk")


def open_barriers(group: WorkingGroup, user: User, *, on: date) -> BarrierQuerySet:
    """What is in the way of the initiatives of the group's remit that the reader may see, the oldest first."""
    initiatives = in_remit(group, user, on).initiatives.order_by().filter(standing__in=HELD_UP)
    found = Barrier.objects.filter(initiative__in=initiatives).in_the_way().select_related("initiative")
    parameters = remit_parameters(group) or {}
    if parameters.get("barrier"):
        found = found.filter(category__in=parameters["barrier"])
    if parameters.get("remover"):
        found = found.filter(remover__in=parameters["remover"])
    return found.order_by("raised_on", "pk")


def choices(
    group: WorkingGroup,
    user: User,
    *,
    on: date,
    wanted: Collection[int],
    ask: Ask | None = None,
    category: str = "",
    remover: str = "",
    words: str = "",
) -> Choices:
    """What to choose from. `wanted` stay chosen whatever the filter says, as far as they are there to choose."""
    every = open_barriers(group, user, on=on)
    chosen = list(every.filter(pk__in=wanted))
    if ask is not None:
        its = Barrier.objects.visible_to(user).filter(pk__in=wanted, ask_links__ask=ask)
        there = {one.pk for one in chosen}
        chosen += [one for one in its.select_related("initiative") if one.pk not in there]
    others = _narrowed(every, category, remover, words).exclude(pk__in=[one.pk for one in chosen])
    shown = list(others[: SHOWN + 1])
    more = others.count() - SHOWN if len(shown) > SHOWN else 0
    return Choices(
        tuple(chosen),
        tuple(shown[:SHOWN]),
        more,
        tuple(hidden_from_some(group, chosen)),
        is_one_gone=len(chosen) < len(set(wanted)),
    )


def _narrowed(found: BarrierQuerySet, category: str, remover: str, words: str) -> BarrierQuerySet:
    if category:
        found = found.filter(category=category)
    if remover:
        found = found.filter(remover=remover)
    for word in words.split():
        found = found.filter(
            Q(title__icontains=word)
            | Q(description__icontains=word)
            | Q(remedy__icontains=word)
            | Q(initiative__title__icontains=word)
        )
    return found


def hidden_from_some(group: WorkingGroup, barriers: Sequence[Barrier]) -> list[Hidden]:
    """The records of these barriers that not everyone in the group may see, and who does not: three queries."""
    records = _restricted(barriers)
    if not records:
        return []
    roles: dict[User, list[tuple[str, int | None, int | None]]] = defaultdict(list)
    grants = RoleGrant.objects.filter(user__in=User.objects.in_group(group)).select_related("user")
    for grant in grants.order_by("user__name", "user"):
        roles[grant.user].append((grant.role, grant.organisation_id, grant.group_id))
    readers = [(str(user), Table(Holdings.of(rows, user.pk), user.pk)) for user, rows in roles.items()]
    found = []
    for record in records:
        blind = [name for name, one in readers if not has_permission(one, Permission.VIEW, record)]  # type: ignore[arg-type]
        if blind:
            found.append(Hidden(record, tuple(blind)))
    return found


def what_would_remove_them(group: WorkingGroup, barriers: Sequence[Barrier]) -> str:
    """The remedies of these barriers, one a line: of records that everyone at the group's table may see, and no other.

    What is asked is read by the whole group, so nothing of another record is put into it.
    """
    table = Table.of(group)
    closed = {
        record.pk
        for record in _restricted(barriers)
        if not has_permission(table, Permission.VIEW, record)  # type: ignore[arg-type]
    }
    said = [one.remedy.strip() for one in barriers if one.initiative_id not in closed]
    return "\n".join(dict.fromkeys(remedy for remedy in said if remedy))


def _restricted(barriers: Sequence[Barrier]) -> list[Initiative]:
    """Their records that not everyone signed in may see, each once, with what says who may."""
    records = {one.initiative_id: one.initiative for one in barriers}
    found = [record for record in records.values() if record.audience != Audience.EVERYONE]
    gather(found, ["partners", "named_groups"], named=False)
    return found


def still_in_the_way(barriers: Sequence[Barrier]) -> list[Barrier]:
    return [one for one in barriers if one.state in STANDING_IN_THE_WAY]


def history_of(ask: Ask, user: User) -> list[EventRow]:
    """What the ledger tells of an ask, the latest first; of its barriers those on records that the reader may see."""
    own = list(Change.objects.of_row(ask))
    linked = Change.objects.filter(table_name=AskBarrier._meta.db_table)
    links = list(linked.filter(Q(after__ask_id=ask.pk) | Q(before__ask_id=ask.pk)).order_by("pk"))
    events, names = tell([*own, *links])
    # What was done to its barriers alone is told in words of its own.
    told = _of_links(links, user) + [
        event for event in events if event.root_id is None and event.kind == "ask"
    ]
    told.sort(key=lambda event: (event.at, event.tx, event.kind), reverse=True)
    return [EventRow(event, None, names.person(event.actor_id)) for event in told]


def _of_links(links: Sequence[Change], user: User) -> list[Event]:
    """One event for the barriers that were taken in, or out, together, of those on records that the reader may see."""
    rows = Rows(links)
    record_of = {
        key: rows.latest("register_barrier", key).get("initiative_id") for key in map(_barrier, links)
    }
    seen = set(
        Initiative.objects.visible_to(user)
        .filter(pk__in=list(record_of.values()))
        .values_list("pk", flat=True)
    )
    together: dict[tuple[object, ...], dict[object, list[Change]]] = defaultdict(lambda: defaultdict(list))
    for change in links:
        if record_of[_barrier(change)] in seen:
            tx, _, *rest = key_of(change)
            together[tx, *rest][_barrier(change)].append(change)
    found: list[Event] = []
    for of_barrier in together.values():
        # Out and in at once: the ask was asked, and its barriers are told in their records from then on.
        lasts = [changes[-1] for changes in of_barrier.values() if len(changes) % 2]
        for how in (Change.Operation.ADDED, Change.Operation.REMOVED):
            some = [change for change in lasts if change.operation == how]
            found += [_of_some(some, rows)] if some else []
    return found


def _barrier(change: Change) -> int:
    """The key of the barrier that a link's change is about."""
    row = change.after or change.before or {}
    return int(row["barrier_id"])


def _of_some(some: Sequence[Change], rows: Rows) -> Event:
    last = some[-1]
    titles = [
        str(rows.latest("register_barrier", _barrier(change)).get("title", "one that has gone"))
        for change in some
    ]
    how = "taken in" if last.operation == Change.Operation.ADDED else "taken out"
    said = f"{len(titles)} barriers were {how}" if len(titles) > 1 else f"a barrier was {how}"
    return Event(
        root_id=None,
        at=last.at,
        tx=last.tx,
        actor_id=last.actor_id,
        source=last.source,
        kind="ask",
        heading=BARRIERS,
        sentence=f"{said}: {'; '.join(titles)}",
        reason=last.reason,
    )

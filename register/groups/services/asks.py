"""What a working group asks of others: drawn up, asked, answered, closed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from register.accounts.models import WorkingGroup
from register.accounts.roles import Permission
from register.core.errors import EditConflictError
from register.core.tracking import write_door
from register.groups.models import Ask, AskBarrier
from register.groups.services.common import must, one_at_a_time
from register.initiatives.models import Barrier
from register.initiatives.models.barrier import RESOLVED
from register.initiatives.services import change_barrier

if TYPE_CHECKING:
    from register.accounts.models import User
    from register.reference.models import Organisation

MOST_BARRIERS = 100


@dataclass(frozen=True)
class Outcome:
    """What becomes of one barrier when its ask is closed."""

    barrier: Barrier
    version: int | None
    state: str


@write_door
def draw_up_ask(
    *,
    by: User | None,
    group: WorkingGroup,
    title: str,
    addressee: Organisation,
    what: str,
    barriers: Sequence[Barrier],
) -> Ask:
    """Gather barriers into one request to one addressee. Sent twice, it is one draft: the one that is there already."""
    must(by, Permission.DECIDE, group)
    if not barriers:
        raise ValidationError({"barriers": "Choose at least one barrier that it would remove."})
    one_at_a_time(group)
    same = _same_draft(group, title, addressee, what, barriers)
    if same is not None:
        return same
    ask = Ask(group=group, title=title, addressee=addressee, what=what)
    ask.full_clean()
    ask.save()
    _take_in(ask, barriers, by)
    return ask


@write_door
def change_ask(
    *,
    by: User | None,
    ask: Ask,
    version: int | None,
    barriers: Iterable[Barrier] | None = None,
    **fields: Any,
) -> Ask:
    """Write a draft anew (title, addressee, what); until it is answered, take barriers in and out.

    `barriers` are all that it is to have of those that the person may see; the others stay. EditConflictError if
    somebody else changed it since `version`.
    """
    current = _at(ask, by, version)
    if fields and current.state != Ask.State.DRAFT:
        raise ValidationError("It has been asked, so its words stay as they are.")
    if barriers is not None:
        if not current.takes_barriers:
            raise ValidationError("It has been answered, so its barriers stay as they are.")
        _exchange(current, list(barriers), by)
    return _saved(current, **fields)


@write_door
def mark_as_asked(*, by: User | None, ask: Ask, version: int | None, asked_on: date, on: date) -> Ask:
    """It went to its addressee on that day. From now on the records of its barriers tell of it."""
    current = _at(ask, by, version, Ask.State.DRAFT)
    _not_to_come("asked_on", asked_on, on)
    saved = _saved(current, state=Ask.State.ASKED, asked_on=asked_on)
    links = AskBarrier.objects.filter(ask=saved)
    barriers = list(Barrier.objects.filter(ask_links__in=links).order_by("ask_links"))
    # Taken in anew, so that the ledger tells each record of it now, with all that there is to tell.
    links.delete()
    for barrier in barriers:
        _link(saved, barrier)
    return saved


@write_door
def record_answer(
    *, by: User | None, ask: Ask, version: int | None, answered_on: date, answer: str, on: date
) -> Ask:
    """What its addressee answered, and when."""
    current = _at(ask, by, version, Ask.State.ASKED)
    _not_to_come("answered_on", answered_on, on)
    _not_before("answered_on", answered_on, current.asked_on, "it was asked")
    return _saved(current, state=Ask.State.ANSWERED, answered_on=answered_on, answer=answer)


@write_door
def correct_answer(
    *, by: User | None, ask: Ask, version: int | None, answered_on: date, answer: str, on: date, reason: str
) -> Ask:
    """Put right what was recorded of an answer, and say why. What was recorded first stays in what happened to the ask.

    Its state stays as it is: one that was closed after it was answered stays closed.
    """
    current = _at(ask, by, version, Ask.State.ANSWERED, Ask.State.CLOSED)
    if current.answered_on is None:
        raise ValidationError("This ask was closed without an answer, so there is none to correct.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why the answer is corrected."})
    if (answer, answered_on) == (current.answer, current.answered_on):
        raise ValidationError({"answer": "That is what is recorded already. Change the answer or its day."})
    _not_to_come("answered_on", answered_on, on)
    _not_before("answered_on", answered_on, current.asked_on, "it was asked")
    if current.closed_on and answered_on > current.closed_on:
        raise ValidationError(
            {"answered_on": f"That is after it was closed ({current.closed_on:%-d %B %Y})."}
        )
    return _saved(current, answered_on=answered_on, answer=answer)


@write_door
def close_ask(
    *,
    by: User | None,
    ask: Ask,
    version: int | None,
    closed_on: date,
    ending: str,
    on: date,
    ending_text: str = "",
    outcomes: Iterable[Outcome] = (),
) -> Ask:
    """How it ended, and what becomes of its barriers: all of it, or nothing.

    A barrier is changed by who keeps its record alone. PermissionDenied, or EditConflictError for an ask or a barrier
    that somebody else changed meanwhile, undoes it all.
    """
    current = _at(ask, by, version, Ask.State.ASKED, Ask.State.ANSWERED)
    _not_to_come("closed_on", closed_on, on)
    _not_before("closed_on", closed_on, current.asked_on, "it was asked")
    _not_before("closed_on", closed_on, current.answered_on, "it was answered")
    saved = _saved(
        current, state=Ask.State.CLOSED, closed_on=closed_on, ending=ending, ending_text=ending_text
    )
    its = set(AskBarrier.objects.filter(ask=current).values_list("barrier", flat=True))
    for outcome in outcomes:
        if outcome.barrier.pk in its and outcome.state in RESOLVED:
            _resolve(outcome, current, by=by, closed_on=closed_on, on=on)
    return saved


@write_door
def withdraw_ask(*, by: User | None, ask: Ask, version: int | None, reason: str = "") -> None:
    """Drop a draft that nobody was asked. The ledger keeps what it said."""
    _at(ask, by, version, Ask.State.DRAFT).delete()


def _same_draft(
    group: WorkingGroup, title: str, addressee: Organisation, what: str, barriers: Sequence[Barrier]
) -> Ask | None:
    """A draft of the group with the same words, of the same addressee, for the same barriers."""
    keys = {barrier.pk for barrier in barriers}
    drafts = Ask.objects.filter(
        group=group, state=Ask.State.DRAFT, title=title, addressee=addressee, what=what
    )
    for draft in drafts.prefetch_related("barrier_links"):
        if {link.barrier_id for link in draft.barrier_links.all()} == keys:
            return draft
    return None


def _at(ask: Ask, by: User | None, version: int | None, *states: str) -> Ask:
    """The ask as it is now, locked. EditConflictError, or ValidationError where the step is not its next."""
    must(by, Permission.DECIDE, ask.group)
    current = Ask.objects.select_for_update(of=["self"]).select_related("group").filter(pk=ask.pk).first()
    if current is None:
        raise ValidationError("This ask was withdrawn meanwhile.")
    if version is not None and version != current.version:
        raise EditConflictError(current)
    if states and current.state not in states:
        raise ValidationError(f"This ask is at “{current.get_state_display().lower()}” already.")
    return current


def _saved(current: Ask, **fields: Any) -> Ask:
    for name, value in fields.items():
        setattr(current, name, value)
    current.version += 1
    current.full_clean()
    current.save(update_fields=[*fields, "version"])
    return current


def _exchange(ask: Ask, wanted: Sequence[Barrier], by: User | None) -> None:
    """Exactly these, of those that the person may see: what they don't see is not theirs to take out."""
    seen = Barrier.objects.all() if by is None else Barrier.objects.visible_to(by)
    links = {link.barrier_id: link for link in AskBarrier.objects.filter(ask=ask, barrier__in=seen)}
    keys = {barrier.pk for barrier in wanted}
    for pk, link in links.items():
        if pk not in keys:
            link.delete()
    _take_in(ask, [barrier for barrier in wanted if barrier.pk not in links], by)


def _take_in(ask: Ask, barriers: Sequence[Barrier], by: User | None) -> None:
    keys = [barrier.pk for barrier in barriers]
    seen = Barrier.objects.all() if by is None else Barrier.objects.visible_to(by)
    if seen.filter(pk__in=keys).count() != len(set(keys)):
        raise ValidationError({"barriers": "One of these barriers is not there any more. Choose again."})
    if len(keys) > MOST_BARRIERS:
        raise ValidationError({"barriers": f"Choose {MOST_BARRIERS} barriers at most for one ask."})
    for barrier in barriers:
        _link(ask, barrier)


def _link(ask: Ask, barrier: Barrier) -> None:
    """Told in the barrier's record, unless the ask is a draft."""
    told_in = None if ask.state == Ask.State.DRAFT else barrier.initiative_id
    AskBarrier.objects.get_or_create(ask=ask, barrier=barrier, defaults={"initiative_id": told_in})


def _resolve(outcome: Outcome, ask: Ask, *, by: User | None, closed_on: date, on: date) -> None:
    try:
        change_barrier(
            by=by,
            barrier=outcome.barrier,
            version=outcome.version,
            on=on,
            state=outcome.state,
            resolved_on=closed_on,
            # Without its title: the record's readers may be no readers of the group.
            reason=f"The {ask.group}’s ask of {ask.addressee} was closed: {ask.get_ending_display().lower()}.",
        )
    except ValidationError as error:
        raise ValidationError(
            {"closed_on": [f"{outcome.barrier}: {text}" for text in error.messages]}
        ) from error


def _not_to_come(field: str, day: date, on: date) -> None:
    if day > on:
        raise ValidationError({field: "That date is still to come."})


def _not_before(field: str, day: date, earlier: date | None, what: str) -> None:
    if earlier is not None and day < earlier:
        raise ValidationError({field: f"That is before {what} ({earlier:%-d %B %Y})."})

"""The write doors of chasing: opening a week's asking, with whom it asks about what.

Its rows are not in the ledger (they say what the register sends), so they need no `by`; the note that nobody answers
is the register's own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit
from uuid import uuid5

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Value
from django.db.models.functions import Concat, Left
from django.utils.timezone import localdate

from register.accounts.models import User
from register.core.tracking import recorded
from register.digests.chasing.models import Chase, ChaseItem, ChaseRound
from register.digests.chasing.owners import Owners
from register.digests.slots import GRACE, last_slot, monday_of, next_slot
from register.initiatives.models import Initiative
from register.initiatives.querysets import InitiativeQuerySet
from register.initiatives.services import note_no_answer

# On Tuesdays at nine: the day after the digest, which tells of what is late.
WEEKDAY, HOUR, ZONE = 1, 9, "Europe/London"
# How late a week's asking may still be opened.
CATCH_UP = timedelta(days=3)
# At least so long between two emails to one person: a week, less the day by which a bank holiday may move a slot.
APART = timedelta(days=6)
# As many records as fit into one email, the longest overdue first. The others wait until these are answered.
MOST = 35
# After so many unanswered the lead is told; after so many it stands on every list.
TELL_LEAD, TELL_ALL = 2, 3

# Which records, by person.
Asked = Mapping[int, list[int]]


def due_week(*, now: datetime) -> date | None:
    """The Monday of the week whose asking is due; None when it is not, or not any more."""
    slot = last_slot(WEEKDAY, HOUR, ZONE, now=now)
    if now - slot >= CATCH_UP:
        return None
    return _week_of(slot)


def _week_of(slot: datetime) -> date:
    return monday_of(localdate(slot))


def next_asking(*, after: datetime) -> datetime:
    """When the asking after one of a moment is due. Until then a message is tried, and a held one waits."""
    return max(next_slot(WEEKDAY, HOUR, ZONE, after=after), after + APART)


def is_missed(*, now: datetime) -> bool:
    """Whether this week's asking was due an hour ago and was not made, where there were askings before."""
    last = ChaseRound.objects.order_by("-week").first()
    if last is None:
        return False
    slot = last_slot(WEEKDAY, HOUR, ZONE, now=now - GRACE)
    return last.week < _week_of(slot) and now - GRACE >= last.opened_at + APART


def expire_held(*, now: datetime) -> int:
    """What nobody released by the time that the next asking is due has failed; how many."""
    last = ChaseRound.objects.order_by("-week").first()
    held = Chase.objects.filter(state=Chase.State.HELD)
    if last and next_asking(after=last.opened_at) > now:
        held = held.exclude(round=last)
    why = Concat(Value("Nobody released it before the next asking was due. "), Left("why", 200))
    return held.update(state=Chase.State.FAILED, why=why, failed_at=now)


def open_due_round(*, now: datetime) -> ChaseRound | None:
    """Ask each owner about their records past their update date, if this week's asking is due and nobody did.

    Any number of callers may do this at once: the database lets one of them have each week.
    """
    week = due_week(now=now)
    last = ChaseRound.objects.order_by("-week").first()
    if week is None or (last and (last.week >= week or now < last.opened_at + APART)):
        return None
    with transaction.atomic(), recorded(by=None, reason="Weekly asking"):
        opened, is_ours = ChaseRound.objects.get_or_create(week=week, defaults={"opened_at": now})
        if not is_ours:
            return None
        _ask(opened)
    return opened


def _ask(opened: ChaseRound) -> None:
    on = localdate(opened.opened_at)
    late = Initiative.objects.late(on)
    in_vain = asked_in_vain(late)
    owners = Owners(late)
    asked: dict[int, list[int]] = defaultdict(list)
    for pk in late.order_by("next_update_due", "pk").values_list("pk", flat=True):
        for person in owners.of(pk):
            asked[person].append(pk)
    _write(opened, Chase.Kind.OWNER, asked, in_vain)
    _write(opened, Chase.Kind.LEAD, _to_tell(in_vain, late, owners), in_vain)
    note_no_answer(by=None, initiatives=[pk for pk, times in in_vain.items() if times >= TELL_ALL], on=on)


def asked_in_vain(initiatives: InitiativeQuerySet) -> dict[int, int]:
    """In how many weeks an owner of each of these was asked about it since anybody saw to it; not those never asked."""
    items = ChaseItem.objects.filter(initiative__in=initiatives.order_by().values("pk"))
    counted = items.asked().without_answer().order_by().values("initiative")
    return dict(
        counted.annotate(times=Count("chase__round", distinct=True)).values_list("initiative", "times")
    )


def _to_tell(in_vain: Mapping[int, int], late: InitiativeQuerySet, owners: Owners) -> Asked:
    """What each organisation's lead is to be told of, once for as long as it stays unanswered.

    Not of what they are asked about themselves.
    """
    silent = [pk for pk, times in in_vain.items() if times >= TELL_LEAD]
    told = ChaseItem.objects.filter(initiative__in=silent).told().without_answer()
    known = set(told.values_list("initiative", flat=True))
    found: dict[int, list[int]] = defaultdict(list)
    ordered = late.filter(pk__in=set(silent) - known).order_by("next_update_due", "pk")
    for pk in ordered.values_list("pk", flat=True):
        for person in owners.leads_of(pk) - owners.of(pk):
            found[person].append(pk)
    return found


def _write(opened: ChaseRound, kind: str, asked: Asked, in_vain: Mapping[int, int]) -> None:
    """One email for each person, with its records."""
    people = User.objects.filter(pk__in=asked).order_by("pk")
    # One that was sent late (the mail server did not take it for days) puts the next one off.
    sent = Chase.objects.filter(kind=kind, person__in=people, sent_at__gt=opened.opened_at - APART)
    late = dict(sent.order_by().values_list("person").annotate(Max("sent_at")))
    chases = Chase.objects.bulk_create(
        Chase(
            round=opened,
            kind=kind,
            person=person,
            due_at=max(opened.opened_at, late[person.pk] + APART) if person.pk in late else opened.opened_at,
            message_id=_message_id(opened, kind, person),
        )
        for person in people
    )
    ChaseItem.objects.bulk_create(
        (
            ChaseItem(chase=chase, initiative_id=pk, asked_before=in_vain.get(pk, 0))
            for chase in chases
            for pk in asked[chase.person_id][:MOST]
        ),
        batch_size=5000,
    )


def _message_id(opened: ChaseRound, kind: str, person: User) -> str:
    """Always the same for this week and person, so that a mail server can tell a second copy."""
    host = urlsplit(settings.SITE_URL).hostname
    return f"<chase.{uuid5(person.public_id, f'{kind} {opened.week}').hex}@{host}>"

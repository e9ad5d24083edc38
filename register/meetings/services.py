"""The write doors of a meeting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.timezone import localdate

from register.accounts.permissions import Table
from register.accounts.roles import Permission
from register.core.tracking import write_door
from register.groups.models import Meeting
from register.groups.services.common import must
from register.initiatives.models import Initiative
from register.meetings.agenda import state_of
from register.meetings.content import pack_content
from register.meetings.models import AgendaItem, Pack
from register.meetings.rules import why_not_yet

if TYPE_CHECKING:
    from register.accounts.models import User


@write_door
def set_agenda(
    *, by: User | None, meeting: Meeting, items: Sequence[tuple[Initiative, str]], seen: str | None = None
) -> None:
    """What is on a meeting's agenda and in which order, as (initiative, AgendaItem.How).

    Only before it begins, and only of what everybody at the table may see. What was said of others stays, and comes
    after these. `seen` is the agenda's state that whoever sets it had before them: what somebody else said meanwhile
    is told first.
    """
    must(by, Permission.MANAGE_GROUP, meeting.group)
    if _held(meeting).began_at is not None:
        raise ValidationError("The meeting has begun, and its agenda stands as it is in the pack.")
    if seen is not None and seen != state_of(meeting):
        raise ValidationError(
            "Somebody else changed this agenda while you had it open. Nothing is saved yet: what they put on is in the"
            " list now, and your own choices are as you made them. Look through it and save again.",
            code="meanwhile",
        )
    table, keys = Table.of(meeting.group), [initiative.pk for initiative, _ in items]
    if Initiative.objects.visible_to(table).filter(pk__in=keys).count() < len(set(keys)):  # type: ignore[arg-type]
        raise ValidationError("Not everybody in the group may see that initiative, so it can’t be put on.")
    there = {item.initiative_id: item for item in meeting.agenda_items.all()}
    for position, (initiative, how) in enumerate(items):
        item = there.pop(initiative.pk, None) or AgendaItem(meeting=meeting, initiative=initiative)
        item.how, item.position = how, position
        item.full_clean()
        item.save()
    for position, item in enumerate(there.values(), len(items)):
        item.position = position
        item.save(update_fields=["position"])


@write_door
def start_meeting(*, by: User | None, meeting: Meeting, at: datetime) -> Pack:
    """The meeting begins: its pack is frozen as it is at this moment, and kept."""
    must(by, Permission.MANAGE_GROUP, meeting.group)
    held = _held(meeting)
    refused = why_not_yet(held, at)
    if refused:
        raise ValidationError(refused)
    content = pack_content(meeting, meeting.group, on=localdate(at))
    pack = Pack.objects.create(meeting=held, content=content, marking=content["marking"], frozen_at=at)
    _keep(held, meeting, began_at=at)
    return pack


@write_door
def end_meeting(*, by: User | None, meeting: Meeting, at: datetime, present: str) -> Meeting:
    """The meeting is over: who was there, and who sent apologies."""
    must(by, Permission.MANAGE_GROUP, meeting.group)
    held = _held(meeting)
    if not held.is_on:
        raise ValidationError("It is not on: it has ended already, or has not begun.")
    return _keep(held, meeting, ended_at=max(at, held.began_at or at), present=present)


@write_door
def correct_present(*, by: User | None, meeting: Meeting, present: str) -> Meeting:
    """Who was at a meeting that is over, put right."""
    must(by, Permission.MANAGE_GROUP, meeting.group)
    held = _held(meeting)
    if held.ended_at is None:
        raise ValidationError("The meeting has not ended yet.")
    return _keep(held, meeting, present=present)


def _held(meeting: Meeting) -> Meeting:
    """The meeting as it is now, for nobody else to begin or end meanwhile."""
    return Meeting.objects.select_for_update().get(pk=meeting.pk)


def _keep(held: Meeting, told: Meeting, **fields: datetime | str) -> Meeting:
    """Write the fields, and put them on the object that the caller holds too."""
    for name, value in {**fields, "version": held.version + 1}.items():
        setattr(held, name, value)
        setattr(told, name, value)
    held.full_clean()
    held.save(update_fields=[*fields, "version"])
    return told

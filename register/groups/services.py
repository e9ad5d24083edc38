"""The write doors of what a working group does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from register.accounts.models import WorkingGroup
from register.accounts.permissions import require
from register.accounts.roles import Permission
from register.catalogue.models import SavedView, SavedViewGroup
from register.catalogue.services import must_be_the_same_for_everyone
from register.core.tracking import write_door
from register.groups.models import Ask, AskBarrier, Decision, Meeting, Remit
from register.initiatives.models import Barrier, Initiative

if TYPE_CHECKING:
    from register.accounts.models import User
    from register.reference.models import Organisation


def _must(by: User | None, permission: Permission, group: WorkingGroup) -> None:
    if by is not None:
        require(by, permission, group)


@write_door
def set_remit(*, by: User | None, group: WorkingGroup, name: str, parameters: dict[str, list[str]]) -> Remit:
    """What the group looks at, as parameters of the catalogue's filter (checked by its form).

    ValidationError on `parameters` for one that depends on who looks. The view is the group's, nobody's own.
    """
    _must(by, Permission.MANAGE_GROUP, group)
    must_be_the_same_for_everyone(parameters)
    remit = Remit.objects.select_related("view").filter(group=group).first()
    if remit is None:
        view = SavedView.objects.create(name=name, parameters=parameters)
        SavedViewGroup.objects.create(view=view, group=group)
        return Remit.objects.create(group=group, view=view)
    remit.view.name, remit.view.parameters = name, parameters
    remit.view.version += 1
    remit.view.save(update_fields=["name", "parameters", "version"])
    return remit


@write_door
def arrange_meeting(*, by: User | None, group: WorkingGroup, starts_at: datetime, **fields: Any) -> Meeting:
    _must(by, Permission.MANAGE_GROUP, group)
    meeting = Meeting(group=group, starts_at=starts_at, **fields)
    meeting.full_clean()
    meeting.save()
    return meeting


@write_door
def record_decision(
    *,
    by: User | None,
    initiative: Initiative,
    group: WorkingGroup,
    outcome: str,
    reasons: str,
    decided_on: date,
    on: date,
    **fields: Any,
) -> Decision:
    """What the group decided on an initiative and why. The secretary or chair records it."""
    _must(by, Permission.DECIDE, group)
    if decided_on > on:
        raise ValidationError({"decided_on": "That date is still to come."})
    if not reasons.strip():
        raise ValidationError({"reasons": "Give the group's reasons. They are the evidence of the decision."})
    decision = Decision(
        initiative=initiative,
        group=group,
        outcome=outcome,
        reasons=reasons,
        decided_on=decided_on,
        recorded_by=by,
        **fields,
    )
    decision.full_clean()
    decision.save()
    return decision


@write_door
def draw_up_ask(
    *,
    by: User | None,
    group: WorkingGroup,
    title: str,
    addressee: Organisation,
    what: str,
    barriers: Sequence[Barrier],
    **fields: Any,
) -> Ask:
    """Gather barriers into one request to one addressee."""
    _must(by, Permission.DECIDE, group)
    ask = Ask(group=group, title=title, addressee=addressee, what=what, **fields)
    ask.full_clean()
    ask.save()
    for barrier in barriers:
        AskBarrier.objects.create(ask=ask, barrier=barrier)
    return ask

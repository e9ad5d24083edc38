"""What a working group decides."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import transaction

from register.accounts.models import WorkingGroup
from register.accounts.permissions import has_permission, require
from register.accounts.roles import Permission
from register.core.tracking import write_door
from register.groups.models import Decision, ReviewFlag
from register.groups.notices import hand_out_notices
from register.groups.services.common import must
from register.initiatives.models import Initiative

if TYPE_CHECKING:
    from register.accounts.models import User


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
    corrects: Decision | None = None,
    owner_person: User | None = None,
    seen: int | None = None,
    **fields: Any,
) -> Decision:
    """What the group decided on an initiative and why. The secretary or chair records it.

    It settles what the group was asked to look at. With `corrects` it stands in the place of an earlier decision of
    the same group on the same initiative, which is kept. Who is to see to it (`owner_person`) is told by email once
    all this is committed. `seen` is the group's last decision that whoever records this had before them: one that was
    recorded meanwhile on the same initiative is told first, so that two people do not record one decision twice.
    """
    must(by, Permission.DECIDE, group)
    # One after the other: whoever comes second sees what the first recorded.
    locked = Initiative.objects.select_for_update(no_key=True).get(pk=initiative.pk)
    if by is not None:
        require(by, Permission.VIEW, locked)
    _check(locked, group, reasons, decided_on, on, owner_person)
    if corrects is not None:
        _must_be_corrigible(corrects, locked, group, decided_on)
    if seen is not None:
        _must_be_the_next(locked, group, seen)
    decision = Decision(
        initiative=locked,
        group=group,
        outcome=outcome,
        reasons=reasons,
        decided_on=decided_on,
        recorded_by=by,
        corrects=corrects,
        owner_person=owner_person,
        notice=Decision.Notice.WAITING if owner_person else Decision.Notice.NONE,
        **fields,
    )
    decision.full_clean()
    decision.save()
    for flag in ReviewFlag.objects.select_for_update().filter(group=group, initiative=locked).standing():
        flag.settled_by = decision
        flag.save(update_fields=["settled_by"])
    if owner_person:
        transaction.on_commit(hand_out_notices)
    return decision


def _check(
    initiative: Initiative,
    group: WorkingGroup,
    reasons: str,
    decided_on: date,
    on: date,
    owner_person: User | None,
) -> None:
    if initiative.deleted_at is not None:
        raise ValidationError("This record is deleted. A group decides on what is in the register.")
    if decided_on > on:
        raise ValidationError({"decided_on": "That date is still to come."})
    if not reasons.strip():
        raise ValidationError({"reasons": "Give the group's reasons. They are the evidence of the decision."})
    if owner_person is not None and not has_permission(owner_person, Permission.VIEW, initiative):
        raise ValidationError(
            {"owner_person": "They may not see this record, so they can't be told of it. Choose another."}
        )


def _must_be_corrigible(
    earlier: Decision, initiative: Initiative, group: WorkingGroup, decided_on: date
) -> None:
    if (earlier.initiative_id, earlier.group_id) != (initiative.pk, group.pk):
        raise ValidationError("A decision corrects one of the same group on the same initiative.")
    if Decision.objects.filter(corrects=earlier).exists():
        raise ValidationError("A later decision has corrected that one already. Correct the later one.")
    if decided_on < earlier.decided_on:
        raise ValidationError(
            {"decided_on": "A correction comes on the day of what it corrects, or after it."}
        )


def _must_be_the_next(initiative: Initiative, group: WorkingGroup, seen: int) -> None:
    """The caller's page was made before another decision on it was recorded."""
    meanwhile = (
        Decision.objects.filter(initiative=initiative, group=group, pk__gt=seen).order_by("-pk").first()
    )
    if meanwhile is not None:
        raise ValidationError(
            f"Since you opened this page, {meanwhile.recorded_by or 'somebody'} recorded a decision on this"
            f" initiative: {meanwhile.get_outcome_display().lower()}, on {meanwhile.decided_on:%-d %B %Y}."
            " Record yours as well only if it is another one.",
            code="meanwhile",
        )

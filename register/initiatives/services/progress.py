"""The write doors of how it gets on: stage, standing, updates, milestones."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from register.accounts.roles import Permission
from register.core.dates import LimitedDate
from register.core.tracking import write_door
from register.initiatives.models import Initiative, Milestone, StageMove, Update
from register.initiatives.services.common import (
    create,
    dates,
    locked,
    must_be_allowed,
    save_new_version,
    settle_no_figure,
)
from register.initiatives.services.initiative import UPDATE_EVERY, check_standing
from register.initiatives.vocabulary import Stage, Standing

if TYPE_CHECKING:
    from register.accounts.models import User


@write_door
def move_stage(
    *,
    by: User | None,
    initiative: Initiative,
    to_stage: str,
    happened: LimitedDate | None,
    on: date,
    why: str = "",
    version: int | None = None,
    reason: str = "",
) -> StageMove:
    """Move it to another stage, on the date it really happened (None: no source states one).

    ValidationError on `to_stage` when it is there already, on `happened` when that is to come or before the
    move before it.
    """
    current = locked(initiative, version)
    must_be_allowed(by, Permission.EDIT, current)
    if to_stage == current.stage:
        raise ValidationError({"to_stage": f"It is at that stage already: {Stage(to_stage).label}."})
    _check_when(current, happened, on)
    move = create(
        StageMove,
        initiative=current,
        from_stage=current.stage,
        to_stage=to_stage,
        from_standing=current.standing,
        to_standing=current.standing,
        why=why,
        **dates(happened=happened),
    )
    save_new_version(current, {"stage": to_stage, "confirmed_on": on, "next_update_due": on + UPDATE_EVERY})
    settle_no_figure(current)
    return move


@write_door
def change_standing(
    *,
    by: User | None,
    initiative: Initiative,
    to_standing: str,
    happened: LimitedDate | None,
    on: date,
    standing_reason: str = "",
    standing_text: str = "",
    version: int | None = None,
    reason: str = "",
) -> StageMove:
    """Pause, close, decline or take up again. All but taking up again need a coded reason and a text."""
    current = locked(initiative, version)
    must_be_allowed(by, Permission.EDIT, current)
    if to_standing == current.standing:
        raise ValidationError({"to_standing": f"It is {Standing(to_standing).label.lower()} already."})
    active = to_standing == Standing.ACTIVE
    fields: dict[str, Any] = {
        "standing": to_standing,
        "standing_reason": "" if active else standing_reason,
        "standing_text": "" if active else standing_text,
    }
    check_standing(fields)
    _check_when(current, happened, on)
    move = create(
        StageMove,
        initiative=current,
        from_stage=current.stage,
        to_stage=current.stage,
        from_standing=current.standing,
        to_standing=to_standing,
        reason=fields["standing_reason"],
        why=standing_text,
        **dates(happened=happened),
    )
    save_new_version(current, fields | {"confirmed_on": on, "next_update_due": on + UPDATE_EVERY})
    return move


def _check_when(initiative: Initiative, happened: LimitedDate | None, on: date) -> None:
    if happened is None:
        return
    if happened.first > on:
        raise ValidationError({"happened": "That date is still to come. Give the date it really happened."})
    before = [move.happened for move in initiative.stage_moves.all() if move.happened]
    latest = max(before, key=lambda d: d.first, default=None)
    if latest and happened.last < latest.first:
        raise ValidationError({"happened": f"That is before its last move ({latest}). Check the date."})


@write_door
def add_update(
    *,
    by: User | None,
    initiative: Initiative,
    text: str,
    confidence: str,
    noted_on: date,
    on: date,
    **fields: Any,
) -> Update:
    """A dated note. It also says that the record is current."""
    current = locked(initiative, None)
    must_be_allowed(by, Permission.EDIT, current)
    if noted_on > on:
        raise ValidationError({"noted_on": "That date is still to come."})
    update = create(
        Update,
        initiative=current,
        author=by,
        text=text,
        confidence=confidence,
        noted_on=noted_on,
        **fields,
    )
    save_new_version(current, {"confirmed_on": on, "next_update_due": on + UPDATE_EVERY})
    return update


@write_door
def change_update(*, by: User | None, update: Update, version: int | None, **fields: Any) -> Update:
    current = locked(update, version)
    must_be_allowed(by, Permission.EDIT, current.initiative)
    save_new_version(current, fields)
    return current


@write_door
def add_milestone(*, by: User | None, initiative: Initiative, what: str, due: LimitedDate) -> Milestone:
    must_be_allowed(by, Permission.EDIT, initiative)
    return create(Milestone, initiative=initiative, what=what, **dates(due=due))


@write_door
def change_milestone(
    *,
    by: User | None,
    milestone: Milestone,
    version: int | None,
    what: str,
    due: LimitedDate,
    reached_on: date | None,
    on: date,
) -> Milestone:
    """Change it, or say when it was reached (not a day to come)."""
    current = locked(milestone, version)
    must_be_allowed(by, Permission.EDIT, current.initiative)
    if reached_on and reached_on > on:
        raise ValidationError({"reached_on": "That date is still to come."})
    save_new_version(current, {"what": what, "reached_on": reached_on, **dates(due=due)})
    return current

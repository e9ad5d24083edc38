"""The write doors of the record itself: log, edit, confirm, delete, restore."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from register.accounts.permissions import has_permission
from register.accounts.roles import Audience, Permission
from register.core.dates import LimitedDate
from register.core.tracking import write_door
from register.initiatives.models import (
    Initiative,
    InitiativeArea,
    InitiativeGroup,
    InitiativePlace,
    StageMove,
)
from register.initiatives.services.common import (
    create,
    dates,
    locked,
    must_be_allowed,
    save_new_version,
    settle_no_figure,
)
from register.initiatives.services.partners import (
    Part,
    check_partners,
    leads_change,
    organisations_in,
    set_partners,
)
from register.initiatives.vocabulary import Standing

if TYPE_CHECKING:
    from register.accounts.models import User, WorkingGroup
    from register.reference.models import AreaOfWork, PoliceArea

# An entry is confirmed, or it is late: half a year, in whole weeks so that it falls on a like weekday.
UPDATE_EVERY = timedelta(weeks=26)


@dataclass(frozen=True)
class Move:
    """A step of the path that an initiative had come before it was logged, as far as sources date it."""

    to_stage: str
    to_standing: str = Standing.ACTIVE
    happened: LimitedDate | None = None
    reason: str = ""
    why: str = ""


@write_door
def log_initiative(
    *,
    by: User | None,
    title: str,
    purpose: str,
    stage: str,
    areas_of_work: Sequence[AreaOfWork],
    partners: Sequence[Part],
    places: Sequence[PoliceArea],
    on: date,
    stage_since: LimitedDate | None = None,
    path: Sequence[Move] = (),
    starts: LimitedDate | None = None,
    ends: LimitedDate | None = None,
    named_groups: Sequence[WorkingGroup] = (),
    confirmed: bool = True,
    **fields: Any,
) -> Initiative:
    """Log an initiative on a day (`on`). `fields` are further columns of Initiative.

    `path` are the moves that brought it to its stage and standing; without one it is at its stage `stage_since`.

    ValidationError names the field at fault: `partners` for no lead, two leads, the same organisation twice or
    one that was not there; `standing_reason`, `standing_text` when it is not active and gives no reason.
    """
    must_be_allowed(by, Permission.LOG)
    check_partners(partners, starts=starts, on=on, lead_needed=not fields.get("compiled_from_sources"))
    check_standing(fields)
    check_order(starts, ends)
    fields.setdefault("is_fictional", any(part.organisation.is_fictional for part in partners))
    if confirmed:
        fields |= {"confirmed_on": on, "next_update_due": on + UPDATE_EVERY}
    initiative = create(
        Initiative,
        title=title,
        purpose=purpose,
        stage=stage,
        created_by=by,
        **dates(starts=starts, ends=ends),
        **fields,
    )
    initiative.refresh_from_db(fields=["number", "changed_at", "created_at"])
    set_partners(initiative, partners)
    set_links(InitiativeArea, initiative, "area_of_work", areas_of_work)
    set_links(InitiativePlace, initiative, "police_area", places)
    set_links(InitiativeGroup, initiative, "group", named_groups)
    _record_path(initiative, path or [_arrival(initiative, stage_since)])
    settle_no_figure(initiative)
    return initiative


def _arrival(initiative: Initiative, since: LimitedDate | None) -> Move:
    return Move(
        initiative.stage, initiative.standing, since, initiative.standing_reason, initiative.standing_text
    )


def _record_path(initiative: Initiative, path: Sequence[Move]) -> None:
    """Keep the moves as a chain; ValidationError when it does not lead to where the initiative is."""
    if (path[-1].to_stage, path[-1].to_standing) != (initiative.stage, initiative.standing):
        raise ValidationError({"stage": "The dated moves do not lead to the stage it is at."})
    from_stage = from_standing = ""
    for move in path:
        create(
            StageMove,
            initiative=initiative,
            from_stage=from_stage,
            from_standing=from_standing,
            to_stage=move.to_stage,
            to_standing=move.to_standing,
            reason=move.reason,
            why=move.why,
            **dates(happened=move.happened),
        )
        from_stage, from_standing = move.to_stage, move.to_standing


@write_door
def edit_initiative(
    *,
    by: User | None,
    initiative: Initiative,
    version: int | None,
    on: date,
    reason: str = "",
    areas_of_work: Sequence[AreaOfWork] | None = None,
    partners: Sequence[Part] | None = None,
    places: Sequence[PoliceArea] | None = None,
    named_groups: Sequence[WorkingGroup] | None = None,
    **fields: Any,
) -> Initiative:
    """Change what the record says (not its stage or standing). EditConflictError if it moved on meanwhile.

    `starts` and `ends` are LimitedDates or None; a list left out (None) is left alone.
    """
    current = locked(initiative, version)
    must_be_allowed(by, Permission.EDIT, current)
    starts = fields.pop("starts", current.starts)
    ends = fields.pop("ends", current.ends)
    check_order(starts, ends)
    if partners is not None:
        check_partners(partners, starts=starts, on=on, lead_needed=True, known=organisations_in(current))
        if by is not None and leads_change(current, partners):
            _must_hand_over(by, current)
    if by is not None and fields.get("audience", current.audience) == Audience.DRAFT != current.audience:
        _must_make_it_a_draft(by, current)
    save_new_version(current, fields | dates(starts=starts, ends=ends))
    if partners is not None:
        set_partners(current, partners)
    for model, field, values in (
        (InitiativeArea, "area_of_work", areas_of_work),
        (InitiativePlace, "police_area", places),
        (InitiativeGroup, "group", named_groups),
    ):
        if values is not None:
            set_links(model, current, field, values)
    settle_no_figure(current)
    return current


@write_door
def confirm_still_current(*, by: User | None, initiative: Initiative, on: date) -> Initiative:
    """Say that nothing has changed: confirmed today, next due in half a year."""
    current = locked(initiative, None)
    must_be_allowed(by, Permission.EDIT, current)
    save_new_version(current, {"confirmed_on": on, "next_update_due": on + UPDATE_EVERY})
    return current


@write_door
def delete_initiative(*, by: User | None, initiative: Initiative, reason: str, at: datetime) -> Initiative:
    """Take it out of the register. It can be restored; its reference is never used again."""
    current = locked(initiative, None)
    must_be_allowed(by, Permission.DELETE, current)
    if not reason.strip():
        raise ValidationError({"reason": "Say why it is deleted. The reason is kept in the history."})
    if current.deleted_at is None:
        save_new_version(current, {"deleted_at": at})
    return current


@write_door
def restore_initiative(*, by: User | None, initiative: Initiative, reason: str = "") -> Initiative:
    """Put a deleted record back as it was."""
    current = locked(initiative, None)
    must_be_allowed(by, Permission.DELETE, current)
    if current.deleted_at is not None:
        save_new_version(current, {"deleted_at": None})
    return current


def check_standing(fields: dict[str, Any]) -> None:
    if fields.get("standing", Standing.ACTIVE) == Standing.ACTIVE:
        return
    word = Standing(fields["standing"]).label.lower()
    if not fields.get("standing_reason"):
        raise ValidationError({"standing_reason": f"Choose why it is {word}."})
    if not fields.get("standing_text", "").strip():
        raise ValidationError({"standing_text": f"Say in a sentence why it is {word}."})


def check_order(starts: LimitedDate | None, ends: LimitedDate | None) -> None:
    """Compared between periods: it may end in the year it started."""
    if starts and ends and ends.last < starts.first:
        raise ValidationError({"ends": f"It can't end before it starts ({starts}). Check both dates."})


def set_links(model: Any, initiative: Initiative, field: str, values: Sequence[Any]) -> None:
    """Make the links to areas of work, places or groups these, touching only what changes."""
    have = {getattr(link, f"{field}_id"): link for link in model.objects.filter(initiative=initiative)}
    want = {value.pk: value for value in values}
    for pk, link in have.items():
        if pk not in want:
            link.delete()
    model.objects.bulk_create(
        [model(initiative=initiative, **{field: value}) for pk, value in want.items() if pk not in have]
    )


def _must_hand_over(by: User, initiative: Initiative) -> None:
    if not has_permission(by, Permission.HAND_OVER, initiative):
        raise ValidationError({"partners": "Who leads it is changed by the people of the lead. Ask them."})


def _must_make_it_a_draft(by: User, initiative: Initiative) -> None:
    """A draft is the lead's alone: whoever else makes it one shuts out every partner, and themselves."""
    if not has_permission(by, Permission.HAND_OVER, initiative):
        raise ValidationError(
            {"audience": "Only the people of the lead see a draft. Ask them to make it one."}
        )

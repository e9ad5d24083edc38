"""The duty to consider: notifying an organisation of a proposed collaboration, and what it answered."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied, ValidationError

from register.accounts.permissions import has_permission, require
from register.accounts.roles import Permission
from register.core.dates import LimitedDate
from register.core.tracking import write_door
from register.groups.models import Consideration
from register.initiatives.models import Initiative
from register.initiatives.services.common import create, locked, must_have_existed, save_new_version

if TYPE_CHECKING:
    from register.accounts.models import User
    from register.reference.models import Organisation

Answer = Consideration.Answer


@write_door
def notify_organisation(
    *,
    by: User | None,
    initiative: Initiative,
    organisation: Organisation,
    notified_by: Organisation,
    notified_on: date,
    on: date,
) -> Consideration:
    """Keep that an organisation was notified of a proposed collaboration. By who may edit the record.

    (Policing and Crime Act 2017, section 2: notice of a proposal that could be in the interests of efficiency or
    effectiveness. It is given outside the register; the register keeps that it was.)
    """
    if by is not None:
        require(by, Permission.EDIT, initiative)
    _check_notice(organisation, notified_by, notified_on, on)
    if Consideration.objects.filter(initiative=initiative, organisation=organisation).exists():
        raise ValidationError(
            {"organisation": f"{organisation} has been notified of it already. Change what is recorded."}
        )
    return create(
        Consideration,
        initiative=initiative,
        organisation=organisation,
        notified_by=notified_by,
        notified_on=notified_on,
        recorded_by=by,
    )


@write_door
def record_consideration(
    *,
    by: User | None,
    consideration: Consideration,
    version: int | None,
    on: date,
    answer: str,
    considered_on: date | None = None,
    considered_by: str = "",
    decision: str = "",
    reasons: str = "",
    **notice: Any,
) -> Consideration:
    """What an organisation answered, or a correction of it: by its own contributors, or by who may edit the record.

    `notice` (`notified_on`, `notified_by`) corrects what was said of the notice: by who may edit the record only.
    EditConflictError when somebody saved it first.
    """
    current = locked(consideration, version)
    _must_speak_for(by, current)
    if notice and by is not None:
        require(by, Permission.EDIT, current.initiative)
    told = {"considered_on": considered_on, "considered_by": considered_by.strip()}
    told |= {"answer": answer, "decision": decision, "reasons": reasons.strip()}
    _check_notice(
        current.organisation,
        notice.get("notified_by", current.notified_by),
        notice.get("notified_on", current.notified_on),
        on,
    )
    _check_answer(told, notice.get("notified_on", current.notified_on), on)
    save_new_version(current, told | notice)
    return current


def may_speak_for(user: User, consideration: Consideration) -> bool:
    """Whether they may say what the organisation answered: they contribute for it, or keep the record."""
    may_open = has_permission(user, Permission.OPEN, consideration.initiative)
    allowed = user.holdings.organisations_allowing(Permission.EDIT)
    return may_open and (
        consideration.organisation_id in allowed
        or has_permission(user, Permission.EDIT, consideration.initiative)
    )


def _must_speak_for(by: User | None, consideration: Consideration) -> None:
    if by is not None and not may_speak_for(by, consideration):
        raise PermissionDenied("Your roles do not let you answer for that organisation.")


def _check_notice(organisation: Organisation, notified_by: Organisation, notified_on: date, on: date) -> None:
    if notified_on > on:
        raise ValidationError({"notified_on": "That date is still to come."})
    if organisation.pk == notified_by.pk:
        raise ValidationError({"notified_by": "An organisation is notified by another one."})
    must_have_existed(organisation, LimitedDate(notified_on), "organisation")
    must_have_existed(notified_by, LimitedDate(notified_on), "notified_by")


def _check_answer(told: dict[str, Any], notified_on: date, on: date) -> None:
    """An answer is whole, and comes after the notice; without one nothing else is said."""
    wanted = {
        "considered_on": "Give the day on which it was considered",
        "considered_by": "Say which board or post considered it",
        "decision": "Choose what was decided",
        "reasons": "Give the reasons. They are the evidence that it was considered",
    }
    if told["answer"] == Answer.NOT_YET:
        wrong = {
            name: "There is no answer yet. Choose an answer, or leave this empty"
            for name in wanted
            if told[name]
        }
    else:
        wrong = {name: message for name, message in wanted.items() if not told[name]}
    considered_on = told["considered_on"]
    if considered_on and "considered_on" not in wrong:
        if considered_on < notified_on:
            wrong["considered_on"] = (
                f"It was notified on {notified_on:%-d %B %Y}. It is considered on that day or after it"
            )
        elif considered_on > on:
            wrong["considered_on"] = "That date is still to come."
    if wrong:
        raise ValidationError(wrong)

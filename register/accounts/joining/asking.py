"""The write doors of asking for access: an address, a confirmation, an answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from register.accounts.joining.domains import organisations_of
from register.accounts.joining.letters import owe
from register.accounts.joining.models import AccessRequest, Invitation, Letter
from register.accounts.joining.services import invite
from register.accounts.managing import must_manage
from register.accounts.models import RoleGrant, User
from register.accounts.roles import Role
from register.core.tracking import write_door

if TYPE_CHECKING:
    from register.reference.models import Organisation

# How long the link to confirm an address can be used.
CONFIRM_FOR = timedelta(days=7)


@write_door
def ask_for_access(*, by: User | None, email: str) -> AccessRequest:
    """Somebody typed an address. The same is done for every one; only its mailbox learns whether it leads anywhere."""
    asked = AccessRequest.objects.create(email=email.strip().lower())
    owe(Letter.Kind.CONFIRM, access_request=asked)
    return asked


def may_be_confirmed(asked: AccessRequest, *, now: datetime) -> bool:
    return asked.confirmed_at is None and asked.asked_at > now - CONFIRM_FOR


@write_door
def confirm_request(
    *,
    by: User | None,
    asked: AccessRequest,
    organisation: Organisation,
    name: str,
    post: str,
    why: str,
    now: datetime,
) -> AccessRequest:
    """Whoever has the address says who they are, and the lead is asked (administrators where there is none).

    ValidationError for an organisation whose people have other addresses, and for who has asked already.
    """
    current = AccessRequest.objects.select_for_update().get(pk=asked.pk)
    if not may_be_confirmed(current, now=now):
        raise ValidationError("This link has been used, or has run out. Ask again.")
    if organisation not in organisations_of(current.email):
        raise ValidationError({"organisation": "Choose one of those offered."})
    current.name, current.post, current.why = name, post, why
    current.organisation, current.confirmed_at = organisation, now
    current.full_clean(validate_constraints=False)
    try:
        with transaction.atomic():
            current.save()
    except IntegrityError:
        raise ValidationError("You have asked already. The answer comes by email.") from None
    for person in _who_answers(organisation):
        owe(Letter.Kind.REQUEST, access_request=current, person=person)
    return current


def _who_answers(organisation: Organisation) -> list[User]:
    leads = RoleGrant.objects.filter(organisation=organisation, role=Role.ORGANISATION_LEAD)
    found = list(User.objects.active().filter(pk__in=leads.values("user")))
    administrators = RoleGrant.objects.administrators().values("user")
    return found or list(User.objects.active().filter(pk__in=administrators))


@write_door
def approve_request(*, by: User | None, asked: AccessRequest, role: str, now: datetime) -> Invitation:
    """Invite them. ValidationError when somebody else has answered meanwhile."""
    current = _undecided(by, asked)
    invitation = invite(
        by=by, email=current.email, name=current.name, role=role, organisation=current.organisation, now=now
    )
    _decide(current, by, AccessRequest.Outcome.APPROVED, now)
    return invitation


@write_door
def refuse_request(*, by: User | None, asked: AccessRequest, why_not: str, now: datetime) -> AccessRequest:
    """Say no, and why: they get it by email. ValidationError when somebody else has answered meanwhile."""
    current = _undecided(by, asked)
    if not why_not.strip():
        raise ValidationError({"why_not": "Say why. They get your words by email."})
    current.reason = why_not.strip()
    _decide(current, by, AccessRequest.Outcome.REFUSED, now)
    owe(Letter.Kind.REFUSED, access_request=current)
    return current


def _undecided(by: User | None, asked: AccessRequest) -> AccessRequest:
    current = (
        AccessRequest.objects.select_for_update(of=["self"]).select_related("organisation").get(pk=asked.pk)
    )
    must_manage(by, current.organisation)
    if current.confirmed_at is None or current.decided_at:
        raise ValidationError("Somebody else has answered this request.")
    return current


def _decide(asked: AccessRequest, by: User | None, outcome: str, now: datetime) -> None:
    asked.outcome, asked.decided_by, asked.decided_at = outcome, by, now
    asked.save(update_fields=["outcome", "decided_by", "decided_at", "reason"])

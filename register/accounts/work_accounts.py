"""Who somebody with a work account is here, and what their organisation's groups let them do.

Identity is the provider's own name for a person, never an email address: addresses are given to somebody else. An
address is looked at once, when a work account comes for the first time, and only if the provider vouches for its
domain.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from register.accounts import mail
from register.accounts.joining.models import Invitation
from register.accounts.joining.services import accept_invitation
from register.accounts.models import RoleGrant, User
from register.accounts.providers import Provider, unknown_organisation
from register.accounts.roles import KEEPING, Role
from register.accounts.services import add_person, grant_role, revoke_role
from register.accounts.signals import handed_over
from register.core.noted import Noted
from register.core.tracking import note, write_door
from register.reference.models import Organisation

log = logging.getLogger(__name__)

LONGEST_NAME = 120
OPEN = Invitation.State.OPEN


class RefusedError(Exception):
    """The provider knows them, the register does not let them in; `why` is one of the codes below."""

    NO_ACCOUNT = "no_account"
    NO_ADDRESS = "no_address"
    CLOSED = "closed"
    OWN_FACTOR = "own_factor"
    TAKEN = "taken"
    NOT_SET_UP = "not_set_up"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Identity:
    """What a provider said of a person. `email` is "" unless the provider vouches for it; `groups` is None when it
    said only that there are too many to tell."""

    name: str
    email: str
    groups: frozenset[str] | None


def identity(provider: Provider, claims: dict[str, Any]) -> Identity:
    """Read the claims of a token that has been checked."""
    email = str(claims.get("email") or "").strip().lower()
    # Entra does not say whether it verified an address; its tenants are named one by one, and vouch for their domains.
    verified = provider.is_entra or claims.get("email_verified") in (True, "true")
    with suppress(ValidationError):
        validate_email(email)
        if verified and provider.vouches_for(email):
            return Identity(_name(claims), email, _groups(provider, claims))
    return Identity(_name(claims), "", _groups(provider, claims))


def _name(claims: dict[str, Any]) -> str:
    told = str(claims.get("name") or f"{claims.get('given_name') or ''} {claims.get('family_name') or ''}")
    return " ".join("".join(c if c.isprintable() else " " for c in told).split())[:LONGEST_NAME]


def _groups(provider: Provider, claims: dict[str, Any]) -> frozenset[str] | None:
    told = claims.get(provider.groups_claim)
    if told is None:
        # Entra's ways of saying "more than fit into a token".
        named = claims.get("_claim_names")
        too_many = claims.get("hasgroups") or (isinstance(named, dict) and provider.groups_claim in named)
        return None if too_many else frozenset()
    return frozenset(map(str, told if isinstance(told, list) else [told]))


@write_door
def join_by_work_account(*, by: User | None, provider: Provider, told: Identity, now: datetime) -> User:
    """The account that a work account belongs to from now on: one with its address, or a new one.

    One that had a password has none from then on, and its owner is told. A new one is made for who is invited, and
    where the provider has an organisation for a reader of it. RefusedError otherwise, for accounts that are off, for
    those that another work account belongs to (an address given to somebody else), and for those with a second factor
    of their own: their owner signs in with it once, and connects.
    """
    if not told.email:
        raise RefusedError(RefusedError.NO_ADDRESS)
    user = User.objects.filter(email__iexact=told.email).first()
    if user is not None and not user.is_active:
        if come_back(by=user, told=told, user=user, now=now):
            return user
        raise RefusedError(RefusedError.CLOSED)
    if user is not None:
        if Authenticator.objects.filter(user=user).exists():
            raise RefusedError(RefusedError.OWN_FACTOR)
        if SocialAccount.objects.filter(user=user, provider=provider.code).exists():
            raise RefusedError(RefusedError.TAKEN)
        if user.has_usable_password():  # it would stay a way in when the provider knows them no more
            _forget_password(user)
        return user
    for invitation in _invitations(told, now):
        user = accept_invitation(by=user, invitation=invitation, now=now, name=told.name)
    if user is not None:
        user.set_unusable_password()
        user.save(update_fields=["password"])
        return user
    if not provider.organisation:
        raise RefusedError(RefusedError.NO_ACCOUNT)
    organisation = _organisation(provider)
    if organisation is None:
        raise RefusedError(RefusedError.NOT_SET_UP)
    user = add_person(by=by, email=told.email, name=told.name)
    grant_role(by=by, user=user, role=Role.READER, organisation=organisation)
    return user


@write_door
def come_back(*, by: User, told: Identity, user: User, now: datetime) -> bool:
    """Somebody who had left, and is invited again to the address that their provider vouches for, is in again with the
    work account they had; whether they are. Nobody whom an administrator put out is."""
    if user.is_active or user.is_kept_out or user.roles.exists() or told.email != user.email:
        return user.is_active
    for invitation in _invitations(told, now):
        accept_invitation(by=by, invitation=invitation, now=now, name=told.name)
    user.refresh_from_db()
    user.__dict__.pop("holdings", None)
    if user.is_active:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user.is_active


def _invitations(told: Identity, now: datetime) -> list[Invitation]:
    found = Invitation.objects.filter(email__iexact=told.email)
    return [one for one in found if told.email and one.state(now) is OPEN]


def _forget_password(user: User) -> None:
    user.set_unusable_password()
    user.save(update_fields=["password"])
    note(Noted.PASSWORD_CHANGED, by=user, object_id=user.pk)
    mail.send("account/email/password_gone", user.email, {}, person=user)


def _organisation(provider: Provider) -> Organisation | None:
    """Whose people a provider's are. None when the settings name one that the register does not have: only whoever runs
    it can mend that, so the log says it each time."""
    found = Organisation.objects.filter(code=provider.organisation).first()
    if found is None:
        log.error("%s", unknown_organisation(provider))
    return found


@write_door
def follow_groups(
    *, by: User | None, provider: Provider, user: User, groups: Iterable[str] | None, reason: str = ""
) -> None:
    """Give the roles that somebody's groups give, and take away those that only groups give and theirs do not.

    Roles that no group of the provider gives are left alone, and everything is when the groups are not known, or the
    organisation.
    """
    if groups is None or not provider.roles:
        return
    organisation = _organisation(provider)
    if organisation is None:
        return
    due = {provider.roles[group] for group in groups if group in provider.roles}
    before = _roles_at(user, organisation)
    held = RoleGrant.objects.filter(
        user=user, organisation=organisation, role__in=set(provider.roles.values())
    )
    for grant in held.exclude(role__in=due):
        # Some roles are kept while nobody else holds them; whoever manages people sees to it.
        with suppress(ValidationError):
            revoke_role(by=by, grant=grant, reason=reason)
    for role in sorted(due):
        grant_role(by=by, user=user, role=role, organisation=organisation)
    if before & KEEPING and not KEEPING & _roles_at(
        user, organisation
    ):  # they contribute there no more: who leads it keeps what they kept
        handed_over.send(User, by=by, user=user, organisation=organisation, to=None)
    user.__dict__.pop("holdings", None)


def _roles_at(user: User, organisation: Organisation) -> set[str]:
    return set(RoleGrant.objects.filter(user=user, organisation=organisation).values_list("role", flat=True))

"""The write doors of a place's people: their role there, ending it, pausing, waking, switching off."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

from register.accounts.managing import may_manage, must_manage, roles_of
from register.accounts.models import RoleGrant, User
from register.accounts.permissions import require
from register.accounts.roles import KEEPING, Permission, Role
from register.accounts.services import grant_role, must_leave_an_administrator, revoke_role
from register.accounts.sessions import end_sessions
from register.accounts.signals import handed_over
from register.core.tracking import write_door

if TYPE_CHECKING:
    from register.reference.models import Organisation


@write_door
def change_role_at(
    *, by: User | None, user: User, organisation: Organisation, role: str, reason: str = ""
) -> None:
    """Give somebody one role at an organisation in place of what they hold there. What they kept for it is kept by who
    leads it, when they contribute there no more.

    ValidationError for a role of another kind of place, and for the only lead who would step down.
    """
    must_manage(by, organisation)
    if role not in roles_of(organisation, None):
        raise ValidationError({"role": "Choose one of the roles of an organisation."})
    held = _held(user, organisation)
    if role != Role.ORGANISATION_LEAD:
        _must_leave_a_lead(by, held, organisation)
    # First: a lead who steps down may hand over only while they are one.
    if role not in KEEPING and any(grant.role in KEEPING for grant in held):
        handed_over.send(User, by=by, user=user, organisation=organisation, to=None)
    for grant in held:
        if grant.role != role:
            revoke_role(by=by, grant=grant, reason=reason)
    grant_role(by=by, user=user, role=role, organisation=organisation)


@write_door
def end_roles_at(
    *,
    by: User | None,
    user: User,
    organisation: Organisation,
    to: User | None,
    reason: str = "",
) -> None:
    """Somebody has left an organisation: their roles there end, and what they kept there goes to a colleague (`to`).

    When no role is left, the account is switched off and signed out everywhere. ValidationError for a colleague who
    may not keep it, for the only lead, and for the last administrator.
    """
    must_manage(by, organisation)
    if to is not None and (to.pk == user.pk or to.pk not in keepers(organisation)):
        raise ValidationError({"to": "Choose a colleague who may change the organisation’s records."})
    held = _held(user, organisation)
    _must_leave_a_lead(by, held, organisation)
    for grant in held:
        revoke_role(by=by, grant=grant, reason=reason)
    handed_over.send(User, by=by, user=user, organisation=organisation, to=to)
    let_go(by=by, user=user)


@write_door
def end_role(*, by: User | None, grant: RoleGrant, reason: str = "") -> None:
    """Take a role away that is held in the register or in a group, and with the last one the account."""
    revoke_role(by=by, grant=grant, reason=reason)
    let_go(by=by, user=grant.user)


@write_door
def let_go(*, by: User | None, user: User) -> None:
    """Somebody who was taken out of a place, and has none left, is signed out and can't sign in: nobody here answers
    for them any more, and what is for everyone signed in is not for them. An invitation lets them in again."""
    if not user.roles.exists():
        _switch_off(by, user)


def keepers(organisation: Organisation) -> set[int]:
    """Who may change an organisation's records, by key."""
    held = RoleGrant.objects.filter(organisation=organisation, user__is_active=True, role__in=KEEPING)
    return set(held.values_list("user_id", flat=True))


def _held(user: User, organisation: Organisation) -> list[RoleGrant]:
    """Their roles there, once nobody else is changing who leads it; ValidationError when they hold none."""
    grants = RoleGrant.objects.filter(organisation=organisation).order_by("pk").select_for_update(of=["self"])
    held = [grant for grant in grants.select_related("user") if grant.user_id == user.pk]
    if not held:
        raise ValidationError("They hold no role here any more.")
    return held


def _must_leave_a_lead(by: User | None, held: list[RoleGrant], organisation: Organisation) -> None:
    """A lead who steps down leaves another. (An administrator, who can name one, may take the last away.)"""
    if by is None or by.holdings.is_administrator:
        return
    if not any(grant.role == Role.ORGANISATION_LEAD for grant in held):
        return
    others = RoleGrant.objects.filter(
        organisation=organisation, role=Role.ORGANISATION_LEAD, user__is_active=True
    ).exclude(user=held[0].user_id)
    if not others.exists():
        raise ValidationError("This is the only lead. Make somebody else lead first.")


@write_door
def pause_account(*, by: User | None, user: User, now: datetime, reason: str = "") -> None:
    """Switch off an account that nobody uses, until who manages it wakes it. Roles stay."""
    _must_manage_person(by, user)
    must_leave_an_administrator(user)
    user.is_active, user.paused_at = False, now
    user.save(update_fields=["is_active", "paused_at"])
    end_sessions(by=by, user=user)


@write_door
def wake_account(*, by: User | None, user: User, now: datetime, reason: str = "") -> None:
    """Switch a paused account on again. ValidationError for one that was switched off by somebody."""
    _must_manage_person(by, user)
    current = User.objects.select_for_update().get(pk=user.pk)
    if current.is_active:
        return
    if current.paused_at is None:
        raise ValidationError("Somebody switched this account off. An administrator can switch it on again.")
    _switch_on(user, now)


@write_door
def switch_off(*, by: User | None, user: User, reason: str) -> None:
    """Keep somebody out at once, whatever they hold and whoever invites them, until an administrator says otherwise."""
    _must_be_administrator(by)
    if not reason.strip():
        raise ValidationError({"reason": "Say why. The reason is kept in the history."})
    _switch_off(by, user)
    user.is_kept_out = True
    user.save(update_fields=["is_kept_out"])


@write_door
def switch_on(*, by: User | None, user: User, now: datetime, reason: str = "") -> None:
    """Let somebody in again, paused or switched off. ValidationError for who was erased."""
    _must_be_administrator(by)
    if user.erased_at:
        raise ValidationError("This person was erased. Invite them anew.")
    _switch_on(user, now)


@write_door
def still_needed(*, by: User, now: datetime) -> bool:
    """Somebody says that they need their account. No use to who is paused already: False."""
    return (
        User.objects.filter(pk=by.pk, is_active=True).update(last_seen_at=now, asked_if_needed_at=None) == 1
    )


@write_door
def change_own_details(*, by: User, name: str, post: str, telephone: str) -> None:
    """Put right what the register says of oneself."""
    by.name, by.post, by.telephone = name, post, telephone
    by.full_clean(exclude=["password"])
    by.save(update_fields=["name", "post", "telephone"])


def _switch_off(by: User | None, user: User) -> None:
    must_leave_an_administrator(user)
    user.is_active, user.paused_at = False, None
    user.save(update_fields=["is_active", "paused_at"])
    end_sessions(by=by, user=user)


def _switch_on(user: User, now: datetime) -> None:
    user.is_active, user.is_kept_out, user.paused_at = True, False, None
    # They have just been asked for: not to be asked again at once.
    user.last_seen_at, user.asked_if_needed_at = now, None
    user.save(update_fields=["is_active", "is_kept_out", "paused_at", "last_seen_at", "asked_if_needed_at"])


def _must_be_administrator(by: User | None) -> None:
    if by is not None:
        require(by, Permission.MANAGE_REGISTER)


def _must_manage_person(by: User | None, user: User) -> None:
    """Who manages one of the organisations that somebody holds a role in, and administrators."""
    if by is None or may_manage(by):
        return
    managed = by.holdings.organisations_allowing(Permission.MANAGE_PEOPLE)
    if not user.roles.filter(organisation__in=managed).exists():
        require(by, Permission.MANAGE_REGISTER)

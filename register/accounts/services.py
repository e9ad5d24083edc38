"""The write doors of people, groups and roles."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError

from register.accounts import mail
from register.accounts.managing import must_manage
from register.accounts.models import RoleGrant, User, WorkingGroup
from register.accounts.permissions import require
from register.accounts.roles import KEEPING, Permission, Role
from register.accounts.sessions import end_sessions
from register.accounts.signals import handed_over, person_erased
from register.core.errors import EditConflictError
from register.core.noted import Noted
from register.core.tracking import note, write_door

if TYPE_CHECKING:
    from register.reference.models import Organisation


@write_door
def add_person(*, by: User | None, email: str, name: str, password: str | None = None, **fields: Any) -> User:
    """Add a person who will sign in by email. Without a password they set one by the reset link.

    ValidationError on `email` when somebody signs in with it already.
    """
    if by is not None:
        require(by, Permission.MANAGE_PEOPLE)
    email = email.strip().lower()
    if User.objects.filter(email__iexact=email).exists():
        raise ValidationError({"email": "Somebody already signs in with this address."})
    user = User(email=email, name=name.strip(), **fields)
    user.set_password(password)
    user.full_clean(exclude=["password"])
    user.save()
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    return user


@write_door
def change_person(*, by: User | None, user: User, email: str, **fields: Any) -> User:
    """Change who somebody is, or whether they may sign in. Their sign-in address moves with them."""
    if by is not None:
        require(by, Permission.MANAGE_REGISTER)
    move_to_address(by=by, user=user, email=email)
    if not fields.get("is_active", True):
        must_leave_an_administrator(user)
    if "is_active" in fields:
        fields["paused_at"] = None
    for name, value in fields.items():
        setattr(user, name, value)
    user.full_clean(exclude=["password"])
    user.save(update_fields=[*fields])
    return user


def move_to_address(*, by: User | None, user: User, email: str, but: str | None = None) -> None:
    """Let somebody sign in with another address from now on: both addresses are told, and every session ends but one.

    Services call it, inside their transaction. ValidationError on `email` when somebody signs in with it already.
    """
    email, old = email.strip().lower(), User.objects.select_for_update().get(pk=user.pk).email
    if User.objects.filter(email__iexact=email).exclude(pk=user.pk).exists():
        raise ValidationError({"email": "Somebody already signs in with this address."})
    user.email = email
    user.full_clean(exclude=["password"])
    user.save(update_fields=["email"])
    EmailAddress.objects.update_or_create(
        user=user, primary=True, defaults={"email": email, "verified": True}
    )
    if email == old:
        return
    note(Noted.EMAIL_CHANGED, by=by, object_id=user.pk)
    end_sessions(by=by, user=user, but=but)
    for to in (old, email):
        mail.send("account/email/email_changed", to, {"old": old, "new": email}, person=user)


@write_door
def grant_role(
    *,
    by: User | None,
    user: User,
    role: str,
    organisation: Organisation | None = None,
    group: WorkingGroup | None = None,
) -> RoleGrant:
    """Give a person a role, for the register, an organisation or a group. Giving it again changes nothing."""
    must_manage(by, organisation, group)
    grant = RoleGrant(user=user, role=role, organisation=organisation, group=group)
    existing = RoleGrant.objects.filter(user=user, role=role, organisation=organisation, group=group).first()
    if existing:
        return existing
    grant.full_clean()
    grant.save()
    user.__dict__.pop("holdings", None)
    return grant


@write_door
def revoke_role(*, by: User | None, grant: RoleGrant, reason: str = "") -> None:
    """Take a role away.

    The last administrator stays: somebody must be able to let others in. The last secretary of a group can't step
    down without another: nobody would be left to run it. (An administrator, who can name another, takes it away.)
    """
    must_manage(by, grant.organisation, grant.group)
    if grant.role == Role.ADMINISTRATOR:
        must_leave_an_administrator(grant.user)
    if grant.role == Role.SECRETARY and by is not None and by.pk == grant.user_id:
        _must_leave_a_secretary(grant)
    grant.delete()
    grant.user.__dict__.pop("holdings", None)


def must_leave_an_administrator(leaving: User) -> None:
    """ValidationError when nobody but them could let others in.

    Two who remove each other at once wait for each other here (the locks are taken in one order), and the second sees
    what the first has done.
    """
    grants = RoleGrant.objects.administrators()
    list(grants.order_by("pk").select_for_update(of=["self"]).values_list("pk", flat=True))
    held = grants.filter(user__is_active=True)
    if held.filter(user=leaving).exists() and not held.exclude(user=leaving).exists():
        raise ValidationError("This is the last administrator. Make somebody else one first.")


def _must_leave_a_secretary(grant: RoleGrant) -> None:
    """Two who step down at once wait for each other here: the second is the last."""
    secretaries = RoleGrant.objects.filter(role=Role.SECRETARY, group=grant.group)
    there = list(secretaries.select_for_update(of=["self"]).select_related("user").order_by("pk"))
    if not any(other.user_id != grant.user_id and other.user.is_active for other in there):
        raise ValidationError("You are the only secretary. Make somebody else secretary first.")


@write_door
def forget_second_factors(*, by: User | None, user: User) -> None:
    """For somebody who has lost phone, key and recovery codes, and has proved who they are to who does this."""
    if by is not None:
        require(by, Permission.MANAGE_REGISTER)
    if Authenticator.objects.filter(user=user).delete()[0]:
        note(Noted.FACTOR_REMOVED, by=by, object_id=user.pk)
        # Whoever has the telephone may have an open session too.
        end_sessions(by=by, user=user)
        mail.send("mfa/email/forgotten", user.email, {}, person=user)


@write_door
def erase_person(*, by: User | None, user: User, at: datetime, reason: str = "") -> User:
    """Forget a person: name, address, post, telephone, password, roles. History keeps their id and nothing else."""
    if by is not None:
        require(by, Permission.MANAGE_REGISTER)
    must_leave_an_administrator(user)
    for grant in RoleGrant.objects.filter(user=user, role__in=KEEPING).select_related("organisation"):
        handed_over.send(User, by=by, user=user, organisation=grant.organisation, to=None)
    RoleGrant.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    was_at = user.email
    SocialAccount.objects.filter(user=user).delete()
    user.email = f"erased-{user.public_id}@invalid"
    user.name = user.post = user.telephone = ""
    user.is_active, user.is_kept_out, user.paused_at = False, False, None
    user.last_login = user.last_seen_at = user.asked_if_needed_at = None
    user.erased_at = at
    user.set_unusable_password()
    user.save()
    # Django's administration kept their name beside what was done to them.
    LogEntry.objects.filter(content_type__model="user", object_id=str(user.pk)).delete()
    person_erased.send(User, user=user, was_at=was_at)
    user.__dict__.pop("holdings", None)
    return user


@write_door
def add_working_group(
    *, by: User | None, code: str, name: str, kind: str, terms: str = "", **fields: Any
) -> WorkingGroup:
    if by is not None:
        require(by, Permission.MANAGE_REGISTER)
    group = WorkingGroup(code=code, name=name, kind=kind, terms=terms, **fields)
    group.full_clean()
    group.save()
    return group


@write_door
def change_working_group(
    *, by: User | None, group: WorkingGroup, version: int | None, **fields: Any
) -> WorkingGroup:
    """Change a group's name or terms. EditConflictError if somebody else did meanwhile."""
    current = WorkingGroup.objects.select_for_update().get(pk=group.pk)
    if version is not None and version != current.version:
        raise EditConflictError(current)
    if by is not None:
        require(by, Permission.MANAGE_GROUP, current)
    for name, value in fields.items():
        setattr(current, name, value)
    current.version += 1
    current.full_clean()
    current.save(update_fields=[*fields, "version"])
    return current

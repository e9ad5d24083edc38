"""The write doors of coming in: inviting, sending again, withdrawing, accepting."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.dispatch import receiver

from register.accounts.joining.letters import owe
from register.accounts.joining.models import AccessRequest, Invitation, Letter
from register.accounts.managing import must_manage
from register.accounts.models import RoleGrant, User
from register.accounts.services import add_person, grant_role
from register.accounts.signals import person_erased
from register.core.tracking import write_door

if TYPE_CHECKING:
    from register.accounts.models import WorkingGroup
    from register.reference.models import Organisation

KEPT_OUT = "An administrator has switched this person’s account off. One has to switch it on again first."
# How long an invitation can be used: over a holiday.
OPEN_FOR = timedelta(days=14)


@write_door
def invite(
    *,
    by: User | None,
    email: str,
    role: str,
    now: datetime,
    organisation: Organisation | None = None,
    group: WorkingGroup | None = None,
    name: str = "",
) -> Invitation:
    """Offer a role in a place to whoever reads a mailbox. What is answered is the same whether they have an account.

    ValidationError on `email` when they hold a role there, or an invitation waits for them.
    """
    must_manage(by, organisation, group)
    email = email.strip().lower()
    place = {"organisation": organisation, "group": group}
    if User.objects.filter(email__iexact=email, is_kept_out=True).exists():
        raise ValidationError({"email": KEPT_OUT})
    if RoleGrant.objects.filter(user__email__iexact=email, user__is_active=True, **place).exists():
        raise ValidationError({"email": "They are here already. Change their role instead."})
    earlier = Invitation.objects.into(organisation, group).filter(email__iexact=email)
    for over in earlier.ran_out(now=now):
        _withdraw(over, now)
    if earlier.unanswered().exists():
        raise ValidationError(
            {"email": "An invitation waits for them already. Send it again, or withdraw it."}
        )
    invitation = Invitation(
        email=email, name=name.strip(), role=role, invited_by=by, expires_at=now + OPEN_FOR, **place
    )
    invitation.full_clean(validate_constraints=False)
    try:
        with transaction.atomic():
            invitation.save()
    except IntegrityError:
        raise ValidationError({"email": "Somebody has just invited them."}) from None
    owe(Letter.Kind.INVITATION, invitation=invitation)
    return invitation


@write_door
def send_invitation_again(*, by: User | None, invitation: Invitation, now: datetime) -> Invitation:
    """Send the email once more, and give the link its full time again. ValidationError once it was answered."""
    must_manage(by, invitation.organisation, invitation.group)
    current = _locked(invitation)
    if current.state(now) in (Invitation.State.USED, Invitation.State.WITHDRAWN):
        raise ValidationError("This invitation has been answered or withdrawn meanwhile.")
    current.expires_at = now + OPEN_FOR
    current.save(update_fields=["expires_at"])
    # What is not sent yet is sent once.
    if not current.letters.filter(state=Letter.State.WAITING).exists():
        owe(Letter.Kind.INVITATION, invitation=current)
    return current


@write_door
def withdraw_invitation(*, by: User | None, invitation: Invitation, now: datetime) -> Invitation:
    """Make the link open nothing. ValidationError when it was used meanwhile."""
    must_manage(by, invitation.organisation, invitation.group)
    current = _locked(invitation)
    if current.used_at:
        raise ValidationError(
            "They have accepted it meanwhile. End their account or change their role instead."
        )
    return current if current.withdrawn_at else _withdraw(current, now)


@write_door
def accept_invitation(
    *,
    by: User | None,
    invitation: Invitation,
    now: datetime,
    name: str = "",
    post: str = "",
    password: str = "",
) -> User:
    """Use an invitation: make the account that it is for, or add to the one that exists (`by` is then its owner).

    Two at once: one wins. ValidationError for the other, and for who signs in as somebody else.
    """
    current = _locked(invitation)
    if current.state(now) is not Invitation.State.OPEN:
        raise ValidationError("This invitation can’t be used any more.")
    user = account_of(current)
    if user is None:
        user = _new_account(current, name, post, password)
    elif user.is_kept_out:
        raise ValidationError(KEPT_OUT)
    elif not user.is_active and not user.roles.exists():
        user = _taken_up_again(user, name, post, password)
    elif by is None or by.pk != user.pk:
        raise ValidationError("Somebody signs in with this address already. Sign in to accept.")
    grant_role(by=None, user=user, role=current.role, organisation=current.organisation, group=current.group)
    current.used_at, current.used_by = now, user
    current.save(update_fields=["used_at", "used_by"])
    return user


def account_of(invitation: Invitation) -> User | None:
    """The account of whoever an invitation is for, if there is one."""
    return User.objects.filter(email__iexact=invitation.email).first()


def _new_account(invitation: Invitation, name: str, post: str, password: str) -> User:
    try:
        with transaction.atomic():
            return add_person(by=None, email=invitation.email, name=name, post=post, password=password)
    except IntegrityError:  # two invitations of two places, at the same moment
        raise ValidationError("This account has just been made. Sign in to accept.") from None


def _taken_up_again(user: User, name: str, post: str, password: str) -> User:
    """Somebody who had left and holds no role comes back as who they are now."""
    user.name, user.post, user.is_active, user.paused_at = name, post, True, None
    user.set_password(password)
    user.save(update_fields=["name", "post", "is_active", "paused_at", "password"])
    return user


def _locked(invitation: Invitation) -> Invitation:
    """Until this is committed, whoever else comes here with the same invitation waits; then they see what was done."""
    found = Invitation.objects.select_for_update(of=["self"]).select_related("organisation", "group")
    return found.get(pk=invitation.pk)


def _withdraw(invitation: Invitation, now: datetime) -> Invitation:
    invitation.withdrawn_at = now
    invitation.save(update_fields=["withdrawn_at"])
    return invitation


@receiver(person_erased)
def forget_whom_it_was_for(user: User, was_at: str, **_: object) -> None:
    """Whom an invitation or a request was for goes with the person; that there was one stays."""
    notices = Letter.objects.filter(person=user, kind=Letter.Kind.NOTICE, state=Letter.State.WAITING)
    notices.update(state=Letter.State.DROPPED, sealed=b"", ended_at=user.erased_at)
    invitations = Invitation.objects.filter(Q(used_by=user) | Q(email__iexact=was_at))
    invitations.unanswered().update(withdrawn_at=user.erased_at)
    invitations.update(email="", name="")
    asked = AccessRequest.objects.filter(email__iexact=was_at)
    asked.filter(decided_at=None).delete()
    asked.update(email="", name="", post="", why="", reason="")

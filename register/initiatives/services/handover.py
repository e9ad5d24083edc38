"""Handing records on from somebody who leaves: an initiative is kept by who logged it, and is never orphaned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.dispatch import receiver

from register.accounts.managing import must_manage
from register.accounts.models import User
from register.accounts.signals import handed_over
from register.core.tracking import write_door
from register.initiatives.models import Initiative
from register.initiatives.querysets import InitiativeQuerySet
from register.initiatives.vocabulary import EDITING_ROLES

if TYPE_CHECKING:
    from register.reference.models import Organisation


def kept_by(user: User, organisation: Organisation) -> InitiativeQuerySet:
    """What somebody keeps for an organisation: logged by them, and it leads, takes part or hosts. Deleted ones too.

    What they logged for others stays with those who lead it.
    """
    taking_part = organisation.partnerships.filter(role__in=EDITING_ROLES)
    return Initiative.objects.filter(created_by=user, pk__in=taking_part.values("initiative"))


@write_door
def hand_over_initiatives(
    *, by: User | None, user: User, organisation: Organisation, to: User | None, reason: str = ""
) -> int:
    """Have a colleague keep what somebody kept for an organisation; how many. Nobody (None): who leads it answers."""
    must_manage(by, organisation)
    return kept_by(user, organisation).update(created_by=to)


@receiver(handed_over)
def hand_over(by: User | None, user: User, organisation: Organisation, to: User | None, **_: Any) -> None:
    hand_over_initiatives(by=by, user=user, organisation=organisation, to=to)

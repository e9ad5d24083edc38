"""What the register itself notes of a record whose owners do not answer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import F, Q

from register.accounts.roles import Permission
from register.core.tracking import write_door
from register.initiatives.models import Initiative
from register.initiatives.services.common import must_be_allowed

if TYPE_CHECKING:
    from register.accounts.models import User


@write_door
def note_no_answer(*, by: User | None, initiatives: Collection[int], on: date) -> int:
    """Note that the owners of these left three questions unanswered; how many were not noted yet.

    No version moves on: whoever is editing one meets no conflict. A later confirmation outdates the note.
    """
    must_be_allowed(by, Permission.MANAGE_REGISTER)
    outdated = Q(no_answer_on=None) | Q(confirmed_on__gte=F("no_answer_on"))
    return Initiative.objects.filter(outdated, pk__in=initiatives).update(no_answer_on=on)

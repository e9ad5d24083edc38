"""What a working group asks of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from register.accounts.models import WorkingGroup
from register.accounts.roles import Permission
from register.core.tracking import write_door
from register.groups.models import Ask, AskBarrier
from register.groups.services.common import must
from register.initiatives.models import Barrier

if TYPE_CHECKING:
    from register.accounts.models import User
    from register.reference.models import Organisation


@write_door
def draw_up_ask(
    *,
    by: User | None,
    group: WorkingGroup,
    title: str,
    addressee: Organisation,
    what: str,
    barriers: Sequence[Barrier],
    **fields: Any,
) -> Ask:
    """Gather barriers into one request to one addressee."""
    must(by, Permission.DECIDE, group)
    ask = Ask(group=group, title=title, addressee=addressee, what=what, **fields)
    ask.full_clean()
    ask.save()
    for barrier in barriers:
        AskBarrier.objects.create(ask=ask, barrier=barrier)
    return ask

"""The write door for what is modelled on something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from register.accounts.roles import Permission
from register.core.tracking import write_door
from register.initiatives.models import Initiative, Source
from register.initiatives.services.common import create, must_be_allowed
from register.initiatives.services.initiative import log_initiative

if TYPE_CHECKING:
    from register.accounts.models import User


@write_door
def log_initiative_like(*, by: User | None, example: Initiative, **fields: Any) -> Initiative:
    """Log an initiative modelled on one that the writer may see. Its sources say which, by its reference alone.

    Its title is not kept there: who may see the new record may not see the other, today or one day.
    """
    must_be_allowed(by, Permission.VIEW, example)
    initiative = log_initiative(by=by, **fields)
    create(Source, initiative=initiative, citation=f"Modelled on {example.reference}")
    return initiative

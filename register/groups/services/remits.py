"""What a working group looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from register.accounts.models import WorkingGroup
from register.accounts.roles import Permission
from register.catalogue.models import SavedView, SavedViewGroup
from register.catalogue.services import must_be_the_same_for_everyone
from register.core.errors import EditConflictError
from register.core.tracking import write_door
from register.groups.models import Remit
from register.groups.services.common import must

if TYPE_CHECKING:
    from register.accounts.models import User


@write_door
def set_remit(
    *,
    by: User | None,
    group: WorkingGroup,
    name: str,
    parameters: dict[str, list[str]],
    version: int | None = None,
) -> Remit:
    """What the group looks at, as parameters of the catalogue's filter (checked by its form).

    ValidationError on `parameters` for one that depends on who looks. EditConflictError if the remit is no longer at
    `version` (0: there was none). The view is the group's, nobody's own.
    """
    must(by, Permission.MANAGE_GROUP, group)
    must_be_the_same_for_everyone(parameters)
    # Two who set the first remit wait for each other here.
    WorkingGroup.objects.select_for_update(no_key=True).get(pk=group.pk)
    remit = Remit.objects.select_related("view").filter(group=group).first()
    if version is not None and version != (remit.view.version if remit else 0):
        raise EditConflictError(remit)
    if remit is None:
        view = SavedView.objects.create(name=name, parameters=parameters)
        SavedViewGroup.objects.create(view=view, group=group)
        return Remit.objects.create(group=group, view=view)
    remit.view.name, remit.view.parameters = name, parameters
    remit.view.version += 1
    remit.view.save(update_fields=["name", "parameters", "version"])
    return remit

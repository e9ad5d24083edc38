"""What a working group looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from register.accounts.models import WorkingGroup
from register.accounts.roles import Permission
from register.catalogue.models import SavedView, SavedViewGroup
from register.catalogue.services import must_be_the_same_for_everyone
from register.core.tracking import write_door
from register.groups.models import Remit
from register.groups.services.common import must

if TYPE_CHECKING:
    from register.accounts.models import User


@write_door
def set_remit(*, by: User | None, group: WorkingGroup, name: str, parameters: dict[str, list[str]]) -> Remit:
    """What the group looks at, as parameters of the catalogue's filter (checked by its form).

    ValidationError on `parameters` for one that depends on who looks. The view is the group's, nobody's own.
    """
    must(by, Permission.MANAGE_GROUP, group)
    must_be_the_same_for_everyone(parameters)
    remit = Remit.objects.select_related("view").filter(group=group).first()
    if remit is None:
        view = SavedView.objects.create(name=name, parameters=parameters)
        SavedViewGroup.objects.create(view=view, group=group)
        return Remit.objects.create(group=group, view=view)
    remit.view.name, remit.view.parameters = name, parameters
    remit.view.version += 1
    remit.view.save(update_fields=["name", "parameters", "version"])
    return remit

"""Every kind of reader there is: each role, within and without what a record names."""

from __future__ import annotations

from collections.abc import Callable

from register.accounts.models import User
from register.accounts.roles import FOR_ORGANISATION, FOR_REGISTER, Role
from tests.factories import person, working_group

READERS: dict[str, Callable[[], User]] = {
    **{str(role): lambda role=role: person(role) for role in sorted(FOR_REGISTER)},
    **{
        f"{role} of {where}": lambda role=role, where=where: person(role, at=where)
        for role in sorted(FOR_ORGANISATION)
        for where in ("derbyshire-police", "derbyshire-fire", "kent-police")
    },
    **{
        role: lambda role=role: person(role, group=working_group())
        for role in (Role.GROUP_MEMBER, Role.SECRETARY, Role.CHAIR)
    },
    "nobody in particular": person,
}

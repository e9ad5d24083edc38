"""Named people and records for tests, made through the same write doors as everything else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import count
from typing import Any

from register.accounts.models import User, WorkingGroup
from register.accounts.services import add_person, add_working_group, grant_role
from register.core.tracking import origin
from register.initiatives.models import Initiative
from register.initiatives.services import Part, log_initiative
from register.reference.models import AreaOfWork, Organisation, PoliceArea

TODAY = date(2026, 11, 23)

_numbers = count(1)


def organisation(code: str) -> Organisation:
    """One of the real organisations, by its code, such as `derbyshire-police`."""
    return Organisation.objects.get(code=code)


def person(
    role: str | None = None,
    *,
    at: str | Organisation | None = None,
    group: WorkingGroup | None = None,
    name: str = "",
    email: str = "",
) -> User:
    """Somebody with at most one role, held at an organisation (or its code), in a group, or in the register.

    They have no password (hashing one takes a third of a second): `client.force_login(user)`.
    """
    number = next(_numbers)
    with origin("test"):
        user = add_person(
            by=None,
            email=email or f"person{number}@example.org",
            name=name or f"Person {number}",
        )
        if role:
            where = organisation(at) if isinstance(at, str) else at
            grant_role(by=None, user=user, role=role, organisation=where, group=group)
    return user


def working_group(code: str = "", **fields: Any) -> WorkingGroup:
    code = code or f"group-{next(_numbers)}"
    with origin("test"):
        return add_working_group(
            by=None, **{"code": code, "name": f"The {code} group", "kind": "local"} | fields
        )


def initiative(
    title: str = "Shared workshop",
    *,
    lead: str = "derbyshire-police",
    parties: Sequence[str] = ("derbyshire-fire",),
    areas: Sequence[str] = ("fleet",),
    places: Sequence[str] = ("derbyshire",),
    by: User | None = None,
    on: date = TODAY,
    stage: str = "agreed",
    **fields: Any,
) -> Initiative:
    """A logged initiative: Derbyshire's police and fire share a workshop, unless told otherwise."""
    partners = [Part(organisation(lead), "lead")] if lead else []
    partners += [Part(organisation(code), "party") for code in parties]
    with origin("test"):
        return log_initiative(
            by=by,
            title=title,
            purpose=fields.pop("purpose", "Service police and fire vehicles in one place."),
            stage=stage,
            areas_of_work=list(AreaOfWork.objects.filter(code__in=areas)),
            partners=partners,
            places=list(PoliceArea.objects.filter(slug__in=places)),
            on=on,
            **fields,
        )

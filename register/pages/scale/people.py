"""Who writes in a seeded register: a contributor of each force and some fire services. None can sign in."""

from __future__ import annotations

from register.accounts.models import RoleGrant, WorkingGroup
from register.accounts.roles import Role
from register.accounts.services import add_person, grant_role
from register.core.tracking import origin
from register.pages.sample.people import add_groups
from register.reference.models import Organisation

DOMAIN = "scale.example"
FORCES, FIRE_SERVICES = 43, 17
NAMES = (
    "Alex",
    "Bo",
    "Cam",
    "Dee",
    "Eli",
    "Fran",
    "Gale",
    "Hari",
    "Indy",
    "Jude",
    "Kit",
    "Lee",
    "Max",
    "Noor",
)


def add_contributors() -> dict[int, int]:
    """By organisation the person who contributes for it, made once."""
    with origin("sample"):
        for number, body in enumerate(_contributing()):
            email = f"{body.code}@{DOMAIN}"
            if not RoleGrant.objects.filter(user__email=email).exists():
                user = add_person(
                    by=None, email=email, name=f"{NAMES[number % len(NAMES)]} of {body.label}"[:120]
                )
                grant_role(by=None, user=user, role=Role.CONTRIBUTOR, organisation=body)
    grants = RoleGrant.objects.filter(user__email__endswith=f"@{DOMAIN}", organisation__isnull=False)
    return {body: user for body, user in grants.values_list("organisation", "user") if body}


def named_groups() -> list[int]:
    """Working groups that audiences name: those that are there, else the demonstration's."""
    if not WorkingGroup.objects.filter(is_fictional=False).exists():
        with origin("sample"):
            add_groups()
    return list(WorkingGroup.objects.filter(is_fictional=False).order_by("pk").values_list("pk", flat=True))


def _contributing() -> list[Organisation]:
    found = Organisation.objects.filter(is_fictional=False, ends_on=None, areas__isnull=False).distinct()
    forces = found.filter(kind="police").order_by("code")[:FORCES]
    return [*forces, *found.filter(kind="fire").order_by("code")[:FIRE_SERVICES]]

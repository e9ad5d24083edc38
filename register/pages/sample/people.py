"""The demonstration's accounts: one for each role, all of them invented."""

from __future__ import annotations

from dataclasses import dataclass

from register.accounts.models import User, WorkingGroup
from register.accounts.roles import Role
from register.accounts.services import add_person, add_working_group, grant_role
from register.reference.models import Organisation

DOMAIN = "exampleshire.example"


@dataclass(frozen=True)
class Account:
    """Who somebody is: roles as (role, organisation code or "", group code or "")."""

    key: str
    name: str
    post: str
    roles: tuple[tuple[Role, str, str], ...]
    says: str

    @property
    def email(self) -> str:
        return f"{self.key}@{DOMAIN}"


ACCOUNTS = (
    Account(
        "contributor",
        "Sam Okafor",
        "Collaboration officer",
        (
            (Role.CONTRIBUTOR, "exampleshire-police", ""),
            (Role.CONTRIBUTOR, "hertfordshire-police", ""),
            (Role.GROUP_MEMBER, "", "exampleshire"),
            (Role.GROUP_MEMBER, "", "national"),
        ),
        "contributor (Exampleshire Police and Hertfordshire Constabulary)",
    ),
    Account(
        "lead",
        "Priya Nair",
        "Head of collaboration",
        ((Role.ORGANISATION_LEAD, "exampleshire-police", ""), (Role.GROUP_MEMBER, "", "exampleshire")),
        "organisation lead (Exampleshire Police)",
    ),
    Account(
        "fire",
        "Tom Ashby",
        "Group manager",
        ((Role.CONTRIBUTOR, "exampleshire-fire", ""), (Role.GROUP_MEMBER, "", "exampleshire")),
        "contributor (Exampleshire Fire and Rescue Service)",
    ),
    Account(
        "member",
        "Helen Marsh",
        "Regional adviser",
        ((Role.GROUP_MEMBER, "", "exampleshire"), (Role.GROUP_MEMBER, "", "eastern")),
        "group member (Exampleshire and Eastern groups)",
    ),
    Account(
        "secretary",
        "David Lloyd",
        "Board secretary",
        (
            (Role.SECRETARY, "", "exampleshire"),
            (Role.SECRETARY, "", "national"),
            (Role.SECRETARY, "", "eastern"),
        ),
        "secretary (all three groups)",
    ),
    Account(
        "chair",
        "Amina Yusuf",
        "Chair",
        ((Role.CHAIR, "", "exampleshire"), (Role.CHAIR, "", "national")),
        "chair (Exampleshire and national groups)",
    ),
    Account("reader", "Jo Brennan", "Policy officer", ((Role.READER, "", ""),), "reader"),
    Account("auditor", "Ruth Castle", "Internal auditor", ((Role.AUDITOR, "", ""),), "auditor"),
    Account(
        "administrator",
        "Neil Harper",
        "Register administrator",
        ((Role.ADMINISTRATOR, "", ""),),
        "administrator",
    ),
)

GROUPS: tuple[tuple[str, str, str, str, dict[str, list[str]], bool, bool], ...] = (
    (
        "national",
        "National working group",
        "national",
        "A demonstration. It looks at every collaboration in the register: the state of play, the opportunities"
        " for future working and the barriers to progress.",
        {},
        True,
        False,
    ),
    (
        "eastern",
        "Eastern group",
        "regional",
        "A demonstration. It looks at collaborations in the six police areas of the East of England.",
        {"region": ["E12000006"]},
        True,
        False,
    ),
    (
        "exampleshire",
        "Exampleshire working group",
        "local",
        "The fictional services of Exampleshire review what they do together every six weeks.",
        {"example": ["only"], "place": ["exampleshire"]},
        True,
        True,
    ),
)


def add_groups() -> dict[str, WorkingGroup]:
    """The three demonstration groups, made once."""
    found = {group.code: group for group in WorkingGroup.objects.all()}
    for code, name, kind, terms, _, demonstration, fictional in GROUPS:
        if code not in found:
            found[code] = add_working_group(
                by=None,
                code=code,
                name=name,
                kind=kind,
                terms=terms,
                is_demonstration=demonstration,
                is_fictional=fictional,
            )
    return found


def add_accounts(groups: dict[str, WorkingGroup]) -> dict[str, User]:
    """The accounts by key, made once and without a password: `demo_accounts` gives them one."""
    found = {}
    for account in ACCOUNTS:
        user = User.objects.filter(email=account.email).first()
        if user is None:
            user = add_person(by=None, email=account.email, name=account.name, post=account.post)
        for role, organisation, group in account.roles:
            grant_role(
                by=None,
                user=user,
                role=role,
                organisation=Organisation.objects.get(code=organisation) if organisation else None,
                group=groups[group] if group else None,
            )
        found[account.key] = user
    return found

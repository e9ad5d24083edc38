"""The eight roles and what each allows. A role is held for the register, an organisation or a working group."""

import enum

from django.db import models


class Role(models.TextChoices):
    READER = "reader", "Reader"
    CONTRIBUTOR = "contributor", "Contributor"
    ORGANISATION_LEAD = "organisation_lead", "Organisation lead"
    GROUP_MEMBER = "group_member", "Group member"
    SECRETARY = "secretary", "Secretary"
    CHAIR = "chair", "Chair"
    ADMINISTRATOR = "administrator", "Administrator"
    AUDITOR = "auditor", "Auditor"


class Audience(models.TextChoices):
    """Who may see a record. The first is the widest; OFFICIAL-SENSITIVE forbids it."""

    EVERYONE = "everyone", "Everyone signed in"
    PARTNERS = "partners", "Its partners"
    PARTNERS_AND_GROUPS = "partners_and_groups", "Its partners and named groups"
    DRAFT = "draft", "Draft: the lead organisation"


class Permission(enum.Enum):
    VIEW = "see it"
    OPEN = "open it"
    LOG = "log an initiative"
    EDIT = "keep it current"
    DELETE = "delete or restore it"
    HAND_OVER = "change who leads it"
    VERIFY_MONEY = "mark a figure as verified"
    VIEW_GROUP = "see a working group's pages"
    DECIDE = "record a group's decision"
    MANAGE_GROUP = "manage a working group"
    MANAGE_PEOPLE = "manage an organisation's people"
    MANAGE_REGISTER = "manage organisations, areas of work and people"
    AUDIT = "see every change"


_ORGANISATION = {
    Permission.VIEW,
    Permission.OPEN,
    Permission.LOG,
    Permission.EDIT,
    Permission.DELETE,
    Permission.HAND_OVER,
}
_GROUP = {Permission.VIEW, Permission.OPEN, Permission.VIEW_GROUP}

ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.READER: frozenset({Permission.VIEW, Permission.OPEN}),
    Role.CONTRIBUTOR: frozenset(_ORGANISATION),
    Role.ORGANISATION_LEAD: frozenset(_ORGANISATION | {Permission.VERIFY_MONEY, Permission.MANAGE_PEOPLE}),
    Role.GROUP_MEMBER: frozenset(_GROUP),
    Role.SECRETARY: frozenset(_GROUP | {Permission.DECIDE, Permission.MANAGE_GROUP}),
    Role.CHAIR: frozenset(_GROUP | {Permission.DECIDE}),
    # An administrator keeps the register, and does not decide for a group.
    Role.ADMINISTRATOR: frozenset(set(Permission) - {Permission.DECIDE}),
    Role.AUDITOR: frozenset({Permission.VIEW, Permission.OPEN, Permission.VIEW_GROUP, Permission.AUDIT}),
}

FOR_REGISTER = frozenset({Role.READER, Role.ADMINISTRATOR, Role.AUDITOR})
FOR_ORGANISATION = frozenset({Role.READER, Role.CONTRIBUTOR, Role.ORGANISATION_LEAD})
FOR_GROUP = frozenset({Role.GROUP_MEMBER, Role.SECRETARY, Role.CHAIR})
# Who holds one of these at an organisation may keep its records.
KEEPING = frozenset({Role.CONTRIBUTOR, Role.ORGANISATION_LEAD})
SEES_EVERYTHING = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})

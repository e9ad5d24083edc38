"""Who has an account: the people of an organisation, everybody for administrators, and whom to ask."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import QuerySet

from register.accounts.models import RoleGrant, User
from register.accounts.roles import Role
from register.reference.models import Organisation


def state_of(user: User) -> str:
    """Whether somebody can sign in, in words; empty where nothing is to be said."""
    if user.erased_at:
        return "Erased"
    if user.paused_at:
        return f"Paused on {user.paused_at:%-d %B %Y}: not used"
    if user.is_kept_out:
        return "Switched off by an administrator"
    if not user.is_active:
        return "Switched off"
    if user.asked_if_needed_at:
        return f"Asked on {user.asked_if_needed_at:%-d %B %Y} whether they still need it"
    return ""


@dataclass(frozen=True)
class PersonRow:
    user: User
    roles: str
    state: str

    @property
    def is_paused(self) -> bool:
        return self.user.paused_at is not None


def people_of(organisation: Organisation) -> list[PersonRow]:
    """Who holds a role at an organisation, by name: one query."""
    grants = RoleGrant.objects.filter(organisation=organisation, user__erased_at=None).select_related("user")
    held: dict[int, list[RoleGrant]] = defaultdict(list)
    for grant in grants.order_by("user__name", "user_id", "role"):
        held[grant.user_id].append(grant)
    return [
        PersonRow(
            mine[0].user,
            ", ".join(grant.get_role_display() for grant in mine),
            state_of(mine[0].user),
        )
        for mine in held.values()
    ]


STATES = {
    "": "Everybody",
    "on": "Can sign in",
    "asked": "Asked whether they still need it",
    "paused": "Paused",
    "off": "Switched off",
    "never": "Never been here",
}


def found_people(words: str, state: str) -> QuerySet[User]:
    """Everybody who was not erased, by name: with these words in their name or address, in one of STATES."""
    found = User.objects.filter(erased_at=None)
    for word in words.split():
        found = found.filter(name__icontains=word) | found.filter(email__icontains=word)
    match state:
        case "on":
            found = found.filter(is_active=True)
        case "asked":
            found = found.filter(is_active=True).exclude(asked_if_needed_at=None)
        case "paused":
            found = found.exclude(paused_at=None)
        case "off":
            found = found.filter(is_active=False, paused_at=None)
        case "never":
            found = found.filter(last_seen_at=None)
    return found.order_by("name", "pk")


def whom_to_ask(user: User) -> list[User]:
    """Who can let somebody in again: the leads of where they hold a role, else the administrators."""
    places = user.roles.exclude(organisation=None).values("organisation")
    leads = RoleGrant.objects.filter(organisation__in=places, role=Role.ORGANISATION_LEAD)
    active = User.objects.active().exclude(pk=user.pk)
    found = list(active.filter(pk__in=leads.values("user")).order_by("name"))
    return found or list(
        active.filter(pk__in=RoleGrant.objects.administrators().values("user")).order_by("name")
    )

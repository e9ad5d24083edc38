"""Whose a record is: who is asked whether it is still current, and who is told when they do not answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q

from register.accounts.models import RoleGrant
from register.accounts.roles import ALLOWED, FOR_ORGANISATION, Permission, Role
from register.initiatives.models import InitiativePartner
from register.initiatives.querysets import InitiativeQuerySet
from register.initiatives.vocabulary import EDITING_ROLES, PartnerRole

EDITORS = frozenset(role for role in FOR_ORGANISATION if Permission.EDIT in ALLOWED[role])


class Owners:
    """Who keeps each of some records current.

    A record's owner is the person who logged it, for as long as they contribute for an organisation. Where nobody
    did, or they have left, its owners are the contributors of the organisation that leads it; where that has none,
    its organisation leads. Where no source states a lead, the organisations that take part or host stand in for it.
    Whoever may not change the record is never its owner. The post that a record names as its owner is a text, and
    nobody's account.
    """

    def __init__(self, initiatives: InitiativeQuerySet) -> None:
        self._people = _people_by_organisation()
        self._contributing = set().union(*self._people.values()) if self._people else set()
        self._answering = _answering(initiatives)
        self._authors = dict(initiatives.order_by().values_list("pk", "created_by_id"))

    def of(self, initiative_id: int) -> set[int]:
        """The people who are asked about a record, by key."""
        author = self._authors.get(initiative_id)
        if author in self._contributing:
            return {author}
        organisations = self._organisations(initiative_id)
        return self._with(Role.CONTRIBUTOR, organisations) or self._with(
            Role.ORGANISATION_LEAD, organisations
        )

    def leads_of(self, initiative_id: int) -> set[int]:
        """Those who answer for the organisation that leads it; nobody where no source states a lead."""
        leading, _ = self._answering.get(initiative_id, (None, ()))
        return self._with(Role.ORGANISATION_LEAD, [leading] if leading else [])

    def _organisations(self, initiative_id: int) -> Iterable[int]:
        leading, taking_part = self._answering.get(initiative_id, (None, ()))
        return [leading] if leading else taking_part

    def _with(self, role: Role, organisations: Iterable[int]) -> set[int]:
        return set().union(*(self._people.get((organisation, role), set()) for organisation in organisations))


def _people_by_organisation() -> dict[tuple[int, Role], set[int]]:
    """Active people who may change an organisation's records, by organisation and role."""
    found: dict[tuple[int, Role], set[int]] = defaultdict(set)
    grants = RoleGrant.objects.filter(
        role__in=EDITORS, organisation__isnull=False, user__is_active=True, user__erased_at=None
    )
    for person, organisation, role in grants.values_list("user_id", "organisation_id", "role"):
        if organisation is not None:
            found[organisation, Role(role)].add(person)
    return dict(found)


def _answering(initiatives: InitiativeQuerySet) -> dict[int, tuple[int | None, list[int]]]:
    """For each record the organisation that leads it, if any, and those that take part or host."""
    leading: dict[int, int] = {}
    taking_part: dict[int, list[int]] = defaultdict(list)
    partners = InitiativePartner.objects.filter(
        Q(role__in=EDITING_ROLES), initiative__in=initiatives.order_by().values("pk")
    )
    for initiative, organisation, role in partners.order_by("pk").values_list(
        "initiative_id", "organisation_id", "role"
    ):
        taking_part[initiative].append(organisation)
        if role == PartnerRole.LEAD:
            leading[initiative] = organisation
    return {pk: (leading.get(pk), organisations) for pk, organisations in taking_part.items()}

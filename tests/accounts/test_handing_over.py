"""However somebody stops contributing at an organisation, what they kept there is not theirs any more, nor orphaned."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from register.accounts.models import User
from register.accounts.people.services import change_role_at
from register.accounts.providers import Provider, read_providers
from register.accounts.services import erase_person, grant_role
from register.accounts.work_accounts import follow_groups
from register.core.clock import now
from register.core.tracking import origin
from register.initiatives.models import Initiative
from tests.factories import initiative, organisation, person

pytestmark = pytest.mark.django_db

KENT = "kent-police"


@pytest.fixture
def sam() -> User:
    """A contributor at Kent and at Norfolk."""
    sam = person("contributor", at=KENT, name="Sam Okafor")
    do(grant_role, user=sam, role="contributor", organisation=organisation("norfolk-police"))
    return sam


@pytest.fixture
def draft(sam: User) -> Initiative:
    return initiative("Joint drones", lead=KENT, parties=[], by=sam, audience="draft")


@pytest.fixture
def elsewhere(sam: User) -> Initiative:
    return initiative("Joint vans", lead="norfolk-police", parties=[], by=sam)


def do(service: Any, **how: Any) -> Any:
    with origin("test"):
        return service(**({"by": None} | how))


def provider(roles: dict[str, str]) -> Provider:
    row = {"code": "kent", "name": "Kent", "issuer": "http://x.example", "client_id": "a", "secret": "b"}
    more = {"organisation": KENT, "email_domains": ["kent.police.uk"], "roles": roles}
    return read_providers(json.dumps([row | more]), insecure=True)["kent"]


def keeper(record: Initiative) -> int | None:
    return Initiative.objects.get(pk=record.pk).created_by_id


def opens(user: User, record: Initiative) -> int:
    client = Client()
    client.force_login(User.objects.get(pk=user.pk))
    return client.get(f"/initiatives/{record.reference}/edit/").status_code


WAYS: dict[str, Any] = {
    "a lesser role": lambda sam: do(change_role_at, user=sam, organisation=organisation(KENT), role="reader"),
    "the groups of a work account": lambda sam: do(
        follow_groups, provider=provider({"g1": "contributor"}), user=sam, groups=[]
    ),
    "a lesser group": lambda sam: do(
        follow_groups, provider=provider({"g1": "contributor", "g2": "reader"}), user=sam, groups=["g2"]
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_who_contributes_there_no_more_keeps_nothing_of_it(
    sam: User, draft: Initiative, elsewhere: Initiative, way: str
) -> None:
    assert opens(sam, draft) == 200
    WAYS[way](sam)
    assert (keeper(draft), keeper(elsewhere)) == (None, sam.pk)
    expected = 403 if "lesser" in way else 404  # a reader of the lead sees it
    assert (opens(sam, draft), opens(sam, elsewhere)) == (expected, 200)
    assert opens(person("contributor", at=KENT), draft) == 200


@pytest.mark.parametrize("groups", [["g1"], ["g2"], ["g1", "g2"], None])
def test_who_still_contributes_keeps_it(sam: User, draft: Initiative, groups: list[str] | None) -> None:
    roles = {"g1": "contributor", "g2": "organisation_lead"}
    do(follow_groups, provider=provider(roles), user=sam, groups=groups)
    assert keeper(draft) == sam.pk


def test_a_higher_role_keeps_it_too(sam: User, draft: Initiative) -> None:
    do(change_role_at, user=sam, organisation=organisation(KENT), role="organisation_lead")
    assert keeper(draft) == sam.pk


def test_who_is_erased_keeps_nothing(sam: User, draft: Initiative, elsewhere: Initiative) -> None:
    do(erase_person, user=sam, at=now())
    assert (keeper(draft), keeper(elsewhere)) == (None, None)

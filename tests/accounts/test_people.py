"""Who manages a place sees its people, changes their role and ends it; what they kept is never orphaned."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from register.accounts.models import RoleGrant, User
from register.accounts.people.services import (
    change_role_at,
    end_roles_at,
    pause_account,
    switch_off,
    switch_on,
    wake_account,
)
from register.accounts.services import change_person, erase_person, grant_role, revoke_role
from register.core.clock import now
from register.core.tracking import origin, recorded
from register.history.models import Change
from register.initiatives.models import Initiative
from register.initiatives.services import delete_initiative
from tests.factories import initiative, organisation, person, working_group
from tests.support.at_once import at_once

PEOPLE = "/organisations/kent-police/people/"


@pytest.fixture
def lead(db: None) -> User:
    return person("organisation_lead", at="kent-police", name="Ivy Lead")


@pytest.fixture
def sam(lead: User) -> User:
    return person("contributor", at="kent-police", name="Sam Okafor", email="sam@kent.police.uk")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def do(service: Any, **how: Any) -> Any:
    with origin("test"):
        return service(**({"by": None} | how))


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def roles(user: User) -> list[str]:
    return [str(grant) for grant in user.roles.order_by("pk")]


def test_a_lead_sees_who_has_an_account_at_their_organisation_and_nobody_else(lead: User, sam: User) -> None:
    person("contributor", at="kent-fire", name="Nobody Here", email="nobody@fire.example")
    html = signed_in(lead).get(PEOPLE).content.decode()
    assert "Sam Okafor" in html
    assert "sam@kent.police.uk" in html
    assert "Nobody Here" not in html
    assert PEOPLE in signed_in(lead).get("/account/").content.decode()
    assert PEOPLE in signed_in(lead).get("/organisations/kent-police/").content.decode()


@pytest.mark.parametrize(
    ("role", "at"),
    [("contributor", "kent-police"), ("organisation_lead", "kent-fire"), ("auditor", None), ("reader", None)],
)
def test_nobody_else_sees_or_changes_the_people_of_an_organisation(
    sam: User, role: str, at: str | None
) -> None:
    client = signed_in(person(role, at=at))
    for path in ("", f"{sam.public_id}/", f"{sam.public_id}/end/", "invite/"):
        assert client.get(PEOPLE + path).status_code == 403
    for path in (f"{sam.public_id}/", f"{sam.public_id}/end/", f"{sam.public_id}/wake/"):
        assert client.post(PEOPLE + path, {"role": "reader"}).status_code == 403
    for path in ("/people/", f"/people/{sam.public_id}/manage/"):
        assert client.get(path).status_code == 403
    assert client.post(f"/people/{sam.public_id}/switch-off/", {"reason": "x"}).status_code == 403
    assert roles(sam) == ["Contributor, Kent Police"]


def test_a_lead_changes_a_role_and_says_why(lead: User, sam: User) -> None:
    told = {"role": "organisation_lead", "reason": "Acting up"}
    assert signed_in(lead).post(f"{PEOPLE}{sam.public_id}/", told).status_code == 302
    assert roles(sam) == ["Organisation lead, Kent Police"]
    changes = Change.objects.filter(table_name="register_rolegrant").order_by("-pk")[:2]
    assert {(change.actor_id, change.reason) for change in changes} == {(lead.pk, "Acting up")}


def test_a_lead_can_not_change_the_role_of_somebody_of_another_organisation(lead: User) -> None:
    other = person("contributor", at="kent-fire")
    assert signed_in(lead).get(f"{PEOPLE}{other.public_id}/").status_code == 404
    with pytest.raises(PermissionDenied):
        do(change_role_at, by=lead, user=other, organisation=organisation("kent-fire"), role="reader")
    with pytest.raises(ValidationError):
        do(change_role_at, by=lead, user=other, organisation=organisation("kent-police"), role="reader")


def test_a_lead_can_give_no_role_of_another_kind(lead: User, sam: User) -> None:
    for role in ("administrator", "secretary"):
        assert signed_in(lead).post(f"{PEOPLE}{sam.public_id}/", {"role": role}).status_code == 422
        with pytest.raises(ValidationError):
            do(change_role_at, by=lead, user=sam, organisation=organisation("kent-police"), role=role)


def test_the_only_lead_stays_until_there_is_another(lead: User, sam: User) -> None:
    kent = organisation("kent-police")
    answer = signed_in(lead).post(f"{PEOPLE}{lead.public_id}/", {"role": "reader"})
    assert answer.status_code == 422
    assert "only lead" in answer.content.decode()
    with pytest.raises(ValidationError, match="only lead"):
        do(end_roles_at, by=lead, user=lead, organisation=kent, to=sam)
    do(change_role_at, by=lead, user=sam, organisation=kent, role="organisation_lead")
    answer = signed_in(lead).post(f"{PEOPLE}{lead.public_id}/", {"role": "reader"})
    assert (answer.status_code, answer["Location"]) == (302, "/account/")


def test_the_page_that_hands_over_is_marked_as_what_it_names(lead: User, sam: User) -> None:
    initiative("Joint drones", lead="kent-police", by=sam)
    page = signed_in(lead).get(f"{PEOPLE}{sam.public_id}/end/").content.decode()
    assert "OFFICIAL-SENSITIVE" not in page
    initiative("Safe house", lead="kent-police", by=sam, audience="partners", marking="official_sensitive")
    page = signed_in(lead).get(f"{PEOPLE}{sam.public_id}/end/").content.decode()
    assert '<span class="bl-official">OFFICIAL-SENSITIVE</span>' in page
    assert page.count("OFFICIAL-SENSITIVE") == 2
    assert "not named here" not in page


def test_what_somebody_kept_goes_to_a_colleague_when_they_leave(lead: User, sam: User) -> None:
    kept = initiative("Joint drones", lead="kent-police", by=sam)
    binned = initiative("Joint boats", lead="kent-fire", parties=["kent-police"], by=sam)
    do(delete_initiative, initiative=binned, reason="A double.", at=now())
    elsewhere = initiative("Joint vans", lead="norfolk-police", parties=[], by=sam)
    html = signed_in(lead).get(f"{PEOPLE}{sam.public_id}/end/").content.decode()
    assert "They keep 2 initiatives" in html
    assert "Joint drones" in html
    assert "1 more is handed over and not named here" in html
    missing = signed_in(lead).post(f"{PEOPLE}{sam.public_id}/end/", {})
    assert missing.status_code == 422
    told = {"to": lead.public_id, "reason": "Gone to Essex"}
    assert signed_in(lead).post(f"{PEOPLE}{sam.public_id}/end/", told).status_code == 302
    assert {fresh_keeper(kept), fresh_keeper(binned)} == {lead.pk}
    # No colleague at Kent may see to Norfolk's: who leads it answers for it.
    assert fresh_keeper(elsewhere) == sam.pk
    change = Change.objects.of(kept).order_by("-pk").first()
    assert change is not None
    assert (change.after, change.reason, change.actor_id) == (
        {"created_by_id": lead.pk},
        "Gone to Essex",
        lead.pk,
    )


def fresh_keeper(record: Initiative) -> int | None:
    return Initiative.objects.get(pk=record.pk).created_by_id


@pytest.mark.parametrize("who", ["themselves", "a reader", "a stranger", "nobody in particular"])
def test_it_goes_only_to_who_may_keep_it(lead: User, sam: User, who: str) -> None:
    initiative("Joint drones", lead="kent-police", by=sam)
    to = {
        "themselves": lambda: sam,
        "a reader": lambda: person("reader", at="kent-police"),
        "a stranger": lambda: person("contributor", at="kent-fire"),
        "nobody in particular": person,
    }[who]()
    answer = signed_in(lead).post(f"{PEOPLE}{sam.public_id}/end/", {"to": to.public_id})
    assert answer.status_code == 422
    with pytest.raises(ValidationError):
        do(end_roles_at, by=lead, user=sam, organisation=organisation("kent-police"), to=to)
    assert roles(sam)


def test_who_holds_no_other_role_is_signed_out_and_kept_out(lead: User, sam: User) -> None:
    theirs = signed_in(sam)
    assert theirs.get("/account/").status_code == 200
    signed_in(lead).post(f"{PEOPLE}{sam.public_id}/end/", {})
    assert theirs.get("/account/").status_code == 302
    assert not fresh(sam).is_active


def test_who_holds_a_role_elsewhere_can_still_sign_in(lead: User, sam: User) -> None:
    do(grant_role, user=sam, role="group_member", group=working_group())
    signed_in(lead).post(f"{PEOPLE}{sam.public_id}/end/", {})
    assert fresh(sam).is_active
    assert len(roles(sam)) == 1


def test_where_nobody_else_may_keep_it_who_leads_it_answers(db: None) -> None:
    only = person("contributor", at="kent-police")
    kept = initiative("Joint drones", lead="kent-police", by=only)
    client = signed_in(person("administrator"))
    html = client.get(f"{PEOPLE}{only.public_id}/end/").content.decode()
    assert "Nobody else here may change records" in html
    assert client.post(f"{PEOPLE}{only.public_id}/end/", {}).status_code == 302
    assert fresh_keeper(kept) is None


def test_a_lead_wakes_who_was_paused_and_nobody_who_was_switched_off(lead: User, sam: User) -> None:
    do(pause_account, user=sam, now=now())
    client = signed_in(lead)
    assert "Paused on" in client.get(PEOPLE).content.decode()
    client.post(f"{PEOPLE}{sam.public_id}/wake/")
    assert fresh(sam).is_active
    do(switch_off, user=fresh(sam), reason="Under investigation")
    client.post(f"{PEOPLE}{sam.public_id}/wake/")
    assert not fresh(sam).is_active
    with pytest.raises(PermissionDenied):
        do(switch_on, by=lead, user=fresh(sam), now=now())
    with pytest.raises(PermissionDenied):
        do(wake_account, by=person("organisation_lead", at="kent-fire"), user=fresh(sam), now=now())


def test_an_administrator_finds_anybody_and_keeps_them_out_at_once(sam: User) -> None:
    client, theirs = signed_in(person("administrator")), signed_in(sam)
    found = client.get("/people/?q=oka+kent").content.decode()
    assert f"/people/{sam.public_id}/manage/" in found
    assert "Ivy Lead" not in found
    page = f"/people/{sam.public_id}/"
    assert client.post(f"{page}switch-off/", {}).status_code == 422
    assert client.post(f"{page}switch-off/", {"reason": "Lost laptop"}).status_code == 302
    assert theirs.get("/account/").status_code == 302
    assert f"/people/{sam.public_id}/manage/" in client.get("/people/?state=off").content.decode()
    assert client.post(f"{page}switch-on/").status_code == 302
    assert fresh(sam).is_active
    assert roles(sam) == ["Contributor, Kent Police"]


def test_an_administrator_ends_roles_in_groups_and_the_register(db: None) -> None:
    user = person("auditor")
    do(grant_role, user=user, role="chair", group=working_group())
    client = signed_in(person("administrator"))
    for grant in user.roles.all():
        assert client.post(f"/people/{user.public_id}/roles/{grant.pk}/end/").status_code == 302
    assert not user.roles.exists()
    # At an organisation it is asked first who keeps what they kept.
    other = person("contributor", at="kent-police")
    assert client.post(f"/people/{other.public_id}/roles/{other.roles.get().pk}/end/").status_code == 404


def test_one_puts_right_ones_own_name_and_nobody_elses(sam: User, lead: User) -> None:
    told = {
        "name": "Sam O’Kafor",
        "post": "Head of boats",
        "telephone": "01622 1",
        "email": "x@example.org",
        "is_active": "",
    }
    assert signed_in(sam).post("/account/details/", told).status_code == 302
    assert (fresh(sam).name, fresh(sam).email, fresh(sam).is_active) == (
        "Sam O’Kafor",
        "sam@kent.police.uk",
        True,
    )
    assert signed_in(sam).post("/account/details/", {"name": ""}).status_code == 422
    assert fresh(lead).name == "Ivy Lead"


def test_an_administrator_changes_an_address_and_they_sign_in_with_the_new_one(sam: User, lead: User) -> None:
    client, page = signed_in(person("administrator")), f"/people/{sam.public_id}/edit/"
    told = {"name": "Sam Okafor", "email": lead.email.upper(), "post": "", "telephone": ""}
    answer = client.post(page, told)
    assert answer.status_code == 422
    assert "already signs in" in answer.content.decode()
    assert client.post(page, told | {"email": "Sam.Okafor@kent.police.uk"}).status_code == 302
    assert fresh(sam).email == "sam.okafor@kent.police.uk"
    assert [one.email for one in EmailAddress.objects.filter(user=sam)] == ["sam.okafor@kent.police.uk"]
    assert signed_in(lead).post(page, told).status_code == 403


@pytest.mark.parametrize("how", ["revoke", "switch off", "pause", "change", "erase"])
def test_the_last_administrator_stays_whichever_way_they_would_go(db: None, how: str) -> None:
    last, switched_off = person("administrator"), person("administrator")
    User.objects.filter(pk=switched_off.pk).update(is_active=False)
    ways = {
        "revoke": lambda: revoke_role(by=None, grant=last.roles.get()),
        "switch off": lambda: switch_off(by=None, user=last, reason="x"),
        "pause": lambda: pause_account(by=None, user=last, now=now()),
        "change": lambda: change_person(by=None, user=last, email=last.email, is_active=False),
        "erase": lambda: erase_person(by=None, user=last, at=now()),
    }
    with origin("test"), pytest.raises(ValidationError, match="last administrator"):
        ways[how]()
    assert fresh(last).is_active
    assert last.roles.exists()


def test_of_two_administrators_who_remove_each_other_at_once_one_stays(fresh_database: Any) -> None:
    for pair in (("revoke", "revoke"), ("switch off", "switch off"), ("revoke", "switch off")):
        one, other = person("administrator"), person("administrator")

        def going(way: str, by: User, whom: User) -> Any:
            if way == "revoke":
                return partial(revoke_role, by=by, grant=whom.roles.get())
            return partial(switch_off, by=by, user=whom, reason="x")

        found = at_once([going(pair[0], one, other), going(pair[1], other, one)])
        assert sorted(result is None for result in found) == [False, True], pair
        [left] = RoleGrant.objects.administrators().filter(user__is_active=True)
        # The next pair begins with nobody.
        with origin("test"), recorded(by=None):
            User.objects.filter(pk=left.user_id).update(is_active=False)


def test_of_two_leads_who_step_down_at_once_one_stays(fresh_database: Any) -> None:
    kent = organisation("kent-police")
    leads = [person("organisation_lead", at="kent-police") for _ in range(2)]
    found = at_once(
        [partial(change_role_at, by=user, user=user, organisation=kent, role="reader") for user in leads]
    )
    assert sorted(result is None for result in found) == [False, True]
    assert RoleGrant.objects.filter(organisation=kent, role="organisation_lead").count() == 1

"""Whoever is taken out of the last place they were in is out, and whom an administrator put out nobody else lets in."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from register.accounts.joining.links import invitation_url
from register.accounts.joining.models import Invitation
from register.accounts.joining.services import accept_invitation, invite
from register.accounts.models import RoleGrant, User, WorkingGroup
from register.accounts.people.services import end_roles_at, switch_off, switch_on
from register.accounts.services import erase_person, grant_role
from register.core.clock import now
from register.core.tracking import origin, recorded
from register.groups.services import change_group_roles, remove_from_group
from tests.accounts.support import PASSWORD, sign_in, with_password
from tests.factories import organisation, person, working_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def group() -> WorkingGroup:
    return working_group()


@pytest.fixture
def sam(group: WorkingGroup) -> User:
    return with_password("group_member", group=group, name="Sam Okafor", email="sam@gmail.com")


def do(service: Any, **how: Any) -> Any:
    with origin("test"):
        return service(**({"by": None} | how))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def is_in(user: User) -> bool:
    return User.objects.get(pk=user.pk).is_active


def test_who_is_taken_out_of_their_last_group_is_signed_out_and_kept_out(
    group: WorkingGroup, sam: User
) -> None:
    secretary, theirs = signed_in(person("secretary", group=group)), Client()
    sign_in(theirs, sam)
    address = f"/groups/{group.code}/members/{sam.public_id}/remove/"
    assert b"They hold no other role: their account is switched off" in secretary.get(address).content
    assert secretary.post(address, {"reason": "Gone"}).status_code == 302
    assert theirs.get("/initiatives/")["Location"].startswith("/account/login/")
    assert sign_in(Client(), sam).status_code != 302
    assert not is_in(sam)


def test_who_is_in_another_place_too_stays(group: WorkingGroup, sam: User) -> None:
    do(grant_role, user=sam, role="reader", organisation=organisation("kent-police"))
    address = f"/groups/{group.code}/members/{sam.public_id}/remove/"
    secretary = signed_in(person("secretary", group=group))
    assert b"their account is switched off" not in secretary.get(address).content
    secretary.post(address, {"reason": "Gone"})
    assert is_in(sam)


def test_so_it_is_by_every_service_that_takes_roles_away(group: WorkingGroup, sam: User) -> None:
    do(change_group_roles, group=group, user=sam, give=["chair"], take=["group_member"])
    assert is_in(sam)
    do(change_group_roles, group=group, user=sam, give=[], take=["chair"])
    assert not is_in(sam)
    other = person("group_member", group=group)
    do(remove_from_group, group=group, user=other)
    assert not is_in(other)


def test_and_on_the_page_of_a_person(group: WorkingGroup, sam: User) -> None:
    administrator = signed_in(person("administrator"))
    grant = RoleGrant.objects.get(user=sam)
    administrator.post(f"/people/{sam.public_id}/roles/{grant.pk}/end/")
    assert not is_in(sam)


def test_an_invitation_lets_who_was_let_go_in_again(group: WorkingGroup, sam: User) -> None:
    do(remove_from_group, group=group, user=sam)
    invitation = do(
        invite, email=sam.email, role="reader", organisation=organisation("kent-police"), now=now()
    )
    do(accept_invitation, invitation=invitation, now=now(), name="Sam Okafor", password=PASSWORD)
    assert is_in(sam)


# -- Put out by an administrator ------------------------------------------------------------------------------------


def put_out(sam: User, group: WorkingGroup) -> Invitation:
    """Invited elsewhere before; then an administrator put them out, and their roles ended."""
    earlier = do(invite, email=sam.email, role="reader", organisation=organisation("kent-fire"), now=now())
    do(switch_off, user=sam, reason="Misconduct")
    do(remove_from_group, group=group, user=sam)
    return earlier


def test_nobody_invites_whom_an_administrator_put_out(group: WorkingGroup, sam: User) -> None:
    put_out(sam, group)
    lead = person("organisation_lead", at="kent-police")
    answer = signed_in(lead).post(
        "/organisations/kent-police/people/invite/", {"email": "SAM@gmail.com", "role": "reader"}
    )
    assert answer.status_code == 422
    assert b"An administrator has switched" in answer.content
    assert Invitation.objects.count() == 1


def test_nor_does_an_invitation_from_before_let_them_in(group: WorkingGroup, sam: User) -> None:
    earlier = put_out(sam, group)
    path = invitation_url(earlier).removeprefix("http://localhost:8000")
    for answer in (Client().get(path), Client().post(path, {"name": "Sam", "password": PASSWORD})):
        assert answer.status_code == 403
        assert b"switched off" in answer.content
    with pytest.raises(ValidationError):
        do(accept_invitation, invitation=earlier, now=now(), name="Sam", password=PASSWORD)
    assert not is_in(sam)


def test_an_administrator_lets_them_in_again(group: WorkingGroup, sam: User) -> None:
    earlier = put_out(sam, group)
    administrator = signed_in(person("administrator"))
    page = f"/people/{sam.public_id}/manage/"
    assert b"Switched off by an administrator" in administrator.get(page).content
    administrator.post(f"/people/{sam.public_id}/switch-on/")
    current = User.objects.get(pk=sam.pk)
    assert (current.is_active, current.is_kept_out) == (True, False)
    do(accept_invitation, by=current, invitation=earlier, now=now())
    assert current.roles.get().role == "reader"


def test_ending_their_roles_does_not_forget_it_and_erasing_does(group: WorkingGroup, sam: User) -> None:
    do(grant_role, user=sam, role="reader", organisation=organisation("kent-police"))
    do(switch_off, user=sam, reason="Misconduct")
    do(end_roles_at, user=sam, organisation=organisation("kent-police"), to=None)
    do(remove_from_group, group=group, user=sam)
    assert User.objects.get(pk=sam.pk).is_kept_out
    do(erase_person, user=User.objects.get(pk=sam.pk), at=now())
    assert not User.objects.get(pk=sam.pk).is_kept_out


def test_the_database_knows_no_one_who_is_kept_out_and_in(sam: User) -> None:
    with pytest.raises(IntegrityError), origin("test"), recorded(by=None), transaction.atomic():
        User.objects.filter(pk=sam.pk).update(is_kept_out=True)
    do(switch_off, user=sam, reason="Misconduct")
    do(switch_on, user=User.objects.get(pk=sam.pk), now=now())
    assert is_in(sam)

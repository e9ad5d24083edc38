"""The eight roles and what each may do."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from register.accounts.models import RoleGrant, User
from register.accounts.permissions import has_permission, require
from register.accounts.roles import FOR_GROUP, FOR_ORGANISATION, FOR_REGISTER, Permission, Role
from register.accounts.services import add_person, erase_person, grant_role, revoke_role
from register.core.clock import now
from register.core.tracking import origin, recorded
from tests.factories import initiative, organisation, person, working_group

pytestmark = pytest.mark.django_db


def holder(role: Role):
    """Somebody who holds the role where it belongs: Derbyshire police, or a group."""
    if role in FOR_GROUP:
        return person(role, group=working_group())
    if role in FOR_ORGANISATION and role not in FOR_REGISTER:
        return person(role, at="derbyshire-police")
    return person(role)


# The whole table, written out: who may do what to an ordinary record that Derbyshire police leads.
MAY = {
    Role.READER: {Permission.VIEW},
    Role.CONTRIBUTOR: {Permission.VIEW, Permission.EDIT, Permission.DELETE},
    Role.ORGANISATION_LEAD: {
        Permission.VIEW,
        Permission.EDIT,
        Permission.DELETE,
        Permission.VERIFY_MONEY,
    },
    Role.GROUP_MEMBER: {Permission.VIEW},
    Role.SECRETARY: {Permission.VIEW},
    Role.CHAIR: {Permission.VIEW},
    Role.ADMINISTRATOR: {Permission.VIEW, Permission.EDIT, Permission.DELETE, Permission.VERIFY_MONEY},
    Role.AUDITOR: {Permission.VIEW},
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_do_to_a_record_what_the_table_says(role: Role) -> None:
    user, record = holder(role), initiative()
    asked = (Permission.VIEW, Permission.EDIT, Permission.DELETE, Permission.VERIFY_MONEY)
    assert {p for p in asked if has_permission(user, p, record)} == MAY[role]


@pytest.mark.parametrize("role", list(Role))
def test_only_those_who_contribute_may_log(role: Role) -> None:
    may = role in (Role.CONTRIBUTOR, Role.ORGANISATION_LEAD, Role.ADMINISTRATOR)
    assert has_permission(holder(role), Permission.LOG) is may


@pytest.mark.parametrize("role", sorted(FOR_GROUP))
def test_a_role_in_one_group_opens_no_other(role: str) -> None:
    group, other = working_group(), working_group()
    user = person(role, group=group)
    assert has_permission(user, Permission.VIEW_GROUP, group)
    assert not has_permission(user, Permission.VIEW_GROUP, other)


@pytest.mark.parametrize(("role", "may"), [("group_member", False), ("secretary", True), ("chair", True)])
def test_the_secretary_and_the_chair_record_decisions(role: str, may: bool) -> None:
    group = working_group()
    assert has_permission(person(role, group=group), Permission.DECIDE, group) is may


def test_an_administrator_does_not_decide_for_a_group() -> None:
    assert not has_permission(person("administrator"), Permission.DECIDE, working_group())


def test_a_contributor_elsewhere_may_not_edit() -> None:
    record = initiative()
    assert not has_permission(person("contributor", at="kent-police"), Permission.EDIT, record)
    assert has_permission(person("contributor", at="derbyshire-fire"), Permission.EDIT, record)


def test_who_logged_a_record_keeps_it_current_while_they_contribute() -> None:
    author = person("contributor", at="kent-police")
    record = initiative(by=author)
    assert has_permission(author, Permission.EDIT, record)
    with origin("test"):
        revoke_role(by=None, grant=author.roles.get())
    assert not has_permission(User.objects.get(pk=author.pk), Permission.EDIT, record)


def test_someone_whose_account_is_off_may_nothing() -> None:
    user = person("administrator")
    user.is_active = False
    assert not any(has_permission(user, permission) for permission in Permission)


def test_being_refused_says_what_the_roles_do_not_allow() -> None:
    with pytest.raises(PermissionDenied, match="log an initiative"):
        require(person("reader"), Permission.LOG)


@pytest.mark.parametrize(
    ("role", "where"),
    [
        ("secretary", "register"),
        ("administrator", "organisation"),
        ("contributor", "group"),
        ("auditor", "group"),
    ],
)
def test_the_database_refuses_a_role_where_it_does_not_belong(role: str, where: str) -> None:
    user = person()
    places = {
        "register": {},
        "organisation": {"organisation": organisation("kent-police")},
        "group": {"group": working_group()},
    }
    with origin("test"), pytest.raises(IntegrityError), recorded(by=None), transaction.atomic():
        RoleGrant.objects.create(user=user, role=role, **places[where])


def test_the_last_administrator_stays() -> None:
    RoleGrant.objects.filter(role=Role.ADMINISTRATOR)
    user = person("administrator")
    with origin("test"), pytest.raises(ValidationError, match="last administrator"):
        revoke_role(by=None, grant=user.roles.get())


def test_granting_twice_is_granting_once() -> None:
    user = person("contributor", at="kent-police")
    with origin("test"):
        grant_role(by=None, user=user, role="contributor", organisation=organisation("kent-police"))
    assert user.roles.count() == 1


def test_two_people_cannot_sign_in_with_one_address_however_it_is_written() -> None:
    person(email="sam@example.org")
    with origin("test"), pytest.raises(ValidationError, match="already signs in"):
        add_person(by=None, email="SAM@example.org", name="Another Sam")


def test_erasing_a_person_forgets_who_they_are_and_what_they_may() -> None:
    user = person("contributor", at="kent-police", name="Sam Okafor", email="sam@example.org")
    with origin("test"):
        erase_person(by=None, user=user, at=now())
    left = User.objects.get(pk=user.pk)
    assert left.get_full_name() == "Someone who has left"
    assert "sam" not in f"{left.email}{left.name}{left.post}"
    assert not left.is_active
    assert not left.has_usable_password()
    assert not left.roles.exists()

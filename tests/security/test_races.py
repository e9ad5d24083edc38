"""Of two who do at one moment what only one may do, one does: with connections and commits of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError

from register.accounts.joining.models import Invitation
from register.accounts.joining.services import accept_invitation, invite
from register.accounts.models import RoleGrant, User
from register.accounts.services import grant_role, revoke_role
from register.catalogue.models import InitiativeFollow
from register.catalogue.services import follow_initiative
from register.core.clock import now
from register.core.errors import EditConflictError
from register.core.tracking import origin
from register.groups.services import arrange_meeting, flag_for_review, record_decision
from register.initiatives.models import Initiative
from register.initiatives.services import (
    change_barrier,
    delete_initiative,
    edit_initiative,
    raise_barrier,
)
from register.meetings.services import end_meeting, start_meeting
from tests.factories import TODAY, initiative, organisation, person, working_group
from tests.groups.test_at_once import at_once
from tests.support.database import Database
from tests.support.hostile import Attack

KIND = "races"
REFUSED = (ValidationError, PermissionDenied, EditConflictError, DatabaseError)


@pytest.fixture(scope="module")
def committed(worker_database: Database, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database of this file's own: what its tests commit is told apart by who and what it is about."""
    own = Database(worker_database.run, f"{worker_database.name}_races", worker_database.template)
    with django_db_blocker.unblock():
        own.renew()
        own.use()
        try:
            yield
        finally:
            worker_database.use()
            own.drop()


def together(*works: Callable[[], Any]) -> list[Any]:
    """What became of each: its answer, or how it was refused."""

    def work(one: Callable[[], Any]) -> Any:
        try:
            return one()
        except (EditConflictError, PermissionDenied, DatabaseError) as error:
            return error

    return at_once([partial(work, one) for one in works])


def won(found: list[Any]) -> list[Any]:
    return [one for one in found if not isinstance(one, REFUSED)]


def test_two_administrators_who_remove_each_other_leave_one(committed: None, attack: Attack) -> None:
    attack(KIND, "the last administrator")
    both = [person("administrator") for _ in range(2)]
    grants = [RoleGrant.objects.get(user=user, role="administrator") for user in both]
    together(
        partial(revoke_role, by=both[0], grant=grants[1]), partial(revoke_role, by=both[1], grant=grants[0])
    )
    assert RoleGrant.objects.filter(role="administrator", user__is_active=True).exists()


def test_two_administrators_who_step_down_leave_one(committed: None, attack: Attack) -> None:
    attack(KIND, "the last administrator steps down")
    there = RoleGrant.objects.filter(role="administrator")
    both = [person("administrator") for _ in range(2)]
    grants = list(there.order_by("pk"))
    together(*(partial(revoke_role, by=grant.user, grant=grant) for grant in grants))
    assert there.filter(user__is_active=True).exists()
    assert len(both) == 2


def test_two_secretaries_who_step_down_leave_one(committed: None, attack: Attack) -> None:
    attack(KIND, "the last secretary")
    group = working_group()
    both = [person("secretary", group=group) for _ in range(2)]
    grants = [RoleGrant.objects.get(user=user) for user in both]
    found = together(*(partial(revoke_role, by=grant.user, grant=grant) for grant in grants))
    assert RoleGrant.objects.filter(group=group, role="secretary").count() == 1
    assert len(won(found)) == 1


def test_an_invitation_lets_one_in(committed: None, attack: Attack) -> None:
    attack(KIND, "one invitation, three who use it")
    with origin("test"):
        made = invite(
            by=None,
            email="one@example.org",
            role="reader",
            now=now(),
            organisation=organisation("kent-police"),
        )
    use = partial(
        accept_invitation, by=None, invitation=made, name="Eve", post="x", password="a kettle of seven herons",
        now=now(),
    )  # fmt: skip
    found = together(*([use] * 3))
    assert User.objects.filter(email="one@example.org").count() == 1
    assert RoleGrant.objects.filter(user__email="one@example.org").count() == 1
    assert len(won(found)) == 1, found


def test_one_person_is_invited_once(committed: None, attack: Attack) -> None:
    attack(KIND, "two invitations to one address")
    told = {"by": None, "email": "two@example.org", "role": "reader", "now": now()}
    together(*([partial(invite, **told, organisation=organisation("kent-police"))] * 2))
    assert Invitation.objects.filter(email="two@example.org").count() == 1


def test_one_version_of_a_record_is_changed_once(committed: None, attack: Attack) -> None:
    attack(KIND, "two versions of a record")
    record = initiative("A record")
    edit = partial(edit_initiative, by=None, initiative=record, version=1, on=TODAY)
    found = together(partial(edit, title="One"), partial(edit, title="Two"), partial(edit, title="Three"))
    assert len(won(found)) == 1
    assert Initiative.objects.get(pk=record.pk).version == 2


def test_one_version_of_a_row_is_changed_once(committed: None, attack: Attack) -> None:
    attack(KIND, "two versions of a barrier")
    told = {"category": "governance", "severity": "low", "remover": "government", "raised_on": TODAY}
    with origin("test"):
        barrier = raise_barrier(by=None, initiative=initiative(), on=TODAY, title="A wall", **told)
    change = partial(change_barrier, by=None, barrier=barrier, version=1, on=TODAY)
    found = together(partial(change, title="One"), partial(change, title="Two"))
    assert len(won(found)) == 1


def test_a_record_is_deleted_or_changed(committed: None, attack: Attack) -> None:
    attack(KIND, "deleting while changing")
    record = initiative("Another record")
    together(
        partial(delete_initiative, by=None, initiative=record, reason="x", at=now()),
        partial(edit_initiative, by=None, initiative=record, version=1, on=TODAY, title="Changed"),
    )
    record.refresh_from_db()
    assert record.deleted_at is not None


def test_a_group_decides_once(committed: None, attack: Attack) -> None:
    attack(KIND, "two decisions on what two have seen")
    group, record = working_group(), initiative()
    decide = partial(
        record_decision, by=None, initiative=record, group=group, outcome="stop", reasons="No.", decided_on=TODAY,
        on=TODAY, seen=0,
    )  # fmt: skip
    assert len(won(together(decide, decide))) == 1


def test_a_group_is_asked_to_look_once(committed: None, attack: Attack) -> None:
    attack(KIND, "two flags")
    group, record = working_group(), initiative()
    flag = partial(flag_for_review, by=None, initiative=record, group=group, why="Look.")
    assert len(won(together(flag, flag))) == 1


def test_a_meeting_starts_once_and_ends_once(committed: None, attack: Attack) -> None:
    group = working_group()
    with origin("test"):
        meeting = arrange_meeting(by=None, group=group, starts_at=now())
    attack(KIND, "starting a meeting")
    together(*([partial(start_meeting, by=None, meeting=meeting, at=now())] * 2))
    meeting.refresh_from_db()
    assert meeting.began_at is not None
    attack(KIND, "ending a meeting")
    together(*([partial(end_meeting, by=None, meeting=meeting, at=now(), present="All")] * 2))
    meeting.refresh_from_db()
    assert meeting.present == "All"


def test_a_role_is_held_once(committed: None, attack: Attack) -> None:
    attack(KIND, "the same role twice")
    user = person()
    together(*([partial(grant_role, by=None, user=user, role="auditor")] * 3))
    assert RoleGrant.objects.filter(user=user).count() == 1


def test_a_record_is_followed_once(committed: None, attack: Attack) -> None:
    attack(KIND, "following twice")
    user, record = person("reader"), initiative()
    together(*([partial(follow_initiative, by=user, initiative=record)] * 3))
    assert InitiativeFollow.objects.filter(initiative=record).count() == 1


def test_no_two_records_have_one_number(committed: None, attack: Attack) -> None:
    attack(KIND, "logging at one moment")
    found = together(*(partial(initiative, f"Record {number}") for number in range(4)))
    assert len({record.number for record in won(found)}) == 4

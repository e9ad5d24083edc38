"""Somebody is invited by who manages a place, and comes in by a link that opens once."""

from __future__ import annotations

import re
from functools import partial
from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from register.accounts.joining.letters import send_letters
from register.accounts.joining.links import invitation_url
from register.accounts.joining.models import Invitation, Letter
from register.accounts.joining.services import (
    accept_invitation,
    invite,
    send_invitation_again,
    withdraw_invitation,
)
from register.accounts.models import User
from register.accounts.services import erase_person
from register.core.clock import now
from register.core.tracking import origin
from register.history.models import Change
from tests.factories import organisation, person, working_group
from tests.support.at_once import at_once
from tests.support.mail import Sink

ANSWER = {"name": "Rosa Quinn", "post": "Estates lead", "password": "a kettle of seven herons"}


@pytest.fixture
def lead(db: None) -> User:
    return person("organisation_lead", at="kent-police", name="Ivy Lead")


def invited(
    by: User | None = None, email: str = "rosa@kent.police.uk", role: str = "contributor", **into: Any
) -> Invitation:
    with origin("test"):
        return invite(
            by=by,
            email=email,
            role=role,
            now=now(),
            **(into or {"organisation": organisation("kent-police")}),
        )


def path_of(invitation: Invitation) -> str:
    return invitation_url(invitation).removeprefix("http://localhost:8000")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


def test_the_link_in_the_email_makes_the_account_with_its_role_and_signs_in(lead: User, sink: Sink) -> None:
    page = "/organisations/kent-police/people/invite/"
    told = {"email": "Rosa@kent.police.uk", "name": "Rosa", "role": "contributor"}
    assert signed_in(lead).post(page, told).status_code == 302
    assert send_letters(clock=now) == 1
    [message] = sink.received
    assert message["To"] == "rosa@kent.police.uk"
    text = message.get_content()
    assert "Ivy Lead invites you" in text
    [link] = re.findall(r"http://localhost:8000(/invitation/\S+)", text)
    stranger = Client()
    answer = stranger.post(link, ANSWER)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert is_signed_in(stranger)
    user = User.objects.get(email="rosa@kent.police.uk")
    assert (user.name, user.post) == ("Rosa Quinn", "Estates lead")
    assert user.check_password(ANSWER["password"])
    assert [(grant.role, grant.organisation.code) for grant in user.roles.all()] == [
        ("contributor", "kent-police")
    ]


def test_opening_the_link_changes_nothing(lead: User) -> None:
    link = path_of(invited(lead))
    for _ in range(3):
        answer = Client().get(link)
        assert answer.status_code == 200
    assert b"Come in" in answer.content
    assert not User.objects.filter(email="rosa@kent.police.uk").exists()
    assert Client().head(link).status_code == 200


def test_a_link_opens_once(lead: User) -> None:
    link = path_of(invited(lead))
    Client().post(link, ANSWER)
    again = Client()
    assert again.post(link, ANSWER | {"name": "Somebody Else"}).status_code == 410
    assert b"has been used" in again.get(link).content
    assert not is_signed_in(again)
    assert User.objects.get(email="rosa@kent.police.uk").name == "Rosa Quinn"


def test_a_link_that_was_withdrawn_or_ran_out_opens_nothing_and_says_whom_to_ask(
    lead: User, clock: Any
) -> None:
    clock.set("2026-11-23 09:00")
    withdrawn, late = invited(lead), invited(lead, email="late@kent.police.uk")
    with origin("test"):
        withdraw_invitation(by=lead, invitation=withdrawn, now=now())
    clock.advance(days=14)
    for invitation, said in ((withdrawn, "was withdrawn"), (late, "has run out")):
        answer = Client().post(path_of(invitation), ANSWER)
        assert answer.status_code == 410
        assert said in answer.content.decode()
        assert "Ivy Lead" in answer.content.decode()
    assert not User.objects.filter(name="Rosa Quinn").exists()


def test_a_link_of_nobodys_making_is_told_apart_by_nothing_else(lead: User) -> None:
    link = path_of(invited(lead))
    for broken in (link[:-2] + "/", "/invitation/nothing/", link.replace(":", ".")):
        assert Client().get(broken).status_code == 404


def test_a_weak_password_is_refused_and_the_rest_stays_typed(lead: User) -> None:
    answer = Client().post(path_of(invited(lead)), ANSWER | {"password": "password"})
    assert answer.status_code == 422
    assert 'value="Rosa Quinn"' in answer.content.decode()
    assert not User.objects.filter(email="rosa@kent.police.uk").exists()


def test_sending_again_gives_the_link_its_time_back(lead: User, clock: Any, sink: Sink) -> None:
    clock.set("2026-11-23 09:00")
    invitation = invited(lead)
    send_letters(clock=now)
    clock.advance(days=20)
    answer = signed_in(lead).post(f"/invitations/{invitation.pk}/again/")
    assert answer.status_code == 302
    send_letters(clock=now)
    assert len(sink.received) == 2
    assert Client().get(path_of(invitation)).status_code == 200


def test_an_invitation_withdrawn_before_its_email_left_is_not_sent(lead: User, sink: Sink) -> None:
    with origin("test"):
        withdraw_invitation(by=lead, invitation=invited(lead), now=now())
    assert send_letters(clock=now) == 0
    assert Letter.objects.get().state == Letter.State.DROPPED
    assert sink.received == []


def test_one_invitation_waits_for_one_address_in_one_place(lead: User, clock: Any) -> None:
    clock.set("2026-11-23 09:00")
    invited(lead)
    with pytest.raises(ValidationError, match="waits for them already"):
        invited(lead, email="ROSA@kent.police.uk")
    clock.advance(days=15)
    assert invited(lead).state(now()) is Invitation.State.OPEN


@pytest.mark.parametrize(
    ("role", "at", "into"),
    [
        ("organisation_lead", "kent-fire", {"organisation": "kent-police"}),
        ("contributor", "kent-police", {"organisation": "kent-police"}),
        ("organisation_lead", "kent-police", {}),
        ("secretary", None, {"organisation": "kent-police"}),
        ("auditor", None, {"organisation": "kent-police"}),
    ],
)
def test_only_who_manages_a_place_invites_into_it(
    db: None, role: str, at: str | None, into: dict[str, str]
) -> None:
    user = person(role, group=working_group()) if role == "secretary" else person(role, at=at)
    where = {key: organisation(code) for key, code in into.items()}
    with origin("test"), pytest.raises(PermissionDenied):
        invite(by=user, email="x@example.org", role="reader", now=now(), **where)
    page = "/organisations/kent-police/people/invite/" if into else "/people/invite/"
    told = {"email": "x@example.org", "role": "reader"}
    assert signed_in(user).get(page).status_code == 403
    assert signed_in(user).post(page, told).status_code == 403
    assert not Invitation.objects.exists()


def test_a_lead_can_not_offer_a_role_that_is_held_elsewhere(lead: User) -> None:
    told = {"email": "x@example.org", "role": "administrator", "organisation": "", "group": ""}
    answer = signed_in(lead).post("/organisations/kent-police/people/invite/", told)
    assert answer.status_code == 422
    with origin("test"), pytest.raises(ValidationError):
        invite(
            by=lead, email="x@example.org", role="chair", now=now(), organisation=organisation("kent-police")
        )


def test_a_lead_sees_and_touches_no_invitation_of_another_organisation(lead: User) -> None:
    other = invited(None, email="sam@fire.kent.uk", organisation=organisation("kent-fire"))
    client = signed_in(lead)
    assert client.post(f"/invitations/{other.pk}/withdraw/").status_code == 404
    assert client.post(f"/invitations/{other.pk}/again/").status_code == 404
    assert b"sam@fire" not in client.get("/organisations/kent-police/people/invite/").content


def test_a_secretary_invites_into_their_group(db: None, sink: Sink) -> None:
    group = working_group("kentish")
    secretary = person("secretary", group=group)
    told = {"email": "new@example.org", "role": "chair"}
    assert signed_in(secretary).post("/groups/kentish/members/invite/", told).status_code == 302
    Client().post(path_of(Invitation.objects.get()), ANSWER)
    [grant] = User.objects.get(email="new@example.org").roles.all()
    assert (grant.role, grant.group) == ("chair", group)


def test_whoever_invites_is_not_told_whether_the_address_has_an_account(lead: User) -> None:
    person("reader", email="known@example.org")
    page, client = "/organisations/kent-police/people/invite/", signed_in(lead)
    said = []
    for name in ("known", "nobody"):
        answer = client.post(page, {"email": f"{name}@example.org", "role": "reader"}, follow=True)
        said.append(re.sub(r'value="[^"]*"', "", answer.content.decode()).count(f"{name}@example.org"))
    assert said[0] == said[1]
    assert Letter.objects.count() == 2


def test_who_has_an_account_accepts_as_themselves_and_keeps_what_they_have(lead: User) -> None:
    known = person("reader", at="kent-fire", email="rosa@kent.police.uk")
    link = path_of(invited(lead))
    assert b"Sign in to accept" in Client().get(link).content
    Client().post(link, ANSWER)
    assert not is_signed_in(Client())
    assert signed_in(person()).post(link).status_code == 403
    assert known.roles.count() == 1
    assert signed_in(known).post(link).status_code == 302
    assert {grant.organisation.code for grant in known.roles.all()} == {"kent-fire", "kent-police"}
    assert User.objects.get(pk=known.pk).name == known.name


def test_an_account_that_was_switched_off_is_not_switched_on_by_an_invitation(lead: User) -> None:
    known = person("administrator", email="rosa@kent.police.uk")
    User.objects.filter(pk=known.pk).update(is_active=False)
    answer = Client().post(path_of(invited(lead)), ANSWER)
    assert answer.status_code == 403
    assert not User.objects.get(pk=known.pk).is_active


def test_who_left_and_holds_no_role_comes_back_by_an_invitation(lead: User) -> None:
    known = person(email="rosa@kent.police.uk", name="Rosa Before")
    User.objects.filter(pk=known.pk).update(is_active=False)
    client = Client()
    client.post(path_of(invited(lead)), ANSWER)
    assert is_signed_in(client)
    back = User.objects.get(pk=known.pk)
    assert (back.is_active, back.name) == (True, "Rosa Quinn")


def test_no_address_and_no_name_of_the_invited_is_in_the_ledger(lead: User) -> None:
    invitation = invited(lead, name="Rosa Quinn", organisation=organisation("kent-police"))
    with origin("test"):
        accept_invitation(by=None, invitation=invitation, now=now(), **ANSWER)
    written = " ".join(str((change.before, change.after)) for change in Change.objects.all())
    assert "rosa" not in written.lower()
    assert Change.objects.filter(table_name="register_invitation").count() == 2


def test_whom_an_invitation_was_for_is_forgotten_with_the_person(lead: User) -> None:
    invitation = invited(lead)
    with origin("test"):
        user = accept_invitation(by=None, invitation=invitation, now=now(), **ANSWER)
        erase_person(by=None, user=user, at=now())
    invitation.refresh_from_db()
    assert (invitation.email, invitation.name) == ("", "")


def test_a_refused_address_is_told_to_whoever_invited(lead: User, sink: Sink) -> None:
    invited(lead)
    sink.unknown.add("rosa@kent.police.uk")
    send_letters(clock=now)
    html = signed_in(lead).get("/organisations/kent-police/people/invite/").content.decode()
    assert "could not be sent" in html


def test_the_first_administrator_is_invited_by_a_command(db: None) -> None:
    said = StringIO()
    call_command("invite_administrator", "neil@example.org", stdout=said)
    client = Client()
    client.post("/" + said.getvalue().strip().split("/", 3)[3], ANSWER)
    assert client.get("/people/").status_code == 200
    for wrong in ("neil@example.org", "no address"):
        with pytest.raises(CommandError):
            call_command("invite_administrator", wrong, stdout=said)


def test_of_two_who_use_one_invitation_at_once_one_comes_in(fresh_database: Any) -> None:
    invitation = invited()
    answers = [ANSWER | {"name": name} for name in ("Rosa One", "Rosa Two")]
    found = at_once(
        [
            partial(accept_invitation, by=None, invitation=invitation, now=now(), **answer)
            for answer in answers
        ]
    )
    [user] = [one for one in found if isinstance(one, User)]
    [refused] = [one for one in found if isinstance(one, ValidationError)]
    assert "can’t be used any more" in refused.messages[0]
    assert User.objects.get(email="rosa@kent.police.uk").name == user.name
    # Two invitations of two places into one account: both are kept, one makes it and the other is accepted signed in.
    two = [
        invited(email="sam@example.org", organisation=organisation(at)) for at in ("kent-police", "kent-fire")
    ]
    found = at_once([partial(accept_invitation, by=None, invitation=one, now=now(), **ANSWER) for one in two])
    assert sorted(type(one).__name__ for one in found) == ["User", "ValidationError"]
    assert Invitation.objects.unanswered().filter(email="sam@example.org").count() == 1


def test_of_two_leads_who_invite_one_person_at_once_one_is_told(fresh_database: Any) -> None:
    leads = [person("organisation_lead", at="kent-police") for _ in range(2)]
    found = at_once([partial(invited, by=lead) for lead in leads])
    assert sorted(type(one).__name__ for one in found) == ["Invitation", "ValidationError"]
    # One is sent again while the other withdraws it: whatever comes first, nothing is left half done.
    [waiting] = Invitation.objects.unanswered()
    at_once(
        [
            partial(withdraw_invitation, by=leads[0], invitation=waiting, now=now()),
            partial(send_invitation_again, by=leads[1], invitation=waiting, now=now()),
        ]
    )
    assert not Invitation.objects.unanswered().exists()

"""Who was sent what, when, and what failed: for the group's secretary, who may let it be tried once more."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from register.accounts.models import RoleGrant
from register.accounts.services import erase_person, revoke_role
from register.core.tracking import origin
from register.digests.choosing.wishes import stop_digest
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import Delivery, Edition, RefusedAddress
from register.digests.posting.claiming import CLAIM_LASTS
from register.digests.posting.refused import PAUSED, note_refusal
from register.digests.sending.delivery import deliver, hold_abandoned
from tests.digests.support import MONDAY, NEXT_MONDAY, Sink, Team, new_team
from tests.factories import initiative, person
from tests.groups.support import EVERY_ROLE, MANAGERS, somebody

State = Delivery.State


@pytest.fixture
def secretary(team: Team) -> Any:
    return person("secretary", group=team.group, name="Sam Secretary")


@pytest.fixture
def desk(secretary: Any) -> Client:
    client = Client()
    client.force_login(secretary)
    return client


@pytest.fixture
def edition(team: Team, secretary: Any) -> Edition:
    initiative()
    return make_edition()


def make_edition(at: Any = MONDAY) -> Edition:
    open_due_editions(now=at)
    [edition] = build_open_editions(now=at)
    return edition


def deliver_all(at: Any = MONDAY) -> None:
    deliver(list(Delivery.objects.due(now=at).values_list("pk", flat=True)), clock=lambda: at)


def sent_page(edition: Edition) -> str:
    return f"/groups/peak/digest/{edition.public_id}/sent/"


def again_page(delivery: Delivery) -> str:
    return f"{sent_page(delivery.edition)}{delivery.pk}/again/"


def rows(client: Client, edition: Edition) -> dict[str, str]:
    """Name and what became of it, in the order of the page."""
    html = client.get(sent_page(edition)).content.decode()
    found = re.findall(r'<th scope="row".*?>([^<>]+)(?:</a>)?</th>\s*<td role="cell">(.*?)</td>', html)
    return dict(found)


def test_it_is_for_the_secretary_and_administrators(edition: Edition, team: Team) -> None:
    held = Delivery.objects.get(user=team.member)
    for role in EVERY_ROLE:
        Delivery.objects.filter(pk=held.pk).update(state=State.HELD)
        client = Client()
        client.force_login(somebody(role, team.group))
        may = role in MANAGERS
        assert client.get(sent_page(edition)).status_code == (200 if may else 403), role
        assert client.get(again_page(held)).status_code == (200 if may else 403), role
        assert client.post(again_page(held)).status_code == (302 if may else 403), role
        held.refresh_from_db()
        assert held.state == (State.WAITING if may else State.HELD), role


def test_each_member_is_there_with_what_became_of_their_copy(
    edition: Edition, team: Team, secretary: Any, desk: Client, sink: Sink
) -> None:
    refuser = person("group_member", group=team.group, name="Rae Refuser")
    with origin("test"):
        stop_digest(by=None, user=team.member, group=team.group)
        stop_digest(by=None, user=refuser, group=team.group)
    assert rows(desk, edition) == {"Mo Member": "Waiting", "Sam Secretary": "Waiting"}
    deliver_all()
    assert rows(desk, edition) == {
        "Mo Member": "Skipped. They switched it off.",
        "Sam Secretary": "Sent on 23 November 2026, 07:00",
    }
    html = desk.get(sent_page(edition)).content.decode()
    assert "1 sent, 1 skipped." in html
    assert "<dt>Rae Refuser</dt><dd>They want none.</dd>" in html
    assert "@" not in html.split("<main")[1]


def test_what_asks_for_somebody_stands_first_and_says_why(
    edition: Edition, desk: Client, team: Team, secretary: Any, sink: Sink
) -> None:
    Delivery.objects.filter(user=secretary).update(state=State.SENDING, claimed_at=MONDAY, attempts=1)
    hold_abandoned(now=MONDAY + CLAIM_LASTS + timedelta(minutes=1))
    sink.answers = ["550 5.1.1 no such person"]
    deliver_all()
    told = rows(desk, edition)
    assert list(told.items()) == [
        ("Mo Member", "Failed. The mail server said 550 5.1.1 no such person"),
        ("Sam Secretary", "Held. The worker stopped while it was being sent: it may have been sent."),
    ]
    assert "1 held, 1 failed." in desk.get(sent_page(edition)).content.decode()


def test_one_that_waits_for_another_try_says_when(
    edition: Edition, desk: Client, team: Team, secretary: Any, sink: Sink
) -> None:
    sink.answers = ["451 4.3.0 later"]
    deliver_all()
    said = r"To be tried again on 23 November 2026, 07:0[01]\. The mail server said 451 4\.3\.0 later"
    assert re.fullmatch(said, rows(desk, edition)["Mo Member"])


@pytest.mark.parametrize(
    ("state", "said"), [(State.HELD, "gets the same email twice"), (State.FAILED, "has no copy")]
)
def test_a_held_or_failed_one_is_released_by_who_was_told_what_it_means(
    edition: Edition, team: Team, desk: Client, sink: Sink, state: str, said: str
) -> None:
    delivery = Delivery.objects.get(user=team.member)
    Delivery.objects.filter(pk=delivery.pk).update(state=state, why="Something happened.")
    page = desk.get(again_page(delivery)).content.decode()
    assert said in page
    assert "Something happened." in page
    delivery.refresh_from_db()
    assert delivery.state == state  # a look changes nothing
    shown = desk.post(again_page(delivery), follow=True).content.decode()
    assert "will be sent to Mo Member within minutes" in shown
    delivery.refresh_from_db()
    assert delivery.state == State.WAITING
    deliver_all(delivery.due_at)
    assert len(sink.to(team.member)) == 1


def test_one_that_was_sent_is_not_sent_again(edition: Edition, team: Team, desk: Client, sink: Sink) -> None:
    deliver_all()
    delivery = Delivery.objects.get(user=team.member)
    for answer in (
        desk.get(again_page(delivery), follow=True),
        desk.post(again_page(delivery), follow=True),
    ):
        assert "Nothing is to be sent again to Mo Member" in answer.content.decode()
    delivery.refresh_from_db()
    assert delivery.state == State.SENT


def test_an_edition_or_delivery_of_another_group_is_not_found(
    edition: Edition, team: Team, secretary: Any, desk: Client, committed: Any
) -> None:
    new_team("other")
    theirs = make_edition()
    mine = Delivery.objects.get(user=team.member)
    assert desk.get(sent_page(theirs)).status_code == 404
    assert desk.post(f"{sent_page(theirs)}{mine.pk}/again/").status_code == 404
    committed.set("2026-11-25 10:00")
    initiative("Another")
    open_due_editions(now=NEXT_MONDAY)
    later = build_open_editions(now=NEXT_MONDAY)[0]
    desk.force_login(secretary)
    assert desk.post(f"{sent_page(later)}{mine.pk}/again/").status_code == 404


def test_a_quiet_edition_was_sent_to_nobody(team: Team, desk: Client, secretary: Any) -> None:
    edition = make_edition()
    assert "nothing was sent" in desk.get(sent_page(edition)).content.decode()


def test_who_has_left_or_was_erased_is_told_without_a_name(
    edition: Edition, team: Team, desk: Client, sink: Sink
) -> None:
    leaver = person("group_member", group=team.group, name="Lee Leaver")
    with origin("test"):
        revoke_role(by=None, grant=RoleGrant.objects.get(user=leaver))
        erase_person(by=None, user=team.member, at=MONDAY)
    deliver_all()
    html = desk.get(sent_page(edition)).content.decode()
    assert "Mo Member" not in html
    assert "Lee Leaver" not in html
    assert "Skipped. They have left." in html


def test_the_desk_leads_to_it_and_members_are_not_led_there(
    edition: Edition, team: Team, desk: Client
) -> None:
    member = Client()
    member.force_login(team.member)
    for address in ("/groups/peak/digest/", edition.get_absolute_url()):
        assert sent_page(edition) in desk.get(address).content.decode()
        assert sent_page(edition) not in member.get(address).content.decode()


def test_queries_do_not_grow_with_members(
    edition: Edition, team: Team, desk: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        user = person("group_member", group=team.group)
        Delivery.objects.create(edition=edition, user=user, due_at=MONDAY, message_id=f"<{number}@x>")
    with django_assert_max_num_queries(20):
        desk.get(sent_page(edition))


def test_a_paused_address_is_tried_again_when_the_secretary_says_so(
    desk: Client, team: Team, secretary: Any, committed: Any, sink: Sink
) -> None:
    for _ in range(2):
        note_refusal(team.member, now=MONDAY)
    initiative()
    edition = make_edition()
    deliver_all()
    skipped = Delivery.objects.get(user=team.member)
    assert skipped.why == PAUSED
    page = desk.get(again_page(skipped)).content.decode()
    assert "refused two emails in a row" in page
    desk.post(again_page(skipped))
    deliver_all(MONDAY + timedelta(days=3))
    assert len(sink.to(team.member)) == 1
    assert not RefusedAddress.objects.exists()
    assert "Send it again" not in desk.get(sent_page(edition)).content.decode()

"""What is due in a person's own edition: of what they follow by itself, of the views they follow, and what was left."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from register.accounts.models import RoleGrant, User
from register.accounts.services import grant_role, revoke_role
from register.catalogue.services import follow_initiative, save_view
from register.core.dates import LimitedDate
from register.core.tracking import origin
from register.digests.choosing.schedules import set_schedule
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.making.personal import contents_of
from register.digests.models import Delivery, Edition
from register.digests.sending.delivery import deliver
from register.initiatives.models import Initiative
from register.initiatives.services import add_agreement, add_milestone, edit_initiative
from tests.digests.support import LAST_MONDAY, MONDAY, NEXT_MONDAY, Sink, Team, items_of
from tests.factories import TODAY, initiative, organisation, person

# A record that was confirmed then is due so many days later.
FRIDAY = date(2026, 11, 20)
HALF_A_YEAR = timedelta(days=182)


@pytest.fixture
def reader(committed: Any) -> User:
    reader = person("reader", name="Rae Reader")
    with origin("test"):
        save_view(by=reader, name="Kent", parameters={"place": ["kent"]}, follow=True, on=TODAY)
    return reader


def in_kent(title: str, *, due: date, **told: Any) -> Initiative:
    return initiative(
        title, places=["kent"], **{"lead": "kent-police", "parties": [], "on": due - HALF_A_YEAR} | told
    )


def built(at: Any = MONDAY) -> dict[Any, Edition]:
    open_due_editions(now=at)
    return {edition.group or edition.person: edition for edition in build_open_editions(now=at)}


def due_in(edition: Edition) -> dict[str, str]:
    """The words, and why they are there."""
    return {
        f"{item.content['title']} {item.content['sentence']}": item.content.get("why", "")
        for item in items_of(edition)
        if item.content["kind"].startswith(("confirm", "agreement_", "milestone_"))
    }


def test_of_a_view_one_hears_what_came_near_or_fell_late_this_week(
    reader: User, committed: Any, sink: Sink
) -> None:
    """And of nothing that was late before, which the view itself shows."""
    in_kent("Late this week", due=FRIDAY)
    in_kent("Late for long", due=FRIDAY - timedelta(days=90))
    in_kent("Near since today", due=MONDAY.date() + timedelta(days=14))
    in_kent("Far ahead", due=MONDAY.date() + timedelta(days=40))
    initiative("Elsewhere", on=FRIDAY - HALF_A_YEAR)
    record = in_kent("With an end and a step", due=date(2027, 2, 1))
    soon = MONDAY.date() + timedelta(days=10)
    with origin("test"):
        add_agreement(by=None, initiative=record, parties=[], kind="contract", ends_on=soon)
        add_milestone(by=None, initiative=record, what="Open the doors", due=LimitedDate(soon))
        add_milestone(by=None, initiative=record, what="Long ago", due=LimitedDate(date(2026, 10, 1)))
    why = "In the view “Kent” that you follow"
    assert due_in(built()[reader]) == {
        "Late this week was due to be confirmed on 20 November 2026": why,
        "Near since today is due to be confirmed by 7 December 2026": why,
        "With an end and a step has an agreement ending on 3 December 2026": why,
        "With an end and a step has a milestone due by 3 December 2026: Open the doors": why,
    }
    deliver(list(Delivery.objects.values_list("pk", flat=True)), clock=lambda: MONDAY)
    assert "late" in sink.to(reader)[0]["Subject"]


def test_a_lateness_in_a_view_is_an_edition_of_its_own_once(reader: User, committed: Any) -> None:
    in_kent("Late this week", due=FRIDAY)
    committed.set(LAST_MONDAY)
    in_kent("Late for long", due=FRIDAY - timedelta(days=90))
    committed.set(MONDAY)
    assert built()[reader].state == Edition.State.READY
    committed.set(NEXT_MONDAY)
    assert built(NEXT_MONDAY)[reader].state == Edition.State.QUIET


def test_what_one_follows_in_two_ways_is_due_once(reader: User, committed: Any) -> None:
    record = in_kent("Late this week", due=FRIDAY)
    with origin("test"):
        follow_initiative(by=reader, initiative=record)
    assert list(due_in(built()[reader]).values()) == ["You follow it"]


def test_nothing_is_due_that_one_may_not_see(reader: User, committed: Any) -> None:
    in_kent("A draft", due=FRIDAY, audience="draft")
    in_kent("For its partners", due=FRIDAY, audience="partners")
    assert due_in(built()[reader]) == {}


def test_of_a_wide_view_ones_organisations_own_is_told(
    reader: User, committed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("register.digests.making.following.MOST_DUE", 2)
    with origin("test"):
        grant_role(by=None, user=reader, role="reader", organisation=organisation("kent-fire"))
    for number in range(2):
        in_kent(f"Of others {number}", due=FRIDAY)
    assert len(due_in(built()[reader])) == 2
    committed.set(MONDAY)
    later = FRIDAY + timedelta(days=7)
    for number in range(3):
        in_kent(f"Of others later {number}", due=later)
    in_kent("Ours", due=later, parties=["kent-fire"])
    assert {words.split(" was ")[0] for words in due_in(built(NEXT_MONDAY)[reader])} == {"Ours"}


def test_what_is_due_takes_as_many_queries_for_many_as_for_one(reader: User, committed: Any) -> None:
    for number in range(4):
        in_kent(f"Late this week {number}", due=FRIDAY)
        with origin("test"):
            save_view(
                by=person("reader"),
                name=f"Kent {number}",
                parameters={"place": ["kent"]},
                follow=True,
                on=TODAY,
            )
    open_due_editions(now=MONDAY)
    opened = list(Edition.objects.select_related("person"))
    contents_of(opened)  # what is kept in memory is read
    asked = []
    for some in (opened[:1], opened):
        with CaptureQueriesContext(connection) as queries:
            told = contents_of(some)
        asked.append(len(queries))
        assert all(sum(item.kind == "confirm_late" for item in one.said) == 4 for one in told.values())
    assert len(opened) == 5
    assert asked[0] == asked[1]


@pytest.fixture
def member(team: Team, committed: Any) -> User:
    """Whose group tells on Wednesdays of a record that falls late on Friday, and that they follow."""
    record = initiative("Falls late", on=FRIDAY - HALF_A_YEAR)
    committed.advance(hours=1)
    with origin("test"):
        set_schedule(by=None, group=team.group, at=LAST_MONDAY, weekday=2)
        follow_initiative(by=team.member, initiative=record)
    committed.set(MONDAY)
    edition = built()[team.member]
    assert (edition.state, due_in(edition)) == (Edition.State.QUIET, {})
    return team.member


def test_a_lateness_that_was_left_to_a_groups_digest_that_never_came_is_told_after_all(
    member: User, committed: Any
) -> None:
    committed.set(MONDAY + timedelta(days=1))
    with origin("test"):
        for grant in RoleGrant.objects.filter(user=member):
            revoke_role(by=None, grant=grant)
    committed.set(NEXT_MONDAY)
    edition = built(NEXT_MONDAY)[member]
    assert edition.state == Edition.State.READY
    assert due_in(edition) == {"Falls late was due to be confirmed on 20 November 2026": "You follow it"}
    committed.set(NEXT_MONDAY + timedelta(days=7))
    assert built(NEXT_MONDAY + timedelta(days=7))[member].state == Edition.State.QUIET


def test_a_lateness_that_the_groups_digest_brought_is_no_news_afterwards(
    member: User, committed: Any, sink: Sink
) -> None:
    wednesday = MONDAY + timedelta(days=2)
    committed.set(wednesday)
    built(wednesday)
    deliver(list(Delivery.objects.values_list("pk", flat=True)), clock=lambda: wednesday)
    assert len(sink.to(member)) == 1
    committed.set(wednesday + timedelta(days=1))
    with origin("test"):
        for grant in RoleGrant.objects.filter(user=member):
            revoke_role(by=None, grant=grant)
    committed.set(NEXT_MONDAY)
    assert built(NEXT_MONDAY)[member].state == Edition.State.QUIET


def test_what_was_confirmed_meanwhile_is_not_due(member: User, committed: Any) -> None:
    committed.set(MONDAY + timedelta(days=1))
    with origin("test"):
        for grant in RoleGrant.objects.filter(user=member):
            revoke_role(by=None, grant=grant)
        edit_initiative(
            by=None,
            initiative=Initiative.objects.get(),
            version=None,
            on=TODAY,
            next_update_due=date(2027, 5, 1),
        )
    committed.set(NEXT_MONDAY)
    assert due_in(built(NEXT_MONDAY)[member]) == {}

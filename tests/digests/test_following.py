"""A person's own edition: what they follow did, outside their groups' digests, once a week."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from register.accounts.services import erase_person
from register.catalogue.models import SavedView
from register.catalogue.services import (
    change_view,
    follow_initiative,
    follow_view,
    save_view,
    stop_following,
    stop_following_initiative,
)
from register.core.tracking import origin, recorded
from register.digests.choosing.unsubscribing import token_for
from register.digests.choosing.wishes import stop_digest
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import Delivery, Edition
from register.digests.sending.delivery import deliver
from register.initiatives.models import Initiative
from register.initiatives.services import edit_initiative
from tests.digests.support import MONDAY, NEXT_MONDAY, Sink, Team, items_of, london, new_team
from tests.factories import TODAY, initiative, person


def do(door: Any, **told: Any) -> Any:
    with origin("test"):
        return door(**told)


def retitle(record: Initiative, title: str) -> None:
    do(edit_initiative, by=None, initiative=record, version=None, on=TODAY, title=title)


def view_of(owner: Any, *groups: Any, **parameters: list[str]) -> Any:
    return do(
        save_view, by=owner, name="Kent", parameters=parameters or {"place": ["kent"]}, groups=groups,
        follow=True, on=TODAY,
    )  # fmt: skip


def in_kent(title: str, **told: Any) -> Initiative:
    return initiative(title, lead="kent-police", parties=[], places=["kent"], **told)


def editions(at: Any = MONDAY) -> dict[Any, Edition]:
    """What is due and built at a moment, by whom it is for."""
    open_due_editions(now=at)
    return {edition.group or edition.person: edition for edition in build_open_editions(now=at)}


def told(edition: Edition | None) -> set[str]:
    return {item.content["title"] for item in items_of(edition)} if edition else set()


@pytest.fixture
def reader(committed: Any) -> Any:
    return person("reader", name="Rae Reader")


def test_who_follows_an_initiative_is_told_what_it_did_from_then_on(reader: Any, committed: Any) -> None:
    record = in_kent("Shared hub")
    in_kent("Another")
    committed.advance(hours=1)
    do(follow_initiative, by=reader, initiative=record)
    committed.advance(hours=1)
    retitle(record, "Shared hub, renamed")
    made = editions()
    assert set(made) == {reader}
    [item] = items_of(made[reader])
    assert item.content["title"] == "Shared hub, renamed"
    assert item.content["kind"] != "logged"
    assert item.content["why"] == "You follow it"
    assert [delivery.user for delivery in made[reader].deliveries.all()] == [reader]


def test_what_is_due_of_what_one_logged_or_follows_by_itself_is_told_too(
    reader: Any, committed: Any, sink: Sink
) -> None:
    """Confirmed last on 1 April, the update of each was due on 30 September."""
    long_ago = date(2026, 4, 1)
    followed = in_kent("Followed", on=long_ago)
    mine = in_kent("My own", on=long_ago, by=person("contributor", at="kent-police"))
    author = mine.created_by
    in_kent("Of a view", on=long_ago)
    news = in_kent("News")
    view_of(reader)
    for who in (reader, author):
        do(follow_initiative, by=who, initiative=news)
    do(follow_initiative, by=reader, initiative=followed)
    committed.advance(hours=1)
    retitle(news, "News, renamed")
    made = editions()
    assert due_in_edition(made[reader]) == {("Followed", "You follow it")}
    assert due_in_edition(made[author]) == {("My own", "You logged it")}
    deliver(Delivery.objects.values_list("pk", flat=True), clock=lambda: MONDAY)
    assert "Followed was due to be confirmed on 30 September 2026" in " ".join(
        text_of(sink.to(reader)[0]).split()
    )


def test_what_is_due_in_the_remit_of_ones_group_is_left_to_its_digest(committed: Any) -> None:
    team = new_team()
    ours = initiative("Ours", on=date(2026, 4, 1))
    elsewhere = in_kent("Elsewhere", on=date(2026, 4, 1))
    news = in_kent("News")
    for record in (ours, elsewhere, news):
        do(follow_initiative, by=team.member, initiative=record)
    committed.advance(hours=1)
    retitle(news, "News, renamed")
    made = editions()
    assert due_in_edition(made[team.member]) == {("Elsewhere", "You follow it")}
    assert {title for title, _ in due_in_edition(made[team.group])} == {"Ours"}


def test_what_falls_late_this_week_is_news_and_an_old_lateness_is_not(reader: Any, committed: Any) -> None:
    old = in_kent("Old", on=date(2026, 4, 1))
    committed.advance(hours=1)
    do(follow_initiative, by=reader, initiative=old)
    assert editions()[reader].state == Edition.State.QUIET
    committed.set("2026-11-24 10:00")
    falls_late = in_kent("Falls late", on=date(2026, 5, 27))
    assert falls_late.next_update_due == date(2026, 11, 25)
    committed.advance(hours=1)
    do(follow_initiative, by=reader, initiative=falls_late)
    edition = editions(NEXT_MONDAY)[reader]
    assert edition.state == Edition.State.READY
    assert {title for title, _ in due_in_edition(edition)} == {"Old", "Falls late"}


def due_in_edition(edition: Edition) -> set[tuple[str, str]]:
    items = [item for item in items_of(edition) if item.heading == "due"]
    return {(item.content["title"], item.content.get("why", "")) for item in items}


def text_of(message: Any) -> str:
    return message.get_body(("plain",)).get_content()


def test_who_follows_a_view_is_told_what_its_matches_did(reader: Any) -> None:
    view_of(reader)
    in_kent("In Kent")
    initiative("In Derbyshire")
    edition = editions()[reader]
    assert told(edition) == {"In Kent"}
    assert [item.content["why"] for item in items_of(edition)] == ["In the view “Kent” that you follow"]


def test_nobody_else_is_told_and_nothing_new_is_no_email(reader: Any) -> None:
    person("reader")
    view_of(reader)
    initiative("In Derbyshire")
    edition = editions()[reader]
    assert edition.state == Edition.State.QUIET
    assert not Delivery.objects.exists()
    assert editions(london("2026-11-25T12:00")) == {}


def test_what_ones_group_tells_is_left_to_it_so_that_nothing_comes_twice(committed: Any) -> None:
    team = new_team()
    do(follow_view, by=team.member, view=view_of(team.member, stage=["agreed"]))
    ours = initiative("In Derbyshire")
    do(follow_initiative, by=team.member, initiative=ours)
    in_kent("In Kent")
    made = editions()
    assert told(made[team.group]) == {"In Derbyshire"}
    assert told(made[team.member]) == {"In Kent"}


def test_what_a_group_does_not_tell_because_its_digest_was_refused_is_told_here(committed: Any) -> None:
    team = new_team()
    record = initiative("In Derbyshire")
    committed.advance(hours=1)
    do(follow_initiative, by=team.member, initiative=record)
    do(stop_digest, by=team.member, user=team.member, group=team.group)
    committed.advance(hours=1)
    retitle(record, "Renamed")
    assert told(editions()[team.member]) == {"Renamed"}


def test_one_thing_followed_in_two_ways_is_told_once(reader: Any) -> None:
    view_of(reader)
    view_of(reader, stage=["agreed"])
    do(follow_initiative, by=reader, initiative=in_kent("In Kent"))
    edition = editions()[reader]
    assert [item.content["title"] for item in items_of(edition)] == ["In Kent"]


def test_weeks_tile_and_nothing_is_told_in_two_of_them(reader: Any, committed: Any) -> None:
    view_of(reader)
    record = in_kent("First week")
    assert told(editions()[reader]) == {"First week"}
    committed.set("2026-11-24 10:00")
    assert editions(london("2026-11-24T10:00")) == {}
    retitle(record, "Second week")
    second = editions(NEXT_MONDAY)[reader]
    assert second.starts_at == MONDAY
    [item] = items_of(second)
    assert item.content["kind"] != "logged"


def test_who_begins_again_after_a_pause_hears_of_nothing_from_the_pause(reader: Any, committed: Any) -> None:
    view = view_of(reader)
    in_kent("First week")
    editions()
    do(stop_following, by=reader, view=view)
    committed.set("2026-11-25 10:00")
    in_kent("In the pause")
    assert editions(NEXT_MONDAY) == {}
    committed.set("2026-12-01 10:00")
    do(follow_view, by=reader, view=view)
    committed.advance(hours=1)
    in_kent("Afterwards")
    assert told(editions(london("2026-12-07T07:00"))[reader]) == {"Afterwards"}


def test_only_what_one_may_see_is_told_and_a_sensitive_record_is_its_reference(
    reader: Any, sink: Sink
) -> None:
    view_of(reader)
    in_kent("For partners", audience="partners")
    partner = person("reader", at="kent-police")
    view_of(partner)
    secret = in_kent("Secret", audience="partners", marking="official_sensitive")
    made = editions()
    assert told(made[reader]) == set()
    deliver(Delivery.objects.values_list("pk", flat=True), clock=lambda: MONDAY)
    [message] = sink.to(partner)
    for body in (message.get_body(("plain",)), message.get_body(("html",))):
        text = body.get_content()
        assert "For partners" in text
        assert secret.reference in text
        assert "Secret" not in text
    assert sink.to(reader) == []


def test_a_view_that_is_no_longer_shared_tells_nothing(committed: Any) -> None:
    team = new_team()
    other = person("group_member", group=team.group)
    view = view_of(team.member, team.group)
    do(follow_view, by=other, view=view)
    do(change_view, by=team.member, view=view, version=None, groups=[], on=TODAY)
    in_kent("In Kent")
    made = editions()
    assert told(made[team.member]) == {"In Kent"}
    assert told(made[other]) == set()


def test_a_view_that_cannot_be_read_tells_nothing_rather_than_everything(reader: Any) -> None:
    view_of(reader)
    in_kent("In Kent")
    with origin("test"), recorded(by=None):
        SavedView.objects.update(parameters={"area": ["hovercraft"]})
    assert told(editions()[reader]) == set()


def test_the_email_says_why_it_came_and_how_to_stop_it(reader: Any, sink: Sink, client: Client) -> None:
    view_of(reader)
    in_kent("In Kent")
    editions()
    deliver(Delivery.objects.values_list("pk", flat=True), clock=lambda: MONDAY)
    [message] = sink.to(reader)
    assert message["Subject"] == "Blue light digest, what you follow: 1 new"
    assert "digest.followed." in message["List-Id"]
    for body in (message.get_body(("plain",)), message.get_body(("html",))):
        text = " ".join(body.get_content().split())
        assert "What you follow" in text
        assert "because you follow initiatives or saved views" in text
        assert "In the view “Kent” that you follow" in text
        assert "/views/" in text
    token = token_for(reader, None)
    assert token in message["List-Unsubscribe"]
    address = f"/digests/unsubscribe/{token}/"
    html = client.get(address).content.decode()
    assert "of what you follow" in html
    assert client.post(address, {"List-Unsubscribe": "One-Click"}).content == b"Stopped."
    in_kent("Another")
    assert not editions(NEXT_MONDAY)[reader].deliveries.exists()


def test_it_is_not_delivered_to_who_stopped_following_or_left(reader: Any, sink: Sink) -> None:
    record = in_kent("In Kent")
    leaver = person("reader")
    for who in (reader, leaver):
        do(follow_initiative, by=who, initiative=record)
        view_of(who)
    in_kent("Another")
    editions()
    do(stop_following_initiative, by=reader, initiative=record)
    do(stop_following, by=reader, view=reader.view_follows.get().view)
    do(erase_person, by=None, user=leaver, at=datetime(2026, 11, 23, 8, tzinfo=UTC))
    outcomes = deliver(Delivery.objects.values_list("pk", flat=True), clock=lambda: MONDAY)
    assert [outcome.why for outcome in outcomes] == ["They follow nothing any more.", "They have left."]
    assert sink.received == []


def test_it_is_its_persons_alone_in_the_archive_too(reader: Any) -> None:
    view_of(reader)
    in_kent("In Kent")
    edition = editions()[reader]
    for user, status in ((reader, 200), (person("reader"), 404), (person("auditor"), 404)):
        client = Client()
        client.force_login(user)
        answer = client.get(edition.get_absolute_url())
        assert answer.status_code == status
        assert (edition.get_absolute_url() in client.get("/digests/").content.decode()) == (status == 200)
        if status == 200:
            assert "In the view “Kent” that you follow" in answer.content.decode()


def test_one_chooses_it_beside_the_groups_digests(committed: Any, team: Team) -> None:
    client = Client()
    client.force_login(team.member)
    assert "What you follow" in client.get("/account/digests/").content.decode()
    client.post("/account/digests/", {"wish_peak": "all", "wish": "none"})
    assert [wish.group for wish in team.member.digest_wishes.all()] == [None]
    client.post("/account/digests/", {"wish_peak": "all", "wish": "all"})
    assert not team.member.digest_wishes.exists()

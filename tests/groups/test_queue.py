"""What a group is to look at: four parts, each with its exact number, and nothing that the reader may not see."""

from __future__ import annotations

import random
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from register.core.dates import LimitedDate
from register.core.tracking import origin
from register.groups.models import Decision, ReviewFlag
from register.groups.queue import DUE, FLAGGED, MOVED, OVERDUE, queue
from register.groups.services import arrange_meeting, flag_for_review, withdraw_flag
from register.initiatives.models import Initiative
from register.initiatives.services import add_update, change_standing, edit_initiative, move_stage
from tests.dashboards.support import group_with
from tests.factories import TODAY, initiative, person
from tests.groups.support import decided, flagged

pytestmark = pytest.mark.django_db

YESTERDAY = TODAY - timedelta(days=1)
MET = date(2026, 11, 2)


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    clock.set("2026-11-23 09:14")


@pytest.fixture
def group() -> Any:
    return group_with({}, code="eastern", name="Eastern group")


def met(group: Any, on: date = MET) -> Any:
    with origin("test"):
        return arrange_meeting(
            by=None, group=group, starts_at=datetime(on.year, on.month, on.day, 10, tzinfo=UTC)
        )


def moved(record: Any, to: str, on: date, precision: str = "day") -> None:
    with origin("test"):
        move_stage(by=None, initiative=record, to_stage=to, happened=LimitedDate(on, precision), on=TODAY)


def parts(group: Any, user: Any, **how: Any) -> dict[str, list[str]]:
    """The titles in each part; that the totals say as many is asked on the way."""
    found = queue(group, user, on=TODAY, met_at=datetime(2026, 11, 2, 10, tzinfo=UTC), **how)
    for part in found.parts:
        assert part.total == len(part.queued), part.code
    return {part.code: [one.initiative.title for one in part.queued] for part in found.parts}


def old(title: str, **fields: Any) -> Initiative:
    """Logged long ago and confirmed since: it is in no part by itself."""
    record = initiative(
        title, on=date(2026, 6, 1), stage_since=LimitedDate(date(2026, 1, 5), "day"), **fields
    )
    with origin("test"):
        add_update(
            by=None, initiative=record, text="Fine.", confidence="green", noted_on=date(2026, 10, 1), on=TODAY
        )
    return record


# What is in which part


def test_each_part_holds_what_it_is_called(group: Any) -> None:
    asked, again, gone_on, late = (old(title) for title in ("Asked", "Again", "Gone on", "Late"))
    old("Quiet")
    flagged(group, asked)
    decided(group, again, decided_on=date(2026, 10, 1), next_review_on=TODAY)
    moved(gone_on, "pilot", date(2026, 11, 9))
    Initiative.objects.filter(pk=late.pk)
    with origin("test"):
        initiative("Late too", on=date(2026, 1, 5), stage_since=LimitedDate(date(2026, 1, 5), "day"))
    user = person("group_member", group=group)
    assert parts(group, user) == {
        FLAGGED: ["Asked"],
        DUE: ["Again"],
        MOVED: ["Gone on"],
        OVERDUE: ["Late too"],
    }


def test_a_flag_that_was_withdrawn_or_settled_is_in_no_part(group: Any) -> None:
    first, second = old("One"), old("Two")
    flag = flagged(group, first)
    flagged(group, second)
    with origin("test"):
        withdraw_flag(by=None, flag=flag, at=datetime(2026, 11, 23, 9, tzinfo=UTC))
    decided(group, second)
    assert parts(group, person("group_member", group=group))[FLAGGED] == []


def test_what_another_group_is_asked_or_said_is_not_this_groups(group: Any) -> None:
    other = group_with({}, code="western")
    record = old("Elsewhere")
    flagged(other, record)
    decided(other, record, decided_on=date(2026, 10, 1), next_review_on=YESTERDAY)
    found = parts(group, person("group_member", group=group))
    assert (found[FLAGGED], found[DUE]) == ([], [])


def test_a_review_counts_until_the_group_decides_again_and_one_that_was_corrected_no_longer(
    group: Any,
) -> None:
    again, corrected, postponed = old("Again"), old("Corrected"), old("Postponed")
    past = {"decided_on": date(2026, 10, 1), "next_review_on": YESTERDAY}
    decided(group, again, **past)
    decided(group, again, decided_on=date(2026, 11, 1))
    decided(group, corrected, **past, corrects=None)
    decided(group, corrected, corrects=Decision.objects.latest("pk"), decided_on=date(2026, 11, 1))
    decided(group, postponed, decided_on=date(2026, 10, 1))
    last = Decision.objects.latest("pk")
    decided(group, postponed, corrects=last, decided_on=date(2026, 10, 1), next_review_on=YESTERDAY)
    assert parts(group, person("group_member", group=group))[DUE] == ["Postponed"]


def test_what_moved_after_the_group_decided_on_it_has_moved_all_the_same(group: Any) -> None:
    """The group decides at its meeting; a week later the record moves. That is news to the next meeting."""
    after, before = old("Moved after"), old("Moved before")
    decided(group, after, decided_on=MET)
    moved(after, "pilot", date(2026, 11, 9))
    moved(before, "pilot", date(2026, 11, 9))
    decided(group, before, decided_on=date(2026, 11, 12))
    assert parts(group, person("group_member", group=group))[MOVED] == ["Moved after"]


def test_moves_are_told_in_words_the_last_of_each(group: Any) -> None:
    twice, paused, month = old("Twice"), old("Paused"), old("In a month")
    moved(twice, "pilot", date(2026, 11, 5))
    moved(twice, "live", date(2026, 11, 20))
    moved(month, "pilot", date(2026, 11, 1), "month")
    with origin("test"):
        change_standing(
            by=None, initiative=paused, to_standing="paused", happened=LimitedDate(date(2026, 11, 7), "day"),
            on=TODAY, standing_reason="other", standing_text="No money.",
        )  # fmt: skip
    found = queue(
        group, person("group_member", group=group), on=TODAY, met_at=datetime(2026, 11, 2, tzinfo=UTC)
    )
    [part] = [part for part in found.parts if part.code == MOVED]
    assert {one.initiative.title: one.why for one in part.queued} == {
        "Twice": "Live, from pilot, on 20 November 2026",
        "Paused": "Paused on 7 November 2026",
        "In a month": "Pilot, from agreed, in November 2026",
    }
    assert part.total == 3


def test_what_was_logged_since_the_meeting_has_not_changed_stage(group: Any) -> None:
    initiative("New", stage_since=LimitedDate(YESTERDAY, "day"))
    moved(old("Before the meeting"), "pilot", date(2026, 10, 20))
    assert parts(group, person("group_member", group=group))[MOVED] == []


def test_stage_and_lateness_are_of_the_remit_and_what_was_asked_is_not() -> None:
    kent = group_with({"place": ["kent"]}, code="kent")
    near, far = old("Near", places=["kent"]), old("Far", places=["norfolk"])
    for record in (near, far):
        moved(record, "pilot", date(2026, 11, 9))
        flagged(kent, record)
    found = parts(kent, person("group_member", group=kent))
    assert found[MOVED] == ["Near"]
    assert sorted(found[FLAGGED]) == ["Far", "Near"]


def test_without_a_remit_there_is_what_was_asked_and_a_message() -> None:
    bare = group_with(None, code="bare")
    flagged(bare, old("Asked"))
    found = queue(bare, person("group_member", group=bare), on=TODAY, met_at=None)
    assert {part.code: part.total for part in found.parts} == {FLAGGED: 1, DUE: 0, MOVED: 0, OVERDUE: 0}
    assert "no remit" in found.errors[0]


# What changed


def changes_of(group: Any, user: Any, code: str) -> dict[str, list[str]]:
    found = queue(group, user, on=TODAY, met_at=datetime(2026, 11, 2, 10, tzinfo=UTC))
    [part] = [part for part in found.parts if part.code == code]
    return {one.initiative.title: [event.sentence for event in one.changes] for one in part.queued}


def test_what_changed_is_counted_from_the_groups_own_last_review(group: Any, clock: Any) -> None:
    other = group_with({}, code="western")
    clock.set("2026-10-01 09:00")
    record = old("Reviewed")
    clock.set("2026-10-02 09:00")
    with origin("test"):
        edit_initiative(by=None, initiative=record, version=None, on=TODAY, depth="co_location")
    decided(group, record, decided_on=date(2026, 11, 3), next_review_on=TODAY)
    clock.set("2026-11-10 09:00")
    with origin("test"):
        edit_initiative(by=None, initiative=record, version=None, on=TODAY, owner="Head of fleet")
    decided(other, record, decided_on=date(2026, 11, 20))
    clock.set("2026-11-23 09:14")
    flagged(group, record)
    user = person("group_member", group=group)
    for code in (FLAGGED, DUE):
        assert changes_of(group, user, code) == {"Reviewed": ["had its owner set to “Head of fleet”"]}


def test_more_than_three_changes_are_a_link_to_the_history(group: Any, client: Client) -> None:
    record = old("Busy")
    flagged(group, record)
    with origin("test"):
        for number in range(6):
            add_update(
                by=None,
                initiative=record,
                text=f"Note {number}.",
                confidence="green",
                noted_on=TODAY,
                on=TODAY,
            )
    client.force_login(person("group_member", group=group))
    html = client.get("/groups/eastern/queue/").content.decode()
    assert f'href="/initiatives/{record.reference}/history/"' in html
    assert "more in its history" in html


# Who


@pytest.mark.parametrize(
    ("role", "status", "decides"),
    [
        ("chair", 200, True),
        ("secretary", 200, True),
        ("group_member", 200, False),
        ("administrator", 200, False),
        ("auditor", 200, False),
        ("reader", 403, False),
        (None, 403, False),
    ],
)
def test_its_people_read_it_and_the_chair_and_the_secretary_act_on_it(
    client: Client, group: Any, role: str | None, status: int, decides: bool
) -> None:
    record = old("Asked")
    flag = flagged(group, record)
    in_group = role in ("chair", "secretary", "group_member")
    client.force_login(person(role, group=group if in_group else None))
    page = client.get("/groups/eastern/queue/")
    assert page.status_code == status
    html = page.content.decode()
    assert (f'href="/groups/eastern/decisions/new/?initiative={record.reference}"' in html) is decides
    assert ("No longer needed" in html) is decides
    answer = client.post(f"/groups/eastern/queue/{flag.pk}/withdraw/")
    assert answer.status_code == (302 if decides else 403)
    assert ReviewFlag.objects.standing().count() == (0 if decides else 1)
    assert client.get(f"/groups/eastern/queue/{flag.pk}/withdraw/").status_code in (405, 403)


def test_a_chair_does_not_withdraw_what_is_before_another_group_or_hidden_from_them(
    client: Client, group: Any
) -> None:
    other = group_with({}, code="western")
    elsewhere = flagged(other, old("Elsewhere"))
    hidden = flagged(group, old("Hidden"))
    with origin("test"):
        edit_initiative(by=None, initiative=hidden.initiative, version=None, on=TODAY, audience="partners")
    client.force_login(person("chair", group=group))
    for flag in (elsewhere, hidden):
        assert client.post(f"/groups/eastern/queue/{flag.pk}/withdraw/").status_code == 404
    assert ReviewFlag.objects.standing().count() == 2


def test_what_a_reader_may_not_see_is_in_no_part_no_total_and_no_change(client: Client, group: Any) -> None:
    record = old("Zephyr workshop")
    flagged(group, record, why="Zephyr waits.")
    decided(group, record, decided_on=date(2026, 10, 1), next_review_on=YESTERDAY, reasons="Zephyr pays.")
    flagged(group, record, why="Zephyr waits again.")
    moved(record, "pilot", date(2026, 11, 9))
    with origin("test"):
        edit_initiative(
            by=None, initiative=record, version=None, on=date(2026, 1, 1), audience="partners_and_groups"
        )
    client.force_login(person("group_member", group=group))
    for address in ("", "?part=flagged", "?part=due", "?part=moved", "?part=overdue"):
        html = client.get(f"/groups/eastern/queue/{address}").content.decode()
        assert "Zephyr" not in html
        assert record.reference not in html
        assert set(re.findall(r'id="(?:flagged|due|moved|overdue)">[^<]*: (\d+)<', html)) == {"0"}


def test_a_sensitive_record_marks_the_page(client: Client, group: Any) -> None:
    record = old(
        "Sensitive", audience="partners_and_groups", marking="official_sensitive", named_groups=[group]
    )
    client.force_login(person("group_member", group=group))
    assert (
        '<span class="bl-official">OFFICIAL</span>' in client.get("/groups/eastern/queue/").content.decode()
    )
    flagged(group, record)
    html = client.get("/groups/eastern/queue/").content.decode()
    assert '<span class="bl-official">OFFICIAL-SENSITIVE</span>' in html


# Pages and numbers


def test_ten_are_shown_and_the_rest_is_on_pages_of_the_part(client: Client, group: Any) -> None:
    for number in range(27):
        flagged(group, old(f"Record {number:02}"))
    client.force_login(person("group_member", group=group))
    html = client.get("/groups/eastern/queue/").content.decode()
    assert "Put before the group: 27" in html
    assert html.count("Record ") == len(re.findall("Record 0\\d", html))
    assert 'href="?part=flagged"' in html
    first = client.get("/groups/eastern/queue/?part=flagged").content.decode()
    second = client.get("/groups/eastern/queue/?part=flagged&page=2").content.decode()
    titles = [re.findall(r'href="/initiatives/BL-\d+/">(Record \d+)', page) for page in (first, second)]
    assert titles == [[f"Record {n:02}" for n in range(25)], ["Record 25", "Record 26"]]
    assert 'href="?part=flagged&amp;page=2"' in first
    assert 'href="?part=flagged&amp;page=1"' in second
    for wrong in ("page=9", "page=99999999"):
        assert (
            client.get(f"/groups/eastern/queue/?part=flagged&{wrong}").headers["Location"].endswith("page=2")
        )
    for odd in ("page=-1", "page=x", "page=0", "page=²"):
        assert client.get(f"/groups/eastern/queue/?part=flagged&{odd}").status_code == 200
    assert client.get("/groups/eastern/queue/?part=nonsense").status_code == 200


@pytest.mark.parametrize("remit", [{}, {"place": ["derbyshire", "kent"]}, {"region": ["E12000004"]}])
def test_the_page_asks_at_most_fifteen_things_of_the_database(
    client: Client, remit: dict[str, list[str]], django_assert_max_num_queries: Any
) -> None:
    group = group_with(remit, code="asking")
    met(group)
    chair = person("chair", group=group)
    for number in range(12):
        record = old(f"Record {number}", audience="partners_and_groups" if number % 3 else "everyone",
                     named_groups=[group] if number % 3 else [])  # fmt: skip
        decided(group, record, decided_on=date(2026, 10, 1), next_review_on=YESTERDAY)
        flagged(group, record)
        moved(record, "pilot", date(2026, 11, 9))
        initiative(f"Late {number}", on=date(2026, 1, 5))
    client.force_login(chair)
    with django_assert_max_num_queries(15):
        html = client.get("/groups/asking/queue/").content.decode()
    assert re.findall(r'id="(?:flagged|due|moved|overdue)">[^<]*: (\d+)<', html) == ["12"] * 4
    for part in ("flagged", "due", "moved", "overdue"):
        with django_assert_max_num_queries(15):
            assert client.get(f"/groups/asking/queue/?part={part}").status_code == 200


def recount(group: Any, user: Any) -> dict[str, set[int]]:
    """The four parts by plain reading, record by record."""
    found: dict[str, set[int]] = {FLAGGED: set(), DUE: set(), MOVED: set(), OVERDUE: set()}
    remit = group.remit.view.parameters.get("place")
    record: Any
    for record in Initiative.objects.visible_to(user):
        flags = [f for f in record.review_flags.all() if f.group_id == group.pk]
        if any(f.settled_by_id is None and f.withdrawn_at is None for f in flags):
            found[FLAGGED].add(record.pk)
        decisions = [d for d in record.decisions.all() if d.group_id == group.pk]
        corrected = {d.corrects_id for d in decisions}
        standing = [d for d in decisions if d.pk not in corrected]
        last = max(standing, key=lambda d: (d.decided_on, d.pk), default=None)
        if last and last.next_review_on and last.next_review_on <= TODAY:
            found[DUE].add(record.pk)
        if remit and not {place.slug for place in record.places.all()} & set(remit):
            continue
        moves = [
            m
            for m in record.stage_moves.all()
            if m.from_stage and m.happened_on and MET <= m.happened_on <= TODAY
        ]
        if moves and not any(d.decided_on >= moves[-1].happened_on for d in decisions):
            found[MOVED].add(record.pk)
        if record.standing == "active" and record.next_update_due and record.next_update_due < TODAY:
            found[OVERDUE].add(record.pk)
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_parts_are_what_a_plain_recount_finds(seed: int) -> None:
    dice = random.Random(seed)
    remit = dice.choice([{}, {"place": ["derbyshire", "kent"]}])
    group, other = group_with(remit, code="mine"), group_with({}, code="theirs")
    for number in range(30):
        record: Any = initiative(
            f"Record {number}",
            places=[dice.choice(["derbyshire", "kent", "norfolk"])],
            on=dice.choice([date(2025, 3, 1), TODAY]),
            stage_since=LimitedDate(date(2025, 1, 1), "day"),
        )
        for _ in range(dice.randrange(3)):
            to = dice.choice(["pilot", "live", "opportunity"])
            record.refresh_from_db()
            last = max(m.happened_on for m in record.stage_moves.all())
            if to != record.stage and last < TODAY:
                moved(record, to, last + timedelta(days=dice.randrange(1, max(2, (TODAY - last).days))))
        made: Decision | None = None
        for _ in range(dice.randrange(4)):
            day = TODAY - timedelta(days=dice.randrange(60))
            again = day + timedelta(days=dice.randrange(1, 80)) if dice.random() < 0.7 else None
            mends = made if made and dice.random() < 0.4 and day >= made.decided_on else None
            made = decided(
                dice.choice([group, group, other]) if mends is None else mends.group,
                record,
                decided_on=day,
                next_review_on=again,
                corrects=mends,
            )
        if dice.random() < 0.5:
            with origin("test"):
                flag = flag_for_review(
                    by=None, initiative=record, group=dice.choice([group, other]), why="Look."
                )
                if dice.random() < 0.3:
                    withdraw_flag(by=None, flag=flag, at=datetime(2026, 11, 23, tzinfo=UTC))
        audience = dice.choice(["everyone", "everyone", "partners", "draft", "partners_and_groups"])
        if audience != "everyone":
            # Through the table, so that it does not count as confirming it.
            with origin("test"):
                edit_initiative(
                    by=None,
                    initiative=record,
                    version=None,
                    on=record.confirmed_on or TODAY,
                    audience=audience,
                )
    readers = [
        person("group_member", group=group),
        person("contributor", at="derbyshire-police"),
        person("administrator"),
        person("reader"),
    ]
    seen = set()
    for user in readers:
        found = queue(group, user, on=TODAY, met_at=datetime(2026, 11, 2, 10, tzinfo=UTC), shown=100)
        told = {part.code: {one.initiative.pk for one in part.queued} for part in found.parts}
        plain = recount(group, user)
        assert told == plain
        assert {part.code: part.total for part in found.parts} == {
            code: len(pks) for code, pks in plain.items()
        }
        seen.add(tuple(len(pks) for pks in plain.values()))
    assert len(seen) > 1

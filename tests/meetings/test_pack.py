"""A meeting's pack: live until the meeting begins, kept from then on, and no more in it than the table may see."""

from __future__ import annotations

import json
import random
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.test import Client

from register.accounts.permissions import Table
from register.core.clock import now
from register.core.tracking import origin, recorded
from register.groups.models import Meeting
from register.groups.services import draw_up_ask
from register.history.models import Change
from register.initiatives.models import Initiative
from register.initiatives.services import delete_initiative, edit_initiative, raise_barrier
from register.meetings.content import pack_content
from register.meetings.models import Pack
from register.meetings.redacting import keys_in, seen_by
from tests.dashboards.support import anything
from tests.factories import TODAY, initiative, organisation, person
from tests.meetings.support import (
    TEN,
    address,
    decided,
    group_that_meets,
    main_of,
    meeting_of,
    put_before,
    started,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    clock.set("2026-11-23 09:30")


@pytest.fixture
def group() -> Any:
    return group_that_meets()


@pytest.fixture
def meeting(group: Any) -> Meeting:
    return meeting_of(group, where="County Hall")


def pack_page(client: Client, meeting: Meeting) -> str:
    answer = client.get(address(meeting, "pack/"))
    assert answer.status_code == 200
    return answer.content.decode()


def changed(record: Initiative, **fields: Any) -> None:
    with origin("test"):
        edit_initiative(by=None, initiative=record, version=None, on=TODAY, **fields)


def a_barrier(record: Initiative, title: str = "A wall") -> Any:
    with origin("test"):
        return raise_barrier(
            by=None,
            initiative=record,
            raised_on=TODAY,
            on=TODAY,
            title=title,
            category="legislation",
            severity="high",
            remover="government",
        )


def test_a_live_pack_says_that_it_changes_and_a_kept_one_when_it_was_kept(
    client: Client, group: Any, meeting: Meeting, clock: Any
) -> None:
    reader = person("group_member", group=group)
    client.force_login(reader)
    assert "Live:" in pack_page(client, meeting)
    started(meeting)
    clock.set("2026-12-24 12:00")
    client.force_login(reader)
    html = pack_page(client, meeting)
    assert "Live:" not in html
    assert "Kept as it was when the meeting began, on 23 November 2026, 09:30" in html


def test_a_kept_pack_holds_its_numbers_and_words_when_records_change(
    client: Client, group: Any, meeting: Meeting, clock: Any
) -> None:
    record = put_before(group, initiative("Before", stage="opportunity"))
    a_barrier(record)
    decided(meeting, record, reasons="Because it was early.")
    put_before(group, record)
    client.force_login(person("group_member", group=group))
    started(meeting)
    before = main_of(client.get(address(meeting, "pack/")))
    assert "Because it was early." in before
    clock.advance(hours=1)
    changed(record, title="After", purpose="Something else.")
    a_barrier(record, "Another wall")
    for _ in range(3):
        a_barrier(initiative("New one", stage="live"))
    decided(meeting, record, reasons="Because it is late.")
    assert main_of(client.get(address(meeting, "pack/"))) == before


def test_what_was_kept_is_never_changed(meeting: Meeting) -> None:
    pack = started(meeting)
    pack.content = {"agenda": []}
    with origin("test"), pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        pack.save()
    assert Pack.objects.get().content["remit"]


def test_the_ledger_says_that_a_pack_was_kept_and_not_what_is_in_it(meeting: Meeting) -> None:
    started(meeting)
    change = Change.objects.get(table_name="register_pack")
    assert change.after
    assert "content" not in change.after
    assert change.after["marking"] == "official"


def test_rows_of_a_record_that_became_hidden_are_gone_from_a_kept_pack(
    client: Client, group: Any, meeting: Meeting
) -> None:
    record = put_before(group, initiative("Vanishing", stage="opportunity"), "Vanishing words.")
    stays = put_before(group, initiative("Staying", stage="opportunity"))
    wall = a_barrier(record, "Vanishing wall")
    with origin("test"):
        draw_up_ask(
            by=None,
            group=group,
            title="Change the law",
            addressee=organisation("home-office"),
            what="Do.",
            barriers=[wall],
        )
    client.force_login(person("group_member", group=group))
    started(meeting)
    assert pack_page(client, meeting).count("Vanishing") > 4
    changed(record, audience="partners")
    html = pack_page(client, meeting)
    assert "Vanishing" not in html
    assert record.reference not in html
    assert stays.reference in html
    assert "Change the law" in html
    # The agenda, what waits, the oldest barriers, the ask's barrier; logged, put before the group, a barrier raised.
    assert "7 lines have been taken out since" in html
    assert "1 line has been taken out since" in client.get(address(meeting)).content.decode()
    assert "Vanishing" not in client.get(address(meeting)).content.decode()
    # Who may still see the record reads all of the paper.
    client.force_login(person("auditor"))
    assert "Vanishing words." in pack_page(client, meeting)


def test_rows_of_a_deleted_record_are_gone_from_a_kept_pack(
    client: Client, group: Any, meeting: Meeting
) -> None:
    record = put_before(group, initiative("Vanishing"))
    started(meeting)
    with origin("test"):
        delete_initiative(by=None, initiative=record, reason="A double.", at=now())
    for role in ("group_member", "auditor"):
        client.force_login(person(role, group=group if role == "group_member" else None))
        assert "Vanishing" not in pack_page(client, meeting)


def test_a_pack_before_and_after_adding_what_the_table_may_not_see_is_the_same(
    group: Any, meeting: Meeting
) -> None:
    dice = random.Random(7)
    for number in range(12):
        anything(dice, group, number)
    before = pack_content(meeting, group, on=TODAY)
    for audience, marking in (
        ("partners", "official_sensitive"),
        ("draft", "official"),
        ("draft", "official"),
    ):
        hidden = put_before(
            group, initiative("Hidden", stage="opportunity", audience=audience, marking=marking)
        )
        a_barrier(hidden)
        decided(meeting, hidden, next_review_on=None)
        put_before(group, hidden)
    assert pack_content(meeting, group, on=TODAY) == before


def test_everything_in_a_pack_is_what_everybody_at_the_table_may_see(group: Any, meeting: Meeting) -> None:
    dice = random.Random(3)
    for number in range(30):
        put_before(group, anything(dice, group, number))
    content = pack_content(meeting, group, on=TODAY)
    keys = keys_in(content)
    seen = set(Initiative.objects.visible_to(Table.of(group)).values_list("pk", flat=True))
    assert keys
    assert keys <= seen
    everything = {row.title for row in Initiative.objects.exclude(pk__in=seen)}
    said = json.dumps(content)
    assert everything
    assert not [title for title in everything if f'"{title}"' in said]


def test_a_pack_says_what_changed_since_the_group_last_met_and_where_it_is_live(
    client: Client, group: Any, meeting: Meeting, clock: Any
) -> None:
    clock.set("2026-11-01 09:00")
    old = initiative("Old", stage="live")
    clock.set("2026-11-10 09:00")
    meeting_of(group, TEN - timedelta(days=14))
    a_barrier(old, "A fresh wall")
    hidden = initiative("Hidden", stage="live", audience="partners")
    a_barrier(hidden, "A hidden wall")
    clock.set("2026-11-23 09:30")
    state = pack_content(meeting, group, on=TODAY)["state_of_play"]
    assert state["changes"]["since"] == "9 November 2026"
    [row] = state["changes"]["rows"]
    assert row["initiative"] == old.pk
    assert (row["on"], row["says"]) == ("10 November 2026", "a barrier was raised: A fresh wall")
    assert state["where"]["areas"] == [["Derbyshire", 1]]
    assert "Nottinghamshire" in state["where"]["none"]

    client.force_login(person("group_member", group=group))
    started(meeting)
    html = pack_page(client, meeting)
    assert "Since 9 November 2026" in html
    assert "a barrier was raised: A fresh wall" in html
    assert "<li>Derbyshire <b>1</b></li>" in html
    assert "A hidden wall" not in html
    # Who may not see the record any more reads nothing of it in the kept pack.
    changed(old, audience="partners")
    assert "A fresh wall" not in pack_page(client, meeting)


def test_a_pack_that_was_kept_before_it_said_so_much_is_read_as_it_was(
    client: Client, group: Any, meeting: Meeting
) -> None:
    content = pack_content(meeting, group, on=TODAY)
    for part in ("where", "changes"):
        del content["state_of_play"][part]
    with origin("test"), recorded(by=None):
        Pack.objects.create(meeting=meeting, content=content, marking="official", frozen_at=TEN)
    client.force_login(person("group_member", group=group))
    html = pack_page(client, meeting)
    assert "How far each area of work has come" in html
    assert "Where it is live" not in html
    assert "What changed" not in html


def test_a_pack_is_plain_data(group: Any, meeting: Meeting) -> None:
    put_before(group, initiative("<b>Bold</b>"))
    content = pack_content(meeting, group, on=TODAY)
    assert json.loads(json.dumps(content)) == content


def test_taking_rows_out_leaves_the_rest_as_it_is() -> None:
    content = {
        "rows": [{"initiative": 1, "t": "a"}, {"initiative": 2, "t": "b"}],
        "n": [1, 2],
        "x": [[1], {}],
    }
    assert seen_by(content, {1, 2}) == (content, 0)
    assert seen_by(content, {2}) == (content | {"rows": [{"initiative": 2, "t": "b"}]}, 1)
    nested = {"asks": [{"t": "a", "barriers": [{"initiative": 1}, {"initiative": 2}]}]}
    assert seen_by(nested, set()) == ({"asks": [{"t": "a", "barriers": []}]}, 2)


@pytest.mark.parametrize(
    ("fields", "marking"),
    [
        ({}, "OFFICIAL"),
        ({"audience": "partners", "marking": "official_sensitive"}, "OFFICIAL"),
        ({"audience": "partners_and_groups", "marking": "official_sensitive"}, "OFFICIAL-SENSITIVE"),
    ],
)
def test_the_marking_is_the_highest_of_what_the_table_reads(
    client: Client, group: Any, meeting: Meeting, fields: dict[str, Any], marking: str
) -> None:
    named = {"named_groups": [group]} if fields.get("audience") == "partners_and_groups" else {}
    initiative("Guarded", **fields, **named)
    client.force_login(person("group_member", group=group))
    for _ in range(2):
        html = pack_page(client, meeting)
        assert f'<span class="bl-official">{marking}</span>' in html
        assert f'<p class="bl-pack__mark">{marking}</p>' in html
        assert (f"bl-pack--{marking.lower().replace('-', '_')}") in html
        if meeting.began_at is None:
            started(meeting)


def test_a_record_marked_higher_since_raises_the_marking_of_a_kept_pack(
    client: Client, group: Any, meeting: Meeting
) -> None:
    record = put_before(group, initiative("Plain"))
    started(meeting)
    changed(record, audience="partners_and_groups", named_groups=[group], marking="official_sensitive")
    client.force_login(person("group_member", group=group))
    html = pack_page(client, meeting)
    assert '<span class="bl-official">OFFICIAL-SENSITIVE</span>' in html
    assert f"{record.reference}, OFFICIAL-SENSITIVE" in html
    for part in ("", "minutes/"):
        html = client.get(address(meeting, part)).content.decode()
        assert '<span class="bl-official">OFFICIAL-SENSITIVE</span>' in html
    assert Pack.objects.get().marking == "official"


def test_a_pack_says_how_a_record_is_to_be_handled_as_its_owners_want_it_today(
    client: Client, group: Any, meeting: Meeting
) -> None:
    fields = {"audience": "partners_and_groups", "named_groups": [group], "marking": "official_sensitive"}
    record = put_before(group, initiative("Guarded", handling="The two chiefs only", **fields))
    a_barrier(record)
    client.force_login(person("group_member", group=group))
    live = pack_page(client, meeting)
    # Where its own words stand: on the agenda, and beside its barrier.
    assert live.count("Handling: The two chiefs only") == 2
    marked = f'<span class="bl-pack__ref">{record.reference}'
    assert live.count(marked) == live.count(f"{marked}, OFFICIAL-SENSITIVE") > 3
    started(meeting)
    assert "The two chiefs only" not in str(Pack.objects.get().content)
    changed(record, handling="The named group too")
    kept = pack_page(client, meeting)
    assert "The two chiefs only" not in kept
    assert kept.count("Handling: The named group too") == 2
    assert "Handling: The named group too" in client.get(address(meeting, "minutes/")).content.decode()


def test_a_pack_links_records_and_no_number(client: Client, group: Any, meeting: Meeting) -> None:
    put_before(group, initiative("One", stage="opportunity"))
    client.force_login(person("group_member", group=group))
    html = pack_page(client, meeting)
    pack = html[html.index('<div class="bl-pack ') : html.index("</main>")]
    assert "/initiatives/BL-" in pack
    assert "/initiatives/?" not in pack


def test_there_is_room_to_write_for_each_item(client: Client, group: Any, meeting: Meeting) -> None:
    for name in ("One", "Two"):
        put_before(group, initiative(name))
    client.force_login(person("group_member", group=group))
    html = pack_page(client, meeting)
    sheets = html[html.index('id="decisions"') :]
    assert sheets.count("bl-pack__lines") == 2
    assert len(re.findall("Support with conditions", sheets)) == 2

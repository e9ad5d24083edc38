"""What the email is: two forms that say the same, for every mail program and by ear, and a way out."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.conf import settings

from register.accounts.services import grant_role
from register.core.tracking import origin
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import Delivery
from register.digests.sending.delivery import deliver
from register.groups.services import arrange_meeting, record_decision
from register.initiatives.models import Initiative
from register.initiatives.services import (
    move_stage,
    raise_barrier,
)
from tests.digests.letters import flat, html_of, send, text_of, words_of
from tests.digests.support import MONDAY, Sink, Team
from tests.factories import TODAY, initiative, organisation, person


def test_it_says_what_changed_in_both_forms_with_links(old_workshop: Initiative, sink: Sink) -> None:
    with origin("test"):
        move_stage(by=None, initiative=old_workshop, to_stage="business_case", on=TODAY, happened=None)
        raise_barrier(
            by=None,
            initiative=old_workshop,
            title="The lease",
            category="estates_and_planning",
            severity="high",
            remover="local",
            raised_on=TODAY - timedelta(days=5),
            on=TODAY,
        )
    send()
    [message] = sink.received
    assert message["Subject"] == "Blue light digest, Peak group: 1 moved on, 1 barrier raised"
    link = f"http://localhost:8000/initiatives/{old_workshop.reference}/"
    for said in (words_of(html_of(message)), text_of(message)):
        assert "OFFICIAL" in said
        assert "Shared fleet workshop" in said
        assert "The lease" in said
        assert "Monday 16 to Monday 23 November 2026" in said
        assert "One initiative moved on and one barrier was raised." in said
    assert f'href="{link}"' in html_of(message)
    assert f"  {link}\n" in text_of(message)


def test_it_says_why_one_gets_it_and_each_thing(team: Team, sink: Sink) -> None:
    chair = person("chair", group=team.group)
    with origin("test"):
        grant_role(by=None, user=chair, role="reader", organisation=organisation("derbyshire-fire"))
    initiative()
    send()
    [to_member], [to_chair] = sink.to(team.member), sink.to(chair)
    assert "You get this on Mondays at 07:00 because you are a member of the Peak group." in flat(to_member)
    assert "You get this on Mondays at 07:00 because you are the chair of the Peak group." in flat(to_chair)
    assert "In the remit of the Peak group" in text_of(to_member)
    assert "Your organisation takes part" in text_of(to_chair)


def test_its_style_is_inlined_and_nothing_is_fetched(
    old_workshop: Initiative, team: Team, sink: Sink
) -> None:
    initiative()
    send()
    html = html_of(sink.received[0])
    assert 'style="' in html
    assert "prefers-color-scheme" in html
    assert not re.search(r"<img|<link|<script|@import|url\(", html)
    assert len(html) < 40_000


def test_it_is_read_in_order_by_ear(old_workshop: Initiative, sink: Sink) -> None:
    """One language, one title, headings under it without a step left out, tables that are only layout."""
    initiative()
    send()
    html = html_of(sink.received[0])
    assert re.search(r'<div role="article"[^>]* lang="en-GB"', html)
    assert re.findall(r"<h(\d)", html)[:3] == ["1", "2", "3"]
    assert html.count("<h1") == 1
    assert all('role="presentation"' in table for table in re.findall(r"<table[^>]*>", html))
    links = re.findall(r"<a [^>]*>(.*?)</a>", html)
    assert all(len(words) > 5 and "here" not in words for words in links)


def test_outlooks_engine_finds_what_it_understands(old_workshop: Initiative, sink: Sink) -> None:
    """Widths and grounds as attributes, colours of links on themselves, and nothing that it leaves out."""
    initiative()
    send()
    html = html_of(sink.received[0])
    assert not re.search(r"<svg|display: ?(flex|grid)|position:|background-image", html)
    assert re.search(r'<!--\[if mso\]><table role="presentation" width="600"', html)
    assert all("color:" in style for style in re.findall(r"<a [^>]*?style=\"([^\"]*)\"", html))
    assert html.count("<a ") == len(re.findall(r"<a [^>]*style=", html))
    grounds = re.findall(r"<t[dr][^>]*style=\"[^\"]*background[^\"]*\"[^>]*>", html)
    assert grounds
    assert all("bgcolor=" in cell for cell in grounds)


def test_the_text_form_is_wrapped_and_has_no_markup(team: Team, sink: Sink) -> None:
    initiative("Fire & police <shared> workshop", purpose="Service vehicles " + "together " * 18)
    send()
    text = text_of(sink.received[0])
    assert "Fire & police <shared> workshop" in text
    assert all(len(line) <= 78 or "http" in line for line in text.splitlines())
    assert "Fire &amp; police &lt;shared&gt; workshop" in html_of(sink.received[0])


def test_it_can_be_stopped_in_one_click_by_this_reader_only(team: Team, sink: Sink) -> None:
    other = person("group_member", group=team.group)
    initiative()
    send()
    ways_out = []
    for user in (team.member, other):
        [message] = sink.to(user)
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert (message["Precedence"], message["Auto-Submitted"]) == ("list", "auto-generated")
        assert message["List-Id"] == "<digest.peak.localhost>"
        way_out = message["List-Unsubscribe"].strip("<> ")
        assert way_out.startswith("http://localhost:8000/digests/unsubscribe/")
        assert way_out in text_of(message)
        assert way_out in html_of(message)
        ways_out.append(way_out)
    assert ways_out[0] != ways_out[1]


def test_the_next_meeting_is_named(team: Team, sink: Sink) -> None:
    initiative()
    with origin("test"):
        arrange_meeting(
            by=None, group=team.group, starts_at=MONDAY + timedelta(days=15, hours=3), where="by video"
        )
    send()
    for said in (words_of(html_of(sink.received[0])), text_of(sink.received[0])):
        assert "Tuesday 8 December 2026, 10:00" in said
        assert "by video" in said


def test_the_next_meeting_comes_with_its_file_for_a_calendar(team: Team, sink: Sink) -> None:
    initiative()
    with origin("test"):
        meeting = arrange_meeting(by=None, group=team.group, starts_at=MONDAY + timedelta(days=15), where="")
    send()
    url = f"/groups/peak/meetings/{meeting.pk}/meeting.ics"
    assert url in html_of(sink.received[0])
    assert url in text_of(sink.received[0])


def test_the_next_meeting_is_one_to_come_however_late_the_email_goes_out(team: Team, sink: Sink) -> None:
    initiative()
    with origin("test"):
        for days in (1, 9):
            arrange_meeting(
                by=None, group=team.group, starts_at=MONDAY + timedelta(days=days, hours=3), where=""
            )
    open_due_editions(now=MONDAY)
    build_open_editions(now=MONDAY)
    deliver(list(Delivery.objects.values_list("pk", flat=True)), clock=lambda: MONDAY + timedelta(days=3))
    assert "Wednesday 2 December 2026" in text_of(sink.received[0])


def test_answers_go_to_the_secretary_or_to_a_staffed_address(
    team: Team, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    secretary = person("secretary", group=team.group)
    initiative()
    send()
    assert {message["Reply-To"] for message in sink.received} == {secretary.email}
    assert "mailto:" not in sink.received[0]["List-Unsubscribe"]
    Delivery.objects.update(state="waiting", sent_at=None)
    monkeypatch.setattr(settings, "DIGEST_REPLY_TO", "register@staffed.example", raising=True)
    send()
    last = sink.received[-1]
    assert last["Reply-To"] == "register@staffed.example"
    ways = last["List-Unsubscribe"].strip().split(", ")
    assert ways[0].startswith("<http://localhost:8000/digests/unsubscribe/")
    assert ways[1:] == ["<mailto:register@staffed.example?subject=Stop%20the%20digest%20of%20Peak%20group>"]


def test_long_reasons_are_a_line_said_once(team: Team, old_workshop: Initiative, sink: Sink) -> None:
    """The whole of them stands with the record."""
    reasons = "The pilot is open and used. " + "The running cost is not shared out yet. " * 20
    with origin("test"):
        record_decision(
            by=None, initiative=old_workshop, group=team.group, outcome="support", reasons=reasons, decided_on=TODAY,
            on=TODAY,
        )  # fmt: skip
        move_stage(
            by=None, initiative=old_workshop, to_stage="pilot", reason="Both boards said yes. " * 20, on=TODAY,
            happened=None,
        )  # fmt: skip
    send()
    said = flat(sink.received[0])
    assert said.count("pilot is open and used") == 1
    assert said.count("Both boards said yes.") < 12
    assert "…" in said
    assert "One initiative moved on and one decision was taken." in said

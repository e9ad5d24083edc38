"""What the email says, to whom: two forms, honest counts, nothing that this reader may not see."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from register.accounts.models import RoleGrant
from register.accounts.services import grant_role, revoke_role
from register.catalogue.services import follow_initiative
from register.core.dates import LimitedDate
from register.core.tracking import origin
from register.digests.archive.finding import editions_for
from register.digests.choosing.schedules import set_schedule
from register.digests.choosing.wishes import pause_digest, want_what_one_follows
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import Delivery, Edition, EditionItem
from register.digests.reading.reading import read
from register.digests.sending.delivery import deliver
from register.digests.words import SUBHEADINGS
from register.digests.writing.letter import MOST
from register.groups.services import arrange_meeting, record_decision, set_remit
from register.initiatives.models import Initiative
from register.initiatives.services import (
    add_agreement,
    add_update,
    edit_initiative,
    move_stage,
    raise_barrier,
)
from tests.digests.support import LAST_MONDAY, MONDAY, Sink, Team, new_team
from tests.factories import TODAY, initiative, organisation, person


def send() -> None:
    open_due_editions(now=MONDAY)
    build_open_editions(now=MONDAY)
    deliver(list(Delivery.objects.values_list("pk", flat=True)), clock=lambda: MONDAY)


def text_of(message: Any) -> str:
    return message.get_body(("plain",)).get_content().replace("\r\n", "\n")


def html_of(message: Any) -> str:
    return message.get_body(("html",)).get_content()


def words_of(html: str) -> str:
    """What a reader sees, less the style."""
    without = re.sub(r"<style.*?</style>|<[^>]+>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", without)


def preview_of(html: str) -> str:
    found = re.search(r"<body[^>]*>\s*<div[^>]*>(.*?)</div>", html, re.DOTALL)
    assert found
    return found[1]


@pytest.fixture
def old_workshop(team: Team, committed: Any) -> Initiative:
    """Logged before the window, so that only what happens to it next is news."""
    committed.set("2026-11-02 10:00")
    record = initiative("Shared fleet workshop", stage="considered")
    committed.set("2026-11-18 10:00")
    return record


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


def flat(message: Any) -> str:
    return " ".join(text_of(message).split())


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


def test_what_does_not_fit_is_counted_and_stands_on_the_archive_page(team: Team, sink: Sink) -> None:
    for number in range(MOST + 7):
        initiative(f"Workshop {number}")
    send()
    text = text_of(sink.received[0])
    assert re.search(r"and 7 more: http://localhost:8000/digests/[0-9a-f-]{36}/", text)
    assert f"{MOST + 7} new" in sink.received[0]["Subject"]


def test_each_reader_gets_only_what_they_may_see(team: Team, sink: Sink) -> None:
    partner = person("group_member", group=team.group)
    with origin("test"):
        grant_role(by=None, user=partner, role="reader", organisation=organisation("derbyshire-fire"))
    initiative("For everyone")
    initiative("For its partners", audience="partners")
    send()
    [to_member], [to_partner] = sink.to(team.member), sink.to(partner)
    assert "For its partners" not in text_of(to_member) + html_of(to_member)
    assert to_member["Subject"].endswith(": 1 new")
    assert "For its partners" in text_of(to_partner)
    assert to_partner["Subject"].endswith(": 2 new")


def test_who_may_see_nothing_of_it_gets_no_email(team: Team, sink: Sink) -> None:
    initiative("A draft", audience="draft")
    send()
    assert sink.received == []
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.why) == (Delivery.State.SKIPPED, "Nothing new that they may see.")


def test_who_may_no_longer_see_it_when_it_is_sent_does_not(team: Team, sink: Sink) -> None:
    record = initiative("Open until now")
    initiative("Still open")
    open_due_editions(now=MONDAY)
    build_open_editions(now=MONDAY)
    with origin("test"):
        edit_initiative(by=None, initiative=record, version=None, on=TODAY, audience="partners")
    deliver(list(Delivery.objects.values_list("pk", flat=True)), clock=lambda: MONDAY)
    [message] = sink.received
    assert "Open until now" not in message.as_string()
    assert message["Subject"].endswith(": 1 new")


def test_a_sensitive_record_is_its_reference_and_a_link_and_in_no_count(team: Team, sink: Sink) -> None:
    initiative("For everyone")
    secret = initiative(
        "Protection of Lady Ada",
        purpose="Guard her.",
        marking="official_sensitive",
        audience="partners_and_groups",
        named_groups=[team.group],
    )
    send()
    [message] = sink.received
    whole = message.as_string() + html_of(message) + text_of(message)
    assert "Ada" not in whole
    assert "Guard" not in whole
    assert f"* {secret.reference} (OFFICIAL-SENSITIVE) changed. Sign in to see what." in text_of(message)
    assert f"/initiatives/{secret.reference}/" in html_of(message)
    assert message["Subject"].endswith(": 1 new")
    assert secret.reference not in message["Subject"] + preview_of(html_of(message))
    assert preview_of(html_of(message)) == "One initiative was logged."
    frozen = EditionItem.objects.get(initiative=secret).content
    assert frozen.pop("changes")
    assert frozen == {"reference": secret.reference, "is_news": True, "is_sensitive": True}


def test_many_sensitive_records_are_cut_like_others_and_the_rest_is_on_the_archive_page(
    team: Team, sink: Sink
) -> None:
    for number in range(MOST + 3):
        initiative(
            f"Secret {number}",
            marking="official_sensitive",
            audience="partners_and_groups",
            named_groups=[team.group],
        )
    send()
    [message] = sink.received
    assert message["Subject"] == "Blue light digest, Peak group"
    text = text_of(message)
    assert len(set(re.findall(r"BL-\d+ \(OFFICIAL-SENSITIVE\) changed", text))) == MOST
    assert "and 3 more" in text
    assert "and 3 more under “Sensitive”" in words_of(html_of(message))
    client = Client()
    client.force_login(team.member)
    page = client.get(Edition.objects.get(group=team.group).get_absolute_url()).content.decode()
    assert len(set(re.findall(r"BL-\d+", page))) == MOST + 3


def test_a_week_of_nothing_but_a_sensitive_record_betrays_no_number(team: Team, sink: Sink) -> None:
    initiative(marking="official_sensitive", audience="partners_and_groups", named_groups=[team.group])
    send()
    [message] = sink.received
    assert message["Subject"] == "Blue light digest, Peak group"
    assert preview_of(html_of(message)) == "Something in the remit changed."


def test_a_record_that_became_sensitive_since_is_masked_when_it_is_sent(team: Team, sink: Sink) -> None:
    record = initiative("Plain so far", audience="partners_and_groups", named_groups=[team.group])
    open_due_editions(now=MONDAY)
    build_open_editions(now=MONDAY)
    with origin("test"):
        edit_initiative(by=None, initiative=record, version=None, on=TODAY, marking="official_sensitive")
    deliver(list(Delivery.objects.values_list("pk", flat=True)), clock=lambda: MONDAY)
    [message] = sink.received
    assert "Plain so far" not in message.as_string() + html_of(message)
    assert f"{record.reference} (OFFICIAL-SENSITIVE) changed." in text_of(message)
    assert "Peak group, this week" in html_of(message)


def test_only_what_is_in_the_remit_is_told(team: Team, sink: Sink) -> None:
    initiative("Here")
    initiative("Elsewhere", places=["kent"])
    send()
    assert "Here" in text_of(sink.received[0])
    assert "Elsewhere" not in text_of(sink.received[0])


def test_a_group_with_a_wrong_remit_is_told_nothing_rather_than_everything(
    committed: Any, sink: Sink
) -> None:
    team = new_team("broken")
    with origin("test"):
        set_remit(by=None, group=team.group, name="broken", parameters={"colour": ["blue"]})
    initiative()
    send()
    assert sink.received == []


def test_a_record_that_fell_late_is_news_and_an_old_lateness_is_not(
    old_workshop: Initiative, committed: Any, sink: Sink
) -> None:
    with origin("test"):
        edit_initiative(
            by=None,
            initiative=old_workshop,
            version=None,
            on=TODAY,
            next_update_due=MONDAY.date() - timedelta(days=2),
        )
    committed.set("2026-11-23 07:00")
    send()
    [message] = sink.received
    assert "Shared fleet workshop was due to be confirmed on 21 November 2026." in flat(message)
    assert "One thing is due and late." in flat(message)
    assert message["Subject"].endswith("1 late")
    later = MONDAY + timedelta(weeks=1)
    committed.set(later)
    open_due_editions(now=later)
    [edition] = build_open_editions(now=later)
    assert edition.state == "quiet"


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


def test_what_is_the_readers_own_comes_first_among_what_is_due(
    old_workshop: Initiative, team: Team, committed: Any, sink: Sink
) -> None:
    committed.set("2026-11-02 10:00")
    theirs = initiative("Ours to look after", stage="considered", lead="kent-fire", parties=[])
    day = MONDAY.date() - timedelta(days=2)
    for record, due in ((old_workshop, day - timedelta(days=1)), (theirs, day)):
        with origin("test"):
            edit_initiative(by=None, initiative=record, version=None, on=TODAY, next_update_due=due)
    committed.set("2026-11-23 07:00")
    with origin("test"):
        grant_role(by=None, user=team.member, role="contributor", organisation=organisation("kent-fire"))
    send()
    said = text_of(sink.received[0])
    assert said.index("Ours to look after") < said.index("Shared fleet workshop")


def test_a_long_week_is_cut_by_importance_and_says_where_the_rest_is(
    team: Team, committed: Any, sink: Sink
) -> None:
    """What one's organisation takes part in, then what one follows, then what has come farthest."""
    records = [initiative(f"Plan {number}", stage="opportunity") for number in range(MOST + 3)]
    initiative("It runs already", stage="live")
    with origin("test"):
        follow_initiative(by=team.member, initiative=records[-1])
    send()
    [message] = sink.received
    said = text_of(message)
    lines = re.findall(r"^\* (Plan \d+|It runs already)", said, re.MULTILINE)
    assert f"Plan {MOST + 2}" in lines
    assert "You follow it." in said
    opportunities = said.index("OPPORTUNITIES")
    assert said.index(f"Plan {MOST + 2}") == said.index("Plan", opportunities)
    assert f"and 3 more: {settings.SITE_URL}/digests/" in said


def test_what_two_groups_would_say_to_one_person_is_said_once(team: Team, committed: Any, sink: Sink) -> None:
    other = new_team("vale")
    with origin("test"):
        grant_role(by=None, user=team.member, role="group_member", group=other.group)
    initiative("Seen by both groups")
    send()
    told = [message for message in sink.to(team.member) if "Seen by both groups" in text_of(message)]
    assert len(told) == 1
    assert "Peak group" in told[0]["Subject"]
    assert len(sink.to(other.member)) == 1
    skipped = Delivery.objects.get(user=team.member, edition__group=other.group)
    assert skipped.why == "Another digest of this week has brought them all that is new in it."


def in_two(team: Team, *, weekday: int) -> Team:
    """The member is in another group, too, which looks at the same and whose digest comes on that day."""
    other = new_team("vale")
    with origin("test"):
        grant_role(by=None, user=team.member, role="group_member", group=other.group)
        set_schedule(by=None, group=other.group, at=LAST_MONDAY, weekday=weekday)
    return other


def beat(clock: Any, at: datetime) -> None:
    clock.set(at)
    open_due_editions(now=at)
    build_open_editions(now=at)
    deliver(list(Delivery.objects.due(now=at).values_list("pk", flat=True)), clock=lambda: at)


def test_nothing_comes_twice_in_a_week_when_groups_have_different_slots(
    team: Team, committed: Any, sink: Sink
) -> None:
    other = in_two(team, weekday=2)
    initiative("Seen by both groups")
    beat(committed, MONDAY)
    committed.set(MONDAY + timedelta(hours=4))
    initiative("Later in the week")
    for days in (2, 7, 9, 14):
        beat(committed, MONDAY + timedelta(days=days))
    told = {text_of(message): message["Subject"] for message in sink.to(team.member)}
    for title, group in (
        ("Seen by both groups was logged", "Peak"),
        ("Later in the week was logged", "Vale"),
    ):
        [subject] = [subject for said, subject in told.items() if title in " ".join(said.split())]
        assert group in subject
    # Whoever is only in the other group hears of all of it there.
    [message] = sink.to(other.member)
    assert "Seen by both groups was logged" in flat(message)
    assert "Later in the week was logged" in flat(message)


def test_what_a_group_told_before_one_left_it_is_not_told_again_by_another(
    team: Team, committed: Any, sink: Sink
) -> None:
    in_two(team, weekday=2)
    initiative("Seen by both groups")
    beat(committed, MONDAY)
    with origin("test"):
        revoke_role(by=None, grant=RoleGrant.objects.get(user=team.member, group=team.group))
    beat(committed, MONDAY + timedelta(days=2))
    [message] = sink.to(team.member)
    assert "Peak group" in message["Subject"]


def test_what_was_cut_from_one_groups_long_week_is_told_by_the_other(
    team: Team, committed: Any, sink: Sink
) -> None:
    """Nobody has read what was only counted."""
    in_two(team, weekday=2)
    for number in range(MOST + 3):
        initiative(f"Workshop {number}")
    beat(committed, MONDAY)
    beat(committed, MONDAY + timedelta(days=2))
    [first, second] = [set(re.findall(r"Workshop \d+", text_of(message))) for message in sink.to(team.member)]
    assert len(first) == MOST
    assert len(second) == 3
    assert not first & second


def test_digests_of_different_slots_that_catch_up_together_tell_it_once(
    team: Team, committed: Any, sink: Sink
) -> None:
    in_two(team, weekday=2)
    initiative("Seen by both groups")
    beat(committed, MONDAY + timedelta(days=3))
    [message] = sink.to(team.member)
    assert "Peak group" in message["Subject"]


def test_a_digest_that_is_late_leaves_out_what_another_has_brought_by_then(
    team: Team, committed: Any, sink: Sink
) -> None:
    in_two(team, weekday=2)
    initiative("Seen by both groups")
    sink.answers = ["451 later"]
    beat(committed, MONDAY)
    assert sink.to(team.member) == []
    Delivery.objects.filter(state="waiting").update(due_at=MONDAY + timedelta(days=3))
    beat(committed, MONDAY + timedelta(days=2))
    beat(committed, MONDAY + timedelta(days=3))
    [message] = sink.to(team.member)
    assert "Vale group" in message["Subject"]
    skipped = Delivery.objects.get(edition__group=team.group)
    assert skipped.state == "skipped"
    assert skipped.why == "Another digest of this week has brought them all that is new in it."


def test_of_two_digests_that_say_the_same_words_of_new_things_each_says_its_own(
    team: Team, committed: Any, sink: Sink
) -> None:
    """ "No change this week" is said of each week."""
    other = in_two(team, weekday=2)
    record = initiative("Said again and again")
    for days in range(0, 28, 7):
        for group_day in (0, 2):
            at = MONDAY + timedelta(days=days + group_day)
            committed.set(at - timedelta(hours=20))
            with origin("test"):
                add_update(
                    by=None,
                    initiative=record,
                    text="No change this week.",
                    confidence="green",
                    noted_on=TODAY,
                    on=TODAY,
                )
            beat(committed, at)
    assert len(sink.to(team.member)) == 8
    assert len(sink.to(other.member)) == 4
    for message in sink.to(team.member)[1:]:
        assert flat(message).count("No change this week") == 1


def test_what_the_other_digest_could_not_bring_is_said_here(team: Team, committed: Any, sink: Sink) -> None:
    other = new_team("vale")
    with origin("test"):
        grant_role(by=None, user=team.member, role="group_member", group=other.group)
    initiative("Seen by both groups")
    sink.answers = ["451 later"]
    open_due_editions(now=MONDAY)
    build_open_editions(now=MONDAY)
    mine = Delivery.objects.filter(user=team.member)
    deliver(list(mine.values_list("pk", flat=True)), clock=lambda: MONDAY)
    assert [message["Subject"].startswith("Blue light digest, Vale") for message in sink.received] == [True]
    assert "Seen by both groups" in text_of(sink.received[0])


def test_an_edition_that_makes_up_for_others_says_so(team: Team, committed: Any, sink: Sink) -> None:
    initiative()
    late = MONDAY + timedelta(weeks=2, hours=1)
    committed.set(late)
    open_due_editions(now=late)
    build_open_editions(now=late)
    deliver(list(Delivery.objects.values_list("pk", flat=True)), clock=lambda: late)
    assert "This covers three weeks, because none went out meanwhile." in flat(sink.received[0])
    assert "Peak group, this week" not in html_of(sink.received[0])


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


@pytest.mark.parametrize("wish", ["paused", "only followed"])
def test_what_another_groups_digest_will_not_say_after_all_is_said_here(
    team: Team, committed: Any, sink: Sink, wish: str
) -> None:
    other = new_team("vale")
    record = initiative("Seen by both groups")
    with origin("test"):
        grant_role(by=None, user=team.member, role="group_member", group=other.group)
    open_due_editions(now=MONDAY)
    build_open_editions(now=MONDAY)
    with origin("test"):
        if wish == "paused":
            pause_digest(
                by=None, user=team.member, group=team.group, until=MONDAY.date() + timedelta(9), on=TODAY
            )
        else:
            want_what_one_follows(by=None, user=team.member, group=team.group)
    deliver(list(Delivery.objects.values_list("pk", flat=True)), clock=lambda: MONDAY)
    [message] = sink.to(team.member)
    assert "Vale group" in message["Subject"]
    assert record.title in text_of(message)


def test_an_agreement_that_ends_is_told_when_it_comes_near(
    old_workshop: Initiative, committed: Any, sink: Sink
) -> None:
    committed.set("2026-11-02 10:00")
    with origin("test"):
        add_agreement(
            by=None,
            initiative=old_workshop,
            parties=[],
            kind="contract",
            ends_on=MONDAY.date() + timedelta(days=12),
        )
    committed.set("2026-11-23 07:00")
    send()
    assert "Shared fleet workshop has an agreement ending on 5 December 2026." in flat(sink.received[0])


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


def test_however_much_there_is_to_say_it_stays_below_what_mail_programs_cut_off(
    team: Team, sink: Sink
) -> None:
    """Under every subheading of every heading as many long lines as there may be: fewer of each are shown."""
    record = initiative()
    [edition] = open_due_editions(now=MONDAY)
    said = [
        EditionItem(
            initiative=record,
            heading=heading,
            content={
                "reference": record.reference,
                "title": "A joint initiative of all services of the region " * 3,
                "is_news": True,
                "is_sensitive": False,
                "kind": "edited",
                "sub": sub,
                "sentence": f"changed in {number} ways, " + "each of them longer than the one before " * 8,
                "reason": "The boards agreed it, each on its day. " * 5,
                "weight": 1,
            },
        )
        for heading in EditionItem.Heading.values
        for sub in SUBHEADINGS
        for number in range(MOST + 2)
    ]
    EditionItem.objects.bulk_create(said)
    Edition.objects.filter(pk=edition.pk).update(state="ready", says=[item.pk for item in said])
    edition.refresh_from_db()
    Delivery.objects.create(edition=edition, user=team.member, due_at=MONDAY, message_id="<one@example.org>")
    deliver(list(Delivery.objects.values_list("pk", flat=True)), clock=lambda: MONDAY)
    [message] = sink.received
    assert 50_000 < len(html_of(message).encode()) < 100_000
    assert all(f">{sub}</h3>" in html_of(message) for sub in SUBHEADINGS)
    more = {int(number) for number in re.findall(r"and (\d) more: http", text_of(message))}
    assert len(more) == 1
    assert min(more) > 2


def test_a_busy_week_stays_below_what_mail_programs_cut_off(team: Team, committed: Any, sink: Sink) -> None:
    for number in range(60):
        record = initiative(
            f"A joint initiative with a rather long name, number {number}", stage="opportunity"
        )
        if number % 2:
            with origin("test"):
                why = "It was agreed. " * 12
                move_stage(by=None, initiative=record, to_stage="agreed", reason=why, on=TODAY, happened=None)
                raise_barrier(
                    by=None,
                    initiative=record,
                    title="No money for this, nor for that " * 4,
                    category="estates_and_planning",
                    severity="high",
                    remover="local",
                    raised_on=TODAY,
                    on=TODAY,
                )
    send()
    [message] = sink.received
    assert len(html_of(message).encode()) < 100_000


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


def test_what_was_said_of_a_record_while_it_was_closed_is_not_told_when_it_is_opened(
    team: Team, sink: Sink
) -> None:
    record = initiative("Joined workshop", stage="agreed", audience="partners", marking="official_sensitive")
    with origin("test"):
        move_stage(
            by=None, initiative=record, on=TODAY, to_stage="pilot", happened=LimitedDate(TODAY),
            why="Because the Ripley raid is in May.",
        )  # fmt: skip
    with origin("test"):
        edit_initiative(
            by=None, initiative=record, version=None, on=TODAY, marking="official", audience="everyone"
        )
    send()
    [message] = sink.received
    told = text_of(message)
    assert "Joined workshop was logged at stage pilot" in told
    assert "Ripley" not in told
    assert not EditionItem.objects.filter(content__icontains="Ripley").exists()


def test_an_edition_of_when_a_record_was_closed_tells_less_once_it_is_opened(team: Team, sink: Sink) -> None:
    record = initiative("Ripley workshop", audience="partners_and_groups", named_groups=[team.group])
    send()
    [message] = sink.received
    assert "Ripley workshop was logged" in text_of(message)
    with origin("test"):
        edit_initiative(
            by=None, initiative=record, version=None, on=TODAY, title="Workshop", audience="everyone"
        )
    edition = Edition.objects.get(group=team.group)
    reading = read(edition, person("auditor"))
    assert [(item.name, item.sentence) for item in reading.items] == [
        (record.reference, "was changed while it was for its partners and named groups only")
    ]
    found = editions_for(team.member, q="Ripley")
    assert not found.exists()

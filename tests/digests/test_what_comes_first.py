"""The reader's own first, then by importance; what does not fit is counted, and how late it is said."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from django.conf import settings

from register.accounts.services import grant_role
from register.catalogue.services import follow_initiative
from register.core.tracking import origin
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import Delivery, Edition, EditionItem
from register.digests.sending.delivery import deliver
from register.digests.words import SUBHEADINGS
from register.digests.writing.letter import MOST
from register.initiatives.models import Initiative
from register.initiatives.services import (
    add_agreement,
    edit_initiative,
    move_stage,
    raise_barrier,
)
from tests.digests.letters import flat, html_of, send, text_of
from tests.digests.support import MONDAY, Sink, Team
from tests.factories import TODAY, initiative, organisation


def test_what_does_not_fit_is_counted_and_stands_on_the_archive_page(team: Team, sink: Sink) -> None:
    for number in range(MOST + 7):
        initiative(f"Workshop {number}")
    send()
    text = text_of(sink.received[0])
    assert re.search(r"and 7 more: http://localhost:8000/digests/[0-9a-f-]{36}/", text)
    assert f"{MOST + 7} new" in sink.received[0]["Subject"]


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


def test_an_edition_that_makes_up_for_others_says_so(team: Team, committed: Any, sink: Sink) -> None:
    initiative()
    late = MONDAY + timedelta(weeks=2, hours=1)
    committed.set(late)
    open_due_editions(now=late)
    build_open_editions(now=late)
    deliver(list(Delivery.objects.values_list("pk", flat=True)), clock=lambda: late)
    assert "This covers three weeks, because none went out meanwhile." in flat(sink.received[0])
    assert "Peak group, this week" not in html_of(sink.received[0])


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

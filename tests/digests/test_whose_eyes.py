"""Each reader gets what they may see when it is sent, with honest counts, and nothing else."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from register.accounts.services import grant_role
from register.core.dates import LimitedDate
from register.core.tracking import origin
from register.digests.archive.finding import editions_for
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import Delivery, Edition, EditionItem
from register.digests.reading.reading import read
from register.digests.sending.delivery import deliver
from register.digests.writing.letter import MOST
from register.groups.services import set_remit
from register.initiatives.services import (
    edit_initiative,
    move_stage,
)
from tests.digests.letters import html_of, preview_of, send, text_of, words_of
from tests.digests.support import MONDAY, Sink, Team, new_team
from tests.factories import TODAY, initiative, organisation, person


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

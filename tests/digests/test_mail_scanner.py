"""A mail scanner opens every link of every email before its reader does. Nothing may come of it: only a POST acts."""

from __future__ import annotations

import re
from datetime import timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

from register.catalogue.services import follow_initiative, save_view
from register.core.tracking import origin
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import Delivery, DigestWish
from register.digests.sending.delivery import deliver
from register.groups.services import arrange_meeting
from register.initiatives.models import Initiative
from tests.digests.support import MONDAY, Sink, Team
from tests.factories import TODAY, initiative, person

LINK = re.compile(r"https?://[^\s\"'<>)]+")
# What a visit may write: how often somebody signs in wrongly is counted in the cache.
NOT_THE_REGISTERS = {"register_cache"}


def links_of(message: EmailMessage) -> set[str]:
    """Every address in both forms and in the headers."""
    said = [str(value) for value in message.values()]
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert body is not None
        said.append(body.get_content().replace("&amp;", "&"))
    return {link.rstrip(".,;") for text in said for link in LINK.findall(text)}


def everything() -> dict[str, tuple[int, str]]:
    """How many rows each of the register's tables has, and what they come to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE 'register!_%' ESCAPE '!'"
        )
        found = {}
        for (table,) in cursor.fetchall():
            if table not in NOT_THE_REGISTERS:
                cursor.execute(
                    f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"
                )
                found[table] = cursor.fetchone()
        return found


@pytest.fixture
def delivered(team: Team, committed: Any, sink: Sink) -> list[EmailMessage]:
    """A group's digest with its next meeting and two of what somebody follows: of a view, and of an initiative."""
    reader = person("reader")
    with origin("test"):
        arrange_meeting(by=None, group=team.group, starts_at=MONDAY + timedelta(days=15), where="")
        save_view(by=reader, name="Kent", parameters={"place": ["kent"]}, on=TODAY, follow=True)
        follow_initiative(by=team.member, initiative=initiative("Far away", places=["essex"]))
    committed.advance(hours=1)
    initiative("In Kent", lead="kent-police", parties=[], places=["kent"])
    initiative("In Derbyshire")
    open_due_editions(now=MONDAY)
    build_open_editions(now=MONDAY)
    deliver(list(Delivery.objects.values_list("pk", flat=True)), clock=lambda: MONDAY)
    assert len(sink.received) == 3
    return sink.received


def clients(delivered: list[EmailMessage]) -> list[Client]:
    """Nobody, and each reader's own browser, signed in."""
    from register.accounts.models import User

    found = [Client()]
    for user in User.objects.filter(email__in=[message["To"] for message in delivered]):
        found.append(Client())
        found[-1].force_login(user)
    return found


def test_a_scanner_that_opens_every_link_of_every_email_changes_nothing(
    delivered: list[EmailMessage],
) -> None:
    links = sorted({link for message in delivered for link in links_of(message)})
    assert all(link.startswith(settings.SITE_URL) for link in links)
    assert sum("/unsubscribe/" in link for link in links) == 3
    assert any(link.endswith("/meeting.ics") for link in links)
    assert any(Initiative.objects.get(title="In Kent").reference in link for link in links)
    scanners = clients(delivered)
    before = everything()
    for link in links:
        parts = urlsplit(link)
        for client in scanners:
            for method in (client.get, client.head):
                answer = method(f"{parts.path}?{parts.query}", follow=True)
                assert answer.status_code in (200, 403, 404), link
    assert everything() == before
    assert not DigestWish.objects.exists()


def test_only_a_post_to_the_way_out_acts(delivered: list[EmailMessage], client: Client) -> None:
    for message in delivered:
        before = everything()
        way_out = message["List-Unsubscribe"].split(",")[0].strip("<> ")
        for method in (client.get, client.head, client.options):
            method(urlsplit(way_out).path, {"List-Unsubscribe": "One-Click"})
        assert everything() == before
        client.post(urlsplit(way_out).path, {"List-Unsubscribe": "One-Click"})
        changed = {table for table, rows in everything().items() if rows != before[table]}
        assert changed == {"register_digestwish", "register_change"}
    assert DigestWish.objects.count() == 3

"""The sample with hostile text in every column: all its pages, what it sends and what it exports, fetched once."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest
from django.conf import settings as current
from django.core.management import call_command
from django.db import connection
from django.test import Client

from register.accounts.models import WorkingGroup
from register.core.clock import now, today
from register.core.tracking import origin
from register.digests.chasing.models import Chase
from register.digests.chasing.sending import deliver_chases
from register.digests.chasing.services import open_due_round
from register.digests.making.notes import write_covering_note
from register.groups.notices import send_notices
from register.groups.services import flag_for_review, record_decision
from register.initiatives.models import Barrier, Initiative
from register.initiatives.services import add_document
from tests.groups.support import ask
from tests.house.addresses import NOT_PAGES, addresses
from tests.security.planting import columns, plant
from tests.security.world import World
from tests.support.mail import mail_server

# Read by others, or not HTML.
SKIPPED = {"health", "document_file", "kept_form"}
# What keeps a page out of somebody else's frame, and its files what they are.
HEADERS = (
    "X-Frame-Options",
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "Cache-Control",
    "Content-Type",
)


@dataclass
class Planted:
    """Pages and files by address; `changed` are the tables that opening them all wrote to."""

    pairs: dict[str, str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    mail: list[EmailMessage] = field(default_factory=list)
    changed: list[Any] = field(default_factory=list)
    client: Client = field(default_factory=Client)

    def everything(self) -> str:
        sent = "".join(part for message in self.mail for part in parts_of(message))
        return "".join([*self.pages.values(), *self.files.values(), sent])


def parts_of(message: EmailMessage) -> list[str]:
    return [
        str(message["Subject"]),
        *(part.get_content() for part in message.walk() if part.get_content_maintype() == "text"),
    ]


def planted_sample() -> Planted:
    """In the database that Django uses now. It commits: a digest is of what has been."""
    made, world = Planted(), World()
    world.add_opener()
    places = addresses()
    _add_what_the_sample_lacks(world)
    for column in columns():
        made.pairs |= plant(column)
    made.mail = _mail()
    made.client = world.client("opener")
    before = changes()
    for name, address in places:
        if name not in SKIPPED:
            _fetch(made, address, made.files if name in NOT_PAGES else made.pages)
    made.changed = [one for one in changes() if one not in before]
    for kind in ("csv", "xlsx", "json"):
        _fetch(made, f"/initiatives/export/?what=everything&format={kind}&example=with", made.files)
    return made


def _fetch(made: Planted, address: str, into: dict[str, str]) -> None:
    answer = made.client.get(address)
    made.statuses[address] = answer.status_code
    made.headers[address] = {name: answer.headers.get(name, "") for name in HEADERS}
    into[address] = _text(answer.getvalue())


def changes() -> list[Any]:
    """How often each table was changed. (The ledger's notes of who opened what change nothing.)"""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, count(*) FROM register_change WHERE operation IN ('I', 'U', 'D') GROUP BY 1 ORDER BY 1"
        )
        return cursor.fetchall()


def _add_what_the_sample_lacks(world: World) -> None:
    record = Initiative.objects.get(title="Shared fleet workshop at Millbrook")
    group = WorkingGroup.objects.get(code="exampleshire")
    numbers = {str(column): column.number for column in columns()}

    def text(name: str) -> str:
        return f'"><x7k{numbers[name]}><svg/onload=x7k{numbers[name]}>'

    barriers = list(Barrier.objects.filter(initiative=record).order_by("pk")[:1])
    for state in ("asked", "answered"):
        ask(group, barriers, state=state, title=f"Another, {state}")
    with origin("test"):
        flag_for_review(
            by=None, initiative=record, group=WorkingGroup.objects.get(code="national"), why="Look."
        )
        add_document(by=None, initiative=record, title="A plan", link="https://example.org/plan")
        write_covering_note(by=world.user("secretary"), group=group, text=text("CoveringNote.text"), at=now())
        record_decision(
            by=world.user("secretary"), initiative=record, group=group, outcome="support_with_conditions",
            reasons=text("Decision.reasons"), conditions=text("Decision.conditions"), owner=text("Decision.owner"),
            owner_person=world.user("contributor"), decided_on=today(), on=today(),
        )  # fmt: skip


def _mail() -> list[EmailMessage]:
    """Digests, what asks owners whether records are current, and the notice of a decision."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_TIMEOUT"):
            patched.setattr(current, name, getattr(current, name))
        with mail_server(current) as sink:
            call_command("send_due_digests", last_week="exampleshire", stdout=io.StringIO())
            with origin("task"):
                send_notices()
                tuesday = now().replace(hour=12)
                while tuesday.weekday() != 1:
                    tuesday = tuesday.replace(day=tuesday.day - 1) if tuesday.day > 1 else tuesday
                open_due_round(now=tuesday)
                deliver_chases(list(Chase.objects.values_list("pk", flat=True)), clock=lambda: tuesday)
            return list(sink.received)


def _text(data: bytes) -> str:
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return "".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    return data.decode("utf-8", "replace")

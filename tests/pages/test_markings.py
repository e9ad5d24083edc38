"""Whatever page says something of a sensitive record has OFFICIAL-SENSITIVE in its head, and so on paper."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from register.accounts.models import User, WorkingGroup
from register.accounts.services import grant_role
from register.catalogue.models import SavedView
from register.catalogue.services import follow_initiative, save_view
from register.core.clock import now
from register.core.tracking import origin
from register.groups.models import Ask, AskBarrier
from register.initiatives.models import Initiative
from register.initiatives.services import delete_initiative
from register.reference.models import Organisation
from tests.factories import TODAY, initiative, person
from tests.house.addresses import addresses
from tests.pages.support import WORD, hang_everything

GROUP, LEAD, PARTY = "exampleshire", "exampleshire-police", "exampleshire-fire"
HEAD = re.compile(r'<span class="bl-official">([^<]*)')
MARKED = "OFFICIAL-SENSITIVE"
DASHBOARD = (
    "state-of-play/",
    "opportunities/",
    "opportunities/dates/",
    "barriers/",
    "barriers/open/",
    "figures/",
)
# What must be among the pages that say something of it, or the walk would prove nothing of them.
SAY = {
    "deleted_list",
    "group",
    "group_ask",
    "group_ask_close",
    "group_ask_edit",
    "group_ask_new",
    "group_decisions",
    "group_meeting",
    "group_meeting_agenda",
    "group_others",
    "group_queue",
    "home",
    "initiative",
    "organisation_person_end",
    "recent_changes",
    "view_list",
    *(
        f"{kind}_{page}"
        for kind in ("group", "place", "organisation", "view")
        for page in ("state_of_play", "opportunities", "doors", "barriers", "open_barriers", "figures")
    ),
}


def asked_also(view: SavedView) -> list[tuple[str, str]]:
    """What the walk of the house is not asked: name and address."""
    of = f"/initiatives/?example=with&org={LEAD}"
    subjects = {
        "place": "/places/exampleshire/",
        "organisation": f"/organisations/{LEAD}/",
        "view": f"/views/{view.pk}/",
    }
    return [
        *((f"as {shape}", f"{of}&as={shape}") for shape in ("list", "table")),
        ("words", f"/initiatives/?example=with&q={WORD}"),
        ("similar", f"/initiatives/new/similar/?title={WORD}+yard&areas=fleet&places=exampleshire"),
        ("due", f"/groups/{GROUP}/queue/?part=due"),
        ("duty", f"/organisations/{LEAD}/duty/2026/"),
        *((kind, address) for kind, address in subjects.items() if kind != "view"),
        *(
            (f"{kind}_{NAMES.get(page, page.strip('/').replace('-', '_'))}", f"{address}{page}")
            for kind, address in subjects.items()
            for page in DASHBOARD
        ),
    ]


NAMES = {"opportunities/dates/": "doors", "barriers/open/": "open_barriers"}


@pytest.mark.usefixtures("sample")
def test_every_page_that_says_something_of_a_sensitive_record_is_marked(clock: Any) -> None:
    clock.set("2026-11-23 09:14")
    group = WorkingGroup.objects.get(code=GROUP)
    reader = reader_of_all(group)
    sensitive(group, reader)
    with origin("test"):
        view = save_view(by=reader, name="Of ours", parameters={"org": [LEAD], "example": ["with"]}, on=TODAY)
    client = Client()
    client.force_login(reader)
    said, wrong = {name for name, _ in asked_also(view)}, []
    missing = SAY | said
    for name, address in [*addresses(), *asked_also(view)]:
        html = page_at(client, address)
        if WORD not in html.replace(f'"q" value="{WORD}"', ""):
            continue
        missing.discard(name)
        head = HEAD.search(html)
        if MARKED not in (head[1] if head else html):
            wrong.append(address)
        elif MARKED not in html.partition("<main")[2] and head:
            wrong.append(f"{address}, beside the record")
    assert wrong == []
    assert missing == set()


@pytest.mark.usefixtures("sample")
@pytest.mark.parametrize("shape", ["map", "matrix", "who"])
def test_a_picture_is_marked_as_what_it_counts(shape: str) -> None:
    group = WorkingGroup.objects.get(code=GROUP)
    sensitive(group, reader_of_all(group))
    outside, inside = person("reader"), person("contributor", at=Organisation.objects.get(code=LEAD))
    told = []
    for reader in (outside, inside):
        client = Client()
        client.force_login(reader)
        for query in (
            f"example=with&org={LEAD}",
            f"example=with&q={WORD}+or+Exampleshire",
            "org=kent-police",
        ):
            head = HEAD.search(page_at(client, f"/initiatives/?{query}&as={shape}"))
            told.append(head and head[1])
    assert told == ["OFFICIAL", "OFFICIAL", "OFFICIAL", MARKED, MARKED, "OFFICIAL"]


def page_at(client: Client, address: str) -> str:
    """A page or a part of one; "" for what is neither, or not there."""
    told = client.get(address)
    body = told.getvalue().decode(errors="replace")
    return body if told.status_code == 200 and told["Content-Type"].startswith("text/html") else ""


def reader_of_all(group: WorkingGroup) -> User:
    """Somebody to whom every page opens."""
    found = person("organisation_lead", at=Organisation.objects.get(code=LEAD))
    with origin("test"):
        for role in ("secretary", "chair"):
            grant_role(by=None, user=found, role=role, group=group)
        for role in ("administrator", "auditor"):
            grant_role(by=None, user=found, role=role)
    return found


def sensitive(group: WorkingGroup, reader: User) -> Initiative:
    """A record that the reader follows and a colleague logged, whose barrier is in every ask; and a deleted one."""
    fields: dict[str, Any] = {
        "lead": LEAD, "parties": [PARTY], "places": ["exampleshire"], "areas": ["fleet", "governance"],
        "by": User.objects.get(email__startswith="contributor@"), "stage": "live",
        "audience": "partners_and_groups", "named_groups": [group], "marking": "official_sensitive",
    }  # fmt: skip
    record, deleted = initiative(f"{WORD} yard", **fields), initiative(f"{WORD} shed", **fields)
    hang_everything(record, group)
    with origin("test"):
        delete_initiative(by=None, initiative=deleted, reason="Twice.", at=now())
        follow_initiative(by=reader, initiative=record)
        for ask in Ask.objects.filter(group=group):
            AskBarrier.objects.create(ask=ask, barrier=record.barriers.get())
    return record

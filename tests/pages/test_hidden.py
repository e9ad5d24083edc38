"""What people are told is the same whether or not there are records that they may not open.

Every page, count, picture, search, suggestion and export that could tell of one is asked for without such records and
again with them. Somebody who may open them is told of them by each, or the comparison would prove nothing.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

import pytest
from django.test import Client

from register.accounts.services import grant_role
from register.catalogue.services import save_view
from register.core.tracking import origin
from register.initiatives.services import delete_initiative
from register.transfer.asking import WHAT
from tests.dashboards.support import group_with
from tests.factories import TODAY, initiative, person
from tests.pages.support import WORD, hang_everything

pytestmark = pytest.mark.django_db

LIST = [
    "",
    "as=table",
    "as=map",
    "as=matrix",
    "as=who",
    "sort=title",
    "sort=saving",
    "counts=1",
    f"q={WORD}",
    f"q={WORD}&as=table",
    "q=workshop",
    "area=governance",
    "org=kent-fire",
    "place=kent",
    "barrier=governance",
    "outcome=reduced_cost",
    "figure=with",
    "example=with",
]
FACETS = ["", f"q={WORD}", "area=fleet", "place=kent", "stage=pilot&area=governance"]
# Words written nearly as in the hidden records: what was meant is known from what the reader may see.
MEANT = ["q=zephir", "q=zephyrr"]
PAGES = [
    "/",
    "/history/",
    "/views/",
    "/places/",
    "/places/kent/",
    "/organisations/kent-fire/",
    "/groups/everything/",
    *(
        f"{begin}{page}"
        for begin in ("/groups/everything/", "/everything/", "/places/kent/", "/organisations/kent-fire/")
        for page in (
            "state-of-play/",
            "opportunities/",
            "opportunities/gaps/",
            "opportunities/gaps/?by=fire",
            "opportunities/dates/",
            "opportunities/others/?area=governance&place=kent",
            "barriers/",
            "barriers/open/",
            "taking-part/",
            "figures/",
        )
    ),
    "/groups/everything/decisions/",
    "/groups/everything/queue/",
    "/groups/everything/queue/?part=due",
    "/organisations/kent-fire/duty/2026/",
    f"/initiatives/new/similar/?title=Shared+{WORD}+workshop&areas=governance&places=kent",
]
FILES = [f"what={what}&format={kind}" for what in WHAT for kind in ("csv", "xlsx", "json")]


def addresses() -> list[str]:
    return [
        *(f"/initiatives/?{query}" for query in [*LIST, *MEANT]),
        *(f"/initiatives/facets/?{query}" for query in FACETS),
        *PAGES,
        *(f"/initiatives/export/?{query}" for query in FILES),
    ]


def told(user: Any, more: list[str]) -> dict[str, str]:
    """What each address answers, without what is different at every request."""
    client = Client()
    client.force_login(user)
    found = {}
    for address in [*addresses(), *more]:
        answer = client.get(address)
        assert answer.status_code == 200, address
        found[address] = _text(answer.getvalue())
    return found


def _text(body: bytes) -> str:
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            body = b"".join(packed.read(name) for name in sorted(packed.namelist()))
    return re.sub(r'(csrfmiddlewaretoken" value|X-CSRFToken": ?)"?=?"[^"]*"', "", body.decode())


def hide(group: Any) -> None:
    """Records for others, with all that a page may count or show hanging on them."""
    for title, fields in {
        f"{WORD} workshop for partners": {"audience": "partners"},
        f"{WORD} workshop, a draft": {"audience": "draft"},
        f"{WORD} workshop, sensitive": {"audience": "partners", "marking": "official_sensitive"},
        f"{WORD} workshop, deleted": {},
    }.items():
        record = initiative(
            title,
            parties=["kent-fire"],
            areas=["governance", "fleet"],
            places=["kent"],
            stage="pilot",
            **fields,
        )
        hang_everything(record, group)
        if record.title.endswith("deleted"):
            with origin("test"):
                delete_initiative(
                    by=None, initiative=record, reason=f"{WORD} was a double.", at=record.created_at
                )


def test_nothing_tells_of_records_that_one_may_not_open(clock: Any) -> None:
    clock.set("2026-11-23 09:14")
    group = group_with({}, code="everything", name="Everything")
    outsider = person("contributor", at="norfolk-police", name="An outsider")
    insider = person("organisation_lead", at="derbyshire-police", name="An insider")
    near = initiative("Shared workshop at Ripley", lead="norfolk-police", parties=[], areas=["governance"])
    initiative("Joint workshop", lead="norfolk-police", parties=["norfolk-fire"], places=["kent", "norfolk"])
    with origin("test"):
        for user in (outsider, insider):
            grant_role(by=None, user=user, role="group_member", group=group)
            save_view(by=user, name="All of it", parameters={}, on=TODAY)
    more = [near.get_absolute_url()]  # and what is similar to it
    before = {user.pk: told(user, more) for user in (outsider, insider)}
    hide(group)
    assert [
        address for address, text in told(outsider, more).items() if text != before[outsider.pk][address]
    ] == []
    after = told(insider, more)
    assert [address for address, text in after.items() if text == before[insider.pk][address]] == []
    assert all(WORD in after[address] for address in (f"/initiatives/?q={WORD}", *PAGES[-1:], "/history/"))

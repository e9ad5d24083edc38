"""What people are told is the same whether or not there are records that they may not open.

Every page, count, picture, search, suggestion and export that could tell of one is asked for without such records and
again with them. Somebody who may open them is told of them by each, or the comparison would prove nothing.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from register.accounts.services import grant_role
from register.catalogue.services import save_view
from register.core.dates import LimitedDate
from register.core.tracking import origin
from register.groups.services import notify_organisation, record_decision
from register.initiatives.services import (
    add_agreement,
    add_benefit,
    add_cost,
    add_document,
    add_funding,
    add_milestone,
    add_saving,
    add_update,
    cite_source,
    delete_initiative,
    raise_barrier,
    state_figure,
)
from register.transfer.asking import WHAT
from tests.dashboards.support import group_with
from tests.factories import TODAY, initiative, organisation, person

pytestmark = pytest.mark.django_db

WORD = "Zephyr"
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
        with origin("test"):
            add_update(
                by=None, initiative=record, text=f"{WORD} opens.", confidence="red", noted_on=TODAY, on=TODAY
            )
            raise_barrier(
                by=None, initiative=record, title=f"{WORD} bylaw", category="governance", severity="high",
                remover="government", on=TODAY, raised_on=TODAY,
            )  # fmt: skip
            benefit = add_benefit(
                by=None, initiative=record, title=f"{WORD} rent", outcome="reduced_cost", kind="cashable"
            )
            add_saving(
                by=None, benefit=benefit, organisation=organisation("kent-fire"), financial_year=2026,
                forecast_pence=9_000_000_00,
            )  # fmt: skip
            add_cost(
                by=None, initiative=record, organisation=organisation("kent-fire"), financial_year=2026,
                what_for=f"{WORD} lifts", forecast_pence=5_000_00,
            )  # fmt: skip
            add_funding(
                by=None, initiative=record, organisation=organisation("kent-fire"), financial_year=2026,
                source=f"{WORD} fund", forecast_pence=7_000_00,
            )  # fmt: skip
            state_figure(
                by=None, initiative=record, kind="saving", basis="a_year", as_stated=f"{WORD} says £9m",
                amount_pence=9_000_000_00,
            )  # fmt: skip
            due = LimitedDate(date(2027, 3, 1), "month")
            add_milestone(by=None, initiative=record, what=f"{WORD} opens", due=due)
            add_agreement(
                by=None, initiative=record, kind="memorandum", title=f"{WORD} memorandum",
                parties=[organisation("kent-fire")], review_on=date(2027, 3, 1),
            )  # fmt: skip
            add_document(by=None, initiative=record, title=f"{WORD} plan", link="https://example.org/plan")
            cite_source(
                by=None, initiative=record, citation=f"{WORD} report", link="https://example.org/report"
            )
            record_decision(
                by=None, initiative=record, group=group, outcome="support", reasons=f"{WORD} saves rent.",
                decided_on=TODAY - timedelta(days=30), on=TODAY, next_review_on=TODAY - timedelta(days=1),
            )  # fmt: skip
            notify_organisation(
                by=None, initiative=record, organisation=organisation("kent-fire"),
                notified_by=organisation("derbyshire-police"), notified_on=TODAY, on=TODAY,
            )  # fmt: skip
            if record.title.endswith("deleted"):
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

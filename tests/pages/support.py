"""A record with everything hanging on it that a page may show or count, each of it said with one word."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

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
    raise_barrier,
    state_figure,
)
from tests.factories import TODAY

if TYPE_CHECKING:
    from register.accounts.models import WorkingGroup
    from register.initiatives.models import Initiative

WORD = "Zephyr"


def hang_everything(record: Initiative, group: WorkingGroup) -> None:
    """On a record with a lead and a party, which the group decided on."""
    lead = record.lead
    party = next(one.organisation for one in record.partners.all() if one.organisation != lead)
    told: dict[str, Any] = {"by": None, "initiative": record}
    money: dict[str, Any] = {"organisation": party, "financial_year": 2026}
    with origin("test"):
        add_update(**told, text=f"{WORD} opens.", confidence="red", noted_on=TODAY, on=TODAY)
        raise_barrier(
            **told, title=f"{WORD} bylaw", category="governance", severity="high",
            remover="government", on=TODAY, raised_on=TODAY,
        )  # fmt: skip
        benefit = add_benefit(**told, title=f"{WORD} rent", outcome="reduced_cost", kind="cashable")
        add_saving(by=None, benefit=benefit, **money, forecast_pence=9_000_000_00)
        add_cost(**told, **money, what_for=f"{WORD} lifts", forecast_pence=5_000_00)
        add_funding(**told, **money, source=f"{WORD} fund", forecast_pence=7_000_00)
        state_figure(
            **told, kind="saving", basis="a_year", as_stated=f"{WORD} says £9m", amount_pence=9_000_000_00
        )
        add_milestone(**told, what=f"{WORD} opens", due=LimitedDate(date(2027, 3, 1), "month"))
        add_agreement(
            **told, kind="memorandum", title=f"{WORD} memorandum", parties=[party], review_on=date(2027, 3, 1)
        )
        add_document(**told, title=f"{WORD} plan", link="https://example.org/plan")
        cite_source(**told, citation=f"{WORD} report", link="https://example.org/report")
        record_decision(
            **told, group=group, outcome="support", reasons=f"{WORD} saves rent.",
            decided_on=TODAY - timedelta(days=30), on=TODAY, next_review_on=TODAY - timedelta(days=1),
        )  # fmt: skip
        notify_organisation(**told, organisation=party, notified_by=lead, notified_on=TODAY, on=TODAY)

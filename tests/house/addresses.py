"""Every address of the register, with something real in place of its arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from register.core.dates import LimitedDate
from register.core.tracking import origin
from register.initiatives.models import Initiative
from register.initiatives.services import (
    add_agreement,
    add_benefit,
    add_cost,
    add_document,
    add_funding,
    add_milestone,
    add_saving,
    add_update,
    raise_barrier,
    state_figure,
)
from tests.factories import TODAY, initiative, organisation

# django-allauth's and the administration's own pages are theirs to test; that they ask for sign-in is ours.
THEIRS = ("account/", "admin/")
NOT_PAGES = ("digests/unsubscribe/",)


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from patterns(entry, route)
        else:
            yield route.lstrip("^"), entry


def our_names() -> list[str]:
    return sorted(entry.name for route, entry in patterns() if entry.name and not route.startswith(THEIRS))


def full_record(**fields: Any) -> Initiative:
    """An initiative with one of everything that hangs on it."""
    record = initiative(stage="live", **fields)
    police = organisation("derbyshire-police")
    with origin("test"):
        benefit = add_benefit(
            by=None, initiative=record, title="Fewer workshops", outcome="reduced_cost", kind="cashable"
        )
        add_saving(
            by=None, benefit=benefit, organisation=police, financial_year=2025, forecast_pence=10_000_00
        )
        add_cost(
            by=None,
            initiative=record,
            organisation=police,
            financial_year=2025,
            what_for="Lifts",
            actual_pence=5_00,
        )
        add_funding(
            by=None,
            initiative=record,
            organisation=police,
            financial_year=2025,
            source="Grant",
            actual_pence=5_00,
        )
        state_figure(
            by=None,
            initiative=record,
            kind="saving",
            basis="a_year",
            as_stated="About £1m a year",
            amount_pence=10**8,
        )
        raise_barrier(
            by=None,
            initiative=record,
            title="Lease",
            category="estates_and_planning",
            severity="low",
            remover="local",
            raised_on=TODAY,
            on=TODAY,
        )
        add_milestone(by=None, initiative=record, what="Open the doors", due=LimitedDate(TODAY, "day"))
        add_document(by=None, initiative=record, title="Business case", link="https://example.org/case")
        add_agreement(by=None, initiative=record, kind="memorandum", parties=[police], signed_on=TODAY)
        add_update(
            by=None, initiative=record, text="It goes well.", confidence="green", noted_on=TODAY, on=TODAY
        )
    return record

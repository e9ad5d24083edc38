"""Money: the lead keeps every line of a record, each party its own, whatever is posted."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client

from register.accounts.models import User
from register.accounts.permissions import has_permission
from register.accounts.roles import Permission
from register.core.tracking import origin
from register.initiatives.models import CostLine, FundingLine, Initiative, SavingLine
from register.initiatives.services import (
    Part,
    add_benefit,
    add_cost,
    add_funding,
    add_saving,
    change_cost,
    edit_initiative,
    remove_from_record,
    verify_saving,
)
from register.initiatives.visibility import keeps_lines_of
from tests.factories import TODAY, initiative, organisation, person
from tests.initiatives.support import LEAD, OTHER, PARTY

pytestmark = pytest.mark.django_db

YEAR = {"financial_year": 2026, "forecast_pence": 100, "actual_pence": 100}


def lines_of(record: Initiative, code: str) -> list[SavingLine | CostLine | FundingLine]:
    told: dict[str, Any] = {"by": None, "organisation": organisation(code), **YEAR}
    with origin("test"):
        benefit = add_benefit(
            by=None, initiative=record, title=f"Rent of {code}", outcome="reduced_cost", kind="cashable"
        )
        return [
            add_saving(benefit=benefit, **told),
            add_cost(initiative=record, what_for="Lifts", **told),
            add_funding(initiative=record, source="A fund", **told),
        ]


def people() -> dict[str, User]:
    return {
        "lead": person("contributor", at=LEAD),
        "party": person("contributor", at=PARTY),
        "elsewhere": person("contributor", at=OTHER),
        "reader": person("reader", at=PARTY),
        "administrator": person("administrator"),
        "auditor": person("auditor"),
    }


# Whose lines each keeps.
KEEPS: dict[str, set[str]] = {
    "lead": {LEAD, PARTY},
    "party": {PARTY},
    "elsewhere": set(),
    "reader": set(),
    "administrator": {LEAD, PARTY},
    "auditor": set(),
}


def test_the_lead_keeps_every_line_and_a_party_its_own() -> None:
    record = initiative()
    lines = {code: lines_of(record, code) for code in (LEAD, PARTY)}
    for name, user in people().items():
        whose = keeps_lines_of(user, record)
        for code, found in lines.items():
            for line in found:
                assert has_permission(user, Permission.EDIT, line) is (code in KEEPS[name]), (name, line)
                assert (whose is None or line.organisation_id in whose) is (code in KEEPS[name])


def test_a_party_that_left_keeps_no_line() -> None:
    record, user = initiative(), person("contributor", at=PARTY)
    line = lines_of(record, PARTY)[0]
    with origin("test"):
        edit_initiative(
            by=None, initiative=record, version=None, on=TODAY, partners=[Part(organisation(LEAD), "lead")]
        )
    line = SavingLine.objects.get(pk=line.pk)
    assert not has_permission(user, Permission.EDIT, line)


def test_no_line_is_moved_from_or_to_another_organisation_by_a_party() -> None:
    record, user = initiative(), person("contributor", at=PARTY)
    own, leads = lines_of(record, PARTY)[1], lines_of(record, LEAD)[1]
    for line, to in ((own, LEAD), (leads, PARTY)):
        with origin("test"), pytest.raises(PermissionDenied):
            change_cost(
                by=user, line=line, version=None, organisation=organisation(to), forecast_pence=1, actual_pence=1
            )  # fmt: skip


@pytest.mark.parametrize("slug", ["savings", "costs", "funding"])
def test_a_form_offers_a_party_its_own_organisation_and_takes_no_other(client: Client, slug: str) -> None:
    record = initiative()
    benefit = lines_of(record, PARTY)[0].benefit
    client.force_login(person("contributor", at=PARTY))
    address = f"{record.get_absolute_url()}{slug}/new/"
    html = client.get(address).content.decode()
    assert f'value="{PARTY}"' in html
    assert f'value="{LEAD}"' not in html
    told = {
        "benefit": benefit.pk, "organisation": LEAD, "financial_year": "2027", "forecast": "£5", "source": "A fund",
        "what_for": "Lifts", "is_recurring": "yes",
    }  # fmt: skip
    assert client.post(address, told).status_code == 422
    assert client.post(address, told | {"organisation": PARTY}).status_code == 302


def test_a_benefit_is_taken_off_with_others_lines_by_nobody_but_the_lead() -> None:
    record = initiative()
    benefit = lines_of(record, LEAD)[0].benefit
    with origin("test"), pytest.raises(PermissionDenied):
        remove_from_record(by=person("contributor", at=PARTY), row=benefit)
    with origin("test"):
        remove_from_record(by=person("contributor", at=LEAD), row=benefit)


def test_an_organisation_lead_verifies_its_own_figures_and_those_of_what_it_leads() -> None:
    record = initiative()
    own, leads = lines_of(record, PARTY)[0], lines_of(record, LEAD)[0]
    told = {"verified_by": "Head of finance", "verified_on": TODAY}
    with origin("test"):
        verify_saving(by=person("organisation_lead", at=PARTY), line=own, **told)
        verify_saving(by=person("organisation_lead", at=LEAD), line=own, **told)
        with pytest.raises(PermissionDenied):
            verify_saving(by=person("organisation_lead", at=PARTY), line=leads, **told)


def test_a_party_does_not_make_itself_the_lead() -> None:
    """Or it would keep every line."""
    record, party, lead = initiative(), person("contributor", at=PARTY), person("contributor", at=LEAD)
    told: dict[str, Any] = {"initiative": record, "version": None, "on": TODAY}
    turned = [Part(organisation(PARTY), "lead"), Part(organisation(LEAD), "party")]
    with origin("test"):
        with pytest.raises(ValidationError, match="changed by the people of the lead"):
            edit_initiative(by=party, partners=turned, **told)
        edit_initiative(by=lead, partners=turned, **told)
    assert record.partners.leads().get().organisation.code == PARTY


def test_who_keeps_a_record_without_a_lead_says_who_leads() -> None:
    record = initiative(lead="", parties=[PARTY], compiled_from_sources=True)
    with origin("test"):
        edit_initiative(
            by=person("contributor", at=PARTY), initiative=record, version=None, on=TODAY,
            partners=[Part(organisation(LEAD), "lead"), Part(organisation(PARTY))],
        )  # fmt: skip
    assert record.partners.leads().get().organisation.code == LEAD

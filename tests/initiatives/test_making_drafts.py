"""A draft is the lead's alone, so only the people of the lead make a record one."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from register.accounts.models import User
from register.accounts.roles import Audience
from register.core.tracking import origin
from register.initiatives.models import Initiative
from register.initiatives.services import edit_initiative
from tests.factories import TODAY, initiative, person

pytestmark = pytest.mark.django_db


def make(record: Initiative, by: User | None, audience: str) -> None:
    with origin("test"):
        edit_initiative(by=by, initiative=record, version=record.version, on=TODAY, audience=audience)
    record.refresh_from_db()


@pytest.mark.parametrize("role", ["contributor", "organisation_lead"])
def test_a_party_shuts_nobody_out(role: str) -> None:
    record, theirs = initiative(), person(role, at="derbyshire-fire")
    with pytest.raises(ValidationError, match="Only the people of the lead"):
        make(record, theirs, Audience.DRAFT)
    make(record, theirs, Audience.PARTNERS)
    assert record.audience == Audience.PARTNERS


def test_the_lead_does_and_so_do_administrators_and_imports() -> None:
    for by in (person("contributor", at="derbyshire-police"), person("administrator"), None):
        record = initiative()
        make(record, by, Audience.DRAFT)
        assert record.audience == Audience.DRAFT

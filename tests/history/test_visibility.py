"""Who may see a change: whoever may see the record."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser

from register.accounts.roles import Audience
from register.history.models import Change
from register.initiatives.models import Initiative
from register.initiatives.services import delete_initiative, raise_barrier
from tests.factories import TODAY, initiative, person, working_group
from tests.history.support import do
from tests.readers import READERS

pytestmark = pytest.mark.django_db


def records(**more: object) -> list[Initiative]:
    made = [initiative(title=str(audience), audience=audience, **more) for audience in Audience]
    made.append(initiative(title="Sensitive", marking="official_sensitive", audience=Audience.PARTNERS))
    for record in made:
        do(
            raise_barrier, initiative=record, title="Lease", category="boundaries", severity="low", remover="local",
            raised_on=TODAY, on=TODAY,
        )  # fmt: skip
    return made


@pytest.mark.parametrize("who", READERS)
def test_changes_of_records_are_seen_by_exactly_those_who_see_the_record(who: str) -> None:
    made, user = records(), READERS[who]()
    seen = set(Initiative.objects.visible_to(user).values_list("pk", flat=True))
    changes = Change.objects.visible_to(user).exclude(root_id=None)
    assert set(changes.values_list("root_id", flat=True)) == seen
    for record in made:
        count = Change.objects.of(record).count()
        assert changes.of(record).count() == (count if record.pk in seen else 0)


def test_the_author_of_a_draft_and_a_named_group_see_its_changes() -> None:
    group = working_group()
    member, stranger = person("group_member", group=group), person("group_member", group=working_group())
    author = person("contributor", at="derbyshire-police")
    draft = initiative(by=author, audience="draft")
    named = initiative(audience="partners_and_groups", named_groups=[group])
    assert Change.objects.visible_to(author).of(draft).exists()
    assert Change.objects.visible_to(member).of(named).exists()
    assert not Change.objects.visible_to(member).of(draft).exists()
    assert not Change.objects.visible_to(stranger).of(named).exists()


def test_changes_of_a_deleted_record_are_seen_by_auditors_and_administrators_only() -> None:
    record = initiative()
    do(delete_initiative, initiative=record, reason="A double.", at=datetime(2026, 11, 23, tzinfo=UTC))
    may = {who for who, make in READERS.items() if Change.objects.visible_to(make()).of(record).exists()}
    assert may == {"administrator", "auditor"}


@pytest.mark.parametrize("who", READERS)
def test_changes_of_people_and_roles_are_for_auditors_and_administrators(who: str) -> None:
    user = READERS[who]()
    person("contributor", at="kent-police")
    tables = set(Change.objects.visible_to(user).filter(root_id=None).values_list("table_name", flat=True))
    assert "register_organisation" in tables
    assert (
        ("register_rolegrant" in tables)
        is ("register_user" in tables)
        is (who in ("administrator", "auditor"))
    )


def test_nobody_signed_out_or_switched_off_sees_any() -> None:
    initiative()
    user = person("administrator")
    user.is_active = False
    assert not Change.objects.visible_to(AnonymousUser()).exists()
    assert not Change.objects.visible_to(user).exists()

"""What hangs on a record is listed for exactly those who may open it one by one: the two rules are one."""

from __future__ import annotations

import pytest

from register.accounts.permissions import has_permission
from register.accounts.roles import Permission
from register.core.tracking import origin, recorded
from register.history.models import Change
from register.initiatives.visibility import keeps_lines_of
from tests.factories import initiative, organisation, person, working_group
from tests.permissions.world import PARTY, RECORDS, hung_on, readers

pytestmark = pytest.mark.django_db


def test_rows_and_notes_are_listed_for_exactly_those_who_may_see_them() -> None:
    group = working_group()
    people, made = readers(group), []
    for name, fields in RECORDS.items():
        record = initiative(
            name, by=people["contributor who logged it"], named_groups=[group], parties=[PARTY], **fields
        )
        with origin("test"), recorded(by=None):
            made += [(record, row) for row in hung_on(record, group).values()]
    models, records = {type(row) for _, row in made}, {record for record, _ in made}
    assert len(models) == 12
    for who, user in people.items():
        seen = {record.pk: has_permission(user, Permission.VIEW, record) for record in records}
        keeps = {record.pk: keeps_lines_of(user, record) for record in records}
        for model in models:
            listed = set(model._default_manager.visible_to(user).values_list("pk", flat=True))
            assert listed == {row.pk for record, row in made if type(row) is model and seen[record.pk]}, (
                who,
                model,
            )
        for record, row in made:
            if hasattr(row, "permission_scope"):
                assert has_permission(user, Permission.VIEW, row) is seen[record.pk], (who, row)
                whose = keeps[record.pk]
                kept = whose is None or row.organisation_id in whose
                assert has_permission(user, Permission.EDIT, row) is kept, (who, row)
        changes = Change.objects.visible_to(user).exclude(root_id=None).values_list("root_id", flat=True)
        assert set(changes) == {pk for pk, may in seen.items() if may}, who


def test_the_lead_of_another_record_keeps_no_line_of_this_one() -> None:
    record, user = initiative(), person("contributor", at="kent-police")
    initiative(lead="kent-police")
    assert keeps_lines_of(user, record) == ()
    assert organisation("kent-police").pk not in record.permission_scope().lead

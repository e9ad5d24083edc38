"""What the catalogue keeps of each record is what the record says, whoever wrote it and however."""

from typing import Any

import pytest
from django.db import connection

from register.catalogue.models import CatalogueEntry, CatalogueWords
from register.core.tracking import origin
from register.initiatives.models import Initiative, InitiativePartner
from register.initiatives.services import raise_barrier
from register.reference.models import Organisation
from tests.factories import TODAY, initiative

pytestmark = pytest.mark.django_db


def entry(record: Initiative) -> Any:
    words = CatalogueWords.objects.values("document").get(initiative=record)
    return CatalogueEntry.objects.values().get(initiative=record) | words


def test_a_record_has_its_entry_at_once() -> None:
    record = initiative("Shared fleet", areas=["fleet", "estates"], places=["kent"])
    found = entry(record)
    assert found["areas"] == sorted(record.areas_of_work.values_list("pk", flat=True))
    assert found["places"] == list(record.places.values_list("pk", flat=True))
    assert found["mix"] == "police-fire"
    assert not found["has_figure"]
    assert found["saving_pence"] is None


def test_what_is_written_by_hand_in_sql_is_in_the_entry_too() -> None:
    record = initiative("Shared fleet")
    before = entry(record)
    with origin("test"), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('register.source', 'test', true)")
        cursor.execute("UPDATE register_initiative SET title = 'Shared hangars' WHERE id = %s", [record.pk])
        cursor.execute("DELETE FROM register_initiativepartner WHERE initiative_id = %s", [record.pk])
    after = entry(record)
    assert "hangar" in after["document"]
    assert "hangar" not in before["document"]
    assert after["mix"] == ""


def test_a_renamed_organisation_is_found_by_its_new_name() -> None:
    record = initiative("Shared fleet")
    lead = InitiativePartner.objects.get(initiative=record, role="lead").organisation
    with origin("test"), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('register.source', 'test', true)")
        Organisation.objects.filter(pk=lead.pk).update(name="Zebra Constabulary")
    assert "zebra" in entry(record)["document"]


def test_building_them_again_changes_nothing() -> None:
    record = initiative("Shared fleet", parties=["derbyshire-fire", "emas-ambulance"])
    with origin("test"):
        raise_barrier(
            by=None,
            initiative=record,
            title="Two radios",
            category="governance",
            remover="local",
            severity="low",
            raised_on=TODAY,
            on=TODAY,
        )
    before = entry(record)
    assert before["barriers"] == ["governance:local"]
    assert before["mix"] == "police-fire-ambulance"
    with connection.cursor() as cursor:
        cursor.execute("SELECT register_index(array_agg(id)) FROM register_initiative")
    assert entry(record) == before

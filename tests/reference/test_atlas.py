"""What pages that count know of areas of work, police areas and services: kept in a process, and never old."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import transaction

from register.core.tracking import recorded
from register.reference.atlas import Atlas
from register.reference.models import AreaOfWork, Coverage, Organisation, PoliceArea, Region

DAY = date(2026, 11, 23)
pytestmark = pytest.mark.django_db


def rename_twice() -> None:
    """The second time in the same transaction as what was kept of the first."""
    AreaOfWork.objects.filter(code="fleet").update(name="Vehicles")
    assert "Vehicles" in [area.name for area in Atlas.on(DAY).work]
    AreaOfWork.objects.filter(code="fleet").update(name="Ships")


CHANGES: list[Callable[[], object]] = [
    lambda: AreaOfWork.objects.filter(code="fleet").update(name="Vehicles"),
    lambda: Region.objects.filter(code="E12000006").update(name="The East"),
    lambda: PoliceArea.objects.filter(slug="kent").update(retired_on=DAY),
    lambda: Organisation.objects.filter(code="kent-police").update(
        ends_on=date(2026, 1, 1), ends_precision="day"
    ),
    lambda: Coverage.objects.filter(organisation__code="kent-police").delete(),
    rename_twice,
]


@pytest.mark.parametrize("make", CHANGES)
def test_what_changes_in_reference_data_is_told_at_once_and_what_was_undone_no_longer(
    make: Callable[[], object],
) -> None:
    before = Atlas.on(DAY)
    with recorded(by=None), transaction.atomic():
        make()
        assert _told(Atlas.on(DAY)) == _told(Atlas._read(DAY))
        assert _told(Atlas.on(DAY)) != _told(before)
        transaction.set_rollback(True)
    assert _told(Atlas.on(DAY)) == _told(before)


def test_what_has_not_changed_is_read_once_a_day(django_assert_num_queries: Callable) -> None:
    kept = Atlas.on(DAY)
    with django_assert_num_queries(1):
        assert Atlas.on(DAY) is kept
    assert Atlas.on(date(2026, 11, 24)) is not kept


def _told(atlas: Atlas) -> object:
    """All that it says. Models are equal by their keys alone."""
    rows = [*atlas.work, *atlas.places, *(place.region for place in atlas.places)]
    columns = [{f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields} for row in rows]
    return columns, atlas.services

"""Areas of work are added, renamed, merged and retired; codes stay."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from register.core.errors import EditConflictError
from register.reference.models import AreaOfWork
from register.reference.services import (
    add_area_of_work,
    merge_areas_of_work,
    rename_area_of_work,
    retire_area_of_work,
)
from tests.factories import person

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def area(code: str) -> AreaOfWork:
    return AreaOfWork.objects.get(code=code)


def test_a_new_area_gets_a_code_from_its_name() -> None:
    assert add_area_of_work(by=None, name=" Drones &  robots ").code == "drones-and-robots"


def test_a_name_can_not_be_used_twice() -> None:
    with pytest.raises(ValidationError, match="already"):
        add_area_of_work(by=None, name="FLEET", code="vehicles")
    with pytest.raises(ValidationError, match="already"):
        rename_area_of_work(by=None, area=area("estates"), name="fleet")


def test_renaming_keeps_the_code_and_tells_the_second_of_two() -> None:
    fleet = area("fleet")
    rename_area_of_work(by=None, area=fleet, name="Vehicles", version=fleet.version)
    assert area("fleet").name == "Vehicles"
    with pytest.raises(EditConflictError):
        rename_area_of_work(by=None, area=fleet, name="Cars", version=fleet.version)


def test_a_merged_code_leads_to_what_it_became_however_far() -> None:
    merge_areas_of_work(by=None, areas=[area("fleet")], into=area("procurement"), on=TODAY)
    merge_areas_of_work(by=None, areas=[area("procurement")], into=area("back-office"), on=TODAY)
    assert area("fleet").merged_into == area("procurement").merged_into == area("back-office")
    assert area("fleet").retired_on == TODAY
    assert not AreaOfWork.objects.active().filter(code="fleet").exists()


def test_a_filter_by_an_area_matches_what_was_merged_into_it() -> None:
    merge_areas_of_work(by=None, areas=[area("fleet")], into=area("procurement"), on=TODAY)
    merged = {area("fleet").pk, area("procurement").pk}
    assert set(AreaOfWork.objects.keys_with_merged([area("procurement")])) == merged
    assert set(AreaOfWork.objects.keys_with_merged([area("fleet")])) == merged
    assert AreaOfWork.objects.keys_with_merged([]) == []


def test_merging_into_itself_or_into_something_retired_is_refused() -> None:
    with pytest.raises(ValidationError, match="itself"):
        merge_areas_of_work(by=None, areas=[area("fleet")], into=area("fleet"), on=TODAY)
    retire_area_of_work(by=None, area=area("workforce"), on=TODAY)
    with pytest.raises(ValidationError, match="no longer in use"):
        merge_areas_of_work(by=None, areas=[area("fleet")], into=area("workforce"), on=TODAY)


def test_the_name_of_a_retired_area_is_free_again() -> None:
    retire_area_of_work(by=None, area=area("workforce"), on=TODAY)
    assert add_area_of_work(by=None, name="Workforce", code="people").code == "people"


def test_only_administrators_change_areas_of_work() -> None:
    with pytest.raises(PermissionDenied):
        retire_area_of_work(by=person("contributor", at="kent-fire"), area=area("fleet"), on=TODAY)
    retire_area_of_work(by=person("administrator"), area=area("fleet"), on=TODAY)
    assert not area("fleet").is_active

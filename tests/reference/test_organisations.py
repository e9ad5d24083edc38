"""Organisations begin, are renamed, merge and end, and what was true stays on record."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from register.core.dates import LimitedDate
from register.core.errors import EditConflictError
from register.reference.models import Organisation, PoliceArea
from register.reference.services import (
    add_organisation,
    correct_organisation,
    end_organisation,
    merge_organisations,
    rename_organisation,
    set_coverage,
)
from tests.factories import person

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def organisation(code: str) -> Organisation:
    return Organisation.objects.get(code=code)


def codes(organisations: list[Organisation]) -> list[str]:
    return [found.code for found in organisations]


def test_a_council_exists_until_the_day_its_successor_took_over() -> None:
    wycombe = organisation("wycombe-council")
    assert wycombe.existed_on(date(2020, 3, 31))
    assert not wycombe.existed_on(date(2020, 4, 1))
    assert codes(wycombe.successors_on(date(2020, 4, 1))) == ["buckinghamshire-council"]
    assert not organisation("buckinghamshire-council").existed_on(date(2020, 3, 31))


def test_a_period_counts_as_soon_as_part_of_it_fits() -> None:
    wycombe = organisation("wycombe-council")
    assert wycombe.existed_on(LimitedDate(date(2020, 1, 1), "year"))
    assert not wycombe.existed_on(LimitedDate(date(2020, 4, 1), "month"))


def test_an_end_known_by_month_allows_the_whole_month() -> None:
    north_of_tyne = organisation("north-of-tyne-combined-authority")
    assert north_of_tyne.existed_on(date(2024, 5, 31))
    assert not north_of_tyne.existed_on(date(2024, 6, 1))
    assert codes(north_of_tyne.successors_on(TODAY)) == ["north-east-combined-authority"]


def test_a_start_that_nobody_verified_refuses_nothing() -> None:
    mayor = organisation("south-yorkshire-policing-body")
    assert mayor.starts_on == date(2024, 1, 1)
    assert mayor.existed_on(date(2015, 1, 1))
    assert organisation("northamptonshire-policing-body").existed_on(date(2013, 1, 1))


def test_succession_is_followed_through_a_chain_to_what_was_there_then() -> None:
    taunton = organisation("taunton-deane-council")
    assert codes(taunton.successors_on(date(2021, 1, 1))) == ["somerset-west-and-taunton-council"]
    assert codes(taunton.successors_on(TODAY)) == ["somerset-council"]


def test_a_split_has_both_successors() -> None:
    cumbria = organisation("cumbria-county-council")
    assert codes(cumbria.successors_on(TODAY)) == ["cumberland-council", "westmorland-and-furness-council"]


def test_every_service_has_its_mark() -> None:
    marks = {
        "kent-police": "police",
        "kent-policing-body": "police",
        "kent-fire": "fire",
        "emas-ambulance": "ambulance",
        "kent-council": "council",
        "home-office": "other",
    }
    assert {code: organisation(code).service for code in marks} == marks


def test_a_renamed_organisation_keeps_its_code_and_former_name() -> None:
    kent = organisation("kent-police")
    rename_organisation(by=None, organisation=kent, name="Kent  Constabulary ", on=date(2026, 4, 1))
    kent.refresh_from_db()
    assert (kent.code, kent.name) == ("kent-police", "Kent Constabulary")
    former = kent.other_names.get(kind="former")
    assert (former.name, former.used_to) == ("Kent Police", date(2026, 4, 1))
    assert kent in Organisation.objects.search("Kent Police")


def test_a_name_that_comes_back_is_not_also_a_former_name() -> None:
    kent = organisation("kent-police")
    rename_organisation(by=None, organisation=kent, name="Kent Constabulary")
    rename_organisation(by=None, organisation=kent, name="Kent Police")
    assert [str(name) for name in kent.other_names.all()] == ["Kent Constabulary"]


def test_a_correction_counts_as_verified_and_keeps_no_former_name() -> None:
    hampshire = organisation("hampshire-police")
    before = hampshire.other_names.count()
    corrected = correct_organisation(
        by=None, organisation=hampshire, name="Hampshire and Isle of Wight Constabulary"
    )
    assert not corrected.is_unverified("name")
    assert corrected.other_names.count() == before


def test_the_second_of_two_administrators_is_told() -> None:
    kent = organisation("kent-fire")
    correct_organisation(by=None, organisation=kent, version=kent.version, note="First.")
    with pytest.raises(EditConflictError):
        correct_organisation(by=None, organisation=kent, version=kent.version, note="Second.")
    assert organisation("kent-fire").note == "First."


def test_an_organisation_ends_and_its_records_lead_to_the_successor() -> None:
    body = organisation("kent-policing-body")
    mayor = add_organisation(
        by=None,
        name="Mayor of Kent",
        kind="policing_body",
        starts_on=date(2028, 5, 1),
        starts_precision="day",
        areas=[PoliceArea.objects.get(slug="kent")],
    )
    end_organisation(
        by=None, organisation=body, on=date(2028, 5, 1), successors=[mayor], kind="functions_transferred"
    )
    body.refresh_from_db()
    assert not body.existed_on(date(2028, 5, 1))
    assert body.successors_on(date(2028, 5, 1)) == [mayor]
    assert (
        Organisation.objects.covering(*mayor.areas.all())
        .of_kind("policing_body")
        .current(date(2029, 1, 1))
        .get()
        == mayor
    )


def test_organisations_merge_into_one() -> None:
    east, west = organisation("east-sussex-fire"), organisation("west-sussex-fire")
    sussex = add_organisation(by=None, name="Sussex Fire and Rescue Service", kind="fire")
    merge_organisations(by=None, organisations=[east, west], into=sussex, on=date(2027, 4, 1))
    assert {link.kind for link in sussex.preceded_by.all()} == {"merged"}
    assert organisation("east-sussex-fire").successors_on(date(2027, 4, 1)) == [sussex]


def test_nobody_succeeds_themselves_or_an_ended_organisation_or_in_a_circle() -> None:
    kent, essex = organisation("kent-fire"), organisation("essex-fire")
    with pytest.raises(ValidationError, match="itself"):
        end_organisation(by=None, organisation=kent, on=TODAY, successors=[kent])
    with pytest.raises(ValidationError, match="did not exist then"):
        end_organisation(by=None, organisation=kent, on=TODAY, successors=[organisation("wycombe-council")])
    end_organisation(by=None, organisation=kent, on=date(2030, 1, 1), successors=[essex])
    with pytest.raises(ValidationError, match="not the reverse"):
        end_organisation(by=None, organisation=essex, on=date(2029, 1, 1), successors=[kent])
    assert organisation("essex-fire").ends_on is None


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(ValidationError):
        end_organisation(by=None, organisation=organisation("dorset-council"), on=date(2018, 1, 1))


def test_only_administrators_change_organisations() -> None:
    kent = organisation("kent-fire")
    for nobody in (person("organisation_lead", at="kent-fire"), person("auditor"), person()):
        with pytest.raises(PermissionDenied):
            correct_organisation(by=nobody, organisation=kent, note="Mine")
    administrator = person("administrator")
    correct_organisation(by=administrator, organisation=kent, note="Checked.", reason="Their letter")
    assert last_change("register_organisation", kent.pk) == (administrator.pk, "test", "Their letter")


def last_change(table: str, pk: int) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT actor_id, source, reason FROM register_change WHERE table_name = %s AND object_id = %s"
            " ORDER BY id DESC LIMIT 1",
            [table, pk],
        )
        return tuple(cursor.fetchone())


def test_the_places_of_an_organisation_are_said_anew() -> None:
    trust = organisation("emas-ambulance")
    set_coverage(
        by=None, organisation=trust, areas=PoliceArea.objects.filter(slug__in=["derbyshire", "kent"])
    )
    assert {area.slug for area in trust.areas.all()} == {"derbyshire", "kent"}
    assert not trust.coverage.filter(unverified=True).exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": "kent-fire"},
        {"code": "Kent Fire!"},
        {"ends_on": date(2020, 5, 2), "ends_precision": "month"},
        {"ends_on": date(2020, 5, 1), "ends_precision": ""},
        {
            "starts_on": date(2020, 5, 1),
            "starts_precision": "day",
            "ends_on": date(2019, 1, 1),
            "ends_precision": "year",
        },
        {"official_code": "E31000022"},
    ],
)
def test_the_database_itself_refuses_what_can_not_be(wrong: dict[str, Any]) -> None:
    values = {"code": "somebody", "name": "Somebody", "kind": "private"} | wrong
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.create(**values)


def test_a_code_is_made_from_the_name_and_never_twice() -> None:
    first = add_organisation(by=None, name="Air & Sea Rescue", kind="voluntary")
    second = add_organisation(by=None, name="Air & Sea Rescue", kind="voluntary")
    assert (first.code, second.code) == ("air-and-sea-rescue", "air-and-sea-rescue-2")

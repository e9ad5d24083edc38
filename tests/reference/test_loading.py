"""Loading again and again: what changed is updated, what people set is kept, what is in use stays."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from register.reference.loading import LoadReport, load_reference
from register.reference.models import AreaOfWork, Coverage, Organisation, OrganisationName, PoliceArea
from register.reference.services import (
    add_organisation,
    correct_organisation,
    rename_area_of_work,
    rename_organisation,
    set_coverage,
)
from register.reference.tables import FOLDER

pytestmark = pytest.mark.django_db
Edit = Callable[[str, Callable[[list[dict[str, str]]], Any]], None]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in FOLDER.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


@pytest.fixture
def edit(folder: Path) -> Edit:
    """Change a table: `edit("names.csv", lambda rows: …)` changes the list of rows in place."""

    def change(name: str, how: Callable[[list[dict[str, str]]], Any]) -> None:
        with (folder / name).open(newline="", encoding="utf-8") as handle:
            rows = list(csv.DictReader(handle))
        columns = list(rows[0])
        how(rows)
        with (folder / name).open("w", newline="", encoding="utf-8") as handle:
            writer = csv.DictWriter(handle, columns)
            writer.writeheader()
            writer.writerows(rows)

    return change


def set_in(code: str, **values: str) -> Callable[[list[dict[str, str]]], None]:
    def how(rows: list[dict[str, str]]) -> None:
        row = next(row for row in rows if row.get("code") == code)
        row.update(values)

    return how


def without(**values: str) -> Callable[[list[dict[str, str]]], None]:
    def how(rows: list[dict[str, str]]) -> None:
        rows[:] = [row for row in rows if any(row[column] != value for column, value in values.items())]

    return how


def load(folder: Path = FOLDER) -> LoadReport:
    return load_reference(by=None, reason="test", folder=folder)


def ledger() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM register_change")
        return cursor.fetchone()[0]


def test_loading_the_same_tables_again_changes_nothing() -> None:
    load()
    before = ledger()
    report = load()
    assert not report.changed_anything
    assert report.unchanged > 1500
    assert ledger() == before


def test_the_command_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_reference")
    assert "created 0, updated 0, unchanged 1," in capsys.readouterr().out


def test_what_changed_in_the_tables_is_updated_and_is_history(folder: Path, edit: Edit) -> None:
    edit("police_forces.csv", set_in("kent-police", name="Police of Kent"))
    before = ledger()
    report = load(folder)
    assert (report.created, report.updated) == (0, 1)
    assert Organisation.objects.get(code="kent-police").name == "Police of Kent"
    assert ledger() == before + 1


def test_two_police_areas_can_change_places_on_the_map(folder: Path, edit: Edit) -> None:
    kent, essex = (PoliceArea.objects.get(slug=slug) for slug in ("kent", "essex"))
    edit("police_areas.csv", set_in(kent.code, column=str(essex.column), row=str(essex.row)))
    edit("police_areas.csv", set_in(essex.code, column=str(kent.column), row=str(kent.row)))
    assert load(folder).updated == 2
    assert PoliceArea.objects.get(slug="kent").column == essex.column


def test_a_field_that_an_administrator_corrected_is_kept(folder: Path, edit: Edit) -> None:
    kent = Organisation.objects.get(code="kent-fire")
    correct_organisation(by=None, organisation=kent, governance="Fire authority of councillors")
    edit("fire_services.csv", set_in("kent-fire", governance="Something else", short_name="KFRS"))
    report = load(folder)
    kent.refresh_from_db()
    assert kent.governance == "Fire authority of councillors"
    assert kent.short_name == "KFRS"
    assert "Kent Fire and Rescue Service: type or governance" in report.kept
    assert not kent.is_unverified("governance")


def test_a_renamed_organisation_keeps_its_new_name() -> None:
    rename_organisation(
        by=None, organisation=Organisation.objects.get(code="kent-police"), name="Kent Constabulary"
    )
    report = load()
    assert Organisation.objects.get(code="kent-police").name == "Kent Constabulary"
    assert "Kent Constabulary: name" in report.kept


def test_corrected_coverage_is_kept() -> None:
    trust = Organisation.objects.get(code="iow-ambulance")
    kent = PoliceArea.objects.get(slug="kent")
    set_coverage(by=None, organisation=trust, areas=[kent])
    report = load()
    assert [area.slug for area in trust.areas.all()] == ["kent"]
    assert "Isle of Wight NHS Trust: coverage" in report.kept


def test_a_renamed_area_of_work_keeps_its_name_and_code() -> None:
    rename_area_of_work(by=None, area=AreaOfWork.objects.get(code="fleet"), name="Vehicles")
    load()
    assert AreaOfWork.objects.get(code="fleet").name == "Vehicles"


def test_what_vanishes_from_the_tables_is_reported_and_left_in_place(folder: Path, edit: Edit) -> None:
    edit("fire_services.csv", without(code="cleveland-fire"))
    edit("areas_of_work.csv", without(code="workforce"))
    report = load(folder)
    assert set(report.vanished) == {"Cleveland Fire Brigade", "Workforce"}
    assert Organisation.objects.filter(code="cleveland-fire").exists()
    assert AreaOfWork.objects.filter(code="workforce").exists()


def test_what_the_tables_no_longer_say_of_an_organisation_is_removed(folder: Path, edit: Edit) -> None:
    edit("names.csv", without(organisation="metropolitan-police", name="MPS"))
    edit("fire_services.csv", set_in("devon-and-somerset-fire", areas="devon-and-cornwall"))
    assert load(folder).removed == 2
    assert not OrganisationName.objects.filter(name="MPS").exists()
    assert Coverage.objects.filter(organisation__code="devon-and-somerset-fire").count() == 1


def test_what_an_administrator_added_is_left_alone(folder: Path, edit: Edit) -> None:
    mine = add_organisation(by=None, name="Kent Air Ambulance", kind="voluntary")
    mine.other_names.create(name="KAA")
    edit(
        "other_bodies.csv",
        lambda rows: rows.append(
            dict.fromkeys(rows[0], "")
            | {
                "code": mine.code,
                "kind": "national",
                "name": "Somebody else",
            }
        ),
    )
    report = load(folder)
    mine.refresh_from_db()
    assert mine.name == "Kent Air Ambulance"
    assert "Kent Air Ambulance: added by an administrator" in report.kept
    assert mine.other_names.get().name == "KAA"
    assert not report.vanished

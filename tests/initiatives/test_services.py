"""The write doors of the record: whole or not at all, by who may, with nobody's work lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from register.core.clock import now
from register.core.dates import LimitedDate
from register.core.errors import EditConflictError
from register.core.tracking import UnrecordedWriteError, origin, recorded
from register.history.models import Change
from register.initiatives.models import Initiative, InitiativePartner
from register.initiatives.services import (
    UPDATE_EVERY,
    Move,
    Part,
    confirm_still_current,
    delete_initiative,
    edit_initiative,
    restore_initiative,
)
from tests.factories import TODAY, initiative, organisation, person
from tests.initiatives.support import LEAD, OTHER, PARTY, do, parts, path, refused

pytestmark = pytest.mark.django_db

WYCOMBE = "wycombe-council"  # 1 April 2020 was the first day without it


def test_a_logged_record_says_who_logged_it_what_it_is_and_when_to_look_again() -> None:
    author = person("contributor", at=LEAD)
    record = initiative(by=author, stage_since=LimitedDate(date(2026, 6, 1), "month"), starts=None)
    assert Initiative.objects.get() == record
    assert record.created_by == author
    assert record.reference == f"BL-{record.number:05d}"
    assert parts(record) == {(LEAD, "lead"), (PARTY, "party")}
    assert [area.code for area in record.areas_of_work.all()] == ["fleet"]
    assert [place.slug for place in record.places.all()] == ["derbyshire"]
    assert (record.confirmed_on, record.next_update_due) == (TODAY, TODAY + UPDATE_EVERY)
    assert path(record) == [("", "agreed", "active", "June 2026")]


@pytest.mark.parametrize("role", [None, "reader", "auditor"])
def test_who_contributes_nowhere_logs_nothing(role: str | None) -> None:
    with pytest.raises(PermissionDenied):
        initiative(by=person(role))
    assert not Initiative.objects.exists()


def test_nothing_is_written_that_nobody_owns_up_to() -> None:
    record = initiative()
    with pytest.raises(UnrecordedWriteError):
        confirm_still_current(by=None, initiative=record, on=TODAY)


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"lead": ""}, "partners", "Choose which organisation leads."),
        ({"parties": [PARTY, PARTY]}, "partners", "is there twice. Remove one."),
        ({"parties": [WYCOMBE]}, "partners", "Wycombe District Council ended on"),
        ({"starts": LimitedDate(date(2026, 5, 1)), "ends": LimitedDate(date(2026, 4, 30))}, "ends", "before it starts"),
        ({"standing": "closed"}, "standing_reason", "Choose why it is closed."),
        ({"standing": "paused", "standing_reason": "other", "standing_text": " "}, "standing_text", "why it is paused"),
        ({"path": [Move("pilot")]}, "stage", "do not lead to the stage it is at"),
        ({"marking": "official_sensitive"}, "__all__", ""),
        ({"title": ""}, "title", ""),
        ({"title": "x" * 161}, "title", ""),
        ({"stage": "done"}, "stage", ""),
    ],
)  # fmt: skip
def test_a_record_that_cannot_be_is_refused_whole_at_the_field_at_fault(
    wrong: dict[str, Any], field: str, said: str
) -> None:
    assert said in " ".join(refused(initiative, **wrong)[field])
    assert not Initiative.objects.exists()


def test_only_one_organisation_leads_whichever_way_it_is_written() -> None:
    two = [Part(organisation(LEAD), "lead"), Part(organisation(PARTY), "lead")]
    record = initiative()
    how = {"version": record.version, "on": TODAY, "partners": two, "title": "Renamed"}
    assert refused(do, edit_initiative, record, **how)["partners"] == [
        "Choose one lead: only one organisation can lead."
    ]
    with pytest.raises(IntegrityError), transaction.atomic(), origin("test"), recorded(by=None):
        InitiativePartner.objects.create(initiative=record, organisation=organisation(OTHER), role="lead")
    assert parts(record) == {(LEAD, "lead"), (PARTY, "party")}


@pytest.mark.parametrize(
    ("starts", "there"),
    [
        (LimitedDate(date(2020, 3, 30)), True),
        (LimitedDate(date(2020, 4, 1)), False),
        (LimitedDate(date(2020, 3, 1), "month"), True),
        (LimitedDate(date(2020, 1, 1), "year"), True),
        (LimitedDate(date(2021, 1, 1), "year"), False),
    ],
)
def test_an_organisation_takes_part_only_in_what_began_while_it_was_there(
    starts: LimitedDate, there: bool
) -> None:
    if there:
        assert (WYCOMBE, "party") in parts(initiative(parties=[WYCOMBE], starts=starts))
    else:
        [said] = refused(initiative, parties=[WYCOMBE], starts=starts)["partners"]
        assert said.endswith("Choose what took its place: Buckinghamshire Council.")


def test_a_partner_that_has_ended_since_stays_in_the_record_when_it_is_edited() -> None:
    record = initiative(parties=[WYCOMBE], starts=LimitedDate(date(2015, 1, 1), "year"))
    same = [Part(p.organisation, p.role) for p in record.partners.all()]
    do(edit_initiative, record, version=1, on=TODAY, starts=None, partners=same)
    assert (WYCOMBE, "party") in parts(record)


def test_a_change_changes_what_it_names_and_leaves_the_rest() -> None:
    record = initiative(summary="As it was.")
    changed = do(edit_initiative, record, version=1, on=TODAY, title="Renamed", areas_of_work=[])
    record.refresh_from_db()
    assert (record.title, record.summary, record.version, changed.version) == ("Renamed", "As it was.", 2, 2)
    assert not record.areas_of_work.exists()
    assert parts(record) == {(LEAD, "lead"), (PARTY, "party")}


def test_a_new_lead_takes_over_and_the_old_one_stays_a_party() -> None:
    record = initiative()
    swapped = [Part(organisation(PARTY), "lead"), Part(organisation(LEAD), "party")]
    do(edit_initiative, record, version=1, on=TODAY, partners=swapped)
    assert parts(record) == {(PARTY, "lead"), (LEAD, "party")}


def test_a_change_of_something_that_moved_on_is_refused_and_nothing_of_it_is_saved() -> None:
    record = initiative()
    do(edit_initiative, record, version=1, on=TODAY, title="Theirs")
    alone = [Part(organisation(OTHER), "lead")]
    with pytest.raises(EditConflictError) as conflict:
        do(edit_initiative, record, version=1, on=TODAY, title="Mine", partners=alone, places=[])
    assert (conflict.value.current.title, conflict.value.current.version) == ("Theirs", 2)
    assert Initiative.objects.get().title == "Theirs"
    assert parts(record) == {(LEAD, "lead"), (PARTY, "party")}
    assert record.places.exists()


def test_a_deleted_record_leaves_the_register_with_a_reason_and_comes_back_as_it_was() -> None:
    record = initiative()
    assert "reason" in refused(do, delete_initiative, record, reason=" ", at=now())
    do(delete_initiative, record, reason="Logged twice.", at=now())
    assert not Initiative.objects.kept().exists()
    assert Change.objects.of(record).order_by("pk").last().reason == "Logged twice."
    do(restore_initiative, record)
    back = Initiative.objects.kept().get()
    assert (back.reference, back.title, back.stage) == (record.reference, "Shared workshop", "agreed")
    assert parts(back) == {(LEAD, "lead"), (PARTY, "party")}


@pytest.mark.parametrize("role", ["reader", "contributor"])
def test_only_the_lead_organisations_contributors_delete_and_restore(role: str) -> None:
    record, user = initiative(), person(role, at=PARTY)
    with pytest.raises(PermissionDenied):
        do(delete_initiative, record, by=user, reason="Mine.", at=now())
    do(delete_initiative, record, by=person("contributor", at=LEAD), reason="Ours.", at=now())
    with pytest.raises(PermissionDenied):
        do(restore_initiative, record, by=user)

"""Decisions stand as they were recorded; a later one corrects, and what was corrected counts no longer."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.test import Client

from register.accounts.models import User
from register.accounts.services import change_person, grant_role
from register.core.tracking import origin, recorded
from register.digests.making.due import due_in
from register.groups.models import Decision, ReviewFlag
from register.groups.services import withdraw_flag
from register.history.events import fold
from register.history.models import Change
from register.initiatives.models import Initiative
from register.initiatives.services import delete_initiative
from register.pages.waiting import what_waits
from tests.factories import TODAY, initiative, person, working_group
from tests.groups.support import decided, flagged

pytestmark = pytest.mark.django_db

BEFORE = TODAY - timedelta(days=20)


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    clock.set("2026-11-23 09:14")


@pytest.fixture
def group() -> Any:
    return working_group("eastern", name="Eastern group")


def answer(**fields: str) -> dict[str, str]:
    return {
        "outcome": "stop",
        "reasons": "It was the wrong lease.",
        "decided_on": "23 November 2026",
    } | fields


# It stands as it was recorded


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("outcome", "stop"),
        ("reasons", "Other reasons."),
        ("conditions", "Other conditions."),
        ("owner", "Somebody else"),
        ("decided_on", date(2026, 1, 1)),
        ("next_review_on", date(2027, 5, 1)),
    ],
)
def test_the_database_refuses_to_change_what_was_decided(group: Any, column: str, value: Any) -> None:
    decision = decided(group, initiative())
    with pytest.raises(DatabaseError, match="Cannot update"), origin("test"), recorded(by=None):
        Decision.objects.filter(pk=decision.pk).update(**{column: value})


def test_the_database_refuses_to_move_it_to_another_record_group_or_correction(group: Any) -> None:
    decision, other = decided(group, initiative()), decided(group, initiative("Another"))
    for fields in (
        {"initiative": other.initiative},
        {"group": working_group("western")},
        {"corrects": other},
    ):
        with pytest.raises(DatabaseError, match="Cannot update"), origin("test"), recorded(by=None):
            Decision.objects.filter(pk=decision.pk).update(**fields)


def test_the_database_refuses_to_take_it_away(group: Any) -> None:
    decision = decided(group, initiative())
    with pytest.raises(DatabaseError, match="Cannot delete"), origin("test"), recorded(by=None):
        Decision.objects.filter(pk=decision.pk).delete()
    assert Decision.objects.filter(pk=decision.pk).exists()


# Correcting


def test_a_correction_stands_and_the_corrected_one_says_so_in_words(client: Client, group: Any) -> None:
    record = initiative()
    earlier = decided(
        group,
        record,
        reasons="The lease is signed.",
        decided_on=BEFORE,
        next_review_on=TODAY - timedelta(days=1),
    )
    chair = person("chair", group=group)
    client.force_login(chair)
    page = client.get(f"/groups/eastern/decisions/{earlier.pk}/correct/").content.decode()
    assert "The lease is signed." in page  # what it said is where one starts from
    made = client.post(f"/groups/eastern/decisions/{earlier.pk}/correct/", answer())
    later = Decision.objects.get(corrects=earlier)
    assert made.headers["Location"] == f"/groups/eastern/decisions/{later.pk}/"
    assert (later.initiative, later.outcome, later.recorded_by) == (record, "stop", chair)
    for address in (
        "/groups/eastern/decisions/",
        f"/groups/eastern/decisions/{earlier.pk}/",
        record.get_absolute_url(),
    ):
        html = client.get(address).content.decode()
        assert "The lease is signed." in html, address
        assert "no longer stands" in html, address
        assert "orrected on 23 November 2026" in html, address
    assert "corrected since" in client.get("/groups/eastern/").content.decode()
    [event, _] = [event for event in fold(Change.objects.of(record)) if event.kind == "decision"]
    assert "reviewed again, correcting what was decided, by the Eastern group: stop" in event.sentence


def test_a_decision_is_corrected_once_and_then_the_later_one(client: Client, group: Any) -> None:
    record = initiative()
    earlier = decided(group, record, decided_on=BEFORE)
    later = decided(group, record, corrects=earlier)
    with pytest.raises(ValidationError, match="Correct the later one"):
        decided(group, record, corrects=earlier)
    client.force_login(person("chair", group=group))
    address = f"/groups/eastern/decisions/{earlier.pk}/correct/"
    for answered in (client.get(address), client.post(address, answer())):
        assert answered.headers["Location"] == f"/groups/eastern/decisions/{later.pk}/"
    assert Decision.objects.count() == 2
    assert decided(group, record, corrects=later).corrects == later


def test_a_decision_corrects_one_of_the_same_group_on_the_same_record_and_not_before_it(group: Any) -> None:
    record = initiative()
    earlier = decided(group, record, decided_on=BEFORE)
    with pytest.raises(ValidationError, match="same group on the same initiative"):
        decided(group, initiative("Another"), corrects=earlier)
    with pytest.raises(ValidationError, match="same group on the same initiative"):
        decided(working_group("western"), record, corrects=earlier)
    with pytest.raises(ValidationError, match="on the day of what it corrects, or after it"):
        decided(group, record, corrects=earlier, decided_on=BEFORE - timedelta(days=1))


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("chair", 200),
        ("secretary", 200),
        ("group_member", 403),
        ("administrator", 403),
        ("auditor", 403),
        ("reader", 403),
        (None, 403),
    ],
)
def test_who_decides_corrects_and_who_is_in_the_group_reads(
    client: Client, group: Any, role: str | None, status: int
) -> None:
    decision = decided(group, initiative(), decided_on=BEFORE)
    in_group = role in ("chair", "secretary", "group_member")
    client.force_login(person(role, group=group if in_group else None))
    address = f"/groups/eastern/decisions/{decision.pk}/"
    page = client.get(address)
    assert page.status_code == (403 if role in ("reader", None) else 200)
    assert ("Correct this decision" in page.content.decode()) is (status == 200)
    assert client.get(f"{address}correct/").status_code == status
    assert client.post(f"{address}correct/", answer()).status_code == (302 if status == 200 else 403)
    assert Decision.objects.count() == (2 if status == 200 else 1)


def test_a_decision_on_what_a_reader_may_not_see_has_no_page(client: Client, group: Any) -> None:
    decision = decided(group, initiative("Zephyr", audience="partners"))
    client.force_login(person("chair", group=group))
    for part in ("", "correct/"):
        answered = client.get(f"/groups/eastern/decisions/{decision.pk}/{part}")
        assert answered.status_code == 404
        assert "Zephyr" not in answered.content.decode()
    other = decided(working_group("western"), initiative())
    assert client.get(f"/groups/eastern/decisions/{other.pk}/").status_code == 404


def test_a_correction_that_does_not_hold_together_loses_nothing_typed(client: Client, group: Any) -> None:
    decision = decided(group, initiative(), decided_on=BEFORE)
    client.force_login(person("chair", group=group))
    html = client.post(
        f"/groups/eastern/decisions/{decision.pk}/correct/",
        answer(decided_on="1 January 2026", owner="Head of estates"),
    ).content.decode()
    assert "A correction comes on the day of what it corrects, or after it." in html
    assert 'value="Head of estates"' in html
    assert Decision.objects.count() == 1


# What counts on


def test_the_next_review_of_a_corrected_decision_is_due_nowhere(group: Any) -> None:
    record = initiative()
    earlier = decided(group, record, decided_on=BEFORE, next_review_on=TODAY - timedelta(days=1))

    def reviews() -> list[str]:
        due = due_in(Initiative.objects.all(), group_id=group.pk, since=BEFORE, on=TODAY)
        return [one.sentence for one in due if one.kind.startswith("review")]

    assert reviews() == ["was to be reviewed by the group on 22 November 2026"]
    decided(group, record, corrects=earlier)
    assert reviews() == []


def test_a_question_that_was_corrected_waits_for_nobody(group: Any) -> None:
    record = initiative()
    keeper = person("contributor", at="derbyshire-police")
    earlier = decided(group, record, decided_on=BEFORE, outcome="more_information", reasons="How many vans?")

    def asked() -> list[str]:
        items, _ = what_waits(User.objects.get(pk=keeper.pk), Initiative.objects.all(), TODAY)
        return [item.text for item in items if "more information" in item.text]

    assert len(asked()) == 1
    decided(group, record, corrects=earlier)
    assert asked() == []


def test_an_export_keeps_both_and_says_which_corrects_which(client: Client, group: Any) -> None:
    record = initiative()
    earlier = decided(group, record, decided_on=BEFORE)
    later = decided(group, record, corrects=earlier, outcome="stop")
    client.force_login(person("reader"))
    answered = client.get("/initiatives/export/?what=decisions&format=csv")
    text = answered.getvalue().decode("utf-8-sig").split("\r\n", 1)[1]
    rows = {row["Row"]: row for row in csv.DictReader(io.StringIO(text))}
    names = ("Decision", "Corrects, row", "Corrected by, row")
    assert {pk: tuple(row[name] for name in names) for pk, row in rows.items()} == {
        str(earlier.pk): ("Support", "", str(later.pk)),
        str(later.pk): ("Stop", str(earlier.pk), ""),
    }


def test_to_pause_or_stop_leaves_the_record_as_it_is_and_the_form_says_so(client: Client, group: Any) -> None:
    record = initiative()
    for outcome in ("pause", "stop"):
        decided(group, record, outcome=outcome)
    record.refresh_from_db()
    assert (record.standing, record.stage) == ("active", "agreed")
    client.force_login(person("chair", group=group))
    html = client.get("/groups/eastern/decisions/new/").content.decode()
    assert "The record stays as it is until its owner changes it." in html


def test_a_group_does_not_decide_on_a_deleted_record(group: Any) -> None:
    record = initiative()
    with origin("test"):
        delete_initiative(
            by=None, initiative=record, reason="A double.", at=datetime(2026, 11, 23, tzinfo=UTC)
        )
    with pytest.raises(ValidationError, match="deleted"):
        decided(group, record)


# Flags


def flag_form(group: Any, **fields: str) -> dict[str, str]:
    return {"group": group.code, "why": "May we assume one lease?"} | fields


@pytest.mark.parametrize(
    ("role", "at", "status"),
    [
        ("contributor", "derbyshire-police", 302),
        ("organisation_lead", "derbyshire-fire", 302),
        ("administrator", None, 302),
        ("contributor", "kent-police", 403),
        ("reader", None, 403),
        ("auditor", None, 403),
        ("group_member", "group", 403),
        ("chair", "group", 403),
    ],
)
def test_whoever_keeps_a_record_puts_it_before_a_group(
    client: Client, group: Any, role: str, at: str | None, status: int
) -> None:
    record = initiative()
    where: dict[str, Any] = {"group": group} if at == "group" else {"at": at}
    client.force_login(person(role, **where))
    address = f"/initiatives/{record.reference}/review/"
    assert client.get(address).status_code == (200 if status == 302 else 403)
    assert not ReviewFlag.objects.exists()
    assert client.post(address, flag_form(group)).status_code == status
    page = client.get(record.get_absolute_url()).content.decode()
    assert ("May we assume one lease?" in page) is (status == 302)
    assert ("Put it before a working group" in page) is (status == 302)
    if status == 302:
        flag = ReviewFlag.objects.get()
        assert client.get(f"{address}{flag.pk}/withdraw/").status_code == 405
        assert client.post(f"{address}{flag.pk}/withdraw/").status_code == 302
        flag.refresh_from_db()
        assert flag.withdrawn_at is not None
        assert "Before Eastern group" not in client.get(record.get_absolute_url()).content.decode()


def test_others_see_what_stands_and_may_not_take_it_back(client: Client, group: Any) -> None:
    record = initiative()
    flag = flagged(group, record)
    client.force_login(person("reader"))
    html = client.get(record.get_absolute_url()).content.decode()
    assert "Decide on the lease." in html
    assert "No longer needed" not in html
    assert client.post(f"/initiatives/{record.reference}/review/{flag.pk}/withdraw/").status_code == 403
    with pytest.raises(PermissionDenied), origin("test"):
        withdraw_flag(by=person("reader"), flag=flag, at=datetime(2026, 11, 23, tzinfo=UTC))


def test_only_groups_are_offered_whose_every_member_may_see_the_record(client: Client, group: Any) -> None:
    named = working_group("named", name="Named group")
    keeper = person("contributor", at="derbyshire-police")
    client.force_login(keeper)
    for fields, offered in (
        ({}, {"eastern", "named"}),
        ({"audience": "partners_and_groups", "named_groups": [named]}, {"named"}),
        ({"audience": "partners"}, set()),
        ({"audience": "draft"}, set()),
    ):
        record = initiative("A record", **fields)
        html = client.get(f"/initiatives/{record.reference}/review/").content.decode()
        assert {code for code in ("eastern", "named") if f'value="{code}"' in html} == offered
        if "eastern" not in offered:
            assert (
                client.post(f"/initiatives/{record.reference}/review/", flag_form(group)).status_code == 422
            )
            with pytest.raises(ValidationError, match="Not everyone"):
                flagged(group, record, by=keeper)
    assert not ReviewFlag.objects.exists()


def test_a_record_is_put_before_a_group_once_until_that_is_settled(client: Client, group: Any) -> None:
    record = initiative()
    flagged(group, record)
    with pytest.raises(ValidationError, match="already"):
        flagged(group, record)
    client.force_login(person("contributor", at="derbyshire-police"))
    assert 'value="eastern"' not in client.get(f"/initiatives/{record.reference}/review/").content.decode()
    # Sent twice it says so, whether or not there is another group to ask.
    for others in (0, 1):
        answer = client.post(f"/initiatives/{record.reference}/review/", flag_form(group))
        assert answer.status_code == 422
        html = answer.content.decode()
        assert "“Eastern group” has been asked to look at it already" in html
        assert ('href="#id_group_0"' in html) is ('id="id_group_0"' in html) is bool(others)
        working_group()
    decision = decided(group, record)
    assert ReviewFlag.objects.get().settled_by == decision
    flagged(group, record)
    assert ReviewFlag.objects.count() == 2


def test_a_decision_settles_its_own_groups_flag_on_its_own_record_and_no_other(group: Any) -> None:
    record, another, other = initiative(), initiative("Another"), working_group("western")
    mine, theirs, elsewhere = flagged(group, record), flagged(other, record), flagged(group, another)
    decided(group, record)
    assert set(ReviewFlag.objects.standing()) == {theirs, elsewhere}
    assert mine not in ReviewFlag.objects.standing()


# Two people at once


def test_whoever_comes_second_is_told_what_was_decided_meanwhile_and_may_still_record_theirs(
    client: Client, group: Any
) -> None:
    record = initiative()
    flagged(group, record)
    other = Client()
    client.force_login(person("chair", group=group, name="Ada Chair"))
    other.force_login(person("secretary", group=group, name="Sol Secretary"))
    address = f"/groups/eastern/decisions/new/?initiative={record.reference}"
    seen = [str(one.get(address).context["form"]["seen"].value()) for one in (client, other)]
    told = answer(initiative=record.reference, reasons="My long reasons.")
    assert client.post(address, told | {"seen": seen[0]}).status_code == 302
    second = other.post(address, told | {"seen": seen[1]})
    html = second.content.decode()
    assert "Ada Chair recorded a decision on this initiative: stop" in html
    assert "My long reasons." in html
    assert Decision.objects.count() == 1
    again = {"seen": str(second.context["form"]["seen"].value())}
    assert other.post(address, told | again).status_code == 302
    assert Decision.objects.count() == 2
    assert ReviewFlag.objects.get().settled_by == Decision.objects.earliest("pk")


def test_a_double_click_records_one_decision(client: Client, group: Any) -> None:
    client.force_login(person("chair", group=group))
    told = answer(initiative=initiative().reference, seen="0")
    assert client.post("/groups/eastern/decisions/new/", told).status_code == 302
    assert client.post("/groups/eastern/decisions/new/", told).status_code == 422
    assert Decision.objects.count() == 1


# Whom it may name


def test_only_who_may_see_the_record_is_offered_to_be_told(client: Client, group: Any) -> None:
    member = person("group_member", group=group, name="Mo Member")
    keeper = person("contributor", at="derbyshire-police", name="Kit Keeper")
    chair = person("chair", group=group, name="Ada Chair")
    person("contributor", at="kent-police", name="Stranger")
    with origin("test"):
        grant_role(by=None, user=chair, role="reader", organisation=keeper.roles.get().organisation)
    client.force_login(chair)
    for audience, offered in (("everyone", {"Mo Member", "Kit Keeper", "Ada Chair"}),
                              ("partners", {"Kit Keeper", "Ada Chair"})):  # fmt: skip
        record = initiative(f"For {audience}", audience=audience)
        page = client.get(f"/groups/eastern/decisions/new/?initiative={record.reference}")
        people = {str(user) for user in page.context["form"].fields["owner_person"].queryset}
        assert people == offered
    with pytest.raises(ValidationError, match="may not see this record"):
        decided(group, record, owner_person=member)
    with origin("test"):
        change_person(
            by=None, user=keeper, email=keeper.email, name=keeper.name, telephone="", is_active=False
        )
    with pytest.raises(ValidationError, match="may not see this record"):
        decided(group, record, owner_person=User.objects.get(pk=keeper.pk))
    with transaction.atomic():
        assert not Decision.objects.exists()

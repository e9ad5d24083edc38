"""The duty to consider: who was notified, what they answered, and evidence of it that can be printed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from register.core.dates import LimitedDate
from register.core.errors import EditConflictError
from register.core.tracking import origin, recorded
from register.groups.duty import ENGLAND, NONE_KNOWN, WALES_FIRE, WALES_POLICE, law_for
from register.groups.models import Consideration
from register.groups.services import notify_organisation, record_consideration
from register.history.events import fold
from register.history.models import Change
from register.initiatives.services import change_standing, delete_initiative, edit_initiative
from tests.factories import TODAY, initiative, organisation, person, working_group
from tests.groups.support import decided

pytestmark = pytest.mark.django_db

ANSWER: dict[str, Any] = {
    "answer": "not_in_the_interests",
    "considered_on": date(2026, 10, 20),
    "considered_by": "Fire Authority",
    "decision": "do_not",
    "reasons": "It would cost more than it saves.",
}


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    clock.set("2026-11-23 09:14")


def notified(record: Any, code: str = "derbyshire-fire", *, by: Any = None, **fields: Any) -> Consideration:
    with origin("test"):
        return notify_organisation(
            **{
                "by": by,
                "initiative": record,
                "organisation": organisation(code),
                "notified_by": organisation("derbyshire-police"),
                "notified_on": date(2026, 10, 1),
                "on": TODAY,
            }
            | fields
        )


def answered(
    row: Consideration, *, by: Any = None, version: int | None = None, **fields: Any
) -> Consideration:
    with origin("test"):
        return record_consideration(by=by, consideration=row, version=version, on=TODAY, **(ANSWER | fields))


def typed(**fields: str) -> dict[str, str]:
    return {
        "answer": "in_the_interests",
        "considered_on": "20 October 2026",
        "considered_by": "Fire Authority",
        "decision": "collaborate",
        "reasons": "Both save.",
    } | fields


# Notifying


def test_whoever_keeps_a_record_says_who_was_notified_of_it(client: Client) -> None:
    record, keeper = initiative(), person("contributor", at="derbyshire-police")
    client.force_login(keeper)
    address = f"/initiatives/{record.reference}/duty/"
    page = client.get(address)
    assert page.context["form"]["notified_by"].value() == "derbyshire-police"
    told = {
        "organisation": organisation("emas-ambulance").name,
        "notified_by": "derbyshire-police",
        "notified_on": "1 October 2026",
    }
    assert client.post(address, told).status_code == 302
    row = Consideration.objects.get()
    assert (row.organisation.code, row.notified_by.code) == ("emas-ambulance", "derbyshire-police")
    assert (row.notified_on, row.recorded_by, row.answer) == (date(2026, 10, 1), keeper, "not_yet")
    html = client.get(record.get_absolute_url()).content.decode()
    assert "Not yet answered" in html
    assert "Record what it answered" in html


@pytest.mark.parametrize(
    ("role", "at", "may"),
    [
        ("contributor", "derbyshire-police", True),
        ("contributor", "derbyshire-fire", True),
        ("organisation_lead", "derbyshire-police", True),
        ("administrator", None, True),
        ("contributor", "emas-ambulance", False),
        ("reader", None, False),
        ("auditor", None, False),
        ("chair", "group", False),
    ],
)
def test_nobody_else_notifies(client: Client, role: str, at: str | None, may: bool) -> None:
    record = initiative()
    where: dict[str, Any] = {"group": working_group()} if at == "group" else {"at": at}
    user = person(role, **where)
    client.force_login(user)
    assert client.get(f"/initiatives/{record.reference}/duty/").status_code == (200 if may else 403)
    page = client.get(record.get_absolute_url()).content.decode()
    assert ("Record who was notified" in page) is may
    if may:
        assert notified(record, "emas-ambulance", by=user).pk
    else:
        with pytest.raises(PermissionDenied):
            notified(record, "emas-ambulance", by=user)


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"notified_on": TODAY + timedelta(days=1)}, "notified_on", "still to come"),
        ({"code": "derbyshire-police"}, "notified_by", "by another one"),
    ],
)
def test_a_notice_is_of_a_day_that_was_and_from_another(
    fields: dict[str, Any], field: str, message: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        notified(initiative(), **fields)
    assert message in refused.value.message_dict[field][0]


def test_an_organisation_is_notified_of_a_record_once(client: Client) -> None:
    record = initiative()
    notified(record)
    with pytest.raises(ValidationError, match="already"):
        notified(record)
    client.force_login(person("contributor", at="derbyshire-police"))
    told = {"organisation": organisation("derbyshire-fire").name, "notified_by": "derbyshire-police"}
    answer = client.post(f"/initiatives/{record.reference}/duty/", told | {"notified_on": "1 October 2026"})
    assert answer.status_code == 422
    assert "has been notified of it already" in answer.content.decode()
    notified(initiative("Another"))
    assert Consideration.objects.count() == 2


# Answering


@pytest.mark.parametrize(
    ("role", "at", "may"),
    [
        ("contributor", "emas-ambulance", True),
        ("organisation_lead", "emas-ambulance", True),
        ("contributor", "derbyshire-police", True),
        ("administrator", None, True),
        ("reader", "emas-ambulance", False),
        ("contributor", "kent-fire", False),
        ("reader", None, False),
        ("auditor", None, False),
    ],
)
def test_its_own_people_or_the_records_say_what_it_answered(
    client: Client, role: str, at: str | None, may: bool
) -> None:
    record = initiative()
    row = notified(record, "emas-ambulance")
    user = person(role, at=at)
    client.force_login(user)
    address = f"/initiatives/{record.reference}/duty/{row.pk}/"
    assert client.get(address).status_code == (200 if may else 403)
    assert client.post(address, {}).status_code == (422 if may else 403)
    page = client.get(record.get_absolute_url()).content.decode()
    assert (f'href="{address}"' in page) is may
    if may:
        assert answered(row, by=user).version == 2
    else:
        with pytest.raises(PermissionDenied):
            answered(row, by=user)


def test_the_organisations_own_people_do_not_change_the_notice(client: Client) -> None:
    record = initiative()
    row = notified(record, "emas-ambulance")
    own = person("contributor", at="emas-ambulance")
    client.force_login(own)
    address = f"/initiatives/{record.reference}/duty/{row.pk}/"
    assert "notified_on" not in client.get(address).context["form"].fields
    told = typed(notified_on="1 January 2020", notified_by="derbyshire-fire", version="1")
    assert client.post(address, told).status_code == 302
    row.refresh_from_db()
    assert (row.notified_on, row.notified_by.code) == (date(2026, 10, 1), "derbyshire-police")
    assert (row.answer, row.decision, row.reasons) == ("in_the_interests", "collaborate", "Both save.")
    with pytest.raises(PermissionDenied):
        answered(row, by=own, notified_on=date(2020, 1, 1))
    with origin("test"):
        edit_initiative(by=None, initiative=record, version=None, on=TODAY, audience="partners")
    assert client.get(address).status_code == 404
    with pytest.raises(PermissionDenied):
        answered(row, by=own)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"considered_on": None}, "considered_on"),
        ({"considered_on": date(2026, 9, 30)}, "considered_on"),
        ({"considered_on": TODAY + timedelta(days=1)}, "considered_on"),
        ({"considered_by": " "}, "considered_by"),
        ({"decision": ""}, "decision"),
        ({"reasons": " \n"}, "reasons"),
        ({"answer": "not_yet"}, "reasons"),
        ({"answer": "not_yet"}, "decision"),
        ({"notified_on": date(2026, 10, 21)}, "considered_on"),
    ],
)
def test_an_answer_is_whole_and_comes_after_the_notice(fields: dict[str, Any], field: str) -> None:
    row = notified(initiative())
    with pytest.raises(ValidationError) as refused:
        answered(row, **fields)
    assert field in refused.value.message_dict
    row.refresh_from_db()
    assert (row.answer, row.version) == ("not_yet", 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"considered_on": date(2026, 9, 30)},
        {"reasons": ""},
        {"considered_by": ""},
        {"considered_on": None},
        {"decision": ""},
        {"answer": "not_yet"},
    ],
)
def test_the_database_holds_to_that_too(fields: dict[str, Any]) -> None:
    row = answered(notified(initiative()))
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        origin("test"),
        recorded(by=None),
    ):
        Consideration.objects.filter(pk=row.pk).update(**fields)


def test_what_was_typed_is_kept_when_it_does_not_hold_together(client: Client) -> None:
    record = initiative()
    row = notified(record)
    client.force_login(person("contributor", at="derbyshire-fire"))
    told = typed(decision="", notified_by="derbyshire-police", notified_on="1 October 2026", version="1")
    answer = client.post(f"/initiatives/{record.reference}/duty/{row.pk}/", told)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose what was decided" in html
    assert "Both save." in html
    assert 'value="Fire Authority"' in html


def test_two_people_who_answer_at_once_lose_nothing(client: Client) -> None:
    record = initiative()
    row = notified(record)
    answered(row, version=1)
    with pytest.raises(EditConflictError):
        answered(row, version=1)
    client.force_login(person("contributor", at="derbyshire-police"))
    address = f"/initiatives/{record.reference}/duty/{row.pk}/"
    told = typed(notified_by="derbyshire-police", notified_on="1 October 2026")
    conflict = client.post(address, told | {"version": "1"})
    html = conflict.content.decode()
    assert conflict.status_code == 409
    assert "Both save." in html
    assert "It would cost more than it saves." in html
    assert client.post(address, told | {"version": "1", "find": ""}).status_code == 422
    assert client.post(address, told | {"version": "2"}).status_code == 302
    row.refresh_from_db()
    assert (row.reasons, row.version) == ("Both save.", 3)


def test_the_history_says_who_was_notified_what_was_decided_and_that_it_was_corrected() -> None:
    record = initiative()
    row = notified(record)
    answered(row)
    answered(row, considered_by="Board of the Fire Authority")
    answered(row, answer="in_the_interests", decision="collaborate", reasons="Now it saves.")
    told = [event.sentence for event in fold(Change.objects.of(record)) if event.kind == "consideration"]
    fire = organisation("derbyshire-fire").name
    police = organisation("derbyshire-police").name
    assert told[::-1] == [
        f"was notified to {fire} by {police} on 1 October 2026",
        f"was considered by {fire}, which decided not to collaborate, because it would cost more than it saves",
        f"what is recorded of its consideration by {fire} was corrected",
        f"was considered by {fire}, which decided to collaborate, with the reason “Now it saves”",
    ]


# The evidence


def evidence(client: Client, code: str = "derbyshire-fire", year: int = 2026) -> str:
    answer = client.get(f"/organisations/{code}/duty/{year}/")
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def numbers(html: str) -> list[str]:
    return re.findall(r'id="(?:received|given|declined)">[^<]*: (\d+)', html)


def test_the_evidence_of_a_year_says_who_when_what_and_why(client: Client) -> None:
    group = working_group("eastern", name="Eastern group")
    record = initiative("Shared workshop")
    answered(notified(record))
    first = decided(group, record, decided_on=date(2026, 11, 1), reasons="It is open.")
    decided(
        group, record, corrects=first, outcome="stop", reasons="It is shut.", decided_on=date(2026, 11, 2)
    )
    client.force_login(person("reader"))
    html = evidence(client)
    for words in (
        "Duty to consider, 2026–27",
        "from 1 April 2026 to 31 March 2027",
        "Shared workshop",
        f"1 October 2026, by {organisation('derbyshire-police').name}",
        "20 October 2026, by Fire Authority",
        "Not in the interests of efficiency or effectiveness",
        "Do not collaborate",
        "It would cost more than it saves.",
        'Eastern group, 1 November 2026: support.<div class="bl-flow"><p>It is open.</p>',
        "Corrected on 2 November 2026: it no longer stands.",
        'Eastern group, 2 November 2026: stop.<div class="bl-flow"><p>It is shut.</p>',
        "Policing and Crime Act 2017, sections 1 and 2",
        '<span class="bl-official">OFFICIAL</span>',
    ):
        assert words in html, words
    assert numbers(html) == ["1", "0", "0"]
    assert numbers(evidence(client, "derbyshire-police")) == ["0", "1", "0"]


def test_a_year_is_a_financial_year_and_holds_what_was_notified_or_considered_in_it(client: Client) -> None:
    for number, (notice, considered) in enumerate(
        [
            (date(2025, 3, 31), None),
            (date(2025, 4, 1), None),
            (date(2026, 3, 31), date(2026, 4, 1)),
            (date(2026, 4, 1), None),
        ]
    ):
        row = notified(initiative(f"Record {number}"), notified_on=notice)
        if considered:
            answered(row, considered_on=considered)
    client.force_login(person("reader"))
    told = {year: re.findall(r"Record \d", evidence(client, year=year)) for year in (2024, 2025, 2026)}
    assert told == {
        2024: ["Record 0"],
        2025: ["Record 1", "Record 2"],
        2026: ["Record 2", "Record 3"],
    }
    for year in (2015, 2027, 99999):
        assert client.get(f"/organisations/derbyshire-fire/duty/{year}/").status_code == 404


def test_what_was_declined_is_in_it(client: Client) -> None:
    considered, other, before = (initiative(title) for title in ("Considered", "Other", "Before"))
    notified(considered)
    for record, day in (
        (considered, date(2026, 11, 1)),
        (other, date(2026, 11, 2)),
        (before, date(2026, 3, 1)),
    ):
        with origin("test"):
            change_standing(
                by=None, initiative=record, to_standing="declined", happened=LimitedDate(day, "day"), on=TODAY,
                standing_reason="other", standing_text="The sites are too far apart.",
            )  # fmt: skip
    client.force_login(person("reader"))
    html = evidence(client)
    assert numbers(html) == ["1", "0", "2"]
    assert "The sites are too far apart." in html
    assert "declined" in html.split('id="received"')[1].split('id="given"')[0]
    assert "Before" not in html.split("<h1")[1]


def test_what_was_declined_in_a_calendar_year_is_in_both_years_that_it_may_be_of(client: Client) -> None:
    record = initiative("Declined some time", on=date(2025, 1, 6))
    with origin("test"):
        change_standing(
            by=None, initiative=record, to_standing="declined", happened=LimitedDate(date(2026, 1, 1), "year"),
            on=TODAY, standing_reason="other", standing_text="Nobody noted the day.",
        )  # fmt: skip
    client.force_login(person("reader"))
    for year, is_there in ((2024, False), (2025, True), (2026, True), (2027, False)):
        html = client.get(f"/organisations/derbyshire-police/duty/{year}/").content.decode()
        assert ("Nobody noted the day." in html) is is_there, year


def test_the_evidence_holds_nothing_that_its_reader_may_not_open(client: Client) -> None:
    open_one = notified(initiative("Open"))
    hidden = {
        "Zephyr for partners": {"audience": "partners"},
        "Zephyr draft": {"audience": "draft"},
        "Zephyr deleted": {},
    }
    for title, fields in hidden.items():
        record = initiative(title, **fields)
        answered(notified(record), reasons="Zephyr is dear.")
        if "deleted" in title:
            with origin("test"):
                delete_initiative(
                    by=None, initiative=record, reason="A double.", at=datetime(2026, 11, 23, tzinfo=UTC)
                )
    client.force_login(person("reader"))
    html = evidence(client)
    assert "Zephyr" not in html
    assert numbers(html) == ["1", "0", "0"]
    assert open_one.initiative.reference in html
    client.force_login(person("contributor", at="derbyshire-fire"))
    html = evidence(client)
    assert "Zephyr for partners" in html
    assert "Zephyr deleted" not in html
    assert numbers(html) == ["2", "0", "0"]


def test_a_sensitive_record_in_it_marks_the_page(client: Client) -> None:
    notified(initiative("Sensitive", audience="partners", marking="official_sensitive"))
    client.force_login(person("reader"))
    assert '<span class="bl-official">OFFICIAL</span>' in evidence(client)
    client.force_login(person("contributor", at="derbyshire-fire"))
    assert '<span class="bl-official">OFFICIAL-SENSITIVE</span>' in evidence(client)


@pytest.mark.parametrize(
    ("code", "law"),
    [
        ("derbyshire-police", ENGLAND),
        ("kent-fire", ENGLAND),
        ("emas-ambulance", ENGLAND),
        ("derbyshire-policing-body", ENGLAND),
        ("south-wales-police", WALES_POLICE),
        ("south-wales-fire", WALES_FIRE),
        ("wast-ambulance", NONE_KNOWN),
        ("hertfordshire-council", NONE_KNOWN),
        ("home-office", NONE_KNOWN),
    ],
)
def test_the_law_is_that_of_where_the_organisation_is(
    client: Client, code: str, law: tuple[str, str]
) -> None:
    assert law_for(organisation(code)) == law
    client.force_login(person("reader"))
    html = evidence(client, code)
    assert law[0] in html
    assert law[1] in html


def test_the_organisations_page_leads_to_this_years_evidence(client: Client) -> None:
    client.force_login(person("reader"))
    html = client.get("/organisations/derbyshire-fire/").content.decode()
    assert 'href="/organisations/derbyshire-fire/duty/2026/"' in html


def test_the_evidence_asks_little_of_the_database_however_much_it_holds(
    client: Client, django_assert_max_num_queries: Any
) -> None:
    group = working_group("eastern")
    for number in range(8):
        record = initiative(f"Record {number}")
        answered(notified(record))
        decided(group, record)
    client.force_login(person("reader"))
    with django_assert_max_num_queries(10):
        evidence(client)

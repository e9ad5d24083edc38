"""A working group's own pages: who is in it, when it meets, what it decided."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from register.accounts.services import grant_role
from register.core.tracking import origin
from register.groups.models import Decision, Meeting
from register.groups.services import arrange_meeting, record_decision, set_remit
from tests.factories import TODAY, initiative, organisation, person, working_group

pytestmark = pytest.mark.django_db

READING = ("", "members/", "decisions/", "meetings/", "digest/")


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    clock.set("2026-11-23 09:14")


@pytest.fixture
def group() -> Any:
    return working_group("eastern", name="Eastern group")


def decided(group: Any, record: Any, **fields: Any) -> Decision:
    with origin("test"):
        return record_decision(
            by=None,
            initiative=record,
            group=group,
            outcome="support",
            decided_on=TODAY,
            on=TODAY,
            **{"reasons": "It works."} | fields,
        )


@pytest.mark.parametrize("page", READING)
@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("group_member", 200),
        ("chair", 200),
        ("administrator", 200),
        ("auditor", 200),
        ("reader", 403),
        (None, 403),
    ],
)
def test_a_groups_pages_are_for_its_people_and_those_who_answer_for_the_register(
    client: Client, group: Any, page: str, role: str | None, status: int
) -> None:
    client.force_login(person(role, group=group if role in ("group_member", "chair") else None))
    assert client.get(f"/groups/eastern/{page}").status_code == status


@pytest.mark.parametrize("page", READING)
def test_pages_of_a_group_ask_little_of_the_database(
    client: Client, group: Any, page: str, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        person("group_member", group=group)
        decided(group, initiative())
    client.force_login(person("secretary", group=group))
    with django_assert_max_num_queries(12):
        assert client.get(f"/groups/eastern/{page}").status_code == 200


def test_the_list_leads_to_ones_own_groups_and_names_whom_to_ask_for_the_others(
    client: Client, group: Any
) -> None:
    other = working_group("western", name="Western group")
    person("secretary", group=other, name="Olu Secretary")
    client.force_login(person("group_member", group=group))
    html = client.get("/groups/").content.decode()
    assert 'href="/groups/eastern/"' in html
    assert 'href="/groups/western/"' not in html
    assert "Western group" in html
    assert "Olu Secretary" in html


def test_a_person_with_two_roles_is_named_once(client: Client, group: Any) -> None:
    from register.accounts.services import grant_role

    chair = person("chair", group=group, name="Ada Chair")
    with origin("test"):
        grant_role(by=None, user=chair, role="group_member", group=group)
    client.force_login(chair)
    html = client.get("/groups/eastern/members/").content.decode()
    assert html.count("Ada Chair") == 1
    assert "Chair, Group member" in html


def test_decisions_on_records_that_a_reader_may_not_see_are_not_told(client: Client, group: Any) -> None:
    decided(group, initiative("Open"))
    decided(group, initiative("Secret", audience="partners"), reasons="Secret reasons.")
    client.force_login(person("group_member", group=group))
    for page in ("decisions/", ""):
        html = client.get(f"/groups/eastern/{page}").content.decode()
        assert "Open" in html
        assert "Secret" not in html


# Recording a decision


def answer(record: Any, **fields: str) -> dict[str, str]:
    return {
        "initiative": record.reference,
        "outcome": "support",
        "reasons": "It works elsewhere.",
        "decided_on": "20 November 2026",
    } | fields


@pytest.mark.parametrize(
    ("role", "status"),
    [("chair", 200), ("secretary", 200), ("group_member", 403), ("administrator", 403), ("auditor", 403)],
)
def test_the_chair_and_the_secretary_record_decisions_and_nobody_else(
    client: Client, group: Any, role: str, status: int
) -> None:
    in_group = role in ("chair", "secretary", "group_member")
    client.force_login(person(role, group=group if in_group else None))
    assert client.get("/groups/eastern/decisions/new/").status_code == status
    response = client.post("/groups/eastern/decisions/new/", answer(initiative()))
    assert response.status_code == (302 if status == 200 else 403)
    assert Decision.objects.count() == (1 if status == 200 else 0)


def test_a_decision_is_kept_as_it_was_told(client: Client, group: Any) -> None:
    record, chair = initiative(), person("chair", group=group)
    with origin("test"):
        meeting = arrange_meeting(by=None, group=group, starts_at=datetime(2026, 11, 20, 10, tzinfo=UTC))
    client.force_login(chair)
    told = answer(
        record,
        outcome="support_with_conditions",
        conditions="Share the cost.",
        owner="Head of estates",
        next_review_on="1 March 2027",
        meeting=str(meeting.pk),
    )
    assert client.post("/groups/eastern/decisions/new/", told).status_code == 302
    decision = Decision.objects.get()
    assert decision.initiative == record
    assert (decision.outcome, decision.conditions) == ("support_with_conditions", "Share the cost.")
    assert (decision.decided_on, decision.next_review_on) == (date(2026, 11, 20), date(2027, 3, 1))
    assert (decision.meeting, decision.recorded_by) == (meeting, chair)


def test_the_form_names_the_initiative_that_it_was_opened_from(client: Client, group: Any) -> None:
    record = initiative("Shared workshop")
    client.force_login(person("chair", group=group))
    html = client.get(f"/groups/eastern/decisions/new/?initiative={record.reference}").content.decode()
    assert "Shared workshop" in html
    assert f'value="{record.reference}"' in html


def test_whoever_logged_the_record_is_told_unless_somebody_else_is_chosen(client: Client, group: Any) -> None:
    author = person("contributor", at="derbyshire-police", name="Asha Author")
    record = initiative("Shared workshop", by=author)
    client.force_login(person("chair", group=group))
    html = client.get(f"/groups/eastern/decisions/new/?initiative={record.reference}").content.decode()
    assert f'<option value="{author.pk}" selected' in html


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"initiative": "BL-99999"}, "No initiative has the reference"),
        ({"initiative": "the workshop"}, "No initiative has the reference"),
        ({"reasons": " "}, "Give the group’s reasons"),
        ({"outcome": ""}, "Choose what the group decided"),
        ({"decided_on": "1 January 2027"}, "That date is still to come."),
        ({"decided_on": "yesterday"}, "Write a day like"),
        ({"next_review_on": "1 January 2026"}, "The next review comes after the day of the decision"),
        ({"outcome": "support_with_conditions"}, "Say under which conditions the group supports it"),
        ({"meeting": "4711"}, "At the meeting of: choose one of those offered"),
    ],
)
def test_a_decision_that_does_not_hold_together_is_refused_and_what_was_typed_is_kept(
    client: Client, group: Any, wrong: dict[str, str], message: str
) -> None:
    client.force_login(person("chair", group=group))
    response = client.post(
        "/groups/eastern/decisions/new/", answer(initiative(), owner="Head of estates") | wrong
    )
    html = response.content.decode()
    assert response.status_code == 422
    assert message in html
    assert 'value="Head of estates"' in html
    assert not Decision.objects.exists()


def test_no_decision_is_recorded_on_what_the_chair_may_not_see(client: Client, group: Any) -> None:
    record = initiative("Secret", audience="partners")
    client.force_login(person("chair", group=group))
    html = client.post("/groups/eastern/decisions/new/", answer(record)).content.decode()
    assert "No initiative has the reference" in html
    assert "Secret" not in html
    assert not Decision.objects.exists()


def test_where_a_reference_is_asked_for_those_of_the_remit_are_offered_by_their_titles(
    client: Client, group: Any
) -> None:
    here = initiative("Shared drones")
    guarded = initiative("Guarded", audience="partners", marking="official_sensitive")
    closed = initiative("For its partners", audience="partners")
    user = person("secretary", group=group)
    with origin("test"):
        set_remit(by=None, group=group, name="Everything", parameters={})
        meeting = arrange_meeting(by=None, group=group, starts_at=datetime(2027, 1, 14, 10, tzinfo=UTC))
        grant_role(by=None, user=user, role="reader", organisation=organisation("derbyshire-police"))
    client.force_login(user)
    pages = {"decisions/new/": True, f"meetings/{meeting.pk}/agenda/": False}
    for page, sees_partners in pages.items():
        html = client.get(f"/groups/eastern/{page}").content.decode()
        assert 'list="offered"' in html
        assert f'<option value="{here.reference}">Shared drones</option>' in html
        assert (f'<option value="{closed.reference}">' in html) is sees_partners
        assert f'<option value="{guarded.reference}">' not in html


# Arranging a meeting


@pytest.mark.parametrize(
    ("role", "may"), [("secretary", True), ("administrator", True), ("chair", False), ("group_member", False)]
)
def test_the_secretary_arranges_meetings(client: Client, group: Any, role: str, may: bool) -> None:
    client.force_login(person(role, group=None if role == "administrator" else group))
    told = {"day": "14 January 2027", "time": "2.30pm", "where": "County Hall"}
    assert client.post("/groups/eastern/meetings/new/", told).status_code == (302 if may else 403)
    assert list(Meeting.objects.values_list("starts_at", "where")) == (
        [(datetime(2027, 1, 14, 14, 30, tzinfo=UTC), "County Hall")] if may else []
    )


def test_arranging_leads_to_the_meeting_and_says_how_members_hear_of_it(client: Client, group: Any) -> None:
    client.force_login(person("secretary", group=group))
    for day, said in (("14 January 2027", True), ("2 November 2026", False)):
        told = {"day": day, "time": "10:00"} | ({} if said else {"was_held": "on"})
        answer = client.post("/groups/eastern/meetings/new/", told, follow=True)
        made = Meeting.objects.latest("pk")
        assert answer.redirect_chain == [(f"/groups/eastern/meetings/{made.pk}/", 302)]
        assert ("in the group’s next digest" in answer.content.decode()) is said


@pytest.mark.parametrize(
    ("typed", "hour"), [("10:00", 9), ("10", 9), ("9.15", 8), ("12am", 23), ("12pm", 11), ("00:30", 23)]
)
def test_a_meetings_time_is_londons(client: Client, group: Any, typed: str, hour: int) -> None:
    client.force_login(person("secretary", group=group))
    client.post("/groups/eastern/meetings/new/", {"day": "1 July 2027", "time": typed})
    assert Meeting.objects.get().starts_at.hour == hour


@pytest.mark.parametrize("typed", ["", "noon", "25:00", "10:75", "13pm", "0am"])
def test_a_time_that_is_none_is_refused(client: Client, group: Any, typed: str) -> None:
    client.force_login(person("secretary", group=group))
    response = client.post("/groups/eastern/meetings/new/", {"day": "1 July 2027", "time": typed})
    assert response.status_code == 422
    assert not Meeting.objects.exists()


def test_the_same_meeting_is_not_arranged_twice(client: Client, group: Any) -> None:
    client.force_login(person("secretary", group=group))
    told = {"day": "14 January 2027", "time": "10:00"}
    assert client.post("/groups/eastern/meetings/new/", told).status_code == 302
    again = client.post("/groups/eastern/meetings/new/", told)
    assert again.status_code == 422
    assert "The group meets then already. Choose another time." in again.content.decode()
    assert Meeting.objects.count() == 1


def test_meetings_to_come_and_held_are_told_apart(client: Client, group: Any) -> None:
    with origin("test"):
        for month in (10, 12):
            arrange_meeting(by=None, group=group, starts_at=datetime(2026, month, 15, 10, tzinfo=UTC))
    client.force_login(person("group_member", group=group))
    html = client.get("/groups/eastern/meetings/").content.decode()
    assert html.index("15 December 2026") < html.index(">Held<") < html.index("15 October 2026")

"""A secretary runs the group without an administrator: its name and terms, its people, its meetings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from register.accounts.models import RoleGrant, WorkingGroup
from register.accounts.services import change_working_group, erase_person, grant_role, revoke_role
from register.groups.models import Meeting
from register.groups.services import arrange_meeting, change_meeting
from register.history.models import Change
from tests.factories import initiative, person, working_group
from tests.groups.support import EVERY_ROLE, MANAGERS, decided, do, somebody

pytestmark = pytest.mark.django_db

MEETING = datetime(2027, 1, 14, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _today(clock: Any) -> None:
    clock.set("2026-11-23 09:14")


@pytest.fixture
def group() -> WorkingGroup:
    return working_group("eastern", name="Eastern group", terms="It reviews the East.")


@pytest.fixture
def member(group: WorkingGroup) -> Any:
    return somebody("group_member", group, name="Mo Member", email="mo@example.org")


def meeting(group: WorkingGroup, starts_at: datetime = MEETING, **fields: Any) -> Meeting:
    return do(arrange_meeting, group=group, starts_at=starts_at, **fields)


def roles_of(user: Any) -> set[str]:
    return set(RoleGrant.objects.filter(user=user).values_list("role", flat=True))


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


# Who may


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_the_pages_that_run_a_group_are_for_its_secretary_and_administrators(
    client: Client, group: WorkingGroup, member: Any, role: str | None
) -> None:
    at = meeting(group)
    client.force_login(somebody(role, group))
    may = role in MANAGERS
    pages = {
        "edit/": {"name": "Another name"},
        "members/add/": {"q": "mo@example.org"},
        f"members/{member.public_id}/": {"had": "group_member", "roles": ["chair"]},
        f"members/{member.public_id}/remove/": {},
        f"meetings/{at.pk}/edit/": {"day": "15 January 2027", "time": "11:00"},
        f"meetings/{at.pk}/cancel/": {},
        "remit/": None,
        "remit/change/": {"query": "area=fleet"},
        "digest/schedule/": {"weekday": "1", "hour": "8", "zone": "Europe/London"},
    }
    for address, _ in pages.items():
        assert client.get(f"/groups/eastern/{address}").status_code == (200 if may else 403), address
    if may:
        return
    before = Change.objects.count()
    for address, told in pages.items():
        if told is not None:
            assert client.post(f"/groups/eastern/{address}", told).status_code == 403, address
    assert Change.objects.count() == before


@pytest.mark.parametrize("role", EVERY_ROLE)
def test_looking_at_them_changes_nothing(
    client: Client, group: WorkingGroup, member: Any, role: str | None
) -> None:
    at = meeting(group)
    client.force_login(somebody(role, group))
    before = Change.objects.count()
    for address in ("edit/", f"members/{member.public_id}/remove/", f"meetings/{at.pk}/cancel/"):
        client.get(f"/groups/eastern/{address}")
        client.get(f"/groups/eastern/{address}?name=Other&roles=chair&day=1+May+2027")
    assert Change.objects.count() == before


@pytest.mark.parametrize(("role", "may"), [("secretary", True), ("chair", False), ("group_member", False)])
def test_the_tabs_lead_there_for_who_may(client: Client, group: WorkingGroup, role: str, may: bool) -> None:
    at = meeting(group)
    client.force_login(somebody(role, group))
    for address, link in {
        "": "/groups/eastern/edit/",
        "members/": "/groups/eastern/members/add/",
        "meetings/": f"/groups/eastern/meetings/{at.pk}/edit/",
        "digest/": "/groups/eastern/digest/schedule/",
    }.items():
        assert (f'href="{link}"' in page(client, f"/groups/eastern/{address}")) is may, address


# Name and terms


def test_a_secretary_changes_the_groups_name_and_terms(client: Client, group: WorkingGroup) -> None:
    client.force_login(somebody("secretary", group))
    assert 'value="Eastern group"' in page(client, "/groups/eastern/edit/")
    told = {"name": "East of England group", "terms": "All of it.", "version": str(group.version)}
    assert client.post("/groups/eastern/edit/", told).status_code == 302
    group.refresh_from_db()
    assert (group.name, group.terms, group.code) == ("East of England group", "All of it.", "eastern")


def test_who_saves_second_sees_both_texts_and_loses_nothing(client: Client, group: WorkingGroup) -> None:
    client.force_login(somebody("secretary", group))
    do(change_working_group, group=group, version=None, terms="Theirs.")
    told = {"name": "Eastern group", "terms": "Mine.", "version": str(group.version)}
    answer = client.post("/groups/eastern/edit/", told)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Mine." in html
    assert "Theirs." in html
    again = told | {"version": str(group.version + 1)}
    assert client.post("/groups/eastern/edit/", again | {"find": ""}).status_code == 200
    assert WorkingGroup.objects.get().terms == "Theirs."
    assert client.post("/groups/eastern/edit/", again | {"save": ""}).status_code == 302
    assert WorkingGroup.objects.get().terms == "Mine."


def test_a_group_has_a_name_and_an_error_keeps_what_was_typed(client: Client, group: WorkingGroup) -> None:
    client.force_login(somebody("secretary", group))
    answer = client.post("/groups/eastern/edit/", {"name": " ", "terms": "Typed for long.", "version": "1"})
    assert answer.status_code == 422
    assert "Typed for long." in answer.content.decode()
    assert 'href="#id_name"' in answer.content.decode()


# Finding people


def found(client: Client, typed: str) -> str:
    answer = client.get("/groups/eastern/members/add/", {"q": typed})
    html = answer.content.decode()
    return html.split('<form method="post"')[1] if '<form method="post"' in html else ""


@pytest.fixture
def crowd() -> Any:
    return [
        person(name="Joanna Field", email="joanna@example.org"),
        person("contributor", at="derbyshire-police", name="Ann Ng", email="ann.ng@example.org"),
    ]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("joanna", {"Joanna Field"}),
        ("field jo", {"Joanna Field"}),
        ("ann", {"Joanna Field", "Ann Ng"}),
        ("ANN.NG@example.org", {"Ann Ng"}),
        ("ann.ng@", set()),
        ("@example.org", set()),
        ("%@example.org", set()),
        ("an", set()),
        ("a n n", set()),
        ("%%%", set()),
        ("___", set()),
        ("", set()),
    ],
)
def test_people_are_found_by_their_whole_email_or_three_letters_of_their_name(
    client: Client, group: WorkingGroup, crowd: Any, typed: str, names: set[str]
) -> None:
    client.force_login(somebody("secretary", group, name="Sec Retary", email="sec@example.org"))
    html = found(client, typed)
    assert {name for name in ("Joanna Field", "Ann Ng") if name in html} == names
    assert "@example.org" not in html.replace(f'value="{typed}"', "")


def test_nobody_is_listed_beyond_ten(client: Client, group: WorkingGroup) -> None:
    for number in range(12):
        person(name=f"Same Name {number:02}")
    client.force_login(somebody("secretary", group))
    html = found(client, "same name")
    assert html.count("Same Name") == 10
    assert "There are more" in html


def test_who_was_erased_or_locked_out_is_not_found(client: Client, group: WorkingGroup, crowd: Any) -> None:
    do(erase_person, user=crowd[0], at=datetime(2026, 11, 23, tzinfo=UTC))
    crowd[1].is_active = False
    crowd[1].save()
    client.force_login(somebody("secretary", group))
    assert found(client, "joanna") == found(client, "ann.ng@example.org") == ""


def test_somebody_found_is_added_with_their_roles(client: Client, group: WorkingGroup, crowd: Any) -> None:
    secretary = somebody("secretary", group)
    client.force_login(secretary)
    html = found(client, "joanna")
    assert "checked" in html  # who is found alone is chosen already
    told = {"q": "joanna", "person": str(crowd[0].public_id), "roles": ["group_member", "chair"]}
    assert client.post("/groups/eastern/members/add/", told).status_code == 302
    assert roles_of(crowd[0]) == {"group_member", "chair"}
    change = Change.objects.filter(table_name="register_rolegrant").first()
    assert change.actor_id == secretary.pk


def test_only_somebody_found_is_added_and_an_error_keeps_what_was_chosen(
    client: Client, group: WorkingGroup, crowd: Any
) -> None:
    client.force_login(somebody("secretary", group))
    stranger = person(name="Not Found")
    told = {"q": "joanna", "person": str(stranger.public_id), "roles": ["chair"]}
    answer = client.post("/groups/eastern/members/add/", told)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Find the person again" in html
    assert "Not Found" not in html
    assert html.count("checked") == 1
    nothing = client.post("/groups/eastern/members/add/", {"q": "joanna"})
    assert nothing.status_code == 422
    assert "Tick at least one role" in nothing.content.decode()
    told = {"q": "joanna", "person": "no-uuid", "roles": ["administrator"]}
    assert client.post("/groups/eastern/members/add/", told).status_code == 422
    assert not roles_of(crowd[0])


def test_who_is_in_the_group_is_not_added_again_but_led_to(
    client: Client, group: WorkingGroup, member: Any
) -> None:
    client.force_login(somebody("secretary", group))
    assert f"/groups/eastern/members/{member.public_id}/" in page(
        client, "/groups/eastern/members/add/?q=mo+member"
    )


# Roles


def change_roles(client: Client, user: Any, had: str, *roles: str) -> Any:
    return client.post(f"/groups/eastern/members/{user.public_id}/", {"had": had, "roles": list(roles)})


def test_roles_are_given_and_taken_away(client: Client, group: WorkingGroup, member: Any) -> None:
    client.force_login(somebody("secretary", group))
    assert change_roles(client, member, "group_member", "chair").status_code == 302
    assert roles_of(member) == {"chair"}


def test_two_who_change_different_roles_both_get_their_way(
    client: Client, group: WorkingGroup, member: Any
) -> None:
    client.force_login(somebody("secretary", group))
    do(grant_role, user=member, role="secretary", group=group)
    assert change_roles(client, member, "group_member", "group_member", "chair").status_code == 302
    assert roles_of(member) == {"group_member", "secretary", "chair"}


def test_somebody_with_no_role_is_taken_out_on_a_page_of_its_own(
    client: Client, group: WorkingGroup, member: Any
) -> None:
    client.force_login(somebody("secretary", group))
    answer = change_roles(client, member, "group_member")
    assert answer.status_code == 422
    assert roles_of(member) == {"group_member"}
    address = f"/groups/eastern/members/{member.public_id}/remove/"
    assert "Take Mo Member out" in page(client, address)
    assert client.post(address, {"reason": "Moved to Kent"}).status_code == 302
    assert roles_of(member) == set()
    assert (
        Change.objects.filter(table_name="register_rolegrant", operation="D").get().reason == "Moved to Kent"
    )
    assert client.get(address).status_code == 404


@pytest.mark.parametrize("how", ["roles", "remove"])
def test_the_last_secretary_names_another_before_stepping_down(
    client: Client, group: WorkingGroup, member: Any, how: str
) -> None:
    secretary = somebody("secretary", group)
    gone = somebody("secretary", group)
    gone.is_active = False
    gone.save()
    client.force_login(secretary)

    def step_down() -> Any:
        if how == "roles":
            return change_roles(client, secretary, "secretary", "group_member")
        return client.post(f"/groups/eastern/members/{secretary.public_id}/remove/")

    answer = step_down()
    assert answer.status_code == 422
    assert "You are the only secretary. Make somebody else secretary first." in answer.content.decode()
    assert roles_of(secretary) == {"secretary"}
    assert change_roles(client, member, "group_member", "group_member", "secretary").status_code == 302
    answer = step_down()
    assert answer.status_code == 302
    assert "secretary" not in roles_of(secretary)
    # Who has no role left is out.
    assert client.get(answer.headers["Location"]).status_code == (200 if how == "roles" else 302)


def test_an_administrator_takes_the_last_secretary_away(group: WorkingGroup) -> None:
    secretary = somebody("secretary", group)
    do(revoke_role, by=person("administrator"), grant=secretary.roles.get())
    assert not roles_of(secretary)


def test_a_secretary_of_one_group_runs_no_other(client: Client, group: WorkingGroup, member: Any) -> None:
    other = working_group("western")
    client.force_login(person("secretary", group=other))
    assert change_roles(client, member, "group_member", "chair").status_code == 403
    assert client.get(f"/groups/western/members/{member.public_id}/").status_code == 404
    at = meeting(group)
    assert client.post(f"/groups/western/meetings/{at.pk}/cancel/").status_code == 404
    assert Meeting.objects.filter(pk=at.pk).exists()


# Meetings


def test_a_meeting_to_come_is_moved(client: Client, group: WorkingGroup) -> None:
    at = meeting(group, where="County Hall")
    client.force_login(somebody("secretary", group))
    html = page(client, f"/groups/eastern/meetings/{at.pk}/edit/")
    assert 'value="14 January 2027"' in html
    assert 'value="10:00"' in html
    told = {"day": "15 January 2027", "time": "2pm", "where": "By video", "note": "Moved.", "version": "1"}
    assert client.post(f"/groups/eastern/meetings/{at.pk}/edit/", told).status_code == 302
    at.refresh_from_db()
    assert at.starts_at == datetime(2027, 1, 15, 14, tzinfo=UTC)
    assert (at.where, at.note, at.version) == ("By video", "Moved.", 2)


def test_two_who_move_a_meeting_are_told_of_each_other(client: Client, group: WorkingGroup) -> None:
    at = meeting(group, where="County Hall")
    client.force_login(somebody("secretary", group))
    do(
        change_meeting, meeting=at, version=1, at=datetime(2026, 11, 23, tzinfo=UTC), starts_at=MEETING, where="Theirs"
    )  # fmt: skip
    told = {"day": "15 January 2027", "time": "10:00", "where": "Mine", "version": "1"}
    answer = client.post(f"/groups/eastern/meetings/{at.pk}/edit/", told)
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs" in html
    assert "Mine" in html
    again = told | {"version": "2", "save": ""}
    assert client.post(f"/groups/eastern/meetings/{at.pk}/edit/", again).status_code == 302
    at.refresh_from_db()
    assert at.where == "Mine"


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"day": "1 November 2026"}, "day"),
        ({"day": "soon"}, "day"),
        ({"time": "noon"}, "time"),
        ({"day": "20 January 2027"}, "time"),
    ],
)
def test_a_meeting_is_not_moved_to_where_it_cannot_be_and_what_was_typed_is_kept(
    client: Client, group: WorkingGroup, wrong: dict[str, str], field: str
) -> None:
    at = meeting(group)
    meeting(group, datetime(2027, 1, 20, 10, tzinfo=UTC))
    client.force_login(somebody("secretary", group))
    told = {"day": "15 January 2027", "time": "10:00", "note": "Typed.", "version": "1"} | wrong
    answer = client.post(f"/groups/eastern/meetings/{at.pk}/edit/", told)
    assert answer.status_code == 422
    assert f'href="#id_{field}"' in answer.content.decode()
    assert "Typed." in answer.content.decode()
    at.refresh_from_db()
    assert at.starts_at == MEETING


def test_a_meeting_is_cancelled_by_a_post_and_the_ledger_keeps_it(
    client: Client, group: WorkingGroup
) -> None:
    at = meeting(group)
    client.force_login(somebody("secretary", group))
    assert "14 January 2027" in page(client, f"/groups/eastern/meetings/{at.pk}/cancel/")
    answer = client.post(f"/groups/eastern/meetings/{at.pk}/cancel/", {"reason": "Snow"})
    assert answer.status_code == 302
    assert not Meeting.objects.exists()
    assert Change.objects.filter(table_name="register_meeting", operation="D").get().reason == "Snow"


@pytest.mark.parametrize("how", ["has begun", "was decided"])
def test_a_meeting_that_was_started_or_decided_at_stays_as_it_was(
    client: Client, group: WorkingGroup, how: str
) -> None:
    at = meeting(group, datetime(2026, 11, 2, 10, tzinfo=UTC))
    if how == "has begun":
        at.began_at = datetime(2026, 11, 2, 10, tzinfo=UTC)
        at.save()
    else:
        decided(group, initiative(), meeting=at)
    client.force_login(somebody("secretary", group))
    for address in ("edit", "cancel"):
        assert f"meetings/{at.pk}/{address}/" not in page(client, "/groups/eastern/meetings/")
        assert client.get(f"/groups/eastern/meetings/{at.pk}/{address}/").status_code == 404
    told = {"day": "15 January 2027", "time": "10:00", "note": "Typed.", "version": "1"}
    answer = client.post(f"/groups/eastern/meetings/{at.pk}/edit/", told)
    assert answer.status_code == 422
    assert how in answer.content.decode()
    assert "Typed." in answer.content.decode()
    assert client.post(f"/groups/eastern/meetings/{at.pk}/cancel/").status_code == 422
    assert Meeting.objects.get().version == 1


def test_a_meeting_dated_wrongly_in_the_past_is_put_right_or_cancelled(
    client: Client, group: WorkingGroup
) -> None:
    wrong, other = (meeting(group, datetime(2025, 1, day, 10, tzinfo=UTC)) for day in (14, 15))
    client.force_login(somebody("secretary", group))
    listed = page(client, "/groups/eastern/meetings/")
    for at in (wrong, other):
        assert f"meetings/{at.pk}/edit/" in listed
        assert f"meetings/{at.pk}/cancel/" in listed
    edit = f"/groups/eastern/meetings/{wrong.pk}/edit/"
    assert 'value="14 January 2025"' in page(client, edit)
    same = {"day": "14 January 2025", "time": "10:00", "note": "Who took notes?", "version": "1"}
    assert client.post(edit, same).status_code == 302
    right = {"day": "14 January 2027", "time": "10:00", "version": "2"}
    assert client.post(edit, right).status_code == 302
    wrong.refresh_from_db()
    assert wrong.starts_at == MEETING
    assert client.post(f"/groups/eastern/meetings/{other.pk}/cancel/").status_code == 302
    assert not Meeting.objects.filter(pk=other.pk).exists()


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"day": "22 November 2026"}, "That time has passed. Check the date"),
        ({"day": "24 November 2026", "was_held": "on"}, "That time is still to come. Check the date"),
        ({"day": "23 November 2026"}, ""),
        ({"day": "22 November 2026", "was_held": "on"}, ""),
        ({"day": "14 January 2027"}, "The group meets then already. Choose another time."),
    ],
)
def test_a_meeting_is_arranged_for_today_or_later_or_said_to_have_been_held(
    client: Client, group: WorkingGroup, told: dict[str, str], message: str
) -> None:
    meeting(group)
    client.force_login(somebody("secretary", group))
    # Nine has passed today already: a meeting that started late is arranged when people sit down.
    time = "10:00" if told["day"] == "14 January 2027" else "9:00"
    answer = client.post("/groups/eastern/meetings/new/", {"time": time, "note": "Typed."} | told)
    assert answer.status_code == (422 if message else 302)
    assert Meeting.objects.count() == (1 if message else 2)
    if message:
        html = answer.content.decode()
        assert message in html
        assert "Typed." in html
        assert "already exists" not in html

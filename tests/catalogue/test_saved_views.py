"""Saved views: who sees and changes which, what they mean when codes change, and keeping them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client

from register.accounts.services import erase_person, grant_role, revoke_role
from register.catalogue.filters import select
from register.catalogue.meaning import Kept, meaning_of, meanings
from register.catalogue.models import SavedView, SavedViewGroup
from register.catalogue.services import change_view, remove_view, save_view
from register.core.clock import database_clock
from register.core.errors import EditConflictError
from register.core.tracking import origin, recorded
from register.groups.remit import in_remit
from register.groups.services import set_remit
from register.history.models import Change
from register.reference.models import AreaOfWork
from register.reference.services import (
    add_area_of_work,
    merge_areas_of_work,
    rename_area_of_work,
    retire_area_of_work,
)
from tests.factories import TODAY, initiative, person, working_group

pytestmark = pytest.mark.django_db


def do(door: Any, *, by: Any = None, **told: Any) -> Any:
    with origin("test"):
        return door(by=by, **told)


def saved(by: Any, name: str = "Fleet", *, groups: Any = (), **parameters: list[str]) -> SavedView:
    return do(
        save_view, by=by, name=name, parameters=parameters or {"area": ["fleet"]}, groups=groups, on=TODAY
    )


def changed(by: Any, view: SavedView, **told: Any) -> SavedView:
    return do(change_view, by=by, view=view, **{"version": view.version, "on": TODAY} | told)


def seen_by(user: Any) -> set[str]:
    return set(SavedView.objects.visible_to(user).values_list("name", flat=True))


def may_change(user: Any) -> set[str]:
    return set(SavedView.objects.editable_by(user).values_list("name", flat=True))


def titles(view: SavedView, user: Any, on: date = TODAY) -> set[str]:
    selection = select(Kept.by(view).parameters, user=user, on=on)
    return set(selection.initiatives.values_list("title", flat=True))


class TestWhoSeesAndChangesWhich:
    def test_a_view_that_is_not_shared_is_its_owners_alone(self) -> None:
        group = working_group()
        owner = person("group_member", group=group)
        saved(owner, "Mine")
        assert seen_by(owner) == may_change(owner) == {"Mine"}
        for other in (
            person("reader"),
            person("group_member", group=group),
            person("secretary", group=group),
            person("chair", group=group),
            person(),
        ):
            assert seen_by(other) == may_change(other) == set()

    def test_a_shared_view_is_seen_by_that_group_only(self) -> None:
        group, other = working_group(), working_group()
        owner = person("group_member", group=group)
        do(grant_role, user=owner, role="group_member", group=other)
        saved(owner, "Shared", groups=[group])
        assert seen_by(person("group_member", group=group)) == {"Shared"}
        assert seen_by(person("chair", group=group)) == {"Shared"}
        assert seen_by(person("group_member", group=other)) == set()
        assert seen_by(person("secretary", group=other)) == set()
        assert seen_by(person("contributor", at="derbyshire-police")) == set()

    def test_it_is_changed_by_its_owner_and_the_secretaries_of_its_groups(self) -> None:
        group, other = working_group(), working_group()
        owner = person("group_member", group=group)
        saved(owner, "Shared", groups=[group])
        assert may_change(owner) == may_change(person("secretary", group=group)) == {"Shared"}
        for user in (
            person("group_member", group=group),
            person("chair", group=group),
            person("secretary", group=other),
            person("auditor"),
        ):
            assert may_change(user) == set()

    def test_administrators_and_auditors_see_every_view_and_administrators_change_shared_ones(self) -> None:
        group = working_group()
        owner = person("group_member", group=group)
        saved(owner, "Private")
        saved(owner, "Shared", groups=[group])
        assert seen_by(person("administrator")) == seen_by(person("auditor")) == {"Private", "Shared"}
        assert may_change(person("administrator")) == {"Shared"}
        assert may_change(person("auditor")) == set()

    def test_a_remit_is_its_groups_and_changed_by_its_secretary_alone(self) -> None:
        group, other = working_group(), working_group()
        secretary = person("secretary", group=group)
        remit = do(set_remit, by=secretary, group=group, name="Remit", parameters={})
        assert remit.view.owner is None
        assert seen_by(person("group_member", group=group)) == {"Remit"}
        assert may_change(secretary) == may_change(person("administrator")) == {"Remit"}
        assert may_change(person("group_member", group=group)) == set()
        # Sharing it with another group does not hand the remit over.
        do(grant_role, user=secretary, role="group_member", group=other)
        changed(secretary, remit.view, groups=[group, other])
        assert seen_by(person("group_member", group=other)) == {"Remit"}
        assert may_change(person("secretary", group=other)) == set()

    def test_a_view_of_ones_own_that_became_a_remit_is_the_groups(self) -> None:
        group = working_group()
        owner = person("group_member", group=group)
        remit = do(set_remit, group=group, name="Remit", parameters={})
        with origin("test"), recorded(by=None):
            remit.view = saved(owner, "Was mine", groups=[group])
            remit.save()
        assert may_change(owner) == set()
        assert may_change(person("secretary", group=group)) == {"Was mine", "Remit"}

    def test_nobody_who_left_sees_any(self) -> None:
        owner = person("reader")
        saved(owner)
        owner.is_active = False
        assert seen_by(owner) == may_change(owner) == set()


class TestSharing:
    def test_one_shares_with_groups_that_one_belongs_to(self) -> None:
        group, strange = working_group(), working_group(name="Strange group")
        owner = person("group_member", group=group)
        with pytest.raises(ValidationError, match="You are not in Strange group"):
            saved(owner, groups=[group, strange])
        assert not SavedView.objects.exists()
        with pytest.raises(ValidationError, match="You are not in"):
            saved(person("administrator"), groups=[group])

    def test_the_owner_stops_sharing_even_after_leaving_the_group(self) -> None:
        group = working_group()
        owner = person("group_member", group=group)
        view = saved(owner, groups=[group])
        do(revoke_role, grant=owner.roles.get())
        owner.__dict__.pop("holdings", None)
        changed(owner, view, groups=[])
        assert not view.shares.exists()

    def test_a_secretary_stops_sharing_in_their_own_group_only(self) -> None:
        one, two = working_group(), working_group(name="Second group")
        owner = person("group_member", group=one)
        do(grant_role, user=owner, role="group_member", group=two)
        view = saved(owner, groups=[one, two])
        secretary = person("secretary", group=one)
        with pytest.raises(ValidationError, match="Second group"):
            changed(secretary, view, groups=[one])
        changed(secretary, view, groups=[two])
        assert [share.group for share in view.shares.all()] == [two]
        assert may_change(secretary) == set()

    def test_sharing_is_in_the_ledger(self) -> None:
        group = working_group()
        owner = person("group_member", group=group)
        saved(owner, groups=[group])
        [change] = Change.objects.filter(table_name="register_savedviewgroup")
        assert (change.operation, change.actor_id) == ("I", owner.pk)
        assert (
            not Change.objects.visible_to(owner).filter(table_name__startswith="register_savedview").exists()
        )


class TestKeeping:
    def test_parameters_columns_and_order_are_kept_and_open_the_list_as_it_was(self) -> None:
        owner = person("reader")
        kept = Kept.of("area=fleet&area=estates&stage=live&q=&sort=title&cols=title,stage&after=abc&size=50")
        view = do(
            save_view, by=owner, name="Two", parameters=kept.parameters, columns=kept.columns, sort=kept.sort,
            on=TODAY,
        )  # fmt: skip
        view.refresh_from_db()
        assert view.parameters == {"area": ["fleet", "estates"], "stage": ["live"]}
        assert (view.columns, view.sort) == (["title", "stage"], "title")
        assert (
            Kept.by(view).url
            == "/initiatives/?area=fleet&area=estates&stage=live&cols=title%2Cstage&sort=title"
        )

    @pytest.mark.parametrize(
        ("parameters", "named"),
        [
            ({"colour": ["red"]}, "colour"),
            ({"area": ["fleets"]}, "fleets"),
            ({"stage": ["live", "lively"]}, "lively"),
            ({"sort": ["title"]}, "sort"),
            ({"q": ["x" * 5000]}, "too much"),
        ],
    )
    def test_what_means_nothing_is_not_saved_and_is_named(self, parameters: Any, named: str) -> None:
        with pytest.raises(ValidationError, match=named):
            saved(person("reader"), **parameters)
        assert not SavedView.objects.exists()

    @pytest.mark.parametrize(
        ("told", "named"),
        [
            ({"columns": ["title", "colour"]}, "colour"),
            ({"sort": "beauty"}, "beauty"),
            ({"sort": "relevance"}, "rel"),
        ],
    )
    def test_neither_are_columns_or_orders_that_there_are_not(self, told: Any, named: str) -> None:
        with pytest.raises(ValidationError, match=named):
            do(save_view, by=person("reader"), name="x", parameters={}, on=TODAY, **told)

    def test_a_stale_version_is_told_and_changes_nothing(self) -> None:
        owner = person("reader")
        view = saved(owner, "First")
        changed(owner, view, name="Second")
        with pytest.raises(EditConflictError) as told:
            changed(owner, view, name="Third")
        assert told.value.current.name == "Second"
        assert SavedView.objects.get().name == "Second"

    def test_who_may_not_change_it_is_refused(self) -> None:
        group = working_group()
        view = saved(person("group_member", group=group), groups=[group])
        member = person("group_member", group=group)
        with pytest.raises(PermissionDenied):
            changed(member, view, name="Theirs")
        with pytest.raises(PermissionDenied):
            do(remove_view, by=member, view=view)
        changed(person("secretary", group=group), view, name="The secretary’s")
        assert SavedView.objects.get().name == "The secretary’s"

    def test_a_view_is_removed_but_not_a_remit(self) -> None:
        owner, group = person("reader"), working_group(name="Eastern group")
        do(remove_view, by=owner, view=saved(owner))
        assert not SavedView.objects.exists()
        remit = do(set_remit, group=group, name="Remit", parameters={})
        with pytest.raises(ValidationError, match="remit of Eastern group"):
            do(remove_view, by=person("secretary", group=group), view=remit.view)
        with pytest.raises(ValidationError, match="own remit"):
            changed(person("secretary", group=group), remit.view, groups=[])
        assert SavedView.objects.count() == 1

    def test_erasing_a_person_takes_what_was_theirs_alone_and_leaves_what_they_shared(self) -> None:
        group = working_group()
        owner = person("group_member", group=group)
        saved(owner, "Private")
        saved(owner, "Shared", groups=[group])
        do(erase_person, user=owner, at=datetime(2026, 11, 23, tzinfo=UTC))
        assert seen_by(person("administrator")) == {"Shared"}


class TestMeaning:
    def test_a_renamed_area_of_work_keeps_working_under_its_new_name(self) -> None:
        initiative("Workshop", areas=["fleet"])
        reader = person("reader")
        view = saved(reader)
        do(rename_area_of_work, area=AreaOfWork.objects.get(code="fleet"), name="Vehicles")
        meaning = meaning_of(view, user=reader, on=TODAY)
        assert titles(view, reader) == {"Workshop"}
        assert (meaning.words, meaning.number) == ("Area of work: Vehicles.", 1)
        assert (meaning.errors, meaning.notes) == ((), ())

    def test_a_merged_one_is_followed_however_often_it_moves_on_and_says_so(self) -> None:
        initiative("Workshop", areas=["fleet"])
        initiative("Office", areas=["estates"])
        initiative("Course", areas=["training"])
        initiative("Custody", areas=["prevention"])
        reader = person("reader")
        view = saved(reader)
        area = {area.code: area for area in AreaOfWork.objects.all()}
        do(merge_areas_of_work, areas=[area["fleet"]], into=area["estates"], on=TODAY)
        assert titles(view, reader) == {"Workshop", "Office"}
        meaning = meaning_of(view, user=reader, on=TODAY)
        assert (meaning.number, meaning.errors) == (2, ())
        assert meaning.notes == (
            "“Fleet” became part of “Estates” on 23 November 2026. This view means both.",
        )
        do(merge_areas_of_work, areas=[area["estates"]], into=area["training"], on=TODAY)
        assert titles(view, reader) == {"Workshop", "Course", "Office"}
        assert "“Training”" in meaning_of(view, user=reader, on=TODAY).notes[0]

    def test_one_that_was_taken_out_of_use_still_finds_its_records_and_says_so(self) -> None:
        initiative("Workshop", areas=["fleet"])
        reader = person("reader")
        view = saved(reader)
        do(retire_area_of_work, area=AreaOfWork.objects.get(code="fleet"), on=TODAY)
        meaning = meaning_of(view, user=reader, on=TODAY)
        assert (meaning.number, meaning.errors) == (1, ())
        assert "“Fleet” was taken out of use on 23 November 2026" in meaning.notes[0]

    def test_one_that_is_gone_is_named_and_nothing_is_shown(self) -> None:
        initiative("Workshop")
        reader = person("reader")
        do(add_area_of_work, name="Drones", code="drones")
        view = saved(reader, area=["fleet", "drones"])
        with origin("test"), recorded(by=None):
            AreaOfWork.objects.get(code="drones").delete()
        meaning = meaning_of(view, user=reader, on=TODAY)
        assert meaning.number == 0
        assert "drones" in meaning.errors[0]
        assert titles(view, reader) == set()

    def test_mine_is_resolved_for_whoever_looks(self) -> None:
        initiative("Derbyshire", lead="derbyshire-police", parties=[])
        initiative("Kent", lead="kent-police", parties=[], places=["kent"])
        view = saved(person("reader"), who=["mine"])
        assert titles(view, person("contributor", at="derbyshire-police")) == {"Derbyshire"}
        assert titles(view, person("contributor", at="kent-police")) == {"Kent"}
        assert titles(view, person("reader")) == set()

    def test_relative_dates_take_the_day_they_are_read(self) -> None:
        with database_clock(datetime(2026, 11, 20, 12, tzinfo=UTC)):
            initiative("Lately", on=date(2026, 11, 20))
        reader = person("reader")
        view = saved(reader, changed=["week"])
        assert titles(view, reader, date(2026, 11, 23)) == {"Lately"}
        assert titles(view, reader, date(2026, 11, 30)) == set()

    def test_numbers_are_of_what_the_reader_may_see_and_come_by_one_query(
        self, django_assert_num_queries: Any
    ) -> None:
        initiative("Open")
        initiative("Partners only", audience="partners")
        reader = person("reader")
        views = [saved(reader, f"View {n}", stage=["agreed"]) for n in range(5)]
        views.append(saved(reader, "None", depth=["shared_service"]))
        assert reader.holdings
        with django_assert_num_queries(1):
            found = meanings(views, user=reader, on=TODAY)
        assert [meaning.number for meaning in found] == [1, 1, 1, 1, 1, 0]
        assert meaning_of(views[0], user=person("contributor", at="derbyshire-fire"), on=TODAY).number == 2


class TestRemits:
    @pytest.mark.parametrize("value", ["mine", "follows"])
    def test_what_depends_on_who_looks_is_refused_in_a_remit(self, value: str) -> None:
        group = working_group()
        with pytest.raises(ValidationError, match="depends on who looks") as refused:
            do(set_remit, group=group, name="Remit", parameters={"who": [value]})
        assert f"who={value}" in str(refused.value)
        assert not SavedView.objects.exists()

    def test_nor_does_it_get_in_by_changing_the_view(self) -> None:
        group = working_group()
        secretary = person("secretary", group=group)
        remit = do(set_remit, group=group, name="Remit", parameters={"stage": ["live"]})
        with pytest.raises(ValidationError, match="depends on who looks"):
            changed(secretary, remit.view, parameters={"who": ["mine"]})
        changed(secretary, remit.view, parameters={"stage": ["pilot"]})
        initiative("Pilot", stage="pilot")
        remit.refresh_from_db()
        group.refresh_from_db()
        assert set(in_remit(group, secretary, TODAY).initiatives.values_list("title", flat=True)) == {"Pilot"}

    def test_setting_a_remit_again_keeps_its_one_share(self) -> None:
        group = working_group()
        for stage in ("live", "pilot"):
            do(set_remit, group=group, name="Remit", parameters={"stage": [stage]})
        assert SavedViewGroup.objects.count() == 1


def test_the_migration_gives_remits_to_their_groups() -> None:
    """Remits of before: somebody's own, shared with nobody."""
    group = working_group()
    owner = person("secretary", group=group)
    remit = do(set_remit, group=group, name="Remit", parameters={})
    with origin("test"), recorded(by=None):
        SavedView.objects.filter(pk=remit.view_id).update(owner=owner)
        SavedViewGroup.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(import_module("register.migrations.0004_remits_are_their_groups").SHARE)
    remit.view.refresh_from_db()
    assert remit.view.owner is None
    assert [share.group for share in remit.view.shares.all()] == [group]


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: Any, address: str = "/views/", **data: Any) -> str:
    return signed_in(user).get(address, data).content.decode()


class TestPages:
    def test_the_list_shows_ones_own_and_those_of_ones_groups_and_nobody_elses(self) -> None:
        initiative()
        group, other = working_group(name="Eastern group"), working_group()
        owner = person("group_member", group=group, name="Ada Owner")
        saved(owner, "Private fleet")
        saved(owner, "Shared fleet", groups=[group])
        html = page(owner)
        assert "Private fleet" in html
        assert "Only you" in html
        assert "1 initiative<" in html
        html = page(person("group_member", group=group))
        assert "Private fleet" not in html
        assert "Shared fleet" in html
        assert "Shared with Eastern group, by Ada Owner" in html
        assert "Area of work: Fleet." in html
        assert "/edit/" not in html
        for user in (person("secretary", group=other), person("reader")):
            html = page(user)
            assert "fleet" not in html.lower()
            assert "No view is saved yet" in html
        assert "/edit/" in page(person("secretary", group=group))

    def test_an_auditor_reads_everybodys_under_a_heading_of_their_own(self) -> None:
        saved(person("reader", name="Ada Owner"), "Private fleet")
        html = page(person("auditor"))
        assert "Everybody else’s" in html
        assert "Private fleet" in html
        assert "Not shared, by Ada Owner" in html
        assert "/edit/" not in html

    def test_a_view_that_cannot_be_read_says_why_there_and_in_the_list(self) -> None:
        initiative("Workshop")
        reader = person("reader")
        view = saved(reader, "Broken")
        with origin("test"), recorded(by=None):
            SavedView.objects.update(parameters={"area": ["hovercraft"]})
        html = page(reader)
        assert "It shows nothing" in html
        assert "hovercraft" in html
        view.refresh_from_db()
        html = page(reader, Kept.by(view).url)
        assert "hovercraft" in html
        assert "Workshop" not in html

    def test_many_views_take_few_queries(self, django_assert_max_num_queries: Any) -> None:
        initiative()
        group = working_group()
        owner = person("group_member", group=group)
        for number in range(15):
            saved(owner, f"View {number}", groups=[group], stage=["agreed"])
        client = signed_in(owner)
        with django_assert_max_num_queries(12):
            assert client.get("/views/").status_code == 200

    def test_the_lists_filter_is_saved_under_a_name(self) -> None:
        group = working_group(code="eastern", name="Eastern group")
        owner = person("group_member", group=group)
        html = page(owner, "/views/new/?area=fleet&sort=title&cols=title,stage&after=x&size=50")
        assert "Area of work: Fleet." in html
        assert 'value="area=fleet&amp;cols=title%2Cstage&amp;sort=title"' in html
        assert "Eastern group" in html
        answer = signed_in(owner).post(
            "/views/new/",
            {
                "name": " Fleet ",
                "groups": ["eastern"],
                "follow": "on",
                "query": "area=fleet&cols=title,stage&sort=title",
            },
        )
        assert (answer.status_code, answer.headers["Location"]) == (302, "/views/")
        view = SavedView.objects.get()
        assert (view.name, view.parameters, view.columns, view.sort, view.owner) == (
            "Fleet", {"area": ["fleet"]}, ["title", "stage"], "title", owner,
        )  # fmt: skip
        assert [share.group for share in view.shares.all()] == [group]
        assert view.follows.get().person == owner

    @pytest.mark.parametrize(
        ("told", "message"),
        [
            ({"name": ""}, "Enter the name"),
            ({"name": "x" * 200}, "too many"),
            ({"groups": ["western"]}, "choose one of those offered"),
            ({"query": "area=hovercraft"}, "hovercraft"),
            ({"query": "colour=red"}, "colour"),
            ({"query": "area=fleet&cols=shoesize"}, "shoesize"),
        ],
    )
    def test_what_can_not_be_saved_is_told_and_what_was_typed_is_kept(self, told: Any, message: str) -> None:
        working_group(code="western")
        owner = person("group_member", group=working_group(code="eastern"))
        answer = signed_in(owner).post(
            "/views/new/", {"name": "Kept name", "query": "area=fleet", "groups": ["eastern"]} | told
        )
        html = answer.content.decode()
        assert answer.status_code == 422
        assert "to put right" in html
        assert message in html
        assert "Kept name" in html or "name" in told
        assert not SavedView.objects.exists()

    @pytest.mark.parametrize(
        "query", ["area=\x00", "q=" + "x" * 20000, "%00=%ff", "=", "cols=" + ",".join("ab" * 999)]
    )
    def test_odd_addresses_are_no_accident(self, query: str) -> None:
        client = signed_in(person("reader"))
        told = query.replace("\x00", "%00")
        assert client.get(f"/views/new/?{told}").status_code == (400 if "%00" in told else 200)
        assert client.post("/views/new/", {"name": "x", "query": query}).status_code in (302, 422)

    def test_the_owner_and_the_secretary_edit_and_a_member_is_told_who_may(self) -> None:
        group = working_group(code="eastern")
        owner = person("group_member", group=group)
        view = saved(owner, groups=[group])
        address = f"/views/{view.pk}/edit/"
        told = {"groups": ["eastern"], "query": "area=fleet"}
        for number, user in enumerate((owner, person("secretary", group=group)), 1):
            answer = signed_in(user).post(address, {"name": f"Name {number}", "version": number} | told)
            assert answer.status_code == 302
            assert SavedView.objects.get().name == f"Name {number}"
        for user in (person("group_member", group=group), person("auditor")):
            for answer in (signed_in(user).get(address), signed_in(user).post(address, {"name": "x"})):
                assert answer.status_code == 403
                assert "secretaries of the groups" in answer.content.decode()
        assert signed_in(person("reader")).get(address).status_code == 404
        assert SavedView.objects.get().name == "Name 2"

    def test_a_stale_edit_shows_both_and_keeps_what_was_typed(self) -> None:
        owner = person("reader")
        view = saved(owner, "First")
        changed(owner, view, name="Theirs", parameters={"stage": ["live"]})
        answer = signed_in(owner).post(
            f"/views/{view.pk}/edit/", {"name": "Mine", "query": "area=fleet", "version": "1"}
        )
        html = answer.content.decode()
        assert answer.status_code == 409
        for text in ("Mine", "Theirs", "Area of work: Fleet.", "Stage: Live.", 'name="version" value="2"'):
            assert text in html
        assert SavedView.objects.get().name == "Theirs"
        again = {"name": "Mine", "query": "area=fleet", "version": "2"}
        html = signed_in(owner).post(f"/views/{view.pk}/edit/", again | {"find": ""}).content.decode()
        assert 'value="Mine"' in html
        assert SavedView.objects.get().name == "Theirs"
        assert signed_in(owner).post(f"/views/{view.pk}/edit/", again).status_code == 302
        assert SavedView.objects.get().name == "Mine"

    def test_another_filter_takes_the_place_of_the_old_one(self) -> None:
        owner = person("reader")
        view = saved(owner, "Fleet")
        assert f"/views/{view.pk}/edit/?stage=live" in page(owner, "/views/new/?stage=live")
        html = page(owner, f"/views/{view.pk}/edit/?stage=live")
        assert "It will show" in html
        assert "Stage: Live." in html
        assert 'value="stage=live"' in html

    def test_what_a_secretary_is_not_offered_stays_shared(self) -> None:
        one, two = working_group(code="one"), working_group(code="two")
        owner = person("group_member", group=one)
        do(grant_role, user=owner, role="group_member", group=two)
        view = saved(owner, groups=[one, two])
        answer = signed_in(person("secretary", group=one)).post(
            f"/views/{view.pk}/edit/", {"name": "New", "groups": ["one"], "query": "area=fleet", "version": 1}
        )
        assert answer.status_code == 302
        assert {share.group for share in view.shares.all()} == {one, two}

    def test_deleting_asks_first_and_a_remit_stays(self) -> None:
        group = working_group(name="Eastern group")
        owner = person("secretary", group=group)
        view = saved(owner, groups=[group])
        address = f"/views/{view.pk}/delete/"
        assert "Eastern group too" in page(owner, address)
        assert SavedView.objects.exists()
        assert signed_in(person("group_member", group=group)).post(address).status_code == 403
        assert signed_in(person("reader")).post(address).status_code == 404
        assert signed_in(owner).post(address).status_code == 302
        assert not SavedView.objects.exists()
        remit = do(set_remit, group=group, name="Remit", parameters={})
        answer = signed_in(owner).post(f"/views/{remit.view_id}/delete/")
        assert answer.status_code == 422
        assert "remit of Eastern group" in answer.content.decode()
        assert "The remit of Eastern group" in page(owner)

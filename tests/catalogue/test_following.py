"""Following: views and initiatives, by whom, and until when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from register.accounts.services import erase_person
from register.catalogue.models import InitiativeFollow, ViewFollow
from register.catalogue.services import (
    change_view,
    follow_initiative,
    follow_view,
    remove_view,
    save_view,
    stop_following,
    stop_following_initiative,
)
from register.core.tracking import origin, recorded
from register.initiatives.models import Initiative
from tests.factories import TODAY, initiative, person, working_group

pytestmark = pytest.mark.django_db


def do(door: Any, **told: Any) -> Any:
    with origin("test"):
        return door(**told)


def view_of(owner: Any, *groups: Any, follow: bool = False) -> Any:
    return do(
        save_view, by=owner, name="Fleet", parameters={"area": ["fleet"]}, groups=groups, follow=follow, on=TODAY
    )  # fmt: skip


def test_a_view_is_followed_once_by_who_sees_it_and_until_they_stop() -> None:
    group = working_group()
    owner, member = person("group_member", group=group), person("group_member", group=group)
    view = view_of(owner, group, follow=True)
    for _ in range(2):
        do(follow_view, by=member, view=view)
    assert set(ViewFollow.objects.values_list("person", flat=True)) == {owner.pk, member.pk}
    do(stop_following, by=owner, view=view)
    do(stop_following, by=owner, view=view)
    assert ViewFollow.objects.get().person == member


def test_nobody_follows_a_view_that_they_do_not_see() -> None:
    view = view_of(person("reader"))
    with pytest.raises(PermissionDenied):
        do(follow_view, by=person("reader"), view=view)


def test_an_initiative_is_followed_once_by_who_sees_it_and_until_they_stop() -> None:
    record, reader = initiative(), person("reader")
    for _ in range(2):
        do(follow_initiative, by=reader, initiative=record)
    assert InitiativeFollow.objects.get().person == reader
    do(stop_following_initiative, by=reader, initiative=record)
    assert not InitiativeFollow.objects.exists()


def test_nobody_follows_an_initiative_that_they_do_not_see() -> None:
    record = initiative(audience="partners")
    with pytest.raises(PermissionDenied):
        do(follow_initiative, by=person("reader"), initiative=record)
    do(follow_initiative, by=person("reader", at="derbyshire-fire"), initiative=record)


def test_one_may_stop_following_what_one_no_longer_sees() -> None:
    group = working_group()
    owner, member = person("group_member", group=group), person("group_member", group=group)
    view = view_of(owner, group)
    do(follow_view, by=member, view=view)
    do(change_view, by=owner, view=view, version=None, groups=[], on=TODAY)
    do(stop_following, by=member, view=view)
    assert not ViewFollow.objects.exists()


def test_follows_go_with_the_person_the_view_and_the_record() -> None:
    record, reader, stays = initiative(), person("reader"), person("reader")
    view = view_of(reader, follow=True)
    for who in (reader, stays):
        do(follow_initiative, by=who, initiative=record)
    do(erase_person, by=None, user=reader, at=datetime(2026, 11, 23, tzinfo=UTC))
    assert not ViewFollow.objects.filter(person=reader).exists()
    assert InitiativeFollow.objects.get().person == stays
    view = view_of(stays, follow=True)
    do(remove_view, by=stays, view=view)
    assert not ViewFollow.objects.exists()
    assert InitiativeFollow._meta.get_field("initiative").remote_field.on_delete.__name__ == "CASCADE"
    assert Initiative.objects.filter(follows__person=stays).get() == record


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_record_is_followed_from_its_page(django_assert_max_num_queries: Any) -> None:
    record, reader = initiative("Shared workshop"), person("reader")
    client = signed_in(reader)
    address = f"{record.get_absolute_url()}follow/"
    html = client.get(record.get_absolute_url()).content.decode()
    assert f'action="{address}"' in html
    assert "Stop following" not in html
    assert client.post(address).headers["Location"] == record.get_absolute_url()
    assert InitiativeFollow.objects.get().person == reader
    assert "Stop following" in client.get(record.get_absolute_url()).content.decode()
    assert "Shared workshop" in client.get("/views/").content.decode()
    assert client.post(address, {"stop": "1", "next": "/views/"}).headers["Location"] == "/views/"
    assert not InitiativeFollow.objects.exists()


def test_what_one_may_not_see_is_not_followed_by_its_address() -> None:
    record, reader = initiative("Secret", audience="partners"), person("reader")
    assert signed_in(reader).post(f"{record.get_absolute_url()}follow/").status_code == 404
    view = view_of(person("reader"))
    assert signed_in(reader).post(f"/views/{view.pk}/follow/").status_code == 404
    assert signed_in(reader).post(f"/views/{view.pk}/follow/", {"stop": "1"}).status_code == 404
    assert not InitiativeFollow.objects.exists()


def test_nothing_is_followed_by_looking_or_sent_elsewhere() -> None:
    record, reader = initiative(), person("reader")
    address = f"{record.get_absolute_url()}follow/"
    assert signed_in(reader).get(address).status_code == 405
    answer = signed_in(reader).post(address, {"next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == record.get_absolute_url()


def test_a_record_that_one_follows_and_no_longer_sees_is_told_nowhere() -> None:
    record, reader = initiative("Secret plans"), person("reader")
    do(follow_initiative, by=reader, initiative=record)
    with origin("test"), recorded(by=None):
        Initiative.objects.filter(pk=record.pk).update(audience="partners")
    assert "Secret plans" not in signed_in(reader).get("/views/").content.decode()


def test_a_view_is_followed_from_the_list_of_views() -> None:
    group = working_group()
    view = view_of(person("group_member", group=group), group)
    member = person("group_member", group=group)
    client = signed_in(member)
    assert client.post(f"/views/{view.pk}/follow/").status_code == 302
    assert ViewFollow.objects.get().person == member
    assert "Stop following" in client.get("/views/").content.decode()
    assert client.post(f"/views/{view.pk}/follow/", {"stop": "1"}).status_code == 302
    assert not ViewFollow.objects.exists()

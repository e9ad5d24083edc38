"""The archive, one's own choice, and the way out from an email."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from register.accounts.models import RoleGrant
from register.accounts.services import erase_person, grant_role, revoke_role
from register.core.tracking import origin
from register.digests.choosing.unsubscribing import token_for
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import DigestWish, Edition
from register.initiatives.services import delete_initiative, edit_initiative
from tests.digests.support import MONDAY, Team, london, new_team
from tests.factories import TODAY, initiative, organisation, person, working_group


def make_edition(at: Any = MONDAY) -> Edition:
    open_due_editions(now=at)
    [edition] = build_open_editions(now=at)
    return edition


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(user: Any, edition: Edition) -> Any:
    return signed_in(user).get(edition.get_absolute_url())


class TestArchive:
    def test_it_shows_the_edition_to_the_group_and_to_nobody_else(self, team: Team) -> None:
        initiative("Shared fleet workshop")
        edition = make_edition()
        assert "Shared fleet workshop" in page(team.member, edition).content.decode()
        assert page(person("auditor"), edition).status_code == 200
        assert page(person("contributor", at="derbyshire-police"), edition).status_code == 404

    def test_it_asks_for_sign_in(self, team: Team, client: Client) -> None:
        initiative()
        for address in (
            make_edition().get_absolute_url(),
            reverse("digest_list"),
            reverse("digest_settings"),
        ):
            assert client.get(address).status_code == 302

    def test_each_viewer_sees_what_they_may_see_now(self, team: Team) -> None:
        partner = person("group_member", group=team.group)
        with origin("test"):
            grant_role(by=None, user=partner, role="reader", organisation=organisation("derbyshire-fire"))
        initiative("For its partners", audience="partners")
        record = initiative("Open then")
        edition = make_edition()
        with origin("test"):
            edit_initiative(by=None, initiative=record, version=None, on=TODAY, audience="partners")
        assert "Open then" in page(partner, edition).content.decode()
        shown = page(team.member, edition).content.decode()
        assert "Open then" not in shown
        assert "For its partners" not in shown
        assert "Nothing in this edition is for you to see now." in shown

    def test_a_deleted_record_is_no_longer_shown(self, team: Team) -> None:
        record, _ = initiative("Deleted since"), initiative("Still there")
        edition = make_edition()
        with origin("test"):
            delete_initiative(by=None, initiative=record, reason="Logged twice.", at=MONDAY)
        shown = page(team.member, edition).content.decode()
        assert "Deleted since" not in shown
        assert "Still there" in shown

    def test_who_has_left_the_group_does_not_see_its_editions(self, team: Team) -> None:
        initiative()
        edition = make_edition()
        with origin("test"):
            revoke_role(by=None, grant=RoleGrant.objects.get(user=team.member))
        assert page(team.member, edition).status_code == 404

    def test_it_holds_no_token(self, team: Team) -> None:
        initiative()
        edition = make_edition()
        shown = page(team.member, edition).content.decode()
        assert "unsubscribe" not in shown
        assert token_for(team.member, team.group) not in shown

    def test_it_shows_all_of_them_however_many(self, team: Team) -> None:
        for number in range(20):
            initiative(f"Workshop {number:02}")
        shown = page(team.member, make_edition()).content.decode()
        assert all(f"Workshop {number:02}" in shown for number in range(20))

    def test_a_quiet_week_is_on_record(self, team: Team) -> None:
        edition = make_edition()
        assert "Nothing changed in this window" in page(team.member, edition).content.decode()
        assert "Quiet" in signed_in(team.member).get(reverse("digest_list")).content.decode()

    def test_one_being_built_is_not_shown(self, team: Team) -> None:
        [edition] = open_due_editions(now=MONDAY)
        assert page(team.member, edition).status_code == 404

    def test_the_list_has_the_editions_of_ones_groups(self, team: Team) -> None:
        mine = make_edition()
        other = new_team("other")
        theirs = make_edition(MONDAY)
        shown = signed_in(team.member).get(reverse("digest_list")).content.decode()
        assert mine.get_absolute_url() in shown
        assert theirs.get_absolute_url() not in shown
        assert other.member != team.member

    def test_queries_do_not_grow_with_items_or_editions(
        self, team: Team, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(12):
            initiative(f"Workshop {number}")
        edition = make_edition()
        for week in range(1, 12):
            make_edition(MONDAY + timedelta(weeks=week, days=1))
        client = signed_in(team.member)
        with django_assert_max_num_queries(12):
            client.get(edition.get_absolute_url())
        with django_assert_max_num_queries(12):
            client.get(reverse("digest_list"))


def chosen(client: Client) -> dict[str, str]:
    """Which choice of each digest is marked on the page, by field."""
    html = client.get(reverse("digest_settings")).content.decode()
    marked = re.findall(r"<input[^>]* checked[^>]*>", html)
    return {re.search(r'name="([^"]+)"', tag)[1]: re.search(r'value="([^"]+)"', tag)[1] for tag in marked}


@pytest.mark.django_db
class TestSettings:
    def test_one_switches_a_groups_digest_off_and_on(self) -> None:
        group = working_group("peak", name="Peak group")
        user = person("group_member", group=group)
        client = signed_in(user)
        address = reverse("digest_settings")
        assert chosen(client) == {"wish_peak": "all", "wish": "all"}
        for _ in range(2):
            assert client.post(address, {"wish_peak": "none", "wish": "all"}).status_code == 302
            assert [(wish.group, wish.wish) for wish in DigestWish.objects.all()] == [(group, "none")]
        assert chosen(client) == {"wish_peak": "none", "wish": "all"}
        client.post(address, {"wish_peak": "all", "wish": "all"})
        assert not DigestWish.objects.exists()

    def test_only_ones_own_groups_can_be_chosen(self) -> None:
        other = working_group("other")
        user = person("group_member", group=working_group("peak"))
        client = signed_in(user)
        told = {"wish_peak": "all", "wish": "all", "wish_other": "none"}
        assert client.post(reverse("digest_settings"), told).status_code == 302
        assert not DigestWish.objects.exists()
        assert other.name not in client.get(reverse("digest_settings")).content.decode()


@pytest.mark.django_db
class TestUnsubscribing:
    @pytest.fixture
    def member(self) -> Any:
        self.group = working_group("peak", name="Peak group")
        return person("group_member", group=self.group)

    def address(self, user: Any) -> str:
        return reverse("digest_unsubscribe", args=[token_for(user, self.group)])

    def test_following_the_link_asks_and_changes_nothing(self, member: Any, client: Client) -> None:
        for method in (client.get, client.head):
            response = method(self.address(member))
            assert response.status_code == 200
        assert "Stop the digest of Peak group?" in client.get(self.address(member)).content.decode()
        assert not DigestWish.objects.exists()

    def test_pressing_the_button_stops_it_without_sign_in(self, member: Any, client: Client) -> None:
        response = client.post(self.address(member))
        assert "The emails have stopped" in response.content.decode()
        refusal = DigestWish.objects.get()
        assert (refusal.user, refusal.group) == (member, self.group)

    def test_the_button_is_protected_and_the_one_click_of_a_mail_program_is_not(self, member: Any) -> None:
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(self.address(member)).status_code == 403
        assert strict.post(self.address(member), {"List-Unsubscribe": "Other"}).status_code == 403
        assert not DigestWish.objects.exists()
        response = strict.post(self.address(member), {"List-Unsubscribe": "One-Click"})
        assert (response.status_code, response.content) == (200, b"Stopped.")
        assert DigestWish.objects.filter(user=member).exists()

    def test_stopping_twice_is_fine(self, member: Any, client: Client) -> None:
        for _ in range(2):
            assert client.post(self.address(member)).status_code == 200
        assert DigestWish.objects.count() == 1

    def test_somebody_who_was_erased_or_deleted_still_sees_success(self, member: Any, client: Client) -> None:
        address = self.address(member)
        with origin("test"):
            erase_person(by=None, user=member, at=london("2026-11-23T12:00"))
        assert "The emails have stopped" in client.post(address).content.decode()
        assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
        assert not DigestWish.objects.exists()

    def test_a_damaged_link_says_so(self, member: Any, client: Client) -> None:
        address = self.address(member)[:-4] + "/"
        assert client.get(address).status_code == client.post(address).status_code == 404
        assert client.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 404
        assert "This link is not complete" in client.get(address).content.decode()

    def test_the_token_of_one_person_stops_nobody_else(self, member: Any, client: Client) -> None:
        other = person("group_member", group=self.group)
        client.post(self.address(member))
        assert not DigestWish.objects.filter(user=other).exists()

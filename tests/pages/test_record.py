"""The record page costs the same however much hangs on the record, and shows long texts as they were meant."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from register.accounts.models import User
from register.core.tracking import origin
from register.initiatives.models import Initiative
from register.initiatives.services import add_update
from tests.factories import TODAY, initiative, person

# A record's path, people, money, papers and updates are one; the rest is who asks, what is like it, what happened, and
# whether it was open to them then.
MOST = 13


@pytest.mark.parametrize("who", ["contributor", "reader", "administrator"])
def test_it_asks_at_most_thirteen_things_of_the_database(
    sample, client: Client, django_assert_max_num_queries: Any, who: str
) -> None:
    user = User.objects.get(email__startswith=f"{who}@")
    client.force_login(user)
    records = list(Initiative.objects.visible_to(user).order_by("number"))
    for record in records[:6] + records[-6:]:
        if record.is_sensitive:
            client.get(record.get_absolute_url())  # that somebody opened it is noted once an hour
        with django_assert_max_num_queries(MOST + record.is_sensitive):
            assert client.get(record.get_absolute_url()).status_code == 200


def test_long_texts_are_shown_with_the_signs_that_people_typed(db: None, client: Client) -> None:
    record = initiative(summary="**One** workshop\n\n- vans\n- engines", audience="everyone")
    with origin("test"):
        add_update(
            by=None,
            initiative=record,
            text="See [the plan](https://example.org/)",
            confidence="green",
            noted_on=TODAY,
            on=TODAY,
        )
    client.force_login(person("reader"))
    told = client.get(record.get_absolute_url()).content.decode()
    assert "<strong>One</strong> workshop" in told
    assert "<li>vans</li>" in told
    assert 'rel="noopener noreferrer nofollow ugc">the plan</a>' in told


def test_what_was_confirmed_today_is_not_asked_again(db: None, client: Client, clock: Any) -> None:
    clock.set("2026-11-23 09:14")
    client.force_login(person("contributor", at="derbyshire-police"))
    for on, asks in ((TODAY, False), (TODAY - timedelta(days=1), True)):
        told = client.get(initiative(on=on).get_absolute_url()).content.decode()
        assert ("Confirmed today" in told) is not asks
        assert ("Confirm still current" in told) is asks


def test_a_button_says_which_part_of_the_record_it_saves(db: None, client: Client) -> None:
    client.force_login(person("contributor", at="derbyshire-police"))
    told = client.get(f"{initiative().get_absolute_url()}barriers/new/").content.decode()
    assert ">Save the barrier</button>" in told

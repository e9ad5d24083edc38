"""What a reader may see, in bits: exactly what `visible_to` says."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import given
from hypothesis import strategies as st

from register.accounts.permissions import Table
from register.accounts.roles import Audience
from register.catalogue.tallies import Tallied, tally
from register.catalogue.tallies.store import bits_of, keys_of, those_in
from register.core.clock import now
from register.initiatives.models import Initiative
from register.initiatives.services import delete_initiative
from tests.factories import TODAY, initiative, person, working_group
from tests.history.support import do
from tests.readers import READERS

pytestmark = pytest.mark.django_db


def records(**more: Any) -> list[Initiative]:
    """One for each audience, led by a force that takes part in others only as a party; one of them is deleted."""
    made = [
        initiative(f"{audience} {lead}", audience=audience, lead=lead, parties=parties, **more)
        for audience in Audience
        for lead, parties in (
            ("derbyshire-police", ["derbyshire-fire"]),
            ("kent-police", ["derbyshire-police"]),
        )
    ]
    made.append(initiative("Sensitive", marking="official_sensitive", audience=Audience.PARTNERS))
    made.append(initiative("An example", is_fictional=True))
    do(delete_initiative, initiative=initiative("Gone"), at=now(), reason="Logged twice.")
    return made


def assert_seen(user: Any) -> set[int]:
    """Before it was tallied, and after."""
    seen = set(Initiative.objects.visible_to(user).values_list("pk", flat=True))
    assert set(keys_of(Tallied.now(TODAY).seen_by(user))) == seen
    tally()
    assert set(keys_of(Tallied.now(TODAY).seen_by(user))) == seen
    return seen


@pytest.mark.parametrize("who", READERS)
def test_every_kind_of_reader_sees_in_bits_what_the_list_shows(who: str) -> None:
    records()
    assert assert_seen(READERS[who]())


def test_an_author_a_named_group_its_table_and_nobody_see_in_bits_what_the_list_shows() -> None:
    group, other = working_group(), working_group()
    author = person("contributor", at="kent-fire")
    draft = initiative("Mine", by=author, audience=Audience.DRAFT)
    named = initiative("Named", audience=Audience.PARTNERS_AND_GROUPS, named_groups=[group])
    records(named_groups=[other])
    assert draft.pk in assert_seen(author)
    assert named.pk in assert_seen(person("group_member", group=group))
    assert named.pk in assert_seen(Table.of(group))
    assert named.pk not in assert_seen(Table.of(other))
    assert assert_seen(AnonymousUser()) == set()


def test_who_left_sees_nothing() -> None:
    records()
    gone = person("administrator")
    gone.is_active = False
    assert assert_seen(gone) == set()


@given(st.sets(st.integers(0, 300)), st.lists(st.integers(0, 900)))
def test_few_keys_are_found_among_the_bits_as_by_walking_them(marked: set[int], asked: list[int]) -> None:
    bits = bits_of(marked)
    assert set(keys_of(bits)) == marked
    assert those_in(bits, asked) == [pk for pk in asked if pk in marked]

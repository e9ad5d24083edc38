"""A group's remit: which initiatives, and in words."""

from __future__ import annotations

import pytest

from register.core.tracking import origin
from register.groups.remit import NO_REMIT, areas_of_remit, in_remit, remit_in_words
from register.groups.services import set_remit
from register.reference.atlas import Atlas
from tests.factories import TODAY, initiative, person, working_group

pytestmark = pytest.mark.django_db


def group(parameters: dict[str, list[str]]):
    made = working_group()
    with origin("test"):
        set_remit(by=None, group=made, name="Remit", parameters=parameters)
    return made


def titles(selection) -> set[str]:
    return set(selection.initiatives.values_list("title", flat=True))


def test_a_remit_is_read_by_the_catalogues_filter_through_the_readers_eyes() -> None:
    initiative("Norfolk", places=["norfolk"])
    initiative("Norfolk, for partners", places=["norfolk"], audience="partners")
    initiative("Kent", places=["kent"])
    east = group({"region": ["E12000006"]})
    assert titles(in_remit(east, person("reader"), TODAY)) == {"Norfolk"}
    assert titles(in_remit(east, person("auditor"), TODAY)) == {"Norfolk", "Norfolk, for partners"}


def test_an_empty_remit_is_everything_real_and_none_at_all_is_nothing_with_a_message() -> None:
    initiative("Real")
    initiative("Invented", is_fictional=True)
    assert titles(in_remit(group({}), person("reader"), TODAY)) == {"Real"}
    nothing = in_remit(working_group(), person("administrator"), TODAY)
    assert titles(nothing) == set()
    assert nothing.errors == (NO_REMIT,)


def test_a_remit_that_means_nothing_selects_nothing_and_says_so() -> None:
    initiative()
    broken = in_remit(group({"colour": ["blue"]}), person("administrator"), TODAY)
    assert titles(broken) == set()
    assert broken.errors


def test_a_remit_is_told_in_words() -> None:
    assert remit_in_words(group({})) == "Everything in the register."
    assert remit_in_words(group({"region": ["E12000006"]})) == "Region: East of England."
    assert remit_in_words(group({"area": ["fleet", "estates"]})) in (
        "Area of work: Fleet or Estates.",
        "Area of work: Estates or Fleet.",
    )
    assert remit_in_words(working_group()) == "Not set yet."


def test_a_remit_speaks_of_the_areas_it_names_or_of_all_of_its_kind() -> None:
    atlas = Atlas.on(TODAY)
    assert len(areas_of_remit(atlas, {})) == 43
    assert {area.slug for area in areas_of_remit(atlas, {"place": ["kent", "norfolk"]})} == {
        "kent",
        "norfolk",
    }
    both = {"place": ["kent", "norfolk"], "region": ["E12000006"]}
    assert [area.slug for area in areas_of_remit(atlas, both)] == ["norfolk"]
    assert all(area.is_fictional for area in areas_of_remit(atlas, {"example": ["only"]}))

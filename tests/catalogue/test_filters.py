"""The filter language: what parameters mean, and what becomes of those that mean nothing."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from register.accounts.models import User
from register.catalogue.choices import FRESHNESS
from register.catalogue.filters import list_url, select
from register.catalogue.parameters import InitiativeFilter
from register.core.tracking import origin
from register.initiatives.models import Initiative
from register.initiatives.services import raise_barrier, state_figure
from tests.factories import TODAY, initiative, person

pytestmark = pytest.mark.django_db


def titles(user, **parameters: list[str]) -> set[str]:
    selection = select(parameters, user=user, on=TODAY)
    assert selection.errors == ()
    return set(selection.initiatives.values_list("title", flat=True))


def test_several_values_of_one_parameter_mean_or_and_several_parameters_mean_and() -> None:
    user = person("reader")
    initiative("Fleet, agreed", areas=["fleet"], stage="agreed")
    initiative("Fleet, live", areas=["fleet"], stage="live")
    initiative("Estates, live", areas=["estates"], stage="live")
    initiative("Training, live", areas=["training"], stage="live")
    assert titles(user, area=["fleet", "estates"]) == {"Fleet, agreed", "Fleet, live", "Estates, live"}
    assert titles(user, area=["fleet", "estates"], stage=["live"]) == {"Fleet, live", "Estates, live"}


def test_no_parameters_mean_everything_real_that_the_reader_may_see() -> None:
    user = person("reader")
    initiative("For everyone")
    initiative("For partners", audience="partners")
    initiative("Invented", is_fictional=True)
    assert titles(user) == {"For everyone"}
    assert titles(user, example=["with"]) == {"For everyone", "Invented"}
    assert titles(user, example=["only"]) == {"Invented"}


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"colour": ["red"]}, "colour"),
        ({"stage": ["lively"]}, "Stage"),
        ({"area": ["fleets"]}, "Area of work"),
        ({"place": ["atlantis"]}, "Police area"),
        ({"mix": ["police-navy"]}, "navy"),
        ({"org": ["nobody"]}, "Organisation"),
        ({"example": ["maybe"]}, "Example"),
    ],
)
def test_an_unknown_parameter_or_value_selects_nothing_and_is_named(parameters, named: str) -> None:
    initiative()
    selection = select(parameters, user=person("reader"), on=TODAY)
    assert not selection.initiatives.exists()
    assert any(named in error for error in selection.errors)


def test_the_services_that_work_together_are_meant_exactly() -> None:
    user = person("reader")
    initiative("Police and fire")
    initiative("All three", parties=["derbyshire-fire", "emas-ambulance"])
    initiative("Police with police", parties=["kent-police"])
    assert titles(user, mix=["police-fire"]) == {"Police and fire"}
    assert titles(user, mix=["police"]) == {"Police with police"}
    assert titles(user, service=["ambulance"]) == {"All three"}


def test_a_barrier_of_the_category_and_of_the_remover_is_one_and_the_same_barrier() -> None:
    user, record = person("reader"), initiative()
    for category, remover in (("governance", "local"), ("legislation", "government")):
        with origin("test"):
            raise_barrier(
                by=None,
                initiative=record,
                title=category,
                category=category,
                remover=remover,
                severity="low",
                raised_on=TODAY,
                on=TODAY,
            )
    assert titles(user, barrier=["governance"], remover=["local"]) == {record.title}
    assert titles(user, barrier=["governance"], remover=["government"]) == set()


def test_with_a_figure_and_without_one_part_the_register() -> None:
    user = person("reader")
    with_figure = initiative("With", stage="live")
    initiative("Without", stage="live")
    with origin("test"):
        state_figure(
            by=None,
            initiative=with_figure,
            kind="saving",
            basis="a_year",
            as_stated="£1m a year",
            amount_pence=10**8,
        )
    assert titles(user, figure=["with"]) == {"With"}
    assert titles(user, figure=["none"]) == {"Without"}
    assert titles(user, figure=["with", "none"]) == {"With", "Without"}
    assert titles(user, why=["never_asked"]) == {"Without"}


def test_every_record_is_as_fresh_as_exactly_one_of_the_choices() -> None:
    user = person("reader")
    for weeks in (0, 1, 12, 13, 14, 25, 26, 27, 60, 300):
        initiative(f"Confirmed {weeks} weeks ago", on=TODAY - timedelta(weeks=weeks))
    initiative("Never confirmed", confirmed=False)
    initiative(
        "Closed",
        on=TODAY - timedelta(weeks=60),
        standing="closed",
        standing_reason="superseded",
        standing_text="x",
    )
    groups = [titles(user, fresh=[code]) for code, _ in FRESHNESS]
    assert sum(len(group) for group in groups) == 12
    assert set().union(*groups) == titles(user)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("workshop", True),
        ("WORKSHOP shared", True),
        ("derbyshire constabulary", True),
        ("fleet", True),
        ("canteen", False),
        ("workshop canteen", False),
    ],
)
def test_words_are_looked_for_in_texts_partners_areas_and_places(words: str, found: bool) -> None:
    initiative("Shared workshop")
    assert bool(titles(person("reader"), q=[words])) is found


def test_a_reference_finds_its_record_however_it_is_written() -> None:
    record, user = initiative(), person("reader")
    for typed in (record.reference, record.reference.lower(), f"BL{record.number}"):
        assert titles(user, q=[typed]) == {record.title}


@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.sampled_from([*InitiativeFilter.base_filters, "nonsense"]),
        st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30), max_size=3),
        max_size=4,
    )
)
def test_whatever_is_typed_into_the_address_never_shows_more_than_the_reader_may_see(parameters) -> None:
    user = User(pk=0)
    selection = select(parameters, user=user, on=TODAY)
    seen = set(Initiative.objects.visible_to(user).values_list("pk", flat=True))
    assert set(selection.initiatives.values_list("pk", flat=True)) <= seen


def test_an_address_says_only_what_is_chosen() -> None:
    assert list_url({}) == "/initiatives/"
    assert list_url({"area": ["fleet"], "stage": []}, stage="live") == "/initiatives/?area=fleet&stage=live"


def test_late_is_read_on_the_day_it_is_asked() -> None:
    user = person("reader")
    initiative("Soon late", on=TODAY)
    later = TODAY + timedelta(weeks=27)
    assert titles(user, fresh=["late"]) == set()
    selection = select({"fresh": ["late"]}, user=user, on=date.fromordinal(later.toordinal()))
    assert [i.title for i in selection.initiatives] == ["Soon late"]

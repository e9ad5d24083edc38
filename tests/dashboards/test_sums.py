"""Money on a dashboard is the sum of lines: recounted here from the lines themselves, one by one."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from register.accounts.permissions import has_permission
from register.accounts.roles import Permission
from register.core.dates import financial_year_in_words
from register.core.tracking import origin
from register.dashboards.metrics.barriers import barriers
from register.dashboards.metrics.frame import Frame
from register.dashboards.metrics.money import savings
from register.initiatives.models import Initiative, SavingLine
from register.initiatives.services import add_benefit, add_saving, raise_barrier, verify_saving
from register.initiatives.vocabulary import BarrierCategory, BenefitKind
from register.reference.models import Organisation
from tests.dashboards.support import group_with
from tests.factories import TODAY, initiative, person

pytestmark = pytest.mark.django_db


BODIES = ("derbyshire-police", "derbyshire-fire", "northamptonshire-fire")
PENCE = st.one_of(st.none(), st.integers(0, 10**10))
LINES = st.lists(
    st.tuples(
        st.sampled_from(BODIES),
        st.integers(2023, 2027),
        PENCE,
        PENCE,
        st.booleans(),
    ).filter(lambda line: line[2] is not None or line[3] is not None),
    max_size=4,
    unique_by=lambda line: line[:2],
)
RECORDS = st.lists(
    st.tuples(
        st.sampled_from(["everyone", "partners", "draft"]),
        st.sampled_from(["active", "active", "paused", "closed", "declined"]),
        st.lists(
            st.tuples(st.sampled_from(["cashable", "non_cashable", "income"]), st.booleans(), LINES),
            max_size=2,
        ),
        st.sets(
            st.tuples(
                st.sampled_from(["governance", "legislation"]), st.sampled_from(["local", "government"])
            ),
            max_size=3,
        ),
    ),
    min_size=1,
    max_size=5,
)


def log(told: Any) -> None:
    for number, (audience, standing, benefits, walls) in enumerate(told):
        fields = (
            {}
            if standing == "active"
            else {"standing": standing, "standing_reason": "other", "standing_text": "So."}
        )
        record = initiative(f"Number {number}", audience=audience, **fields)
        with origin("test"):
            for kind, recurring, lines in benefits:
                benefit = add_benefit(
                    by=None,
                    initiative=record,
                    title="Less",
                    outcome="reduced_cost",
                    kind=kind,
                    is_recurring=recurring,
                )
                for body, year, forecast, actual, verified in lines:
                    line = add_saving(
                        by=None,
                        benefit=benefit,
                        organisation=Organisation.objects.get(code=body),
                        financial_year=year,
                        forecast_pence=forecast,
                        actual_pence=actual,
                    )
                    if verified and actual is not None:
                        verify_saving(by=None, line=line, verified_by="The auditor", verified_on=TODAY)
            for category, remover in walls:
                raise_barrier(
                    by=None, initiative=record, title="A wall", category=category, remover=remover, severity="low",
                    raised_on=TODAY, on=TODAY,
                )  # fmt: skip


def recounted(reader: Any) -> dict[tuple[str, bool, int, str], int]:
    """By kind, recurrence, year and what it is: the sums, from each line that the reader may see."""
    found: dict[tuple[str, bool, int, str], int] = defaultdict(int)
    for line in SavingLine.objects.all():
        record = line.benefit.initiative
        if record.standing == "declined" or not has_permission(reader, Permission.VIEW, record):
            continue
        key = (line.benefit.kind, line.benefit.is_recurring, line.financial_year)
        if line.forecast_pence is not None:
            found[*key, "forecast"] += line.forecast_pence
        if line.actual_pence is not None:
            found[*key, "verified" if line.verified_on else "claimed"] += line.actual_pence
    return dict(found)


def held_up(reader: Any, category: str, kind: str, year: int) -> int | None:
    """What initiatives with a barrier of a category were forecast to save, each counted once."""
    pence = None
    for record in Initiative.objects.filter(standing__in=["active", "paused"]):
        walls = record.barriers.filter(state__in=["open", "being_worked_on"])
        walls = walls.filter(category=category) if category else walls
        if not walls.exists() or not has_permission(reader, Permission.VIEW, record):
            continue
        for line in SavingLine.objects.filter(
            benefit__initiative=record, benefit__kind=kind, benefit__is_recurring=True, financial_year=year
        ).exclude(forecast_pence=None):
            pence = (pence or 0) + (line.forecast_pence or 0)
    return pence


@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(told=RECORDS)
def test_sums_equal_a_recount_of_the_lines_for_whoever_reads(db: None, told: Any) -> None:
    from django.db import transaction

    with transaction.atomic():
        log(told)
        group = group_with({})
        for reader in (
            person("administrator"),
            person("contributor", at="derbyshire-fire"),
            person("reader"),
        ):
            frame = Frame.of_group(group, reader, TODAY)
            shown = {}
            for series in savings(frame):
                kind, recurring = (
                    series.code.rsplit("-recurring", 1)[0].rsplit("-one-off", 1)[0],
                    "-recurring" in series.code,
                )
                for year in series.years:
                    for column in year.columns:
                        if column.pence is not None:
                            first = int(year.label[:4])
                            shown[kind, recurring, first, column.code] = column.pence
            assert shown == recounted(reader)
            page = barriers(frame)
            assert page.year == financial_year_in_words(2026)
            for row in (*page.rows, page.totals):
                category = next((c.value for c in BarrierCategory if c.label == row.label), "")
                expected = tuple(
                    held_up(reader, category, kind, 2026) for kind in ("cashable", "non_cashable")
                )
                assert row.forecasts == expected, row.label
        transaction.set_rollback(True)


def test_lines_of_an_organisation_that_was_succeeded_stay_in_the_sum_once() -> None:
    record = initiative("Merged services")
    gone = Organisation.objects.exclude(ends_on=None).order_by("pk")[0]
    with origin("test"):
        benefit = add_benefit(
            by=None, initiative=record, title="Less", outcome="reduced_cost", kind=BenefitKind.CASHABLE
        )
        for body in (gone, Organisation.objects.get(code="derbyshire-police")):
            add_saving(
                by=None, benefit=benefit, organisation=body, financial_year=2014, forecast_pence=100_00
            )
    [series] = savings(Frame.of_group(group_with({}), person("reader"), TODAY))
    assert [column.pence for year in series.years for column in year.columns] == [200_00]

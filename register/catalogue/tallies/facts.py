"""What counting asks of a record: marks (of a question, one code or several) and amounts (values under a name).

Questions and codes are those of the filter panel, with more that pages count by:

    kept, example         not deleted; fictional
    audience, author      for whom it is; who logged it, by key
    named                 working groups that its audience names, by key
    org, lead             organisations with any role, and as lead, by key
    why                   why there is no figure, of those that have none
    moved                 the month of its last move of stage or standing
    stated                on which basis publications state a saving
    barriers, benefits    category:remover of barriers in the way, outcome:kind of benefits

Amounts: `changed` (microseconds since 1970), `confirmed`, `due` (days), `since` (the day it came to its stage),
`moved` (twice the day of its last move; one more where only the month is known), `saving …` and `stated …` (pence),
`barrier …` (the day it was raised, or of one resolved that day, with its number in `WALLS`), `door …` (the day of an
agreement's end; of a review with the agreement's end, of a milestone with the last day of its period: `day_and_end`).
A day is a number (`date.toordinal`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Any, NamedTuple

from django.db import connection

from register.catalogue.choices import REPLICABLE
from register.core.dates import LimitedDate
from register.initiatives.vocabulary import BarrierCategory, FigureKind, PartnerRole, Remover

# More than any day, and a power of two.
FAR = 1 << 22
# Categories of barriers and who can remove them, by number. New ones go to the end: blocks hold these numbers.
WALLS = {pair: number for number, pair in enumerate(product(BarrierCategory.values, Remover.values))}
MOST_WALLS = 64
# Days as numbers: PostgreSQL's from the year 1, as Python counts them.
_DAY = "({} - date '0001-01-01' + 1)"
# All that is asked of a record, in one row. Lists come as JSON.
FACTS = f"""
    SELECT i.id, i.audience, i.created_by_id, i.is_fictional, i.stage, i.standing, i.depth, i.marking,
           i.no_figure_reason, i.open_to_replication,
           {_DAY.format("i.confirmed_on")}, {_DAY.format("i.next_update_due")},
           (extract(epoch FROM i.changed_at) * 1000000)::bigint,
           (SELECT string_agg(coalesce(became.code, a.code), ' ')
              FROM register_initiativearea l JOIN register_areaofwork a ON a.id = l.area_of_work_id
              LEFT JOIN register_areaofwork became ON became.id = a.merged_into_id
             WHERE l.initiative_id = i.id),
           e.mix, e.barriers, e.benefits, e.has_figure,
           (SELECT array_agg(p.organisation_id) FROM register_initiativepartner p WHERE p.initiative_id = i.id),
           (SELECT p.organisation_id FROM register_initiativepartner p
             WHERE p.initiative_id = i.id AND p.role = '{PartnerRole.LEAD}'),
           (SELECT array_agg(g.group_id) FROM register_initiativegroup g WHERE g.initiative_id = i.id),
           (SELECT {_DAY.format("m.happened_on")} FROM register_stagemove m
             WHERE m.initiative_id = i.id AND m.to_stage = i.stage AND m.from_stage <> i.stage
             ORDER BY m.id DESC LIMIT 1),
           (SELECT jsonb_agg(jsonb_build_array(a.slug, r.code))
              FROM register_initiativeplace l JOIN register_policearea a ON a.id = l.police_area_id
              JOIN register_region r ON r.id = a.region_id
             WHERE l.initiative_id = i.id),
           (SELECT jsonb_build_array({_DAY.format("m.happened_on")}, m.happened_precision) FROM register_stagemove m
             WHERE m.initiative_id = i.id AND m.from_stage <> '' ORDER BY m.id DESC LIMIT 1),
           (SELECT jsonb_agg(jsonb_build_array(b.kind, b.is_recurring, s.financial_year, s.forecast_pence,
                                               s.actual_pence, s.verified_on IS NOT NULL))
              FROM register_benefit b JOIN register_savingline s ON s.benefit_id = b.id
             WHERE b.initiative_id = i.id),
           (SELECT jsonb_agg(jsonb_build_array(f.basis, f.amount_pence, f.qualifier ILIKE '%%up to%%'))
              FROM register_statedfigure f WHERE f.initiative_id = i.id AND f.kind = '{FigureKind.SAVING}'),
           (SELECT jsonb_agg(jsonb_build_array(b.state IN ('open', 'being_worked_on'), b.category, b.remover,
                                               b.severity, {_DAY.format("coalesce(b.resolved_on, b.raised_on)")}))
              FROM register_barrier b WHERE b.initiative_id = i.id),
           (SELECT jsonb_agg(jsonb_build_array({_DAY.format("m.due_on")}, m.due_precision)) FROM register_milestone m
             WHERE m.initiative_id = i.id AND m.reached_on IS NULL),
           (SELECT jsonb_agg(jsonb_build_array({_DAY.format("a.review_on")}, {_DAY.format("a.ends_on")}))
              FROM register_agreement a WHERE a.initiative_id = i.id)
      FROM register_initiative i JOIN register_catalogueentry e ON e.initiative_id = i.id
     WHERE i.deleted_at IS NULL AND """  # noqa: S608 names of ours


class Facts(NamedTuple):
    pk: int
    audience: str
    author: int | None
    is_fictional: bool
    stage: str
    standing: str
    depth: str
    marking: str
    no_figure_reason: str
    open_to_replication: bool | None
    confirmed: int | None
    due: int | None
    changed: int
    areas: str | None  # codes of what they became
    mix: str
    barriers: str
    benefits: str
    has_figure: bool
    organisations: list[int] | None
    lead: int | None
    groups: list[int] | None
    since: int | None
    places: list[tuple[str, str]] | None  # with their regions
    moved: tuple[int | None, str] | None
    savings: list[tuple[str, bool, int, int | None, int | None, bool]] | None
    stated: list[tuple[str, int | None, bool]] | None
    hindrances: list[tuple[bool, str, str, str, int]] | None
    milestones: list[tuple[int, str]] | None
    agreements: list[tuple[int | None, int | None]] | None


# From here on a row's columns are lists, which Django leaves as the text that JSON is.
LISTS = Facts._fields.index("places")


def facts_of_block(first: int, end: int) -> Iterator[Facts]:
    """Of the kept records whose keys are from `first` on and before `end`."""
    return _read("i.id >= %s AND i.id < %s", [first, end])


def facts_of(pks: list[int]) -> Iterator[Facts]:
    """Of those of these records that are kept: one query."""
    return _read("i.id = ANY(%s)", [pks])


def _read(where: str, values: list[Any]) -> Iterator[Facts]:
    with connection.cursor() as cursor:
        cursor.execute(f"{FACTS}{where} ORDER BY i.id", values)
        for row in cursor.fetchall():
            yield Facts(*row[:LISTS], *(told and json.loads(told) for told in row[LISTS:]))


def marks_of(facts: Facts) -> Iterator[tuple[str, str]]:
    """Which codes of which questions the record counts for. One may come twice."""
    yield "kept", ""
    yield "audience", facts.audience
    if facts.author is not None:
        yield "author", str(facts.author)
    for group in facts.groups or ():
        yield "named", str(group)
    if facts.is_fictional:
        yield "example", ""
    yield "replicable", REPLICABLE[facts.open_to_replication]
    yield "stage", facts.stage
    yield "standing", facts.standing
    yield "marking", facts.marking
    yield "depth", facts.depth or "none"
    yield "mix", facts.mix
    for service in facts.mix.split("-") if facts.mix else ():
        yield "service", service
    yield "figure", "with" if facts.has_figure else "none"
    if not facts.has_figure:
        yield "why", facts.no_figure_reason
    for code in facts.areas.split() if facts.areas else ():
        yield "area", code
    for slug, region in facts.places or ():
        yield "place", slug
        yield "region", region
    for code in facts.barriers.split():
        yield "barriers", code
    for code in facts.benefits.split():
        yield "benefits", code
    for basis, *_ in facts.stated or ():
        yield "stated", basis
    month = moved_in(facts)
    if month:
        yield "moved", month
    for organisation in facts.organisations or ():
        yield "org", str(organisation)
    if facts.lead is not None:
        yield "lead", str(facts.lead)


def amounts_of(facts: Facts) -> Iterator[tuple[str, int]]:
    """The record's values, under their names. A name may come several times."""
    yield "changed", facts.changed
    if facts.confirmed is not None:
        yield "confirmed", facts.confirmed
    if facts.due is not None:
        yield "due", facts.due
    if facts.since is not None:
        yield "since", facts.since
    if facts.moved and facts.moved[0] and moved_in(facts):
        yield "moved", 2 * facts.moved[0] + (facts.moved[1] == "month")
    for kind, recurring, year, forecast, actual, verified in facts.savings or ():
        name = f"saving {kind} {'recurring' if recurring else 'one-off'} {year}"
        if forecast is not None:
            yield f"{name} forecast", forecast
        if actual is not None:
            yield f"{name} {'verified' if verified else 'claimed'}", actual
    for basis, pence, up_to in facts.stated or ():
        yield f"stated {basis} figures", 1
        if pence is None:
            yield f"stated {basis} without", 1
        else:
            yield f"stated {basis} pence", pence
        if up_to:
            yield f"stated {basis} up-to", 1
    for in_the_way, category, remover, severity, day in facts.hindrances or ():
        name = f"barrier {'open' if in_the_way else 'resolved'} {severity}"
        yield name, day * MOST_WALLS + WALLS[category, remover]
    for due, precision in facts.milestones or ():
        last = LimitedDate(date.fromordinal(due), precision).last
        yield "door milestone", with_end(due, last.toordinal())
    for review, end in facts.agreements or ():
        if end is not None:
            yield "door end", with_end(end, end)
        if review is not None:
            yield "door review", with_end(review, end)


def moved_in(facts: Facts) -> str:
    """The month of its last move of stage or standing, if that is known to the month; "" for none."""
    day, precision = facts.moved or (None, "")
    return date.fromordinal(day).isoformat()[:7] if day and precision in ("day", "month") else ""


def with_end(day: int, end: int | None) -> int:
    """A day together with a later one (0: none) as one number; they are in order as their days are."""
    return day * FAR + (end or 0)


def day_and_end(value: int) -> tuple[int, int]:
    """The two days of such a number."""
    return divmod(value, FAR)

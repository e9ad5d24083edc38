"""Who works with whom: which services, and which pairs of organisations most often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction

from register.catalogue.choices import MIXES, SERVICE_LABELS
from register.catalogue.filters import Parameters
from register.catalogue.narrowing import linked, listed
from register.catalogue.shapes.counting import counted
from register.core.charts import Number, level, width
from register.initiatives.models import InitiativePartner
from register.initiatives.querysets import InitiativeQuerySet
from register.reference.models import Organisation

MOST_PAIRS = 20
SERVICES = [code for code, _ in SERVICE_LABELS]


@dataclass(frozen=True)
class ServiceRow:
    """A service, with each service in their order, and altogether."""

    code: str
    label: str
    cells: tuple[Number, ...]
    total: Number


@dataclass(frozen=True)
class Pair:
    """Two organisations, and the initiatives in which both have a role."""

    organisations: tuple[Organisation, Organisation]
    number: Number
    width: str


@dataclass(frozen=True)
class Who:
    total: Number
    services: tuple[ServiceRow, ...]
    without_service: Number  # in which no organisation leads, takes part or hosts
    pairs: tuple[Pair, ...]
    more_pairs: Number
    asked: bool  # whether only pairs with the organisations that were asked for are told

    @property
    def has_unlinked(self) -> bool:
        """Whether a number has no list of its own."""
        numbers = [number for row in self.services for number in (*row.cells, row.total)]
        return any(number.n and not number.href for number in numbers + [pair.number for pair in self.pairs])


def who_with_whom(initiatives: InitiativeQuerySet, parameters: Parameters) -> Who:
    """Services and organisations that work together: four statements."""
    within = listed(parameters)
    found = [(mix.split("-") if mix else [], n) for mix, n in counted(initiatives, "entry__mix")]
    asked = [*within.get("org", ()), *within.get("also", ())]
    pairs, more = _pairs(initiatives, within, asked)
    return Who(
        total=linked(within, sum(n for _, n in found)),
        services=_services(within, found),
        without_service=Number(sum(n for codes, n in found if not codes)),
        pairs=pairs,
        more_pairs=Number(more),
        asked=bool(asked),
    )


def _services(within: Parameters, found: Sequence[tuple[list[str], int]]) -> tuple[ServiceRow, ...]:
    """Each service with each other; with itself where it works with nobody but its own kind."""
    totals: Counter[str] = Counter()
    together: Counter[tuple[str, str]] = Counter()
    for codes, n in found:
        for one in codes:
            totals[one] += n
            for other in codes:
                if one != other or len(codes) == 1:
                    together[one, other] += n
    most = max(together.values(), default=0)
    return tuple(
        ServiceRow(
            one,
            label,
            tuple(
                linked(within, n, level(n, most), mix=_mixes(one, other))
                for other in SERVICES
                for n in [together[one, other]]
            ),
            linked(within, totals[one], mix=_mixes(one))
            if within.get("service")
            else linked(within, totals[one], service=one),
        )
        for one, label in SERVICE_LABELS
    )


def _mixes(*services: str) -> list[str]:
    """The sets of services with all of these in them; of a service twice, the set of it alone."""
    if len(services) == 2 and services[0] == services[1]:
        return [services[0]]
    return [code for code, _ in MIXES if set(services) <= set(code.split("-"))]


def _pairs(
    initiatives: InitiativeQuerySet, within: Parameters, asked: Sequence[str]
) -> tuple[tuple[Pair, ...], int]:
    """The pairs that are in most initiatives together, and how many more pairs there are."""
    rows = _pair_rows(initiatives, asked)
    keys = {key for one, other, _, _ in rows for key in (one, other)}
    named = Organisation.objects.in_bulk(keys)
    most = max((n for *_, n, _ in rows), default=0)
    found = []
    for one, other, n, _ in rows:
        first, second = sorted((named[one], named[other]), key=lambda o: (SERVICES.index(o.service), o.name))
        number = linked(within, n, org=first.code, also=second.code)
        if not number.href:
            number = linked(within, n, org=second.code, also=first.code)
        found.append(Pair((first, second), number, width(n, most)))
    return tuple(found), (rows[0][3] - len(rows) if rows else 0)


def _pair_rows(initiatives: InitiativeQuerySet, asked: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """(one, other, initiatives together, how many pairs there are), most first."""
    partners = InitiativePartner.objects.filter(initiative__in=initiatives.order_by().values("pk"))
    try:
        inner, values = partners.order_by().values_list("initiative", "organisation").query.sql_with_params()
    except EmptyResultSet:
        return []
    wanted = ""
    if asked:
        named = "(SELECT id FROM register_organisation WHERE code = ANY(%s))"
        wanted = f"AND (one.organisation IN {named} OR other.organisation IN {named})"
        values = (*values, list(asked), list(asked))
    # Each organisation once an initiative, whatever its roles there. Written out twice by the database, so that it
    # joins along the index instead of sorting a copy. What the reader chose is in the values.
    sql = f"""
        WITH part AS NOT MATERIALIZED (SELECT DISTINCT * FROM ({inner}) AS role(initiative, organisation))
        SELECT one.organisation, other.organisation, count(*), count(*) OVER ()
        FROM part AS one JOIN part AS other USING (initiative)
        WHERE one.organisation < other.organisation {wanted}
        GROUP BY one.organisation, other.organisation
        ORDER BY count(*) DESC, one.organisation, other.organisation
        LIMIT {MOST_PAIRS}
    """  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        # Room to group in memory; and two processes to read, though PostgreSQL thinks that handing rows over is dear.
        cursor.execute(
            "SELECT set_config('work_mem', '64MB', true), set_config('parallel_tuple_cost', '0.001', true),"
            " set_config('parallel_setup_cost', '1000', true)"
        )
        cursor.execute(sql, values)
        return cursor.fetchall()

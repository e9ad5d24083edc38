"""Writing drawn initiatives in bulk, with their history.

The ledger's trigger would write every row of a record at one moment, so the owner sets it aside inside each
transaction, and writes the same lines at the moments of the story: an addition is the row as it was at first
(`to_jsonb`, as the trigger does), a change is what it was and came to be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import connection, transaction
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault

from register.catalogue.tallies import tally
from register.core.clock import today
from register.initiatives.models import (
    Barrier,
    Benefit,
    Initiative,
    InitiativeArea,
    InitiativeGroup,
    InitiativePartner,
    InitiativePlace,
    Milestone,
    SavingLine,
    StageMove,
    StatedFigure,
    Update,
)
from register.pages.scale.bodies import Bodies
from register.pages.scale.drawing import Setting, draw_initiative
from register.pages.scale.people import add_contributors, named_groups
from register.pages.scale.rows import Batch, Row, as_json
from register.reference.models import AreaOfWork

AT_ONCE = 5_000
MARK = "seed-scale-"
# Parents before what points to them.
MODELS: tuple[type[Model], ...] = (
    Initiative, InitiativePartner, InitiativeArea, InitiativePlace, InitiativeGroup, StageMove, Benefit, SavingLine,
    StatedFigure, Barrier, Milestone, Update,
)  # fmt: skip
PARENTS: dict[str, type[Model]] = {"initiative_id": Initiative, "benefit_id": Benefit}
# As the triggers of the tables have it: never in the ledger.
UNTOLD = "{changed_at,contact_email,no_answer_on}"


class SeedError(Exception):
    """This database is not one to fill. The message says why."""


def seed(number: int, *, seed: int, say: Callable[[str], None] = print) -> None:
    """Add `number` initiatives. Those of an earlier seeding stay, and none is drawn twice."""
    _must_be_fit()
    setting = Setting(
        seed=seed,
        size=number,
        first=_seeded_before(),
        on=today(),
        bodies=Bodies(),
        areas=dict(AreaOfWork.objects.filter(retired_on=None).values_list("code", "pk")),
        groups=named_groups(),
        people=add_contributors(),
    )
    if not setting.areas or not setting.bodies.kind:
        raise SeedError(
            "There are no organisations and areas of work to draw from: run load_reference first."
        )
    with ThreadPoolExecutor(1) as drawer, ThreadPoolExecutor(1) as indexer:
        indexing: Future[None] | None = None
        drawn = drawer.submit(_draw, setting, 0)
        while batch := drawn.result():
            start = batch.start
            drawn = drawer.submit(_draw, setting, start + AT_ONCE)
            keys = write(batch, f"{MARK}{seed}-{setting.first + start}")
            if indexing:
                indexing.result()
            indexing = indexer.submit(_index, keys)
            say(f"{min(start + AT_ONCE, number):,} of {number:,}")
        if indexing:
            indexing.result()
    with connection.cursor() as cursor:
        # What a run that was cut short has left.
        cursor.execute(
            "SELECT register_index(array_agg(id)) FROM register_initiative i"
            " WHERE NOT EXISTS (SELECT FROM register_catalogueentry e WHERE e.initiative_id = i.id)"
        )
    tally()
    with connection.cursor() as cursor:
        # Plans and index-only scans as a register has them that was not filled a minute ago.
        tables = [
            name for name in connection.introspection.table_names(cursor) if name.startswith("register_")
        ]
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(tables)}")
    say(_distinct(number))


def _draw(setting: Setting, start: int) -> Batch | None:
    """The batch from there on; None past the end."""
    batch = Batch(start)
    for index in range(start, min(start + AT_ONCE, setting.size)):
        draw_initiative(batch, setting, index)
    return batch if batch.rows else None


def _index(initiatives: list[int]) -> None:
    """Entries for finding them, written beside the next batch on a connection of the thread's own."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT register_index(%s)", [initiatives])
    finally:
        connection.close()


def write(batch: Batch, request: str) -> list[int]:
    """A batch in one transaction: its rows and its lines of the ledger. The keys of its initiatives."""
    with transaction.atomic(), connection.cursor() as cursor:
        tables = [model._meta.db_table for model in MODELS]
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        ids = {model: _reserve(cursor, model, len(batch.rows[model])) for model in MODELS}
        for model in MODELS:
            _copy_rows(cursor, model, batch.rows[model], ids)
        _copy_moments(cursor, batch, ids, request)
        _write_ledger(cursor, ids)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    return ids[Initiative]


def _must_be_fit() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = 'register_change'::regclass"
        )
        if not cursor.fetchone()[0]:
            raise SeedError("Only the owner of the database may fill it; DATABASE_URL names another login.")
        cursor.execute(
            "SELECT count(*) FROM register_initiative i WHERE NOT EXISTS (SELECT FROM register_change c"
            " WHERE c.table_name = 'register_initiative' AND c.object_id = i.id AND c.operation = 'I'"
            " AND c.source = 'sample')"
        )
        people = cursor.fetchone()[0]
    if people:
        raise SeedError(
            f"This register holds {people:,} initiatives that people logged. It is not one to fill."
        )


def _seeded_before() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM register_change WHERE table_name = 'register_initiative' AND operation = 'I'"
            " AND starts_with(request_id, %s)",
            [MARK],
        )
        return int(cursor.fetchone()[0])


def _reserve(cursor: Any, model: type[Model], number: int) -> list[int]:
    table = model._meta.db_table
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, number]
    )
    return [row[0] for row in cursor.fetchall()]


def _copy_rows(cursor: Any, model: type[Model], rows: list[Row], ids: dict[type[Model], list[int]]) -> None:
    if not rows:
        return
    fields = [f for f in model._meta.concrete_fields if not f.primary_key]
    given = rows[0].values.keys()
    fixed = {f.column: _default(f) for f in fields if f.column not in given and f.column != "number"}
    columns = ["id", *given, *fixed]
    if model is Initiative:
        columns.append("number")
        cursor.execute(
            "SELECT nextval('register_initiative_number') FROM generate_series(1, %s)", [len(rows)]
        )
        numbers = [row[0] for row in cursor.fetchall()]
    same = list(fixed.values())
    with cursor.copy(f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row, key in zip(rows, ids[model], strict=True):
            cells = [
                ids[PARENTS[name]][value] if name in PARENTS else value for name, value in row.values.items()
            ]
            copy.write_row([key, *cells, *same, *([numbers[row.position]] if model is Initiative else [])])


def _default(field: Field) -> Any:
    value = field.get_default()
    if isinstance(value, DatabaseDefault):
        raise TypeError(f"{field} has no value: seeding must give it one")
    return value


def _copy_moments(cursor: Any, batch: Batch, ids: dict[type[Model], list[int]], request: str) -> None:
    """What was done to which row, in the order of time; history tells together what one request did."""
    cursor.execute(
        "CREATE TEMP TABLE seed_moment (place bigint, table_name text, object_id bigint, root_id bigint,"
        " operation char, before jsonb, after jsonb, at timestamptz, actor_id bigint, request_id text) ON COMMIT DROP"
    )
    told = [
        *((row.moment, row, "I", None, row.first or None) for rows in batch.rows.values() for row in rows),
        *((change.moment, change.row, "U", change.before, change.after) for change in batch.changes),
    ]
    told.sort(key=lambda line: line[0].at)
    with cursor.copy("COPY seed_moment FROM STDIN") as copy:
        for place, (moment, row, operation, before, after) in enumerate(told):
            copy.write_row(
                (
                    place,
                    row.model._meta.db_table,
                    ids[row.model][row.position],
                    ids[Initiative][moment.initiative],
                    operation,
                    before and as_json(before),
                    after and as_json(after),
                    moment.at,
                    moment.actor,
                    f"{request}-{moment.number}",
                )
            )
    cursor.execute("ANALYZE seed_moment")


def _write_ledger(cursor: Any, ids: dict[type[Model], list[int]]) -> None:
    rows = " UNION ALL ".join(
        f"SELECT '{model._meta.db_table}', id, to_jsonb(r) - '{UNTOLD}'::text[]"  # noqa: S608 names of ours
        f" FROM {model._meta.db_table} r WHERE id BETWEEN {min(keys)} AND {max(keys)}"
        for model, keys in ids.items()
        if keys
    )
    cursor.execute(
        "INSERT INTO register_change (tx, at, table_name, object_id, root_id, operation, before, after,"  # noqa: S608
        " actor_id, source, request_id, reason)"
        " SELECT pg_current_xact_id(), m.at, m.table_name, m.object_id, m.root_id, m.operation, m.before,"
        " CASE m.operation WHEN 'I' THEN r.body || coalesce(m.after, '{}') ELSE m.after END,"
        " m.actor_id, 'sample', m.request_id, ''"
        f" FROM seed_moment m LEFT JOIN ({rows}) r(table_name, id, body)"
        " ON m.operation = 'I' AND r.table_name = m.table_name AND r.id = m.object_id ORDER BY m.place"
    )


def _distinct(number: int) -> str:
    """What was asked for is there, and says something else in every record. AssertionError if not."""
    columns: Iterable[str] = ("title", "purpose", "summary")
    with connection.cursor() as cursor:
        counted = ", ".join(f"count(DISTINCT {column})" for column in columns)
        cursor.execute(
            f"SELECT count(*), {counted} FROM register_initiative"  # noqa: S608
            " WHERE id IN (SELECT object_id FROM register_change"
            " WHERE table_name = 'register_initiative' AND operation = 'I' AND starts_with(request_id, %s))",
            [MARK],
        )
        total, *distinct = cursor.fetchone()
    if set(distinct) != {total}:
        raise AssertionError(
            f"Texts repeat: {total} initiatives, {dict(zip(columns, distinct, strict=True))}"
        )
    return f"{number:,} added; {total:,} seeded in all, each with a title, a purpose and a summary of its own"

"""Whole records: all that hangs on an initiative, in two queries however much it is.

Fifteen kinds of thing hang on a record, and asking for each is fifteen round trips a page. Here their rows come
as JSON in one statement, which is written once from the models, and the organisations that they name in another;
they fill the caches that `prefetch_related` would.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import BooleanField, CharField, ForeignKey, IntegerField, Model, TextField

from register.accounts.models import WorkingGroup
from register.initiatives.models import (
    Agreement,
    AgreementParty,
    Barrier,
    Benefit,
    CostLine,
    Document,
    FundingLine,
    Initiative,
    InitiativeArea,
    InitiativeGroup,
    InitiativePartner,
    InitiativePlace,
    Milestone,
    SavingLine,
    Source,
    StageMove,
    StatedFigure,
    Update,
)
from register.initiatives.querysets import number_of
from register.reference.models import AreaOfWork, Organisation, PoliceArea

# What a record's managers give: of what kind, and through what it is reached (None: it names the record itself).
HANGING: dict[str, tuple[type[Model], type[Model] | None, str]] = {
    "partners": (InitiativePartner, None, ""),
    "areas_of_work": (AreaOfWork, InitiativeArea, "area_of_work"),
    "places": (PoliceArea, InitiativePlace, "police_area"),
    "named_groups": (WorkingGroup, InitiativeGroup, "group"),
    "stage_moves": (StageMove, None, ""),
    "benefits": (Benefit, None, ""),
    "cost_lines": (CostLine, None, ""),
    "funding_lines": (FundingLine, None, ""),
    "stated_figures": (StatedFigure, None, ""),
    "barriers": (Barrier, None, ""),
    "milestones": (Milestone, None, ""),
    "agreements": (Agreement, None, ""),
    "documents": (Document, None, ""),
    "updates": (Update, None, ""),
    "sources": (Source, None, ""),
}
# What hangs on those: by the name of what it hangs on, its kind, the manager there and the key that leads back.
BELOW: dict[str, tuple[type[Model], str, str]] = {
    "benefits": (SavingLine, "lines", "benefit"),
    "agreements": (AgreementParty, "party_links", "agreement"),
}

# Fields whose values JSON has as Python has them.
SAME_IN_JSON = (CharField, TextField, BooleanField, IntegerField, ForeignKey)

# What the rows name that pages want the names of.
NAMED: tuple[type[Model], ...] = (Organisation, WorkingGroup)

Told = dict[str, Any]
Known = dict[tuple[type[Model], int], Any]


def whole(reference: str, *also: str) -> Initiative | None:
    """The kept record of a reference such as BL-00042 with all that hangs on it, in three queries.

    `also` names managers of what the floors above hang on it.
    """
    number = number_of(reference)
    if number is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT to_jsonb(t)::text FROM {_table(Initiative)} t WHERE number = %s AND deleted_at IS NULL",  # noqa: S608 names of ours
            [number],
        )
        found = _made(Initiative, [json.loads(row, parse_float=Decimal) for (row,) in cursor.fetchall()])
    gather(found, [*HANGING, *also])
    return found[0] if found else None


def gather(
    initiatives: Sequence[Initiative], names: Iterable[str] = tuple(HANGING), *, named: bool = True
) -> None:
    """Give each of the initiatives all that hangs on it (or what `names` names), and what those name."""
    if not initiatives:
        return
    told: dict[str, dict[int, list[Told]]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_statement(tuple(names)), {"pks": [initiative.pk for initiative in initiatives]})
        for name, root, rows in cursor.fetchall():
            told[name][root] = json.loads(rows, parse_float=Decimal)
    known = _known(names, told) if named else {}
    for initiative in initiatives:
        for name in names:
            model, through, _ = _hanging(name)
            rows = _made(model, told[name].get(initiative.pk, []), known)
            if through is None:
                for row in rows:
                    row.initiative = initiative
            _keep(initiative, name, rows)
            if name in BELOW:
                kind, manager, key = BELOW[name]
                below = _made(kind, told[f"{name}.{manager}"].get(initiative.pk, []), known)
                _hang(rows, below, manager, key)
        for agreement in initiative.agreements.all() if "agreements" in names else ():
            parties = [link.organisation for link in agreement.party_links.all()]
            _keep(agreement, "parties", sorted(parties, key=lambda party: party.name))


def _hanging(name: str) -> tuple[type[Model], type[Model] | None, str]:
    return HANGING.get(name) or (Initiative._meta.get_field(name).related_model, None, "")  # type: ignore[return-value]


@cache
def _statement(names: tuple[str, ...]) -> str:
    """One SELECT for each kind of thing: its name, the initiative, its rows as JSON in their order."""
    parts = []
    for name in names:
        model, through, key = _hanging(name)
        source, root = f"{_table(model)} t", "t.initiative_id"
        if through:
            source += f" JOIN {_table(through)} l ON l.{key}_id = t.id"
            root = "l.initiative_id"
        parts.append(_part(name, model, source, root))
        if name in BELOW:
            below, manager, key = BELOW[name]
            source = f"{_table(below)} t JOIN {_table(model)} p ON p.id = t.{key}_id"
            parts.append(_part(f"{name}.{manager}", below, source, "p.initiative_id"))
    return " UNION ALL ".join(parts)


def _part(name: str, model: type[Model], source: str, root: str) -> str:
    order = ", ".join(
        f"t.{model._meta.get_field(str(by).lstrip('-')).column}{' DESC' if str(by).startswith('-') else ''}"  # type: ignore[union-attr]
        for by in dict.fromkeys([*(model._meta.ordering or ()), "id"])
    )
    return (
        f"SELECT '{name}', {root}, jsonb_agg(to_jsonb(t) ORDER BY {order})::text FROM {source}"  # noqa: S608
        f" WHERE {root} = ANY(%(pks)s) GROUP BY {root}"
    )


def _known(names: Iterable[str], told: dict[str, dict[int, list[Told]]]) -> Known:
    """What the rows name, by kind and key. Asked for by themselves: to find them in one more part of the statement,
    all that names them would be read twice."""
    kinds = {name: _hanging(name)[0] for name in names}
    kinds |= {f"{name}.{BELOW[name][1]}": BELOW[name][0] for name in kinds.keys() & BELOW.keys()}
    keys: dict[type[Model], set[int]] = defaultdict(set)
    for name, model in kinds.items():
        for field in _keys_to_named(model):
            for rows in told[name].values():
                keys[field.related_model].update(row[field.column] for row in rows if row[field.column])
    wanted = [(model, list(keys[model])) for model in NAMED if keys[model]]
    if not wanted:
        return {}
    parts = [
        f"SELECT {NAMED.index(model)}, to_jsonb(t)::text FROM {_table(model)} t WHERE t.id = ANY(%s)"  # noqa: S608 names of ours
        for model, _ in wanted
    ]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), [pks for _, pks in wanted])
        found = [(NAMED[kind], _made(NAMED[kind], [json.loads(row)])[0]) for kind, row in cursor.fetchall()]
    return {(model, row.pk): row for model, row in found}


@cache
def _keys_to_named(model: type[Model]) -> list[ForeignKey]:
    fields = model._meta.concrete_fields
    return [field for field in fields if isinstance(field, ForeignKey) and field.related_model in NAMED]


def _table(model: type[Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _made(model: type[Any], told: list[Told], known: Known | None = None) -> list[Any]:
    names, columns = _columns(model)  # type: ignore[arg-type]
    rows = [
        model.from_db(
            "default", names, [convert(row[name]) if convert else row[name] for name, convert in columns]
        )
        for row in told
    ]
    for field in _keys_to_named(model) if known else ():  # type: ignore[arg-type]
        for row in rows:
            key = getattr(row, field.attname)
            if key is not None:
                setattr(row, field.name, known[field.related_model, key])  # type: ignore[index]
    return rows


@cache
def _columns(model: type[Model]) -> tuple[list[str], list[tuple[str, Callable[[Any], Any] | None]]]:
    """What it calls its values; and of each the column, and what makes it of JSON's where that is another."""
    fields = model._meta.concrete_fields
    converts = [None if isinstance(field, SAME_IN_JSON) else field.to_python for field in fields]
    return [field.attname for field in fields], [
        (str(field.column), convert) for field, convert in zip(fields, converts, strict=True)
    ]


def _hang(rows: list[Model], below: list[Any], manager: str, key: str) -> None:
    for row in rows:
        hanging = [one for one in below if getattr(one, f"{key}_id") == row.pk]
        for one in hanging:
            setattr(one, key, row)
        _keep(row, manager, hanging)


def _keep(row: Model, manager: str, rows: list[Any]) -> None:
    """What `prefetch_related` does with what it has fetched."""
    kept = getattr(row, manager).get_queryset()
    kept._result_cache, kept._prefetch_done = rows, True
    row.__dict__.setdefault("_prefetched_objects_cache", {})[manager] = kept

"""What a change is about, as people choose it: sets of tables, under a name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db.models import Q

from register.core.noted import Noted
from register.history.columns import COLUMNS, label
from register.history.details import MOVE, RECORD
from register.history.lookup import KEEPER, PAIRS
from register.history.models import Change
from register.history.querysets import NOTED, OPEN_TABLES

OPENED = "opened"


@dataclass(frozen=True)
class Kind:
    label: str
    which: Q


def _tables(*names: str) -> Q:
    return Q(table_name__in=[f"register_{name}" for name in names])


_STANDING = Q(
    table_name=RECORD, operation=Change.Operation.CHANGED, after__has_any_keys=["stage", "standing"]
)
# An update confirms the record too; that changes nothing of what it says.
_OF_OTHERS = {
    "stage",
    "standing",
    "standing_reason",
    "standing_text",
    "confirmed_on",
    "next_update_due",
    "deleted_at",
}
_SAYS = Q(table_name=RECORD, after__has_any_keys=sorted({*COLUMNS[RECORD], KEEPER} - _OF_OTHERS))
# Of a record. Every table of one is in one of these: a test counts.
KINDS: dict[str, Kind] = {
    "stage": Kind("Stage and standing", Q(table_name=MOVE) | _STANDING),
    "record": Kind("What the record says", _SAYS),
    "partners": Kind(
        "Partners, places and areas of work",
        _tables("initiativepartner", "initiativeplace", "initiativearea", "initiativegroup"),
    ),
    "progress": Kind("Updates and milestones", _tables("update", "milestone")),
    "money": Kind(
        "Benefits and money", _tables("benefit", "savingline", "costline", "fundingline", "statedfigure")
    ),
    "barriers": Kind("Barriers", _tables("barrier")),
    "papers": Kind(
        "Agreements, documents and sources", _tables("agreement", "agreementparty", "document", "source")
    ),
    "groups": Kind(
        "What working groups did", _tables("decision", "reviewflag", "consideration", "askbarrier")
    ),
    "deleted": Kind("Deleted or restored", Q(table_name=RECORD, after__has_key="deleted_at", operation="U")),
}
OF_WHO_LOOKED = Kind("Opened", Q(operation=NOTED))
OUTSIDE = Kind("Organisations and areas of work", Q(table_name__in=OPEN_TABLES))


@cache
def table_names() -> dict[str, str]:
    """What each tracked table holds one of, in words."""
    return {
        model._meta.db_table: str(model._meta.verbose_name)
        for model in apps.get_app_config("register").get_models()
        if any(trigger.name == "track" for trigger in getattr(model._meta, "triggers", []))
    }


# What a note tells of beside who did it.
_OF_NOTES = {
    "by": "what was searched by",
    "export": "which export",
    "initiatives": "which records",
    "method": "way of proving who it is",
    "methods": "ways of proving who it is",
    "provider": "work account",
    "rows": "how many lines",
    "sessions": "how many sessions",
    "table": "which emails",
    "type": "kind of second factor",
    "was": "how it stood",
}
# Columns that history never shows, and whose names in the code say little.
_OTHERWISE = {
    "column": "place on the tile map, across",
    "row": "place on the tile map, down",
    "corrects_id": "which decision it corrects",
    KEEPER: "who keeps it",
    "no_answer_on": "day since which nobody has answered",
    "owner_person_id": "who sees to it, as a person",
    "public_id": "number in its address",
}
_DATES = {precision: date for date, precision in PAIRS.items()}


def column_in_words(table: str, column: str) -> str:
    """What a column of a table, or of what a note tells, is called: as a record's history calls it where it does."""
    if column in _DATES:
        return f"precision of its {column_in_words(table, _DATES[column])}"
    if column in COLUMNS.get(table, {}):
        return label(table, column)
    if column in _OTHERWISE:
        return _OTHERWISE[column]
    words = _fields().get(table, _OF_NOTES)
    return words.get(column, column.removesuffix("_id").replace("_", " "))


@cache
def _fields() -> dict[str, dict[str, str]]:
    """Of each table the words of its model, for columns that no history shows."""
    models = apps.get_app_config("register").get_models()
    return {
        m._meta.db_table: {str(f.column): str(f.verbose_name) for f in m._meta.concrete_fields}
        for m in models
    }


def what_choices() -> list[tuple[str, str]]:
    """Everything that a row of the ledger can be about: kinds of notes, and tables."""
    notes = [(kind.value, f"{kind.label[0].upper()}{kind.label[1:]}") for kind in Noted]
    tables = [(table.removeprefix("register_"), _of(name)) for table, name in table_names().items()]
    return [*notes, *sorted(tables, key=lambda pair: pair[1])]


def _of(name: str) -> str:
    return f"Changes: {name}"

"""Lines of the ledger as administrators and auditors search them: who, what, when, from where, why; no contents.

What a record held before and after stands in its history, whose opening is noted where it is a draft or sensitive. So
does why a draft of others was changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, DateTimeField, F

from register.core.noted import Noted
from register.core.paging import Key
from register.history.kinds import column_in_words, table_names
from register.history.lookup import Names
from register.history.models import Change
from register.history.querysets import NOTED
from register.history.reading import SOURCES
from register.initiatives.models import Initiative

ORDER = [
    Key("at", F("at"), DateTimeField(), descending=True),
    Key("id", F("id"), BigIntegerField(), descending=True),
]
KEPT_QUIET = {"id", "version"}
# In place of a reason that may quote what only opening the draft should tell.
WITHHELD = "Said in the history of the draft"


@dataclass(frozen=True)
class LedgerRow:
    at: datetime
    who: str
    what: str
    columns: str
    record: str
    reason: str  # WITHHELD of a draft of others
    is_sensitive: bool
    source: str
    request: str


def rows_of(changes: list[Change], reader: Any) -> list[LedgerRow]:
    """As the reader is told them, in three queries: names, records, and which are drafts of others."""
    names = Names({"person": {change.actor_id for change in changes if change.actor_id}})
    roots = {change.root_id for change in changes if change.root_id}
    records = Initiative.objects.only("number", "marking").in_bulk(roots)
    drafts = set(
        Initiative.objects.filter(pk__in=roots).drafts_unseen_by(reader).values_list("pk", flat=True)
    )
    return [_row(change, names, records, drafts) for change in changes]


def _row(change: Change, names: Names, records: dict[int, Initiative], drafts: set[int]) -> LedgerRow:
    record = records.get(change.root_id or 0)
    return LedgerRow(
        at=change.at,
        who=names.person(change.actor_id),
        what=what_was_done(change),
        columns=", ".join(columns_of(change)),
        record=record.reference if record else "",
        reason=WITHHELD if change.reason and change.root_id in drafts else change.reason,
        is_sensitive=record is not None and record.is_sensitive,
        source=SOURCES.get(change.source, change.source),
        request=change.request_id,
    )


def what_was_done(change: Change) -> str:
    kind = change.table_name
    if change.operation == NOTED:
        return str(Noted(kind).label) if kind in Noted.values else kind.replace("_", " ")
    name = table_names().get(kind, kind.removeprefix("register_"))
    return f"{change.get_operation_display()} {name} {change.object_id}"


def columns_of(change: Change) -> list[str]:
    """In words: of a change the columns that changed, of a note what its detail tells of."""
    if change.operation in (Change.Operation.ADDED, Change.Operation.REMOVED):
        return []
    columns = (change.after or {}).keys() - KEPT_QUIET
    return sorted({column_in_words(change.table_name, column) for column in columns})

"""The names behind the ids in the ledger, looked up in bulk when a history is shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.apps import apps
from django.db.models import Model

from register.history.rows import Row

# Columns that hold an id, and the table whose rows they name.
POINTS_TO = {
    "organisation_id": "register_organisation",
    "funder_id": "register_organisation",
    "addressee_id": "register_organisation",
    "predecessor_id": "register_organisation",
    "successor_id": "register_organisation",
    "area_of_work_id": "register_areaofwork",
    "merged_into_id": "register_areaofwork",
    "police_area_id": "register_policearea",
    "area_id": "register_policearea",
    "group_id": "register_workinggroup",
    "benefit_id": "register_benefit",
    "barrier_id": "register_barrier",
    "agreement_id": "register_agreement",
    "document_id": "register_document",
}
# Tables whose own rows a sentence names when the change does not carry the name.
NAMED_BY = {
    "register_barrier": "title",
    "register_benefit": "title",
    "register_milestone": "what",
    "register_document": "title",
    "register_agreement": "",
    "register_savingline": "",
    "register_organisation": "name",
    "register_areaofwork": "name",
}


@cache
def model_of(table: str) -> type[Model] | None:
    return next((m for m in apps.get_app_config("register").get_models() if m._meta.db_table == table), None)


class Names:
    def __init__(self, known: dict[str, dict[int, Any]], stages: dict[int, str]) -> None:
        self._known = known
        self._stages = stages

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Names:
        """Everything that saying these rows needs: one query a table, and none for tables not concerned."""
        wanted: dict[str, set[int]] = defaultdict(set)
        roots: set[int] = set()
        for row in rows:
            if row.root_id:
                roots.add(row.root_id)
            for column, table in POINTS_TO.items():
                wanted[table] |= {v for v in (row.before.get(column), row.after.get(column)) if v}
            name = NAMED_BY.get(row.table)
            if name is not None and (not name or row.value(name) is None):
                wanted[row.table].add(row.object_id)
        known = {}
        for table, ids in wanted.items():
            model = model_of(table)
            if ids and model is not None:
                known[table] = model._default_manager.in_bulk(ids)
        initiative = model_of("register_initiative")
        stages = initiative._default_manager.filter(pk__in=roots).values_list("pk", "stage") if initiative and roots else []
        return cls(known, dict(stages))

    def stage_of(self, root_id: int | None) -> str:
        return self._stages.get(root_id or 0, "")

    def row(self, table: str, pk: Any) -> Any:
        """The row as it is today, or None when it is gone or was not needed."""
        return self._known.get(table, {}).get(pk)

    def name(self, column: str, pk: Any) -> str:
        """What the id in a column stands for."""
        row = self.row(POINTS_TO[column], pk)
        return str(row) if row is not None else "something since removed"

    def title(self, row: Row, otherwise: str) -> str:
        """What a row is called: as the change says, else as it is today."""
        column = NAMED_BY.get(row.table) or "title"
        said = row.value(column)
        if said:
            return str(said)
        found = self.row(row.table, row.object_id)
        return str(getattr(found, column, "") or found) if found is not None else otherwise

"""Asking for the rows of thousands of keys at once."""

from __future__ import annotations

from typing import Any

from django.db.models import Field, ForeignObject, Lookup


@Field.register_lookup
@ForeignObject.register_lookup
class AnyOf(Lookup):
    """`filter(person__any_of=people)`, as `person__in`, of whole-number keys or saved rows.

    One parameter, where `__in` has one for each: to write and parse thousands takes longer than to find the rows.
    """

    lookup_name = "any_of"

    def get_prep_lookup(self) -> list[int]:
        return [key if isinstance(key, int) else key.pk for key in self.rhs]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, told = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*told, self.rhs]

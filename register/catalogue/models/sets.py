"""A few codes or keys of a record, kept as one text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.models import Lookup


class CodesField(models.TextField):
    """Short codes in order, with spaces between them in the database; a list in Python.

    Counting beside every choice groups all records by these: PostgreSQL groups texts in half the time that it takes
    over arrays.
    """

    kind: type[str] | type[int] = str

    def from_db_value(self, value: str | None, *_: Any) -> list[Any] | None:
        return None if value is None else [self.kind(part) for part in value.split()]

    def get_prep_value(self, value: Iterable[Any] | None) -> str | None:
        return None if value is None else " ".join(str(part) for part in value)


class KeysField(CodesField):
    """Keys of rows; a list of whole numbers in Python."""

    kind = int


@CodesField.register_lookup
class Overlap(Lookup):
    """Has one of the values: a list of codes, or an array in the database."""

    lookup_name = "overlap"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, left_values = self.process_lhs(compiler, connection)
        right, right_values = self.process_rhs(compiler, connection)
        return f"string_to_array({left}, ' ') && {right}::text[]", (*left_values, *right_values)

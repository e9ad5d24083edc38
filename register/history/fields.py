"""PostgreSQL's 64-bit transaction id, which never wraps."""

from typing import Any

from django.db import models


class TransactionIdField(models.Field):
    description = "Transaction id (xid8)"

    def db_type(self, connection: Any) -> str:
        return "xid8"

    def get_internal_type(self) -> str:
        return "TransactionIdField"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else str(value)

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        return "%s::xid8"

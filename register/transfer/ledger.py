"""The ledger as a file: the lines that a search finds, with what its page shows and no contents."""

from __future__ import annotations

from datetime import date

from django.db.models import Case, CharField, F, OuterRef, Q, Subquery, TextField, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from register.accounts.models import User
from register.catalogue.columns import Column, number, reference, text
from register.history.ledger import WITHHELD
from register.history.lookup import LEFT, NOBODY
from register.history.querysets import ChangeQuerySet
from register.initiatives.models import Initiative
from register.initiatives.vocabulary import Marking
from register.transfer.contents import File, Sheet

_WHO = Case(
    When(actor_id=None, then=Value(NOBODY)),
    default=Subquery(
        User.objects.filter(pk=OuterRef("actor_id")).values(
            told=Case(When(erased_at=None, then=F("name")), default=Value(LEFT))
        )
    ),
    output_field=CharField(),
)
_REFERENCE = Subquery(Initiative.objects.filter(pk=OuterRef("root_id")).values(told=reference()))
_AT = RawSQL("to_char(register_change.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')", [], TextField())
_COLUMNS = RawSQL(
    "CASE WHEN register_change.operation IN ('U', 'N') THEN"
    " (SELECT string_agg(k, ', ' ORDER BY k) FROM jsonb_object_keys(register_change.after) k WHERE k <> 'version') END",
    [],
    TextField(),
)
_BEFORE: tuple[Column, ...] = (
    number("line", "Line", F("id")),
    text("at", "When (UTC)", _AT),
    text("who", "Who", _WHO),
    number("person", "Person’s number", F("actor_id")),
    text("how", "How", F("operation")),
    text("what", "What", F("table_name")),
    number("of", "Its number", F("object_id")),
    text("record", "Record", _REFERENCE),
    text("columns", "Columns", _COLUMNS),
)
_AFTER: tuple[Column, ...] = (
    text("source", "From where"),
    text("request", "Request", F("request_id")),
    text("transaction", "Transaction", Cast("tx", TextField())),
)


def ledger_file(changes: ChangeQuerySet, *, by: User, on: date) -> File:
    """The newest line first. It may quote the reasons given for sensitive records, and is marked for that.

    Why a draft of others was changed stays in its history, as on the page.
    """
    withheld = When(changes.withheld_from(by) & ~Q(reason=""), then=Value(WITHHELD))
    why = text("reason", "Why", Case(withheld, default=F("reason"), output_field=CharField()))
    sheet = Sheet("ledger", "Ledger", (*_BEFORE, why, *_AFTER), changes.order_by("-at", "-id"), "")
    return File("ledger", Marking.OFFICIAL_SENSITIVE, changes.count(), (sheet,), on)

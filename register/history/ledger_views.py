"""Searching the whole ledger."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db import OperationalError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from psycopg.errors import QueryCanceled

from register.accounts.permissions import require
from register.accounts.roles import Permission
from register.core.paging import AFTER, FIRST, CursorError, Page, page_of
from register.history.filters import of_ledger
from register.history.ledger import ORDER, rows_of
from register.history.querysets import ChangeQuerySet
from register.initiatives.marking import SENSITIVE

PER_PAGE = 50
# Rare words of a reason among millions may take longer: then the page says so instead of keeping the database busy.
LONGEST = "4s"


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    """`/history/ledger/`: every line of the ledger, notes included, for administrators and auditors."""
    require(request.user, Permission.AUDIT)
    asked = of_ledger(request.GET, request.user)
    page = _in_time(asked.changes, request.GET.get("after", ""))
    rows = rows_of(page.rows, request.user) if page else []
    context = {
        "page_marking": SENSITIVE if any(row.is_sensitive for row in rows) else "",
        "asked": asked.form,
        "query": urlencode(asked.in_use),
        "is_first": "after" not in request.GET,
        "took_too_long": page is None,
        "rows": rows,
        "next": page.next if page else "",
    }
    return render(request, "history/ledger.html", context, status=200 if asked.form.is_valid() else 400)


def _in_time(changes: ChangeQuerySet, cursor: str) -> Page | None:
    """A page; None when it took too long. 404 for a cursor that nobody was given."""
    try:
        with transaction.atomic():
            with connection.cursor() as sql:
                sql.execute("SELECT set_config('statement_timeout', %s, true)", [LONGEST])
            page = page_of(changes, ORDER, size=PER_PAGE, direction=AFTER if cursor else FIRST, cursor=cursor)
            with connection.cursor() as sql:
                sql.execute("SELECT set_config('statement_timeout', '0', true)")
            return page
    except CursorError:
        raise Http404 from None
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            return None
        raise

"""The list page: the filter panel, what is chosen, and the same results in one of several shapes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from register.catalogue.facets import counts
from register.catalogue.filters import CURSORS, PAGE_PARAMETERS, Parameters, Selection, list_url, select
from register.catalogue.marks import marked
from register.catalogue.meant import what_was_meant
from register.catalogue.orders import DEFAULT, ORDERS, RELEVANCE, by_relevance
from register.catalogue.panel import panel
from register.catalogue.picking import LOOKED_FOR, look_for
from register.catalogue.words import chips
from register.core.clock import today
from register.core.paging import AFTER, BEFORE, FIRST, LAST, CursorError, Page, page_of

SIZES = ("25", "50", "100")
# Beyond this the head of the list says "more than", until the counts have come: counting all is what costs.
COUNTED_TO = 100


@dataclass(frozen=True)
class Results:
    """One page of initiatives, and how many there are: exactly, or more than `COUNTED_TO`."""

    page: Page
    number: int
    sort: str

    @property
    def is_more(self) -> bool:
        return self.number > COUNTED_TO

    @property
    def said(self) -> str:
        number = f"More than {COUNTED_TO:,}" if self.is_more else f"{self.number:,}"
        return f"{number} initiative{'' if self.number == 1 else 's'}"

    @property
    def is_weighed_in_part(self) -> bool:
        """Whether it may be that not all that match were weighed."""
        return self.sort == RELEVANCE and self.is_more


@require_safe
def initiative_list(request: HttpRequest) -> HttpResponse:
    """`/initiatives/`: what the parameters mean. With unknown parameters: nothing, and which they are."""
    parameters, looked = _parameters(request), None
    if any(name in request.GET for name in LOOKED_FOR):
        looked = look_for(request.GET, parameters)
        if looked.found:
            return redirect(list_url(looked.parameters))
        parameters = looked.parameters
    elif any(not value for _, values in request.GET.lists() for value in values):
        return redirect(list_url(parameters))  # without the boxes that were left empty
    on = today()
    selection = select(parameters, user=request.user, on=on)
    results, errors = _results(selection, parameters)
    q = parameters.get("q", [""])[0]
    meant = ""
    if q and not results.page.rows and not errors:
        meant = _meant(request.user, parameters, on)
        if meant:
            corrected = parameters | {"q": [meant]}
            results, _ = _results(select(corrected, user=request.user, on=on), corrected)
    total, numbers = (
        counts(_filters(parameters), user=request.user, on=on) if "counts" in parameters else (0, {})
    )
    rows = results.page.rows
    found = marked(rows, meant or q) if q and rows else {}
    for row in rows:
        row.found = found.get(row.pk)
    context = {
        "looked": looked,
        "errors": errors,
        "results": results,
        "total": total,
        "chips": chips(selection, parameters),
        "groups": panel(parameters, numbers),
        "sorts": _sorts(q, results.sort),
        "sizes": [(size, size == parameters.get("size", ["25"])[0]) for size in SIZES],
        "filters": [(name, value) for name, values in _filters(parameters).items() for value in values],
        "kept": [(name, value) for name in ("sort", "size", "as") for value in parameters.get(name, [])],
        "links": _links(parameters | ({"q": [meant]} if meant else {}), results.page),
        "facets_query": list_url(_filters(parameters | ({"q": [meant]} if meant else {}))).partition("?")[2],
        "meant": meant,
        "q": q,
        "today": on,
    }
    return render(request, "catalogue/list.html", context)


@require_safe
def initiative_facets(request: HttpRequest) -> HttpResponse:
    """`/initiatives/facets/`: the numbers beside the choices, put in place by htmx after the list has come."""
    parameters = _filters(_parameters(request))
    total, numbers = counts(parameters, user=request.user, on=today())
    return render(
        request,
        "catalogue/_numbers.html",
        {"total": total, "groups": panel(parameters, numbers) if numbers else []},
    )


def _parameters(request: HttpRequest) -> dict[str, list[str]]:
    """The parameters that hold something."""
    told = {name: [value for value in values if value] for name, values in request.GET.lists()}
    return {name: values for name, values in told.items() if values}


def _filters(parameters: Parameters) -> dict[str, list[str]]:
    """Those that say which initiatives; the others say how to show them."""
    return {name: list(values) for name, values in parameters.items() if name not in PAGE_PARAMETERS}


def _results(selection: Selection, parameters: Parameters) -> tuple[Results, tuple[str, ...]]:
    """A page in the order asked for; with anything wrong nothing, and what it is."""
    words = next(iter(parameters.get("q", ())), "")
    sort = next(iter(parameters.get("sort", ())), RELEVANCE if words else DEFAULT)
    size = next(iter(parameters.get("size", ())), SIZES[0])
    errors = list(selection.errors)
    if sort not in ORDERS and not (sort == RELEVANCE and words):
        errors.append(f"Sort by: there is no order called “{sort[:40]}”.")
    if size not in SIZES:
        errors.append(f"Number on a page: choose {', '.join(SIZES[:-1])} or {SIZES[-1]}, not “{size[:20]}”.")
    asked = [name for name in CURSORS if name in parameters]
    if len(asked) > 1:
        errors.append("A page is after one place, before one, or the last: not several of them.")
    if not errors:
        if sort == RELEVANCE:
            rows, order = by_relevance(selection.initiatives, words)
        else:
            order = ORDERS[sort]
            rows = order.of(selection.initiatives)
        direction = asked[0] if asked else FIRST
        cursor = parameters[direction][0] if asked else ""
        try:
            page = page_of(rows.for_rows(), order.keys, size=int(size), direction=direction, cursor=cursor)
            return Results(page, _number(selection, page, direction), sort), ()
        except CursorError:
            errors.append(
                "Page: this address was cut short, or belongs to another order. Start from the first page."
            )
    return Results(Page([], "", ""), 0, sort), tuple(errors)


def _number(selection: Selection, page: Page, direction: str) -> int:
    if direction == FIRST and not page.next:
        return len(page.rows)
    return selection.initiatives.order_by("-changed_at", "-pk")[: COUNTED_TO + 1].count()


def _links(parameters: Parameters, page: Page) -> dict[str, str]:
    """First, previous, next and last page: the addresses of those that there are."""
    kept = {name: values for name, values in parameters.items() if name not in CURSORS}
    return {
        "first": list_url(kept) if page.previous else "",
        "previous": list_url(kept, **{BEFORE: page.previous}) if page.previous else "",
        "next": list_url(kept, **{AFTER: page.next}) if page.next else "",
        "last": list_url(kept, **{LAST: "1"}) if page.next else "",
    }


def _sorts(words: str, sort: str) -> list[tuple[str, str, bool]]:
    pairs = [(order.code, order.label) for order in ORDERS.values()]
    if words:
        pairs.insert(0, (RELEVANCE, "Relevance"))
    return [(code, label, code == sort) for code, label in pairs]


def _meant(user: Any, parameters: Parameters, on: date) -> str:
    """For words that find nothing: what was meant, if that finds something the reader may see."""
    others = {name: values for name, values in _filters(parameters).items() if name != "q"}
    return what_was_meant(select(others, user=user, on=on).initiatives, parameters["q"][0])

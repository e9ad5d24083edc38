"""The list page: the filter panel, what is chosen, and the same results in one of several shapes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from register.accounts.models import WorkingGroup
from register.accounts.permissions import has_permission
from register.accounts.roles import Permission
from register.catalogue.facets import counts
from register.catalogue.filters import CURSORS, PAGE_PARAMETERS, Parameters, Selection, list_url, select
from register.catalogue.marks import marked
from register.catalogue.meant import what_was_meant
from register.catalogue.orders import MOST_WEIGHED, ORDERS, RELEVANCE
from register.catalogue.panel import panel
from register.catalogue.picking import LOOKED_FOR, look_for
from register.catalogue.results import ROWS, SIZES, TABLE, one, page_links, results_of
from register.catalogue.shapes import SHAPES
from register.catalogue.table import table
from register.catalogue.tallies import Tallied
from register.catalogue.words import chips
from register.core.clock import today
from register.initiatives.marking import SENSITIVE, page_marking
from register.initiatives.models import Initiative
from register.initiatives.rows import rows_of
from register.initiatives.vocabulary import Marking

# What a change of filters keeps of how the results are shown.
KEPT = ("sort", "size", "as", "cols", "for")
SHOWN_AS = [(ROWS, "List"), (TABLE, "Table"), *((shape.code, shape.label) for shape in SHAPES.values())]


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
    shape = one(parameters, "as", ROWS)
    results = results_of(selection, parameters, shape=shape)
    q, meant = one(parameters, "q"), ""
    if q and not results.page.rows and not results.errors:
        meant = _meant(request.user, parameters, on)
        if meant:
            parameters |= {"q": [meant]}
            selection = select(parameters, user=request.user, on=on)
            results = results_of(selection, parameters, shape=shape)
    filters = _filters(parameters)
    _, numbers = counts(filters, user=request.user, on=on) if "counts" in parameters else (0, {})
    rows = results.page.rows
    found = marked(rows, meant or q) if q and rows and shape == ROWS else {}
    context = {
        "looked": looked,
        "results": results,
        "rows": rows_of(rows, found) if shape == ROWS else [],
        "picture": SHAPES[shape] if shape in SHAPES and rows else None,
        "drawn": SHAPES[shape].build(selection.initiatives, parameters) if shape in SHAPES and rows else None,
        "table": table(rows, results.columns, parameters, on=on) if shape == TABLE else None,
        "page_marking": _marking(rows, selection, parameters, request.user, on, shape=shape),
        "shape": shape,
        "shapes": [(code, label, _address(parameters, **{"as": code})) for code, label in SHOWN_AS],
        "chips": chips(selection, parameters),
        "groups": panel(parameters, numbers),
        "sorts": _sorts(q, results.sort),
        "sizes": [(size, size == one(parameters, "size", SIZES[0])) for size in SIZES],
        "filters": [(name, value) for name, values in filters.items() for value in values],
        "kept": [(name, value) for name in KEPT for value in parameters.get(name, [])],
        "links": page_links(parameters, results.page),
        "facets_query": list_url(filters).partition("?")[2],
        "query": _address(parameters).partition("?")[2],
        "remit_of": _remit_of(request, one(parameters, "for")),
        "meant": meant,
        "most_weighed": MOST_WEIGHED,
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


def _marking(
    rows: Iterable[Initiative],
    selection: Selection,
    parameters: Parameters,
    user: Any,
    on: date,
    *,
    shape: str,
) -> str:
    """The highest of the rows; a picture counts beyond them, and takes that of all it counts, as a dashboard does."""
    if shape not in SHAPES:
        return page_marking(rows)
    tallied = Tallied.now(on)
    counted = tallied.selected(selection, parameters, user) if not selection.errors else 0
    return SENSITIVE if counted & tallied.bits("marking", Marking.OFFICIAL_SENSITIVE) else ""


def _remit_of(request: HttpRequest, code: str) -> WorkingGroup | None:
    """The group that a filter is being chosen for, for who may give it one."""
    group = WorkingGroup.objects.filter(code=code).first() if code else None
    return group if group and has_permission(request.user, Permission.MANAGE_GROUP, group) else None


def _parameters(request: HttpRequest) -> dict[str, list[str]]:
    """The parameters that hold something."""
    told = {name: [value for value in values if value] for name, values in request.GET.lists()}
    return {name: values for name, values in told.items() if values}


def _filters(parameters: Parameters) -> dict[str, list[str]]:
    """Those that say which initiatives; the others say how to show them."""
    return {name: list(values) for name, values in parameters.items() if name not in PAGE_PARAMETERS}


def _address(parameters: Parameters, **more: str) -> str:
    """The same results from the first page on."""
    return list_url({name: values for name, values in parameters.items() if name not in CURSORS}, **more)


def _sorts(words: str, sort: str) -> list[tuple[str, str, bool]]:
    pairs = [(order.code, order.label) for order in ORDERS.values()]
    if words:
        pairs.insert(0, (RELEVANCE, "Relevance"))
    return [(code, label, code == sort) for code, label in pairs]


def _meant(user: Any, parameters: Parameters, on: date) -> str:
    """For words that find nothing: what was meant, if that finds something the reader may see."""
    others = {name: values for name, values in _filters(parameters).items() if name != "q"}
    return what_was_meant(select(others, user=user, on=on).initiatives, parameters["q"][0])

"""One page of what a selection holds, in the order and shape that the address asks for."""

from __future__ import annotations

from dataclasses import dataclass

from register.catalogue.columns import Column, read_columns, with_cells
from register.catalogue.filters import CURSORS, PAGE_PARAMETERS, Parameters, Selection, list_url
from register.catalogue.orders import DEFAULT, ORDERS, RELEVANCE, by_relevance
from register.catalogue.shapes import SHAPES
from register.catalogue.tallies import Tallied
from register.catalogue.tallies.selecting import ANSWERED
from register.core.paging import AFTER, BEFORE, FIRST, LAST, CursorError, Page, page_of
from register.initiatives.rows import SHOWN

SIZES = ("25", "50", "100")
# Where the database would have to count (words, dates, amounts, whose), the head of the list says "more than" beyond
# this, until the counts have come.
COUNTED_TO = 100
ROWS, TABLE = "list", "table"


@dataclass(frozen=True)
class Results:
    """One page of initiatives, and how many there are: exactly, or more than `COUNTED_TO`."""

    page: Page
    number: int
    sort: str
    columns: tuple[Column, ...] = ()
    errors: tuple[str, ...] = ()

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


def results_of(selection: Selection, parameters: Parameters, *, shape: str) -> Results:
    """A page of rows or of a table; with anything wrong nothing, and what it is."""
    words = one(parameters, "q")
    sort = one(parameters, "sort", RELEVANCE if words else DEFAULT)
    size = one(parameters, "size", SIZES[0])
    columns, errors = read_columns(parameters.get("cols", ()))
    errors = [*selection.errors, *errors]
    if sort not in ORDERS and not (sort == RELEVANCE and words):
        errors.append(f"Sort by: there is no order called “{sort[:40]}”.")
    if shape not in (ROWS, TABLE, *SHAPES):
        errors.append(f"Shown as: there is no shape called “{shape[:40]}”.")
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
        shown = with_cells(rows, columns) if shape == TABLE else rows.only(*SHOWN)
        direction = asked[0] if asked else FIRST
        cursor = parameters[direction][0] if asked else ""
        try:
            page = page_of(shown, order.keys, size=int(size), direction=direction, cursor=cursor)
            return Results(page, _number(selection, parameters, page, direction), sort, tuple(columns))
        except CursorError:
            errors.append(
                "Page: this address was cut short, or belongs to another order. Start from the first page."
            )
    return Results(Page([], "", ""), 0, sort, errors=tuple(errors))


def one(parameters: Parameters, name: str, default: str = "") -> str:
    """The first value of a parameter."""
    return next(iter(parameters.get(name, ())), default)


def page_links(parameters: Parameters, page: Page) -> dict[str, str]:
    """First, previous, next and last page: the addresses of those that there are."""
    kept = {name: values for name, values in parameters.items() if name not in CURSORS}
    return {
        "first": list_url(kept) if page.previous else "",
        "previous": list_url(kept, **{BEFORE: page.previous}) if page.previous else "",
        "next": list_url(kept, **{AFTER: page.next}) if page.next else "",
        "last": list_url(kept, **{LAST: "1"}) if page.next else "",
    }


def _number(selection: Selection, parameters: Parameters, page: Page, direction: str) -> int:
    """Exactly where it is told in bits; where rows must be looked at, no farther than is said."""
    if direction == FIRST and not page.next:
        return len(page.rows)
    if ANSWERED.issuperset(name for name in parameters if name not in PAGE_PARAMETERS):
        asked = selection.filterset
        return Tallied.now(asked.on).selected(selection, parameters, asked.reader).bit_count()
    return selection.initiatives.order_by()[: COUNTED_TO + 1].count()

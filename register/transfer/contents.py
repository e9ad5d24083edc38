"""What goes into a file: its sheets, its marking and its name."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Q, QuerySet

from register.catalogue.columns import COLUMNS, Column
from register.catalogue.orders import ORDERS, RELEVANCE, by_relevance
from register.core.paging import Key
from register.initiatives.vocabulary import Marking
from register.transfer.asking import EVERYTHING, SHOWN, Asked
from register.transfer.parts import PARTS, Part


@dataclass(frozen=True)
class Sheet:
    """Rows of one table of a file. `marking` is how a row leads to the marking of its initiative."""

    code: str
    label: str
    columns: Sequence[Column]
    rows: QuerySet
    marking: str

    @property
    def initiative(self) -> str:
        """How a row leads to the key of its initiative."""
        return self.marking.removesuffix("marking") + "pk"

    @property
    def cells(self) -> QuerySet:
        """The rows as tuples, a cell for each column: no objects of ours."""
        return self.rows.values_list(*(column.value for column in self.columns))

    def without_sensitive(self) -> Sheet:
        return replace(self, rows=self.rows.exclude(**{self.marking: Marking.OFFICIAL_SENSITIVE}))


@dataclass(frozen=True)
class File:
    """All that is written, in one of the formats."""

    what: str
    marking: str
    number: int
    sheets: tuple[Sheet, ...]
    on: date
    sensitive: tuple[int, ...] = ()  # the keys of the initiatives in it that are OFFICIAL-SENSITIVE

    @property
    def says(self) -> str:
        """OFFICIAL or OFFICIAL-SENSITIVE."""
        return str(Marking(self.marking).label)

    def name(self, ending: str) -> str:
        what = "initiatives" if self.what == SHOWN else self.what
        return f"{self.says}-{what}-{self.on:%Y-%m-%d}.{ending}"


def prepare(asked: Asked, *, on: date) -> File:
    """The file that was asked for: one query, which counts it and finds its marking.

    What is marked OFFICIAL can't hold a sensitive row, even one that becomes sensitive before it is written.
    """
    sheets = _sheets(asked)
    first = sheets[0]
    sensitive = Q(**{first.marking: Marking.OFFICIAL_SENSITIVE})
    told = first.rows.order_by().aggregate(number=Count("pk"), sensitive=Count("pk", filter=sensitive))
    if told["sensitive"]:
        keys = first.rows.order_by().filter(sensitive).values_list(first.initiative, flat=True).distinct()
        return File(asked.what, Marking.OFFICIAL_SENSITIVE, told["number"], sheets, on, tuple(sorted(keys)))
    harmless = tuple(sheet.without_sensitive() for sheet in sheets)
    return File(asked.what, Marking.OFFICIAL, told["number"], harmless, on)


def _sheets(asked: Asked) -> tuple[Sheet, ...]:
    initiatives = asked.selection.initiatives
    if asked.what in PARTS:
        return (_of_part(PARTS[asked.what], initiatives),)
    columns = asked.columns if asked.what == SHOWN else tuple(COLUMNS.values())
    main = Sheet("initiatives", "Initiatives", columns, _in_order(initiatives, asked), "marking")
    if asked.what != EVERYTHING or asked.format == "csv":
        return (main,)
    return (main, *(_of_part(part, initiatives) for part in PARTS.values()))


def _of_part(part: Part, initiatives: QuerySet) -> Sheet:
    return Sheet(part.code, part.label, part.columns, part.of(initiatives), f"{part.on}__marking")


def _in_order(initiatives: Any, asked: Asked) -> QuerySet:
    """As the list sorts them; by relevance all of them, where the list weighs those that changed last."""
    if asked.sort == RELEVANCE:
        rows, order = initiatives, by_relevance(initiatives, asked.words)[1]
    else:
        order = ORDERS[asked.sort]
        rows = order.of(initiatives)
    return rows.order_by(*(_by(key) for key in order.keys))


def _by(key: Key) -> Any:
    empty_last = True if key.empty_last else None
    return key.expression.desc(nulls_last=empty_last) if key.descending else key.expression.asc()


@contextmanager
def one_moment() -> Iterator[None]:
    """A transaction in which every sheet is of the same moment, and in which a cursor may stay open."""
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def in_chunks(pieces: Generator[bytes, None, None], size: int = 65536) -> Generator[bytes]:
    """The first piece by itself, at once; the others gathered, because each chunk costs the web server a write.

    Who stops a download ends the transaction that its pieces are read in.
    """
    with closing(pieces):
        yield next(pieces, b"")
        held: list[bytes] = []
        length = 0
        for piece in pieces:
            held.append(piece)
            length += len(piece)
            if length >= size:
                yield b"".join(held)
                held, length = [], 0
        yield b"".join(held)

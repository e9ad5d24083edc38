"""How many initiatives each choice would show, counted in bits: a block of 8,192 records in one step.

What the tallies hold is combined with what the reader may see and has asked for, and the bits are counted. Records
that changed since (`Untallied`) are left out here; who asks counts them one by one. So the numbers are those of this
moment, whenever the tallies were made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from register.accounts.roles import Audience
from register.catalogue.models import BLOCK, BLOCK_BITS
from register.initiatives.models import Initiative

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User

# Questions that can be asked of the tallies; of an answer to any other each record is asked.
ASKABLE = frozenset(
    {"area", "stage", "standing", "service", "mix", "place", "region", "depth", "figure", "fresh", "marking"}
)
# How many records may have changed since, before counting all one by one is no dearer.
MOST_UNTALLIED = 2000
# The question whose answers are those of a day: its codes have the day before them.
OF_A_DAY = "fresh"

Counts = dict[str, int]


@dataclass(frozen=True)
class Asked:
    """A set of parameters that the tallies answer, for one reader on one day, but for the records in `without`."""

    parameters: Mapping[str, Sequence[str]]
    user: User | AnonymousUser
    on: date
    without: tuple[int, ...]

    def counts(self, questions: Sequence[str]) -> tuple[int, dict[str, Counts]]:
        """How many match, and by question and code how many would with the question's own choice left out."""
        sql, values = self._selections(questions)
        chosen = [name for name in questions if name in self.parameters]
        parts = ["SELECT 'total', '', coalesce(sum(bit_count(bits)), 0)::bigint FROM selected"]
        for source, those in [
            ("selected", [name for name in questions if name not in chosen]),
            *((f"without_{name}", [name]) for name in chosen),
        ]:
            parts.append(
                f"SELECT t.question, t.code, sum(bit_count(t.bits & s.bits))::bigint FROM {source} s"  # noqa: S608 ours
                " JOIN register_tally t ON t.block = s.block AND t.question = ANY(%s)"
                " AND (t.question <> %s OR starts_with(t.code, %s)) GROUP BY 1, 2"
            )
            values += [those, OF_A_DAY, f"{self.on} "]
        total = 0
        found: dict[str, Counts] = {name: {} for name in questions}
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} {' UNION ALL '.join(parts)}", values)
            for question, code, number in cursor.fetchall():
                if question == "total":
                    total = number
                elif number:
                    found[question][code.partition(" ")[2] if question == OF_A_DAY else code] = number
        return total, found

    def _selections(self, questions: Sequence[str]) -> tuple[str, list[Any]]:
        """WITH: `selected`, and for each chosen question the same `without_` it."""
        sql, values = self._seen()
        parts = [sql]
        for name, codes in self.parameters.items():
            parts.append(
                f"asked_{name} AS (SELECT block, bit_or(bits) AS bits FROM register_tally"  # noqa: S608 names of ours
                " WHERE question = %s AND code = ANY(%s) GROUP BY block)"
            )
            values += [name, [f"{self.on} {code}" if name == OF_A_DAY else code for code in codes]]
        names = list(self.parameters)
        for left_out in ("", *(name for name in names if name in questions)):
            asked = [f"asked_{name}" for name in names if name != left_out]
            bits = " & ".join(["seen.bits", *(f"{name}.bits" for name in asked)])
            joined = " ".join(f"JOIN {name} USING (block)" for name in asked)
            name = f"without_{left_out}" if left_out else "selected"
            parts.append(f"{name} AS (SELECT block, {bits} AS bits FROM seen {joined})")  # noqa: S608 names of ours
        return f"WITH {', '.join(parts)}", values

    def _seen(self) -> tuple[str, list[Any]]:
        """`seen`: the real records that the reader may see, without those that changed since."""
        parts = [
            f"none AS (SELECT repeat('0', {BLOCK})::bit({BLOCK}) AS bits)",
            f"gone AS ({_bits_of('unnest(%s::bigint[]) AS changed(id)')})",
        ]
        values: list[Any] = [list(self.without)]
        seen, joined = "k.bits", ""
        if not self.user.holdings.sees_everything:  # type: ignore[union-attr]
            restricted = Initiative.objects.visible_to(self.user).exclude(audience=Audience.EVERYONE)
            try:
                inner, more = restricted.order_by().values_list("pk").query.sql_with_params()
            except EmptyResultSet:
                inner, more = "SELECT NULL::bigint WHERE false", ()
            parts.append(f"also AS ({_bits_of(f'({inner}) AS restricted(id)')})")
            values += more
            seen = "k.bits & (coalesce(e.bits, none.bits) | coalesce(also.bits, none.bits))"
            joined = (
                "LEFT JOIN register_tally e ON e.block = k.block AND e.question = 'everyone'"
                " LEFT JOIN also ON also.block = k.block"
            )
        parts.append(
            f"seen AS (SELECT k.block, {seen} & ~coalesce(x.bits, none.bits) & ~coalesce(gone.bits, none.bits) AS bits"  # noqa: S608
            f" FROM none CROSS JOIN register_tally k {joined}"
            " LEFT JOIN register_tally x ON x.block = k.block AND x.question = 'example'"
            " LEFT JOIN gone ON gone.block = k.block WHERE k.question = 'kept')"
        )
        return ", ".join(parts), values


def asked(parameters: Mapping[str, Sequence[str]], *, user: User | AnonymousUser, on: date) -> Asked | None:
    """The tallies' answer to these (right) parameters; None when each record has to be asked."""
    told = {name: values for name, values in parameters.items() if values}
    if not ASKABLE.issuperset(told) or not (user.is_authenticated and user.is_active):
        return None
    with connection.cursor() as cursor:
        # Tallies of another day say of nothing how fresh it is today.
        cursor.execute(
            "SELECT array(SELECT DISTINCT initiative_id FROM register_untallied LIMIT %s),"
            " array(SELECT block FROM register_tally WHERE question = 'kept'"
            " EXCEPT SELECT block FROM register_tally WHERE question = 'day' AND code = %s)",
            [MOST_UNTALLIED + 1, str(on)],
        )
        [(changed, stale)] = cursor.fetchall()
    if len(changed) > MOST_UNTALLIED or stale:
        return None
    return Asked(told, user, on, tuple(changed))


def _bits_of(source: str) -> str:
    """By block, the bits of the keys `id` that a source gives."""
    return (
        f"SELECT (id >> {BLOCK_BITS})::integer AS block,"  # noqa: S608 names of ours
        f" bit_or(set_bit(none.bits, (id & {BLOCK - 1})::integer, 1)) AS bits FROM none, {source} GROUP BY 1"
    )

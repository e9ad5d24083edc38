"""What a page should have shown: in SQL written for this, apart from the register's own querysets and entries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from register.accounts.models import User

VISIBLE = """
i.deleted_at IS NULL AND ((%(all)s AND i.audience <> 'draft') OR i.audience = 'everyone' OR i.created_by_id = %(user)s
  OR (i.audience <> 'draft' AND EXISTS (SELECT FROM register_initiativepartner p
       WHERE p.initiative_id = i.id AND p.organisation_id = ANY(%(bodies)s)))
  OR (i.audience = 'draft' AND EXISTS (SELECT FROM register_initiativepartner p
       WHERE p.initiative_id = i.id AND p.organisation_id = ANY(%(bodies)s) AND p.role = 'lead'))
  OR (i.audience = 'partners_and_groups' AND EXISTS (SELECT FROM register_initiativegroup g
       WHERE g.initiative_id = i.id AND g.group_id = ANY(%(groups)s))))
"""
REAL = f"NOT i.is_fictional AND {VISIBLE}"
LATEST = "i.changed_at DESC, i.id DESC"
# All that words are looked for in, as one text.
TEXT = """
concat_ws(' ', i.title, i.purpose, i.summary, i.description,
  (SELECT string_agg(concat_ws(' ', b.title, b.remedy), ' ') FROM register_barrier b WHERE b.initiative_id = i.id),
  (SELECT string_agg(u.text, ' ') FROM register_update u WHERE u.initiative_id = i.id),
  (SELECT string_agg(concat_ws(' ', o.name, o.short_name,
     (SELECT string_agg(n.name, ' ') FROM register_organisationname n WHERE n.organisation_id = o.id)), ' ')
     FROM register_initiativepartner p JOIN register_organisation o ON o.id = p.organisation_id
    WHERE p.initiative_id = i.id),
  (SELECT string_agg(a.name, ' ') FROM register_initiativearea l JOIN register_areaofwork a
     ON a.id = l.area_of_work_id WHERE l.initiative_id = i.id),
  (SELECT string_agg(a.name, ' ') FROM register_initiativeplace l JOIN register_policearea a
     ON a.id = l.police_area_id WHERE l.initiative_id = i.id))
"""


def rows(sql: str, user: User | None = None, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values_of(user) | values)
        return list(cursor.fetchall())


def one(sql: str, user: User | None = None, **values: Any) -> Any:
    return rows(sql, user, **values)[0][0]


def references(
    user: User, where: str = "true", *, order: str = LATEST, limit: int = 25, offset: int = 0, **values: Any
) -> list[str]:
    """The initiatives of a page of the list, as their references."""
    found = rows(
        f"SELECT i.number FROM register_initiative i WHERE {REAL} AND ({where}) ORDER BY {order}"
        f" LIMIT {limit} OFFSET {offset}",
        user,
        **values,
    )
    return [reference(number) for (number,) in found]


def count(user: User, where: str = "true", **values: Any) -> int:
    return int(one(f"SELECT count(*) FROM register_initiative i WHERE {REAL} AND ({where})", user, **values))


def grouped(user: User, by: str, where: str = "true", **values: Any) -> dict[str, int]:
    """How many for each value of an expression."""
    sql = f"SELECT {by}, count(*) FROM register_initiative i WHERE {REAL} AND ({where}) GROUP BY 1"
    return {str(value): number for value, number in rows(sql, user, **values)}


def with_words(user: User, found: Sequence[str], patterns: Sequence[str]) -> int:
    """How many of these the reader may see and hold every pattern."""
    numbers = [int(reference.removeprefix("BL-")) for reference in found]
    holds = " AND ".join(f"{TEXT} ~* %(pattern{n})s" for n in range(len(patterns)))
    values = {f"pattern{n}": pattern for n, pattern in enumerate(patterns)}
    return count(user, f"i.number = ANY(%(numbers)s) AND {holds}", numbers=numbers, **values)


def reference(number: int) -> str:
    return f"BL-{number:05d}"


def values_of(user: User | None) -> dict[str, Any]:
    """Of what a person holds, for the statements above."""
    if user is None:
        return {}
    held = rows_of(user)
    return {
        "user": user.pk,
        "all": any(role in ("administrator", "auditor") for role, *_ in held),
        "bodies": [body for _, body, _ in held if body],
        "groups": [group for _, _, group in held if group],
    }


def rows_of(user: User) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT role, organisation_id, group_id FROM register_rolegrant WHERE user_id = %s", [user.pk]
        )
        return list(cursor.fetchall())

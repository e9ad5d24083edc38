"""What a row of a list says of each initiative: who, of what, where and how much, in one query a page.

Names rather than objects: a page of rows needs two hundred of them, and only their names.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection
from django.urls import reverse

from register.initiatives.models import Initiative
from register.initiatives.vocabulary import FigureBasis, FigureKind, PartnerRole
from register.reference.models import Organisation

ROLES = {role.value: "" if role is PartnerRole.PARTY else role.label.lower() for role in PartnerRole}
# The columns of a record that its row shows.
SHOWN = (
    "number",
    "title",
    "purpose",
    "stage",
    "standing",
    "audience",
    "marking",
    "no_figure_reason",
    "no_figure_text",
    "confirmed_on",
    "next_update_due",
    "no_answer_on",
)
BASES = {basis.value: basis.label for basis in FigureBasis}

# Partners with the lead first; areas of work in their order; places by name; figures as they were put down.
_SAID = """
    SELECT p.initiative_id, 'partner', (p.role <> 'lead')::int, p.id, '', o.name, o.kind, p.role, NULL::bigint
      FROM register_initiativepartner p JOIN register_organisation o ON o.id = p.organisation_id
     WHERE p.initiative_id = ANY(%(pks)s)
    UNION ALL
    SELECT l.initiative_id, 'area', a.position, 0, a.name, a.name, '', '', NULL
      FROM register_initiativearea l JOIN register_areaofwork a ON a.id = l.area_of_work_id
     WHERE l.initiative_id = ANY(%(pks)s)
    UNION ALL
    SELECT l.initiative_id, 'place', 0, 0, a.name, a.name, '', '', NULL
      FROM register_initiativeplace l JOIN register_policearea a ON a.id = l.police_area_id
     WHERE l.initiative_id = ANY(%(pks)s)
    UNION ALL
    SELECT f.initiative_id, 'figure', 0, f.id, '', f.as_stated, f.basis, f.qualifier, f.amount_pence
      FROM register_statedfigure f
     WHERE f.initiative_id = ANY(%(pks)s) AND f.kind = %(saving)s
     ORDER BY 3, 4, 5
"""


class Partner(NamedTuple):
    """An organisation's part. `role` is in words, "" for taking part as most do."""

    service: str
    name: str
    role: str


class Stated(NamedTuple):
    """A saving as a publication states it; `amount_pence` is None where it gives no sum."""

    amount_pence: int | None
    basis: str
    qualifier: str
    as_stated: str


@dataclass(frozen=True)
class Row:
    """An initiative with the names that stand beside it. `found`: its texts with the words marked, if any."""

    initiative: Initiative
    url: str
    partners: tuple[Partner, ...]
    areas: tuple[str, ...]
    places: tuple[str, ...]
    stated: tuple[Stated, ...]
    found: Any = None


def rows_of(initiatives: Iterable[Initiative], found: dict[int, Any] | None = None) -> list[Row]:
    """A row for each of the initiatives, in their order; `found` by key of the initiative."""
    told: dict[tuple[int, str], list[Any]] = defaultdict(list)
    initiatives = list(initiatives)
    if initiatives:
        keys: dict[str, Any] = {
            "pks": [initiative.pk for initiative in initiatives],
            "saving": FigureKind.SAVING,
        }
        with connection.cursor() as cursor:
            cursor.execute(_SAID, keys)
            for pk, what, _, _, _, name, kind, word, pence in cursor.fetchall():
                told[pk, what].append(_one(what, name, kind, word, pence))
    # An address is looked up once: for each row it would take as long as all else that stands in it.
    first = initiatives[0].reference if initiatives else ""
    url = reverse("initiative", args=[first]) if initiatives else ""
    return [
        Row(
            initiative,
            url.replace(first, initiative.reference),
            partners=tuple(told[initiative.pk, "partner"]),
            areas=tuple(told[initiative.pk, "area"]),
            places=tuple(told[initiative.pk, "place"]),
            stated=tuple(told[initiative.pk, "figure"]),
            found=(found or {}).get(initiative.pk),
        )
        for initiative in initiatives
    ]


def _one(what: str, name: str, kind: str, word: str, pence: int | None) -> Any:
    if what == "partner":
        return Partner(Organisation.Kind(kind).service, name, ROLES[word])
    if what == "figure":
        return Stated(pence, BASES[kind], word, name)
    return name

"""Where in a record the words were found: its title and purpose with the words marked, and a line of the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.aggregates import StringAgg
from django.contrib.postgres.search import SearchHeadline
from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce, Concat
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from register.catalogue.search import CONFIG, as_query
from register.initiatives.models import Barrier, Initiative, InitiativePartner, Update

# Control characters, which no text of the register holds: they become <mark> once all else is escaped.
START, STOP = "\x02", "\x03"


@dataclass(frozen=True)
class Found:
    """A row's texts with the words in <mark>; `line` is "" when title or purpose show them already."""

    title: SafeString
    purpose: SafeString
    line: SafeString


def marked(initiatives: Sequence[Initiative], words: str) -> dict[int, Found]:
    """By key of the initiative, for one page of rows: one query."""
    whole = {"config": CONFIG, "start_sel": START, "stop_sel": STOP, "highlight_all": True}
    part = {"config": CONFIG, "start_sel": START, "stop_sel": STOP, "max_words": 18, "min_words": 8}
    query = as_query(words)
    rest = Concat(
        F("summary"),
        Value(" "),
        F("description"),
        *(
            piece
            for texts in (
                _texts(Update.objects.all(), "text"),
                _texts(Barrier.objects.all(), "title"),
                _texts(InitiativePartner.objects.all(), "organisation__name"),
            )
            for piece in (Value(" "), texts)
        ),
        output_field=TextField(),
    )
    rows = Initiative.objects.filter(pk__in=[initiative.pk for initiative in initiatives]).annotate(
        in_title=SearchHeadline("title", query, **whole),  # type: ignore[arg-type]
        in_purpose=SearchHeadline("purpose", query, **whole),  # type: ignore[arg-type]
        # Only where title and purpose show none: most of the work is in the rest.
        in_rest=Case(
            When(Q(in_title__contains=START) | Q(in_purpose__contains=START), then=Value("")),
            default=SearchHeadline(rest, query, **part),  # type: ignore[arg-type]
            output_field=TextField(),
        ),
    )
    found = {}
    for pk, title, purpose, line in rows.values_list("pk", "in_title", "in_purpose", "in_rest"):
        found[pk] = Found(_mark(title), _mark(purpose), _mark(line if START in line else ""))
    return found


def _texts(rows: QuerySet, name: str) -> Coalesce:
    texts = (
        rows.filter(initiative=OuterRef("pk"))
        .order_by()
        .values("initiative")
        .annotate(texts=StringAgg(name, " ", output_field=CharField()))
        .values("texts")
    )
    return Coalesce(Subquery(texts), Value(""), output_field=TextField())


def _mark(text: str) -> SafeString:
    safe = escape(text).replace(START, "<mark>").replace(STOP, "</mark>")
    return mark_safe(safe)  # noqa: S308 — escaped above; the marks are ours

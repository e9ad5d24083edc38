"""What can be told of an initiative, column by column: for the list's choice of columns and for exports.

A column's code and label are for ever: addresses carry codes, files carry labels, and an import reads both back
(docs/exports.md). Each column is one expression of the database, so that rows come without an object of ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    CharField,
    DateField,
    F,
    Func,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat, Greatest, Length, TruncDate

from register.initiatives.models import (
    InitiativeArea,
    InitiativeGroup,
    InitiativePartner,
    InitiativePlace,
    StatedFigure,
)
from register.initiatives.vocabulary import (
    Audience,
    Depth,
    FigureKind,
    Marking,
    NoFigureReason,
    PartnerRole,
    Stage,
    Standing,
    StandingReason,
)


class Kind(StrEnum):
    """What a column's expression gives."""

    TEXT = "text"
    DATE = "date"  # a day
    PERIOD = "period"  # text: 2014, 2014-06 or 2014-06-30, as exactly as it is known
    MONEY = "money"  # whole pence
    NUMBER = "number"
    YES = "yes or no"
    LIST = "list"  # an array of texts


@dataclass(frozen=True)
class Column:
    """One fact. `value` is the expression that gives it, in pence for money."""

    code: str
    label: str
    kind: Kind
    value: Any


def text(code: str, label: str, value: Any = None) -> Column:
    return Column(code, label, Kind.TEXT, value or F(code))


def day(code: str, label: str, value: Any = None) -> Column:
    return Column(code, label, Kind.DATE, value or F(code))


def number(code: str, label: str, value: Any = None) -> Column:
    return Column(code, label, Kind.NUMBER, value or F(code))


def yes(code: str, label: str, value: Any = None) -> Column:
    return Column(code, label, Kind.YES, value or F(code))


def pence(code: str, label: str, path: str) -> Column:
    return Column(code, label, Kind.MONEY, F(path))


def several(code: str, label: str, value: Any) -> Column:
    return Column(code, label, Kind.LIST, value)


def chosen(code: str, label: str, choices: Sequence[tuple[str, str]], path: str = "") -> Column:
    """A code of a fixed list, as it is called; nothing for none."""
    path = path or code
    called = [When(**{path: told}, then=Value(str(name))) for told, name in choices]
    return text(code, label, Case(*called, default=Value(""), output_field=CharField()))


def period(code: str, label: str, name: str) -> Column:
    """A date of limited precision, from its two columns `<name>_on` and `<name>_precision`."""
    iso = Func(F(f"{name}_on"), Value("YYYY-MM-DD"), function="to_char", output_field=CharField())
    exactly = Case(
        When(**{f"{name}_precision": "year"}, then=Value(4)),
        When(**{f"{name}_precision": "month"}, then=Value(7)),
        default=Value(10),
    )
    value = Func(iso, exactly, function="left", output_field=CharField())
    return Column(code, label, Kind.PERIOD, value)


def reference(path: str = "number") -> Any:
    """BL-00042 from an initiative's number: five digits at least."""
    digits = Cast(path, CharField())
    padded = Func(
        digits, Greatest(Value(5), Length(digits)), Value("0"), function="lpad", output_field=CharField()
    )
    return Concat(Value("BL-"), padded, output_field=CharField())


def all_of(rows: QuerySet, path: str, *, by: str = "") -> Any:
    """What these rows hold, as an array: each once, by its name, or all in the order of `by`."""
    ordered = rows.order_by(by) if by else rows.order_by(path).distinct()
    return ArraySubquery(ordered.values_list(path, flat=True), output_field=ArrayField(TextField()))


_OF = {"initiative": OuterRef("pk")}
_PARTNERS = InitiativePartner.objects.filter(**_OF)
_LEADS = _PARTNERS.filter(role=PartnerRole.LEAD).order_by()
_OTHERS = _PARTNERS.exclude(role=PartnerRole.LEAD)
_AREAS = InitiativeArea.objects.filter(**_OF)
_PLACES = InitiativePlace.objects.filter(**_OF)
_GROUPS = InitiativeGroup.objects.filter(**_OF)
_STATED = StatedFigure.objects.filter(**_OF, kind=FigureKind.SAVING)

_SERVICES = Func(
    Func(F("entry__mix"), function="initcap"),
    Value("-"),
    function="string_to_array",
    output_field=ArrayField(TextField()),
)

COLUMNS = {
    column.code: column
    for column in (
        text("reference", "Reference", reference()),
        text("title", "Title"),
        text("purpose", "Purpose"),
        text("summary", "Summary"),
        text("description", "Description"),
        chosen("stage", "Stage", Stage.choices),
        chosen("standing", "Standing", Standing.choices),
        chosen("standing_reason", "Reason for its standing", StandingReason.choices),
        text("standing_text", "Reason in words"),
        chosen("depth", "Depth", Depth.choices),
        text("lead", "Lead", Subquery(_LEADS.values("organisation__name")[:1])),
        text("lead_code", "Lead, code", Subquery(_LEADS.values("organisation__code")[:1])),
        several("partners", "Partners", all_of(_OTHERS, "organisation__name")),
        several("services", "Services", _SERVICES),
        several("areas", "Areas of work", all_of(_AREAS, "area_of_work__name", by="id")),
        several("area_codes", "Areas of work, codes", all_of(_AREAS, "area_of_work__code", by="id")),
        several("places", "Police areas", all_of(_PLACES, "police_area__name", by="id")),
        several("place_codes", "Police areas, codes", all_of(_PLACES, "police_area__slug", by="id")),
        several("regions", "Regions", all_of(_PLACES, "police_area__region__name")),
        period("starts", "Started", "starts"),
        period("ends", "Ended or ends", "ends"),
        pence("forecast", "Forecast, largest year", "entry__forecast_pence"),
        pence("actual", "Saved, largest year", "entry__actual_pence"),
        several("stated_savings", "Savings as stated", all_of(_STATED, "as_stated", by="id")),
        chosen("no_figure_reason", "No figure, because", NoFigureReason.choices),
        text("no_figure_text", "No figure, in words"),
        number(
            "barriers",
            "Barriers in the way",
            Func(
                Func(F("entry__barriers"), Value(" "), function="string_to_array"),
                function="cardinality",
                output_field=IntegerField(),
            ),
        ),
        yes("open_to_replication", "Open to replication"),
        text("owner", "Owner"),
        text("contact_post", "Contact post"),
        text("contact_email", "Shared mailbox"),
        day("confirmed_on", "Last confirmed"),
        day("next_update_due", "Next update due"),
        chosen("marking", "Marking", Marking.choices),
        text("handling", "Handling"),
        chosen("audience", "Audience", Audience.choices),
        several("groups", "Named groups", all_of(_GROUPS, "group__name")),
        several("group_codes", "Named groups, codes", all_of(_GROUPS, "group__code")),
        yes("compiled", "Compiled from public sources", F("compiled_from_sources")),
        text("unverified", "Rests on memory"),
        yes("fictional", "Fictional", F("is_fictional")),
        day("logged_on", "Logged", TruncDate("created_at", output_field=DateField())),
        day("changed_on", "Changed", TruncDate("changed_at", output_field=DateField())),
        number("version", "Version"),
    )
}
# What a list shows of each initiative until somebody chooses.
SHOWN = [
    "reference",
    "title",
    "purpose",
    "stage",
    "standing",
    "lead",
    "partners",
    "areas",
    "places",
    "stated_savings",
    "no_figure_reason",
    "confirmed_on",
    "marking",
]
# No name of a column is longer; what is asked for is cut to this when it is told back.
LONGEST = 40


def read_columns(told: Sequence[str]) -> tuple[list[Column], list[str]]:
    """The columns of `cols=stage,lead` (or of several `cols`), each once, in order; and what is wrong with them.

    Nothing told means those that a list shows.
    """
    codes = [code.strip() for one in told for code in one.split(",") if code.strip()] or SHOWN
    columns = [COLUMNS[code] for code in dict.fromkeys(codes) if code in COLUMNS]
    unknown = [code for code in dict.fromkeys(codes) if code not in COLUMNS]
    errors = [f"Columns: there is no column called “{code[:LONGEST]}”." for code in unknown[:3]]
    if len(unknown) > 3:
        errors.append(f"Columns: {len(unknown) - 3:,} more of them are no columns either.")
    return columns, errors


def with_cells(initiatives: QuerySet, columns: Sequence[Column]) -> QuerySet:
    """The initiatives, each with `cell_<code>` for every column: of a model's row, or for `values_list`."""
    return initiatives.annotate(**{f"cell_{column.code}": column.value for column in columns})

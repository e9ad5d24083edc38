"""What hangs on an initiative, part by part, as an export tells it: each a sheet, an array or a file of its own.

Every row begins with the reference and the title of its initiative and with its own number, by which an import
knows it again. Codes and labels are for ever, as those of `register.catalogue.columns` are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import DecimalField, F, Func, Model, OuterRef, QuerySet

from register.catalogue.columns import (
    Column,
    all_of,
    chosen,
    day,
    number,
    pence,
    period,
    reference,
    several,
    text,
    yes,
)
from register.groups.models import Consideration, Decision
from register.initiatives.models import (
    Agreement,
    AgreementParty,
    Barrier,
    Benefit,
    CostLine,
    Document,
    FundingLine,
    InitiativePartner,
    Milestone,
    SavingLine,
    Source,
    StageMove,
    StatedFigure,
    Update,
)
from register.initiatives.vocabulary import (
    AgreementKind,
    BarrierCategory,
    BarrierState,
    BenefitKind,
    Confidence,
    Evidence,
    FigureBasis,
    FigureKind,
    Outcome,
    PartnerRole,
    Remover,
    Severity,
    Stage,
    Standing,
    StandingReason,
)
from register.reference.models import Organisation


@dataclass(frozen=True)
class Part:
    """Rows of one table, and `on`: how a row leads to its initiative."""

    code: str
    label: str
    model: type[Model]
    columns: Sequence[Column]
    on: str = "initiative"

    def of(self, initiatives: QuerySet) -> QuerySet:
        """The rows of these initiatives, record by record."""
        rows = self.model._default_manager.filter(**{f"{self.on}__in": initiatives.order_by().values("pk")})
        return rows.order_by(f"{self.on}__number", "pk")


def _part(code: str, label: str, model: type[Model], *columns: Column, on: str = "initiative") -> Part:
    head = (
        text("reference", "Reference", reference(f"{on}__number")),
        text("initiative", "Initiative", F(f"{on}__title")),
        number("row", "Row", F("pk")),
    )
    return Part(code, label, model, (*head, *columns), on)


def _organisation(code: str = "organisation", label: str = "Organisation") -> tuple[Column, Column]:
    return (
        text(code, label, F(f"{code}__name")),
        text(f"{code}_code", f"{label}, code", F(f"{code}__code")),
    )


def _quantity(code: str, label: str) -> Column:
    """A decimal without the noughts that its column adds."""
    plain: Any = Func(
        F(code), function="trim_scale", output_field=DecimalField(max_digits=16, decimal_places=2)
    )
    return number(code, label, plain)


_YEAR = number("year", "Financial year from April", F("financial_year"))
_FORECAST = pence("forecast", "Forecast", "forecast_pence")
_ACTUAL = pence("actual", "Actual", "actual_pence")
_PARTIES = AgreementParty.objects.filter(agreement=OuterRef("pk"))

PARTS = {
    part.code: part
    for part in (
        _part(
            "partners",
            "Partners",
            InitiativePartner,
            *_organisation(),
            chosen("kind", "Kind", Organisation.Kind.choices, "organisation__kind"),
            chosen("role", "Role", PartnerRole.choices),
            text("note", "Note"),
            period("since", "Since", "since"),
        ),
        _part(
            "moves",
            "Stage moves",
            StageMove,
            chosen("from_stage", "From stage", Stage.choices),
            chosen("to_stage", "To stage", Stage.choices),
            chosen("from_standing", "From standing", Standing.choices),
            chosen("to_standing", "To standing", Standing.choices),
            period("happened", "Happened", "happened"),
            chosen("reason", "Reason", StandingReason.choices),
            text("why", "Why"),
        ),
        _part(
            "benefits",
            "Benefits",
            Benefit,
            text("title", "Benefit"),
            chosen("outcome", "Outcome", Outcome.choices),
            chosen("kind", "Kind", BenefitKind.choices),
            yes("recurring", "Recurring", F("is_recurring")),
            text("measure", "Measure"),
            text("unit", "Unit"),
            _quantity("baseline", "Baseline"),
            _quantity("target", "Target"),
            _quantity("actual", "Actual"),
            day("actual_on", "Actual as at"),
            chosen("evidence", "Evidence", Evidence.choices),
        ),
        _part(
            "savings",
            "Saving lines",
            SavingLine,
            number("benefit_row", "Benefit, row", F("benefit_id")),
            text("benefit", "Benefit", F("benefit__title")),
            *_organisation(),
            _YEAR,
            _FORECAST,
            _ACTUAL,
            text("verified_by", "Verified by"),
            day("verified_on", "Verified on"),
            on="benefit__initiative",
        ),
        _part(
            "costs",
            "Cost lines",
            CostLine,
            text("what_for", "What for"),
            *_organisation(),
            _YEAR,
            yes("recurring", "Recurring", F("is_recurring")),
            _FORECAST,
            _ACTUAL,
        ),
        _part(
            "funding",
            "Funding lines",
            FundingLine,
            text("source", "Fund or grant"),
            *_organisation("funder", "Funder"),
            *_organisation("organisation", "Received by"),
            _YEAR,
            _FORECAST,
            _ACTUAL,
        ),
        _part(
            "figures",
            "Stated figures",
            StatedFigure,
            chosen("kind", "Kind", FigureKind.choices),
            pence("amount", "Amount", "amount_pence"),
            chosen("basis", "Basis", FigureBasis.choices),
            text("qualifier", "Qualifier"),
            text("as_stated", "As stated"),
            text("period", "Period", F("period_text")),
            period("stated", "Stated", "stated"),
            yes("unverified", "Unverified", F("is_unverified")),
        ),
        _part(
            "barriers",
            "Barriers",
            Barrier,
            text("title", "Barrier"),
            text("description", "Description"),
            chosen("category", "Category", BarrierCategory.choices),
            chosen("severity", "Severity", Severity.choices),
            text("owner", "Owner"),
            chosen("remover", "Who can remove it", Remover.choices),
            text("remedy", "What would remove it"),
            chosen("state", "State", BarrierState.choices),
            day("raised_on", "Raised"),
            day("resolved_on", "Resolved"),
        ),
        _part(
            "milestones",
            "Milestones",
            Milestone,
            text("what", "Milestone"),
            period("due", "Due", "due"),
            day("reached_on", "Reached"),
        ),
        _part(
            "updates",
            "Updates",
            Update,
            day("noted_on", "Noted"),
            text("text", "Update"),
            chosen("confidence", "Confidence", Confidence.choices),
            *_organisation(),
        ),
        _part(
            "agreements",
            "Agreements",
            Agreement,
            chosen("kind", "Kind", AgreementKind.choices),
            text("title", "Agreement"),
            several("parties", "Parties", all_of(_PARTIES, "organisation__name", by="id")),
            several("party_codes", "Parties, codes", all_of(_PARTIES, "organisation__code", by="id")),
            day("signed_on", "Signed"),
            day("review_on", "Review"),
            day("ends_on", "Ends"),
            number("document_row", "Document, row", F("document_id")),
        ),
        _part(
            "documents",
            "Documents",
            Document,
            text("title", "Document"),
            text("link", "Link"),
            text("file", "File", F("file_name")),
        ),
        _part(
            "sources",
            "Sources",
            Source,
            text("citation", "Source"),
            text("link", "Link"),
            yes("unverified", "Unverified", F("is_unverified")),
        ),
        _part(
            "decisions",
            "Decisions",
            Decision,
            text("group", "Working group", F("group__name")),
            text("group_code", "Working group, code", F("group__code")),
            day("decided_on", "Decided"),
            chosen("outcome", "Decision", Decision.Outcome.choices),
            text("reasons", "Reasons"),
            text("conditions", "Conditions"),
            text("owner", "Who sees to it"),
            day("next_review_on", "Next review"),
            number("corrects_row", "Corrects, row", F("corrects_id")),
            number("corrected_by_row", "Corrected by, row", F("corrected_by__pk")),
        ),
        _part(
            "considerations",
            "Considerations",
            Consideration,
            *_organisation(),
            day("notified_on", "Notified"),
            *_organisation("notified_by", "Notified by"),
            day("considered_on", "Considered"),
            text("considered_by", "Considered by"),
            chosen("answer", "Answer", Consideration.Answer.choices),
            chosen("decision", "Decision", Consideration.Decision.choices),
            text("reasons", "Reasons"),
        ),
    )
}

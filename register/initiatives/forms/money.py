"""Benefits, saving, cost and funding lines, stated figures."""

from __future__ import annotations

from typing import Any

from django import forms

from register.core.dates import LimitedDate
from register.core.forms import DayField, LimitedDateField, LineField, MoneyField, RegisterForm, TextField
from register.initiatives.forms.common import SectionForm, partners_field, partners_of, year_choices
from register.initiatives.models import Benefit
from register.initiatives.visibility import keeps_lines_of
from register.initiatives.vocabulary import (
    BenefitKind,
    Evidence,
    FigureBasis,
    FigureKind,
    NoFigureReason,
    Outcome,
)
from register.reference.picker import OrganisationField

RECURRING = [("yes", "Every year"), ("no", "Once")]
AMOUNT = "In pounds, such as £1.2m, £950,000 or 2500."


def recurring_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        choices=RECURRING,
        coerce=lambda v: v == "yes",
        initial="yes",
        widget=forms.RadioSelect,
        label="How often",
    )


def number_field(label: str) -> forms.DecimalField:
    return forms.DecimalField(
        required=False, max_digits=16, decimal_places=2, label=label,
        widget=forms.TextInput(attrs={"class": "govuk-input govuk-input--width-10", "inputmode": "decimal"}),
        error_messages={"invalid": "Enter a number, such as 12 or 4.5"},
    )  # fmt: skip


class BenefitForm(SectionForm):
    title = LineField(max_length=160, label="What gets better")
    outcome = forms.ChoiceField(choices=Outcome.choices, widget=forms.RadioSelect, label="For what")
    kind = forms.ChoiceField(choices=[("", "Choose a kind"), *BenefitKind.choices], label="Kind of benefit")
    is_recurring = recurring_field()
    measure = LineField(max_length=160, required=False, label="How it is measured")
    unit = LineField(max_length=40, required=False, label="Unit", help_text="Such as minutes or £ a year.")
    baseline = number_field("Before")
    target = number_field("Target")
    actual = number_field("Now")
    actual_on = DayField(required=False, label="Now, as at", help_text="A day, such as 31 March 2026.")
    evidence = forms.ChoiceField(
        choices=[("", "Not said yet"), *Evidence.choices], required=False, label="Evidence"
    )

    def initial_of(self, row: Any) -> dict[str, Any]:
        return super().initial_of(row) | {"is_recurring": "yes" if row.is_recurring else "no"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if (
            cleaned.get("actual") is not None
            and not cleaned.get("actual_on")
            and "actual_on" not in self.errors
        ):
            self.add_error("actual_on", "Give the day that the figure for now is as at")
        if cleaned.get("actual") is None:
            cleaned["actual_on"] = None
        return cleaned


class LineForm(SectionForm):
    """A line of money of one organisation in one financial year (1 April to 31 March)."""

    organisation = partners_field(label="Organisation")
    financial_year = forms.TypedChoiceField(choices=[], coerce=int, label="Financial year")
    forecast = MoneyField(required=False, label="Forecast", help_text=AMOUNT)
    actual = MoneyField(required=False, label="Actual", help_text="Leave empty while it is not known.")

    def prepare(self) -> None:
        also = [] if self.row is None else [self.row.organisation_id]
        found = partners_of(self.initiative, also=also)
        kept = keeps_lines_of(self.by, self.initiative)
        if kept is not None:
            found = found.filter(pk__in=kept)
        self.fields["organisation"].queryset = found  # type: ignore[attr-defined]
        self.fields["financial_year"].choices = year_choices(self.on)  # type: ignore[attr-defined]

    def for_service(self) -> dict[str, Any]:
        fields = super().for_service()
        return fields | {"forecast_pence": fields.pop("forecast"), "actual_pence": fields.pop("actual")}

    def initial_of(self, row: Any) -> dict[str, Any]:
        return super().initial_of(row) | {
            "organisation": row.organisation.code, "forecast": row.forecast_pence, "actual": row.actual_pence,
        }  # fmt: skip


class SavingForm(LineForm):
    benefit = forms.ModelChoiceField(
        Benefit.objects.none(), empty_label="Choose a benefit", label="Of which benefit"
    )
    field_order = ["benefit", "organisation", "financial_year", "forecast", "actual"]

    def prepare(self) -> None:
        super().prepare()
        self.fields["benefit"].queryset = Benefit.objects.filter(initiative=self.initiative)  # type: ignore[attr-defined]
        if self.row is not None:
            # What a line is of, whose and when is what it is: a wrong one is removed.
            for name in ("benefit", "organisation", "financial_year"):
                del self.fields[name]

    def initial_of(self, row: Any) -> dict[str, Any]:
        return {"forecast": row.forecast_pence, "actual": row.actual_pence, "version": row.version}


class CostForm(LineForm):
    what_for = LineField(max_length=120, label="What it is for")
    is_recurring = recurring_field()
    field_order = ["what_for", "is_recurring", "organisation", "financial_year", "forecast", "actual"]

    def initial_of(self, row: Any) -> dict[str, Any]:
        return super().initial_of(row) | {"is_recurring": "yes" if row.is_recurring else "no"}


class FundingForm(LineForm):
    source = LineField(max_length=160, label="Fund or grant")
    funder = OrganisationField(required=False, label="Who gives it", help_text="Type a few letters.")
    organisation = partners_field(label="Who receives it")
    field_order = ["source", "funder", "organisation", "financial_year", "forecast", "actual"]


class FigureForm(SectionForm):
    """What a publication said, in its words."""

    as_stated = LineField(max_length=400, label="In its words", help_text="A short quotation.")
    kind = forms.ChoiceField(choices=FigureKind.choices, widget=forms.RadioSelect, label="A figure of what")
    amount = MoneyField(required=False, label="Amount", help_text=f"{AMOUNT} Leave empty if it names none.")
    basis = forms.ChoiceField(choices=FigureBasis.choices, widget=forms.RadioSelect, label="Basis")
    qualifier = LineField(
        max_length=20, required=False, label="Qualifier", help_text="Such as up to or about."
    )
    period_text = LineField(max_length=120, required=False, label="Over which period")
    stated = LimitedDateField(required=False, label="When it was stated")

    def for_service(self) -> dict[str, Any]:
        fields = super().for_service()
        return fields | {"amount_pence": fields.pop("amount")}

    def initial_of(self, row: Any) -> dict[str, Any]:
        told = LimitedDate.of(row.stated_on, row.stated_precision)
        return super().initial_of(row) | {"amount": row.amount_pence, "stated": told}


class NoFigureForm(RegisterForm):
    no_figure_reason = forms.ChoiceField(
        choices=NoFigureReason.choices, widget=forms.RadioSelect, label="There is no figure, because"
    )
    no_figure_text = TextField(max_length=200, required=False, rows=2, label="More, if it helps")


class VerifyForm(RegisterForm):
    verified_by = LineField(max_length=120, label="Who checked it", help_text="A post or a body, not a name.")
    verified_on = DayField(label="When", help_text="A day, such as 31 March 2026.")

"""What the forms of a record's sections share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import Q

from register.core.dates import financial_year, financial_year_in_words
from register.core.forms import RegisterForm
from register.initiatives.models import Initiative
from register.reference.models import Organisation

FIRST_YEAR, YEARS_AHEAD = 2004, 12


class SectionForm(RegisterForm):
    """A form of one thing that hangs on a record. `version` says what an edit was opened on."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, by: Any, initiative: Initiative, on: date, row: Any = None, **kwargs: Any
    ) -> None:
        self.by, self.initiative, self.on, self.row = by, initiative, on, row
        super().__init__(*args, **kwargs)
        self.prepare()

    def prepare(self) -> None:
        """Fill choices that depend on the record."""

    def for_service(self) -> dict[str, Any]:
        """The cleaned data under the names that the services use."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def initial_of(self, row: Any) -> dict[str, Any]:
        """The form's values for a saved row."""
        return {name: getattr(row, name, None) for name in self.fields}

    def refuse(self, error: ValidationError) -> None:
        """Show a service's refusal at the fields it names."""
        messages = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        for field, texts in messages.items():
            at = next(
                (
                    name
                    for name in (field, field.removesuffix("_pence"), field.removesuffix("_on"))
                    if name in self.fields
                ),
                None,
            )
            for text in texts:
                self.add_error(at, text)


def partners_field(**kwargs: Any) -> forms.ModelChoiceField:
    """One of the record's own organisations."""
    return forms.ModelChoiceField(
        Organisation.objects.none(), to_field_name="code", empty_label="Choose an organisation", **kwargs
    )


def partners_of(initiative: Initiative, *, also: Iterable[int] = ()) -> Any:
    """Its organisations, and `also` those that a row names already: one that left keeps what it paid or signed."""
    partners = Q(pk__in=initiative.partners.values("organisation"))
    return Organisation.objects.filter(partners | Q(pk__in=list(also))).order_by("name")


def year_choices(on: date) -> list[tuple[str, str]]:
    """Financial years, the present one near the top."""
    this = financial_year(on)
    years = [*range(this, this + YEARS_AHEAD + 1), *range(this - 1, FIRST_YEAR - 1, -1)]
    return [("", "Choose a year"), *((str(year), financial_year_in_words(year)) for year in years)]

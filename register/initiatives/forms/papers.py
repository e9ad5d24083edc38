"""Barriers, agreements and documents."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from register.core.files import Accepted, accept, scanner
from register.core.forms import DayField, LineField, TextField
from register.initiatives.forms.common import SectionForm, partners_of
from register.initiatives.vocabulary import AgreementKind, BarrierCategory, BarrierState, Remover, Severity
from register.reference.models import Organisation

DAY = "A day, such as 23 November 2026."


class BarrierForm(SectionForm):
    title = LineField(max_length=160, label="What is in the way")
    category = forms.ChoiceField(
        choices=[("", "Choose a category"), *BarrierCategory.choices], label="Category"
    )
    severity = forms.ChoiceField(choices=Severity.choices, widget=forms.RadioSelect, label="How badly")
    remover = forms.ChoiceField(choices=Remover.choices, widget=forms.RadioSelect, label="Who can remove it")
    remedy = TextField(max_length=2000, required=False, rows=2, label="What would remove it")
    description = TextField(max_length=4000, required=False, rows=3, label="More about it")
    owner = LineField(
        max_length=120, required=False, label="Who is on to it", help_text="A post, not a name."
    )
    raised_on = DayField(label="Raised on", help_text=DAY)
    state = forms.ChoiceField(
        choices=BarrierState.choices, initial=BarrierState.OPEN, widget=forms.RadioSelect, label="State"
    )
    resolved_on = DayField(
        required=False, label="Removed or accepted on", help_text="Only when it is removed or accepted."
    )

    def prepare(self) -> None:
        if self.row is None:
            del self.fields["state"], self.fields["resolved_on"]


class AgreementForm(SectionForm):
    kind = forms.ChoiceField(
        choices=[("", "Choose a kind"), *AgreementKind.choices], label="Kind of agreement"
    )
    title = LineField(max_length=200, required=False, label="Title")
    parties = forms.ModelMultipleChoiceField(
        Organisation.objects.none(),
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
        label="Parties",
    )
    signed_on = DayField(required=False, label="Signed on", help_text=DAY)
    review_on = DayField(required=False, label="To be reviewed by", help_text=DAY)
    ends_on = DayField(required=False, label="Ends on", help_text=DAY)

    def prepare(self) -> None:
        also = [] if self.row is None else [party.pk for party in self.row.parties.all()]
        self.fields["parties"].queryset = partners_of(self.initiative, also=also)  # type: ignore[attr-defined]

    def initial_of(self, row: Any) -> dict[str, Any]:
        return super().initial_of(row) | {"parties": [party.code for party in row.parties.all()]}


class DocumentForm(SectionForm):
    title = LineField(max_length=200, label="Title")
    link = forms.URLField(
        max_length=500, required=False, label="Link", assume_scheme="https",
        error_messages={"invalid": "Enter an address that starts with https://"},
    )  # fmt: skip
    file = forms.FileField(required=False, label="Or a file")

    def prepare(self) -> None:
        if self.row is None:
            scanned = (
                "It is scanned for viruses." if scanner.is_on() else "It is not scanned for viruses here."
            )
            self.fields[
                "file"
            ].help_text = f"PDF, Office without macros, text or picture, up to 20 MB. {scanned}"
        else:
            del self.fields["file"]
            if self.row.file:
                del self.fields["link"]
            else:
                self.fields["link"].required = True

    def clean_link(self) -> str:
        link = self.cleaned_data.get("link", "")
        if link and not link.startswith(("https://", "http://")):
            raise ValidationError("Enter an address that starts with https://")
        return link

    def clean_file(self) -> Accepted | None:
        file = self.cleaned_data.get("file")
        return accept(file) if file else None

    def clean(self) -> dict[str, Any]:
        if self.errors and self.cleaned_data.get("file"):
            self.add_error("file", "Choose the file again: a browser sends it once only.")
        return self.cleaned_data

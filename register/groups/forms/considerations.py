"""Notifying an organisation of a proposal, and what it answered."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet

from register.core.forms import DayField, LineField, TextField
from register.groups.forms.common import ServiceForm
from register.groups.models import Consideration
from register.reference.models import Organisation
from register.reference.picker import OrganisationField

DAY = "For example, 23 November 2026."


def _notified_by() -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        Organisation.objects.none(),
        to_field_name="code",
        label="Who notified it",
        empty_label="Choose an organisation",
        help_text="One of the organisations of this record.",
        error_messages={"required": "Choose who notified it"},
    )


class NotifyForm(ServiceForm):
    """An organisation was notified of a proposed collaboration."""

    organisation = OrganisationField(label="Organisation notified", help_text="Type a few letters.")
    notified_by = _notified_by()
    notified_on = DayField(label="Notified on", help_text=DAY)

    def __init__(self, *args: Any, organisations: QuerySet[Organisation], on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["notified_by"].queryset = organisations  # type: ignore[attr-defined]
        self.fields["organisation"].on = on  # type: ignore[attr-defined]

    def for_service(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class ConsiderationForm(ServiceForm):
    """What an organisation answered; for who keeps the record also who notified it and when."""

    notified_by = _notified_by()
    notified_on = DayField(label="Notified on", help_text=DAY)
    answer = forms.ChoiceField(
        choices=Consideration.Answer.choices,
        widget=forms.RadioSelect,
        label="What it answered",
        help_text="Would the collaboration be in the interests of efficiency or effectiveness?",
        error_messages={"required": "Choose what it answered"},
    )
    considered_on = DayField(required=False, label="Considered on", help_text=DAY)
    considered_by = LineField(
        max_length=160,
        required=False,
        label="Who considered it",
        help_text="A board or a post, such as Fire Authority. Not a person’s name.",
    )
    decision = forms.ChoiceField(
        choices=[("", "Nothing yet"), *Consideration.Decision.choices],
        required=False,
        widget=forms.RadioSelect,
        label="What it decided",
    )
    reasons = TextField(
        max_length=4000,
        required=False,
        label="Reasons",
        help_text="Why it answered and decided so. They are the evidence that it was considered.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, organisations: QuerySet[Organisation], keeps_record: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if keeps_record:
            self.fields["notified_by"].queryset = organisations  # type: ignore[attr-defined]
        else:
            del self.fields["notified_by"], self.fields["notified_on"]

    @staticmethod
    def initial_of(row: Consideration) -> dict[str, Any]:
        names = ("notified_on", "answer", "considered_on", "considered_by", "decision", "reasons", "version")
        return {name: getattr(row, name) for name in names} | {"notified_by": row.notified_by.code}

    def for_service(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

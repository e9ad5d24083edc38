"""Logging an initiative and editing what it says: one short page."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from register.accounts.models import User, WorkingGroup
from register.core.forms import LimitedDateField, LineField, RegisterForm, RichTextField, TextField
from register.initiatives.forms.partners import PartnerRows
from register.initiatives.models import Initiative
from register.initiatives.models.initiative import PURPOSE_LENGTH, TITLE_LENGTH
from register.initiatives.vocabulary import (
    Audience,
    Depth,
    Marking,
    Stage,
    Standing,
    StandingReason,
)
from register.reference.models import AreaOfWork, Organisation, PoliceArea


class YesNoOrNotSaid(forms.NullBooleanSelect):
    """Django's three-way choice, in our words."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.choices = [("unknown", "Not said"), ("true", "Yes"), ("false", "No")]


class InitiativeForm(RegisterForm):
    """What logging and editing share."""

    title = LineField(max_length=TITLE_LENGTH, label="Title")
    purpose = TextField(
        max_length=PURPOSE_LENGTH,
        label="Purpose",
        help_text="One sentence: who does what together, and what gets better for residents.",
        error_messages={"required": "Say in one sentence what it is for"},
        rows=2,
    )
    areas = forms.ModelMultipleChoiceField(
        AreaOfWork.objects.none(),
        to_field_name="code",
        label="Areas of work",
        help_text="Choose all that fit.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one area of work"},
    )
    places = forms.ModelMultipleChoiceField(
        PoliceArea.objects.all(),
        to_field_name="slug",
        required=False,
        label="Where",
        help_text="Police areas. Suggested from the lead; choose none for a national initiative.",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, user: User, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.on = user, on
        self.fields["areas"].queryset = self.choosable_areas()  # type: ignore[attr-defined]

    def choosable_areas(self) -> Any:
        return AreaOfWork.objects.active()

    def for_service(self) -> dict[str, Any]:
        """The cleaned data under the names that the services use."""
        fields = dict(self.cleaned_data)
        fields["areas_of_work"] = fields.pop("areas")
        return fields

    def refuse(self, error: ValidationError, rows: PartnerRows) -> None:
        """Show a service's refusal at the fields it names; those of organisations at the rows."""
        messages = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        for field, texts in messages.items():
            if field == "partners":
                rows._non_form_errors = rows.error_class(texts, renderer=rows.renderer)  # type: ignore[attr-defined]
            else:
                for text in texts:
                    self.add_error(field if field in self.fields else None, text)


class LogForm(InitiativeForm):
    """One short page; the rest is added from the record, section by section."""

    stage = forms.ChoiceField(
        choices=Stage.choices,
        label="Stage",
        help_text="How far it has come.",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how far it has come"},
    )
    standing = forms.ChoiceField(
        choices=[(Standing.ACTIVE, "It goes on"), *Standing.choices[1:]],
        initial=Standing.ACTIVE,
        required=False,
        label="Does it go on?",
        widget=forms.RadioSelect,
    )
    standing_reason = forms.ChoiceField(
        choices=[("", "Choose a reason"), *StandingReason.choices], required=False, label="Why it does not"
    )
    standing_text = TextField(max_length=2000, required=False, label="In a sentence or two", rows=2)

    def clean_standing(self) -> str:
        return self.cleaned_data.get("standing") or Standing.ACTIVE

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("standing") == Standing.ACTIVE:
            cleaned["standing_reason"] = cleaned["standing_text"] = ""
        return cleaned


class EditForm(InitiativeForm):
    """All that the record itself says. Stage and standing move on pages of their own."""

    summary = RichTextField(max_length=4000, required=False, label="Summary", rows=5)
    description = RichTextField(max_length=20_000, required=False, label="Description", rows=8)
    depth = forms.ChoiceField(
        choices=[("", "Not stated"), *Depth.choices], required=False, label="How deep it goes"
    )
    starts = LimitedDateField(required=False, label="Starts", help_text="A day, a month or a year.")
    ends = LimitedDateField(required=False, label="Ends", help_text="Leave empty if no end is set.")
    owner = LineField(
        max_length=120, required=False, label="Owner", help_text="The post that answers for it."
    )
    contact_post = LineField(max_length=120, required=False, label="Contact", help_text="A post, not a name.")
    contact_email = forms.EmailField(required=False, label="Shared mailbox")
    open_to_replication = forms.NullBooleanField(
        required=False,
        label="Open to others doing the same?",
        widget=YesNoOrNotSaid,
    )
    marking = forms.ChoiceField(choices=Marking.choices, label="Marking", widget=forms.RadioSelect)
    handling = LineField(
        max_length=120,
        required=False,
        label="How it is to be handled",
        help_text="Such as: share within the two services only. It stands beside the marking.",
    )
    audience = forms.ChoiceField(
        choices=Audience.choices,
        label="Who may see it",
        help_text="Whoever you open it to sees all that the record says now: its updates, barriers, moves and"
        " documents, with the reasons given. Its history shows them what is done from then on; what it said"
        " before stays with those who could see it.",
        widget=forms.RadioSelect,
    )
    named_groups = forms.ModelMultipleChoiceField(
        WorkingGroup.objects.all(),
        to_field_name="code",
        required=False,
        label="Named groups",
        help_text="Only for “Its partners and named groups”.",
        widget=forms.CheckboxSelectMultiple,
    )
    reason = LineField(
        max_length=200,
        required=False,
        label="Why it changes",
        help_text="Kept in the history. You may leave it empty.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, initiative: Initiative, **kwargs: Any) -> None:
        self.initiative = initiative
        super().__init__(*args, **kwargs)

    def choosable_areas(self) -> Any:
        """Those of today and those it already has, retired ones included."""
        return AreaOfWork.objects.filter(retired_on=None) | AreaOfWork.objects.filter(
            pk__in=self.initiative.areas_of_work.all()
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if (
            cleaned.get("marking") == Marking.OFFICIAL_SENSITIVE
            and cleaned.get("audience") == Audience.EVERYONE
        ):
            self.add_error(
                "audience", "An OFFICIAL-SENSITIVE record can't be for everyone. Choose a narrower audience."
            )
        if cleaned.get("audience") == Audience.PARTNERS_AND_GROUPS and not cleaned.get("named_groups"):
            self.add_error("named_groups", "Choose the groups that may see it.")
        if cleaned.get("audience") != Audience.PARTNERS_AND_GROUPS:
            cleaned["named_groups"] = []
        return cleaned

    @staticmethod
    def initial_for(initiative: Initiative) -> dict[str, Any]:
        names = (
            "title purpose summary description depth starts ends owner contact_post contact_email"
            " open_to_replication marking handling audience version"
        )
        initial = {name: getattr(initiative, name) for name in names.split()}
        return initial | {
            "areas": [area.code for area in initiative.areas_of_work.all()],
            "places": [place.slug for place in initiative.places.all()],
            "named_groups": [group.code for group in initiative.named_groups.all()],
        }

    @staticmethod
    def rows_for(initiative: Initiative) -> list[dict[str, Any]]:
        return [
            {"organisation": p.organisation, "role": p.role, "note": p.note}
            for p in initiative.partners.all()
        ]


def suggested_places(lead: Organisation | None) -> tuple[list[PoliceArea], list[PoliceArea]]:
    """The police areas that the lead covers, and their neighbours."""
    if lead is None:
        return [], []
    own = list(PoliceArea.objects.covered_by([lead]))
    near = (
        PoliceArea.objects.filter(borders__neighbour__in=own).exclude(pk__in=[a.pk for a in own]).distinct()
    )
    return own, list(near)

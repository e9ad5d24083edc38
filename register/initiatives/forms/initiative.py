"""Logging an initiative and editing what it says: one short page and its rows of organisations."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from register.accounts.models import User, WorkingGroup
from register.core.forms import LimitedDateField, LineField, RegisterForm, RichTextField, TextField
from register.initiatives.models import Initiative
from register.initiatives.models.initiative import PURPOSE_LENGTH, TITLE_LENGTH
from register.initiatives.services import Part
from register.initiatives.vocabulary import (
    Audience,
    Depth,
    Marking,
    PartnerRole,
    Stage,
    Standing,
    StandingReason,
)
from register.reference.models import AreaOfWork, Organisation, PoliceArea
from register.reference.picker import OrganisationField

MOST_PARTNERS = 40
# What is sent of a row of organisations, and what stands between names that were pasted into one.
ROW = ("organisation", "organisation_code", "organisation_for", "role", "note")
PARTED = re.compile(r"[;\t\r\n]")


class YesNoOrNotSaid(forms.NullBooleanSelect):
    """Django's three-way choice, in our words."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.choices = [("unknown", "Not said"), ("true", "Yes"), ("false", "No")]


class PartnerForm(RegisterForm):
    """A row: an organisation and its role. An empty row is no row."""

    organisation = OrganisationField(required=False, label="Organisation")
    role = forms.ChoiceField(choices=PartnerRole.choices, initial=PartnerRole.PARTY, label="Role")
    note = LineField(max_length=120, required=False, label="In what way")

    def part(self) -> Part | None:
        organisation = self.cleaned_data.get("organisation")
        if organisation is None:
            return None
        return Part(organisation, self.cleaned_data["role"], self.cleaned_data.get("note", ""))


class PartnerRows(forms.BaseFormSet):
    """The organisations that take part. Errors of the whole (no lead, two leads) stand on the set."""

    def parts(self) -> list[Part]:
        return [part for form in self.forms if (part := form.part()) is not None]


_PartnerFormSet = forms.formset_factory(
    PartnerForm, formset=PartnerRows, extra=0, max_num=MOST_PARTNERS, absolute_max=MOST_PARTNERS
)


def partner_rows(data: Any = None, *, initial: list[dict[str, Any]] | None = None) -> PartnerRows:
    """The rows of organisations, as posted or as they are."""
    return cast(PartnerRows, _PartnerFormSet(data, initial=initial, prefix="partners"))


def with_rows(data: Any, *, add: int = 0, remove: int | None = None) -> Any:
    """A copy of posted data with a row of organisations more, or one less: the steps without a script."""
    data = data.copy()
    total = int(data.get("partners-TOTAL_FORMS") or 0)
    if remove is not None and 0 <= remove < total:
        for index in range(remove, total):
            for name in ROW:
                following = data.get(f"partners-{index + 1}-{name}") if index + 1 < total else None
                data[f"partners-{index}-{name}"] = following or ""
        total -= 1
    for index in range(total, total + add):
        data[f"partners-{index}-role"] = PartnerRole.PARTY
    data["partners-TOTAL_FORMS"] = str(min(total + add, MOST_PARTNERS))
    return data


def with_pasted_rows(data: Any) -> Any:
    """Posted data in which each of several organisations that were pasted into one box has a row: "A; B; C".

    The first keeps the role that stood beside them, and no two lead. As it was where there would be too many rows.
    """
    told = str(data.get("partners-TOTAL_FORMS", ""))
    total = min(int(told), MOST_PARTNERS) if told.isdecimal() and len(told) < 4 else 0
    rows = [{name: data.get(f"partners-{index}-{name}", "") for name in ROW} for index in range(total)]
    if not any(_pasted(row["organisation"]) for row in rows):
        return data
    spread: list[dict[str, str]] = []
    for row in rows:
        first, *others = _pasted(row["organisation"]) or [row["organisation"]]
        spread.append(row | {"organisation": first} if first != row["organisation"] else row)
        spread += [
            dict.fromkeys(ROW, "") | {"organisation": one, "role": PartnerRole.PARTY} for one in others
        ]
    # They take the place of rows that nobody filled in.
    more = len(spread) - total
    spread = [row for row in spread if row["organisation"]] + [
        row for row in spread if not row["organisation"]
    ][more:]
    if len(spread) > MOST_PARTNERS:
        return data
    data = data.copy()
    for index, row in enumerate(spread):
        for name, value in row.items():
            data[f"partners-{index}-{name}"] = value
    data["partners-TOTAL_FORMS"] = str(len(spread))
    return data


def _pasted(text: str) -> list[str]:
    """The names in a text that were parted by semicolons, or were the cells of a spreadsheet; none in any other."""
    parts = [part.strip() for part in PARTED.split(text, maxsplit=MOST_PARTNERS + 1)]
    return [part for part in parts if part] if len(parts) > 1 else []


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

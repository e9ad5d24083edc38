"""Stage, standing, updates and milestones."""

from __future__ import annotations

from typing import Any

from django import forms

from register.core.forms import (
    DayField,
    LimitedDateField,
    LineField,
    RegisterForm,
    RichTextField,
    TextField,
)
from register.initiatives.forms.common import SectionForm
from register.initiatives.models import Initiative
from register.initiatives.vocabulary import Confidence, Stage, Standing, StandingReason

WHEN = "A day, a month or a year, such as 23 November 2026, November 2026 or 2026."


class StageForm(RegisterForm):
    to_stage = forms.ChoiceField(choices=Stage.choices, widget=forms.RadioSelect, label="It is now at")
    happened = LimitedDateField(required=False, label="When that happened", help_text=WHEN)
    why = TextField(max_length=2000, required=False, rows=2, label="Why")
    version = forms.IntegerField(widget=forms.HiddenInput)


class StandingForm(RegisterForm):
    to_standing = forms.ChoiceField(choices=[], widget=forms.RadioSelect, label="From now on it is")
    standing_reason = forms.ChoiceField(
        choices=[("", "Choose a reason"), *StandingReason.choices], required=False, label="Why"
    )
    standing_text = TextField(max_length=2000, required=False, rows=3, label="In a sentence or two")
    happened = LimitedDateField(required=False, label="When that happened", help_text=WHEN)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, initiative: Initiative, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = dict(Standing.choices) | {Standing.ACTIVE: "Taken up again"}
        self.fields["to_standing"].choices = [  # type: ignore[attr-defined]
            (code, labels[code]) for code in Standing.values if code != initiative.standing
        ]


class UpdateForm(SectionForm):
    text = RichTextField(max_length=4000, label="How it goes", rows=4)
    confidence = forms.ChoiceField(
        choices=[
            (Confidence.GREEN, "Green: on course"),
            (Confidence.AMBER, "Amber: at risk"),
            (Confidence.RED, "Red: in trouble"),
        ],
        widget=forms.RadioSelect,
        label="Confidence",
    )
    noted_on = DayField(label="As at", help_text="A day, such as 23 November 2026.")


class MilestoneForm(SectionForm):
    what = LineField(max_length=200, label="What is to happen")
    due = LimitedDateField(label="By when", help_text=WHEN)
    reached_on = DayField(required=False, label="Reached on", help_text="Leave empty until it is.")

    def prepare(self) -> None:
        if self.row is None:
            del self.fields["reached_on"]


class DeleteForm(RegisterForm):
    reason = LineField(max_length=200, label="Why it is deleted", help_text="Kept in the history.")


class RemoveForm(RegisterForm):
    reason = LineField(max_length=200, required=False, label="Why")

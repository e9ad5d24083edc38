"""Drawing up an ask, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from register.core.forms import DayField, LineField, RegisterForm, RichTextField
from register.groups.forms.common import ServiceForm
from register.groups.models import Ask
from register.groups.services import Outcome
from register.initiatives.marking import page_marking
from register.initiatives.models import Barrier
from register.initiatives.vocabulary import BarrierCategory, BarrierState, Remover
from register.reference.picker import OrganisationField

STILL = "still"
OUTCOMES = [
    (STILL, "Still in the way"),
    (BarrierState.REMOVED.value, "Removed"),
    (BarrierState.ACCEPTED.value, "Accepted"),
]


class NarrowForm(RegisterForm):
    """Which of the open barriers to show."""

    only_narrows = True

    category = forms.ChoiceField(
        choices=[("", "Any kind"), *BarrierCategory.choices], required=False, label="Kind of barrier"
    )
    remover = forms.ChoiceField(
        choices=[("", "Anybody"), *Remover.choices], required=False, label="Who can remove it"
    )
    words = LineField(max_length=100, required=False, label="Words in it")

    def asked(self) -> dict[str, str]:
        """What to filter by; what can't be read filters nothing, and says so at its field."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in self.fields}


class AskForm(ServiceForm):
    """What is asked, and of whom. Its barriers are chosen beside it (see `register.groups.asking`)."""

    title = LineField(max_length=160, label="Title", help_text="What you would call it in a meeting.")
    addressee = OrganisationField(
        label="Of whom", help_text="The board, body or department that can do it. Type a few letters."
    )
    what = RichTextField(
        max_length=4000,
        rows=6,
        label="What is asked",
        help_text="Everyone who may see the group reads it. Leave out what only some of them may know.",
        error_messages={"required": "Say what is asked"},
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    # What the form suggested of its own, so that it may suggest again while nobody has written over it; and the
    # records of which it has warned.
    suggested = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["addressee"]
        assert isinstance(field, OrganisationField)
        field.on = on

    @staticmethod
    def initial_of(ask: Ask) -> dict[str, Any]:
        return {
            "title": ask.title,
            "addressee": ask.addressee,
            "what": ask.what,
            "version": ask.version,
        }

    def for_service(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("title", "addressee", "what")}


class StepForm(ServiceForm):
    """One step of an ask. `version` says what it was opened on."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def for_service(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class AskedForm(StepForm):
    asked_on = DayField(label="Asked on", help_text="The day it went out, such as 23 November 2026.")


class AnswerForm(StepForm):
    answered_on = DayField(label="Answered on", help_text="For example, 23 November 2026.")
    answer = RichTextField(
        max_length=4000,
        rows=6,
        label="The answer",
        help_text="In their words, or the gist of it.",
        error_messages={"required": "Say what they answered"},
    )


class CorrectAnswerForm(AnswerForm):
    reason = LineField(
        max_length=200,
        label="Why it is corrected",
        help_text="It stands beside the answer that was recorded first.",
        error_messages={"required": "Say why the answer is corrected"},
    )


class CloseForm(StepForm):
    """How an ask ended, and what becomes of each of its barriers that the person may change."""

    ending = forms.ChoiceField(
        choices=Ask.Ending.choices,
        widget=forms.RadioSelect,
        label="How it ended",
        error_messages={"required": "Choose how it ended"},
    )
    ending_text = RichTextField(max_length=2000, required=False, rows=3, label="In a sentence or two")
    closed_on = DayField(label="Closed on", help_text="Barriers that it removed are removed on the same day.")

    def __init__(self, *args: Any, barriers: Sequence[Barrier], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.barriers = barriers
        for barrier in barriers:
            self.fields[f"outcome_{barrier.pk}"] = forms.ChoiceField(
                choices=OUTCOMES,
                initial=STILL,
                required=False,
                label=barrier.title,
                help_text=", ".join(
                    filter(None, (f"In {barrier.initiative.title}", page_marking([barrier.initiative])))
                ),
                widget=forms.RadioSelect(attrs={"class": "govuk-radios__input"}),
            )
            self.fields[f"version_{barrier.pk}"] = forms.IntegerField(
                initial=barrier.version, required=False, widget=forms.HiddenInput
            )

    def of_barriers(self) -> list[Any]:
        """The fields of the barriers, to be drawn on their own."""
        return [
            self[name]
            for barrier in self.barriers
            for name in (f"outcome_{barrier.pk}", f"version_{barrier.pk}")
        ]

    def for_service(self) -> dict[str, Any]:
        told = self.cleaned_data
        outcomes = [
            Outcome(
                barrier,
                told[f"version_{barrier.pk}"] or barrier.version,
                told[f"outcome_{barrier.pk}"] or STILL,
            )
            for barrier in self.barriers
        ]
        return {name: told[name] for name in ("ending", "ending_text", "closed_on")} | {"outcomes": outcomes}

    def take_up(self, current: Barrier) -> None:
        """Go on from what a barrier is now; what was typed stays."""
        self.data = {**self.data, f"version_{current.pk}": str(current.version)}

"""Recording a decision, and arranging a meeting."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from register.accounts.models import User
from register.catalogue.search import REFERENCE
from register.core.forms import DayField, LineField, RegisterForm, TextField
from register.groups.models import Decision, Meeting
from register.initiatives.models import Initiative

TIME = re.compile(r"^\s*(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?\s*$", re.IGNORECASE)


class ServiceForm(RegisterForm):
    """A form whose service may refuse: it shows the refusal at the fields that the service names."""

    def refuse(self, error: ValidationError) -> None:
        messages = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        for field, texts in messages.items():
            for text in texts:
                self.add_error(field if field in self.fields else None, text)


class MeetingChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{timezone.localtime(obj.starts_at):%-d %B %Y, %H:%M}"


class DecisionForm(ServiceForm):
    """What a group decided on one initiative, and why."""

    initiative = LineField(
        max_length=20,
        label="Reference of the initiative",
        help_text="Such as BL-00042. It stands under the title in the register.",
    )
    outcome = forms.ChoiceField(
        choices=Decision.Outcome.choices,
        label="What the group decided",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the group decided"},
    )
    reasons = TextField(
        max_length=4000,
        label="Reasons",
        help_text="Why the group decided so. They are the evidence of the decision.",
        error_messages={"required": "Give the group’s reasons"},
    )
    conditions = TextField(
        max_length=2000,
        required=False,
        rows=2,
        label="Conditions",
        help_text="What must happen first, if anything.",
    )
    owner = LineField(
        max_length=120, required=False, label="Who sees to it", help_text="A post, such as Head of estates."
    )
    decided_on = DayField(label="Decided on", help_text="For example, 23 November 2026.")
    meeting = MeetingChoice(
        Meeting.objects.none(), required=False, label="At the meeting of", empty_label="Outside a meeting"
    )
    next_review_on = DayField(
        required=False, label="Look at it again on", help_text="Leave it empty if never."
    )

    def __init__(self, *args: Any, user: User, meetings: QuerySet[Meeting], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        field = self.fields["meeting"]
        assert isinstance(field, forms.ModelChoiceField)
        # A slice can't be filtered again, which the field does to find what was chosen.
        field.queryset = Meeting.objects.filter(pk__in=[meeting.pk for meeting in meetings]).order_by(
            "-starts_at"
        )

    def found_initiative(self) -> Initiative | None:
        """The record that the typed reference names, if the person may see it."""
        typed = str(self["initiative"].value() or "").strip()
        match = REFERENCE.match(typed)
        return (
            Initiative.objects.visible_to(self.user).filter(number=int(match[1])).first() if match else None
        )

    def clean_initiative(self) -> Initiative:
        found = self.found_initiative()
        if found is None:
            raise ValidationError(
                f"No initiative has the reference “{self.cleaned_data['initiative']}”. It looks like BL-00042."
            )
        return found

    def clean(self) -> dict[str, Any]:
        told = super().clean() or self.cleaned_data
        if told.get("outcome") == Decision.Outcome.SUPPORT_WITH_CONDITIONS and not told.get("conditions"):
            self.add_error("conditions", "Say under which conditions the group supports it")
        decided, again = told.get("decided_on"), told.get("next_review_on")
        if decided and again and again <= decided:
            self.add_error(
                "next_review_on", "The next review comes after the day of the decision. Check the date"
            )
        return told

    def for_service(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class MeetingForm(ServiceForm):
    """When and where the group meets."""

    day = DayField(label="Day", help_text="For example, 14 January 2027.")
    time = LineField(max_length=10, label="Time", help_text="London time, such as 10:00 or 2.30pm.")
    where = LineField(
        max_length=200, required=False, label="Place or link", help_text="A room, an address or a video link."
    )
    note = TextField(max_length=2000, required=False, rows=3, label="Note for members")

    def clean_time(self) -> dt.time:
        match = TIME.match(self.cleaned_data["time"])
        hour, minute, half = (
            (int(match[1]), int(match[2] or 0), (match[3] or "").lower()) if match else (99, 0, "")
        )
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half == "pm" else 0)
        elif half:
            hour = 99
        if hour > 23 or minute > 59:
            raise ValidationError("Write a time like 10:00 or 2.30pm")
        return dt.time(hour, minute)

    def for_service(self) -> dict[str, Any]:
        told = self.cleaned_data
        starts_at = timezone.make_aware(dt.datetime.combine(told["day"], told["time"]))
        return {"starts_at": starts_at, "where": told["where"], "note": told["note"]}

"""Arranging a meeting."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from register.core.forms import DayField, LineField, RichTextField
from register.groups.forms.common import ServiceForm
from register.groups.models import Meeting

TIME = re.compile(r"^\s*(\d{1,2})(?:[:.](\d{2}))?\s*(am|pm)?\s*$", re.IGNORECASE)


class MeetingForm(ServiceForm):
    """When and where the group meets."""

    day = DayField(label="Day", help_text="For example, 14 January 2027.")
    time = LineField(max_length=10, label="Time", help_text="London time, such as 10:00 or 2.30pm.")
    was_held = forms.BooleanField(
        required=False,
        label="It was held before today, without the register",
        help_text=(
            "Tick this to record afterwards what a meeting decided. It has no agenda and no pack, and can’t be started."
        ),
    )
    where = LineField(
        max_length=200, required=False, label="Place or link", help_text="A room, an address or a video link."
    )
    note = RichTextField(max_length=2000, required=False, rows=3, label="Note for members")
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @staticmethod
    def initial_of(meeting: Meeting) -> dict[str, Any]:
        at = timezone.localtime(meeting.starts_at)
        return {
            "day": at.date(),
            "time": f"{at:%H:%M}",
            "was_held": False,
            "where": meeting.where,
            "note": meeting.note,
            "version": meeting.version,
        }

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
        return {"starts_at": starts_at} | {name: told[name] for name in ("was_held", "where", "note")}

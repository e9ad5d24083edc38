"""Choosing which digests one gets, and when a group's goes out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError

from register.accounts.models import WorkingGroup
from register.core.dates import in_words
from register.core.forms import DayField, LineField, RegisterForm
from register.digests.choosing.wishes import (
    must_be_a_pause,
    pause_digest,
    stop_digest,
    want_digest,
    want_what_one_follows,
)
from register.digests.making.following import WHEN
from register.digests.models import WEEKDAYS, DigestSchedule, DigestWish
from register.digests.slots import WEEK, monday_of, turn_of
from register.digests.words import when

if TYPE_CHECKING:
    from register.accounts.models import User

ALL, FOLLOWED, NONE = DigestWish.Wish.ALL.value, DigestWish.Wish.FOLLOWED.value, DigestWish.Wish.NONE.value
PAUSE = "pause"
# How many weeks of a fortnight are named, so that one is recognised.
NAMED = 3


@dataclass(frozen=True)
class Choice:
    """One digest that a person may get: its two fields, to be drawn together."""

    group: WorkingGroup | None
    wish: forms.BoundField
    until: forms.BoundField


class ChoiceOfDigests(RegisterForm):
    """For each of the person's groups, and for what they follow: all of it, some, none, or none before a day."""

    use_required_attribute = False  # a day is asked for with a pause alone

    def __init__(self, data: Any = None, *, user: User, on: date) -> None:
        self.user, self.on = user, on
        super().__init__(data)
        self.mine: list[WorkingGroup | None] = [*WorkingGroup.objects.of(user).order_by("name"), None]
        told = {wish.group_id: wish for wish in DigestWish.objects.filter(user=user)}
        schedules = {
            schedule.group_id: schedule
            for schedule in DigestSchedule.objects.filter(group__in=[g for g in self.mine if g])
        }
        for group in self.mine:
            self._add(group, told.get(group.pk if group else None), schedules.get(group.pk if group else 0))

    def _add(
        self, group: WorkingGroup | None, told: DigestWish | None, schedule: DigestSchedule | None
    ) -> None:
        paused = told is not None and told.is_paused(self.on)
        before = told.wish if told is not None else ALL
        after = " as it does now" if not paused or before == ALL else ", with only what you follow"
        choices = [
            (ALL, "Get all of it"),
            *([(FOLLOWED, "Get only what I follow of it")] if group else []),
            (PAUSE, "Pause it until a day"),
            (NONE, "Get none"),
        ]
        self.fields[_named(group)] = forms.ChoiceField(
            choices=choices,
            widget=forms.RadioSelect(attrs={"class": "govuk-radios__input"}),
            label=str(group) if group else "What you follow",
            initial=PAUSE if paused else before,
            help_text=_comes(group, schedule),
        )
        example = in_words(self.on + 4 * WEEK)
        self.fields[_until(group)] = DayField(
            label=f"Pause {group or 'what you follow'} until",
            initial=told.paused_until if told is not None and paused else None,
            help_text=f"From that day it comes again{after}. For example, {example}.",
            error_messages={"required": f"Say until which day, such as {example}"},
        )
        self.fields[_until(group)].widget.attrs["class"] = "govuk-input govuk-input--width-20"

    def choices(self) -> list[Choice]:
        return [Choice(group, self[_named(group)], self[_until(group)]) for group in self.mine]

    def clean(self) -> dict[str, Any]:
        told: dict[str, Any] = super().clean() or self.cleaned_data
        for group in self.mine:
            name = _until(group)
            if told.get(_named(group)) != PAUSE:
                # Only a pause has a day: one beside another choice is left over from before.
                self.errors.pop(name, None)
            elif name in told:
                try:
                    must_be_a_pause(told[name], on=self.on)
                except ValidationError as error:
                    self.add_error(name, error)
        return told

    def save(self) -> None:
        for group in self.mine:
            whose: dict[str, Any] = {"by": self.user, "user": self.user, "group": group}
            wish = self.cleaned_data[_named(group)]
            if wish == PAUSE:
                pause_digest(**whose, until=self.cleaned_data[_until(group)], on=self.on)
            else:
                {ALL: want_digest, FOLLOWED: want_what_one_follows, NONE: stop_digest}[wish](**whose)


def _named(group: WorkingGroup | None) -> str:
    return f"wish_{group.code}" if group else "wish"


def _until(group: WorkingGroup | None) -> str:
    return f"until_{group.code}" if group else "until"


def _comes(group: WorkingGroup | None, schedule: DigestSchedule | None) -> str:
    """When the digest comes, for who chooses."""
    if group is None:
        return (
            f"One email a week, {WHEN}, when something changed or fell due in what you follow that no digest of "
            "your groups tells you."
        )
    if schedule is None or not schedule.is_on:
        return "The group sends none at present."
    return f"Comes {when(schedule)}, when something in the group’s remit changed or fell due."


class ScheduleForm(RegisterForm):
    """The day, hour, zone and rhythm of a group's digest, or that it has none."""

    is_on = forms.BooleanField(
        required=False,
        label="Send a digest",
        help_text="When you switch it off, one last digest tells what happened until then.",
    )
    rhythm = forms.ChoiceField(
        choices=DigestSchedule.Rhythm.choices,
        label="How often",
        help_text="Every month: on the first such day of the month.",
    )
    turn = forms.TypedChoiceField(coerce=int, label="In which weeks, if every fortnight")
    weekday = forms.TypedChoiceField(
        choices=WEEKDAYS,
        coerce=int,
        label="Day",
        help_text="After a bank holiday it goes out on the next working day.",
    )
    hour = forms.TypedChoiceField(
        choices=[(hour, f"{hour:02d}:00") for hour in range(24)], coerce=int, label="Hour"
    )
    zone = LineField(
        max_length=40,
        label="By the clocks of",
        help_text="Europe/London, unless the group is elsewhere. Summer time is seen to.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        turns: Any = self.fields["turn"]
        turns.choices = weeks_by_turn(on)

    def clean_zone(self) -> str:
        zones = {zone.lower(): zone for zone in available_timezones()}
        found = zones.get(self.cleaned_data["zone"].replace(" ", "_").lower())
        if found is None:
            raise ValidationError("There is no time zone of that name. Write one like Europe/London")
        return found

    @staticmethod
    def initial_of(schedule: DigestSchedule | None) -> dict[str, Any]:
        if schedule is None:
            return {
                "is_on": True,
                "weekday": 0,
                "hour": 7,
                "zone": "Europe/London",
                "rhythm": "week",
                "turn": 0,
            }
        return {name: getattr(schedule, name) for name in ScheduleForm.base_fields}

    def for_service(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.fields if name != "version"}


def weeks_by_turn(on: date) -> list[tuple[int, str]]:
    """The two sets of weeks that a fortnight may have, each named by the days that its next ones begin on."""
    monday = monday_of(on)
    named = []
    for first in (monday, monday + WEEK):
        days = [first + number * 2 * WEEK for number in range(NAMED)]
        said = ", ".join(f"{day:%-d %B}" for day in days)
        named.append((turn_of(first), f"Those of {said} and so on"))
    return named

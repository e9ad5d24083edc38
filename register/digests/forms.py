"""Choosing which digests one gets, and when a group's goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError

from register.accounts.models import WorkingGroup
from register.core.forms import LineField, RegisterForm
from register.digests.following import WHEN
from register.digests.models import WEEKDAYS, DigestRefusal, DigestSchedule
from register.digests.services import stop_digest, want_digest

if TYPE_CHECKING:
    from register.accounts.models import User


class ChoiceOfDigests(RegisterForm):
    """A tick for each group whose digest the person wants, and one for what they follow."""

    groups = forms.ModelMultipleChoiceField(
        queryset=WorkingGroup.objects.none(),
        to_field_name="code",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Weekly digests you get",
    )

    following = forms.BooleanField(
        required=False,
        label="What you follow",
        help_text=f"One email a week, {WHEN}, when a saved view or an initiative that you follow did something that "
        "no digest of your groups tells you.",
    )

    def __init__(self, data: Any = None, *, user: User) -> None:
        self.user = user
        mine = WorkingGroup.objects.of(user)
        refused = DigestRefusal.objects.filter(user=user, group__isnull=False).values_list("group", flat=True)
        personal = DigestRefusal.objects.filter(user=user, group=None)
        super().__init__(
            data, initial={"groups": mine.exclude(pk__in=refused), "following": not personal.exists()}
        )
        self.mine = list(mine)
        self.fields["groups"].queryset = mine  # type: ignore[attr-defined]
        if not self.mine:
            del self.fields["groups"]

    def save(self) -> None:
        wanted = set(self.cleaned_data.get("groups", ()))
        wishes: list[tuple[WorkingGroup | None, bool]] = [(group, group in wanted) for group in self.mine]
        for group, wish in [*wishes, (None, self.cleaned_data["following"])]:
            choose = want_digest if wish else stop_digest
            choose(by=self.user, user=self.user, group=group)


class ScheduleForm(RegisterForm):
    """The day, hour and zone of a group's digest, or that it has none."""

    is_on = forms.BooleanField(required=False, label="Send a digest every week")
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

    def clean_zone(self) -> str:
        zones = {zone.lower(): zone for zone in available_timezones()}
        found = zones.get(self.cleaned_data["zone"].replace(" ", "_").lower())
        if found is None:
            raise ValidationError("There is no time zone of that name. Write one like Europe/London")
        return found

    @staticmethod
    def initial_of(schedule: DigestSchedule | None) -> dict[str, Any]:
        if schedule is None:
            return {"is_on": True, "weekday": 0, "hour": 7, "zone": "Europe/London"}
        return {name: getattr(schedule, name) for name in ScheduleForm.base_fields}

    def for_service(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("is_on", "weekday", "hour", "zone")}

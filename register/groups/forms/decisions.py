"""Recording a decision, and asking a group for one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from register.accounts.models import User, WorkingGroup
from register.catalogue.search import REFERENCE
from register.core.forms import DayField, LineField, RichTextField, TextField
from register.groups.forms.common import MeetingChoice, PersonChoice, ServiceForm
from register.groups.models import Decision, Meeting
from register.groups.reading import last_recorded, who_may_see_to
from register.initiatives.models import Initiative


class DecisionForm(ServiceForm):
    """What a group decided on one initiative, and why."""

    initiative = LineField(
        max_length=20,
        label="Reference of the initiative",
        help_text="Such as BL-00042; words of its title offer those of the remit that changed last.",
        widget=forms.TextInput(attrs={"list": "offered"}),
    )
    outcome = forms.ChoiceField(
        choices=Decision.Outcome.choices,
        label="What the group decided",
        help_text="“Pause” and “Stop” say what the group wants. The record stays as it is until its owner changes it.",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the group decided"},
    )
    reasons = RichTextField(
        max_length=4000,
        label="Reasons",
        help_text="Why the group decided so. They are the evidence of the decision.",
        error_messages={"required": "Give the group’s reasons"},
    )
    conditions = RichTextField(
        max_length=2000,
        required=False,
        rows=2,
        label="Conditions",
        help_text="What must happen first, if anything.",
    )
    owner = LineField(
        max_length=120, required=False, label="Who sees to it", help_text="A post, such as Head of estates."
    )
    owner_person = PersonChoice(
        User.objects.none(),
        required=False,
        label="Tell them by email",
        empty_label="Nobody",
        help_text="One email, with the decision and its reasons. People of the group, and those who keep the record.",
    )
    decided_on = DayField(label="Decided on", help_text="For example, 23 November 2026.")
    meeting = MeetingChoice(
        Meeting.objects.none(), required=False, label="At the meeting of", empty_label="Outside a meeting"
    )
    next_review_on = DayField(
        required=False, label="Look at it again on", help_text="Leave it empty if never."
    )
    # The group's last decision when the form was opened: one recorded meanwhile is told first.
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        user: User,
        group: WorkingGroup,
        meetings: QuerySet[Meeting],
        corrects: Decision | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.group, self.corrects = user, group, corrects
        self.initial.setdefault("seen", last_recorded(group))
        if corrects:
            del self.fields["initiative"]
        people = self.fields["owner_person"]
        assert isinstance(people, forms.ModelChoiceField)
        initiative = self.found_initiative()
        people.queryset = who_may_see_to(initiative, group)
        # Its owner is told, unless whoever records it chooses otherwise: who logged the record, and may see it.
        author = initiative.created_by_id if initiative else None
        if author and not corrects and not self.is_bound and people.queryset.filter(pk=author).exists():
            self.initial.setdefault("owner_person", author)
        field = self.fields["meeting"]
        assert isinstance(field, forms.ModelChoiceField)
        # A slice can't be filtered again, which the field does to find what was chosen.
        field.queryset = Meeting.objects.filter(pk__in=[meeting.pk for meeting in meetings]).order_by(
            "-starts_at"
        )

    def found_initiative(self) -> Initiative | None:
        """The record that the typed reference names, if the person may see it."""
        if self.corrects:
            return self.corrects.initiative
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
        told = dict(self.cleaned_data)
        if self.corrects:
            told |= {"initiative": self.corrects.initiative, "corrects": self.corrects}
        return told

    def refuse(self, error: ValidationError) -> None:
        """What was recorded meanwhile has been told now, and does not stop the same form again."""
        super().refuse(error)
        if getattr(error, "code", "") == "meanwhile":
            self.data = {**self.data, "seen": str(last_recorded(self.group))}


class FlagForm(ServiceForm):
    """Asking a working group to look at an initiative."""

    group = forms.ModelChoiceField(
        WorkingGroup.objects.none(),
        label="Which group",
        empty_label=None,
        to_field_name="code",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a group", "invalid_choice": "Choose one of these groups"},
    )
    why = TextField(
        max_length=1000,
        label="What should it look at?",
        help_text="One or two sentences: what you want decided or unblocked.",
        error_messages={"required": "Say what the group should look at"},
    )

    def __init__(
        self,
        *args: Any,
        groups: Sequence[WorkingGroup],
        asked: Sequence[WorkingGroup] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["group"]
        assert isinstance(field, forms.ModelChoiceField)
        chosen = [group.pk for group in groups]
        field.queryset = WorkingGroup.objects.filter(pk__in=chosen).order_by("is_fictional", "name")
        # Sent twice, or asked by somebody else meanwhile.
        names = {group.code: group.name for group in asked}
        name = names.get(str(self["group"].value()))
        if name:
            field.error_messages["invalid_choice"] = f"“{name}” has been asked to look at it already"

    def for_service(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

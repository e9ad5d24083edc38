"""Changing somebody's role, finding people, and one's own details."""

from __future__ import annotations

from typing import Any

from django import forms

from register.accounts.joining.forms import AnswerableForm, role_field
from register.accounts.managing import roles_of
from register.accounts.models import User
from register.accounts.people.reading import STATES
from register.core.forms import LineField, RegisterForm
from register.reference.models import Organisation


class RoleForm(AnswerableForm):
    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = role_field(roles_of(organisation, None))
        self.fields["reason"] = LineField(
            max_length=200, required=False, label="Why", help_text="Kept in the history."
        )


class FindForm(RegisterForm):
    only_narrows = True

    q = LineField(max_length=120, required=False, label="Name or email")
    state = forms.ChoiceField(choices=list(STATES.items()), required=False, label="Which")


class DetailsForm(AnswerableForm):
    """What the register says of oneself."""

    name = LineField(max_length=120, label="Name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    post = LineField(
        max_length=120,
        required=False,
        label="Post",
        help_text="What you do, such as Estates lead.",
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    telephone = LineField(
        max_length=30,
        required=False,
        label="Work telephone",
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )


class PersonForm(DetailsForm):
    """What the register says of somebody, and the address they sign in with."""

    email = forms.EmailField(label="Email", max_length=254, help_text="They sign in with it from then on.")
    field_order = ["name", "email", "post", "telephone"]


class WhyForm(AnswerableForm):
    reason = LineField(max_length=200, label="Why", help_text="Kept in the history.")


class PersonChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj}, {obj.post}" if obj.post else str(obj)


class LeaveForm(AnswerableForm):
    """Who keeps what somebody kept who leaves."""

    to = PersonChoice(
        User.objects.none(),
        to_field_name="public_id",
        label="Who keeps it from now on",
        empty_label="Choose a colleague",
        error_messages={"required": "Choose who keeps it", "invalid_choice": "Choose one of those offered"},
    )
    reason = LineField(max_length=200, required=False, label="Why", help_text="Kept in the history.")

    def __init__(self, *args: Any, colleagues: Any, keeps: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to = self.fields["to"]
        assert isinstance(to, forms.ModelChoiceField)
        to.queryset = colleagues
        if not keeps or not colleagues.exists():
            del self.fields["to"]

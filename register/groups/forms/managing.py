"""What a secretary changes of a group: its name and terms, who is in it, what it looks at."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from register.accounts.models import User, WorkingGroup
from register.accounts.querysets import LEAST_LETTERS
from register.accounts.roles import Role
from register.core.forms import LineField, RegisterForm, RichTextField
from register.groups.forms.common import ServiceForm

ROLES = [
    (Role.GROUP_MEMBER.value, "Member: reads the group’s pages and its digest"),
    (Role.SECRETARY.value, "Secretary: runs the group, and records its decisions and asks"),
    (Role.CHAIR.value, "Chair: records its decisions and asks"),
]


class GroupForm(ServiceForm):
    """What a group is called and for."""

    name = LineField(max_length=120, label="Name")
    terms = RichTextField(
        max_length=8000,
        required=False,
        rows=10,
        label="What it is for",
        help_text="Its terms of reference: what it reviews, for whom, how often.",
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @staticmethod
    def initial_of(group: WorkingGroup) -> dict[str, Any]:
        return {"name": group.name, "terms": group.terms, "version": group.version}


class FindPersonForm(RegisterForm):
    """Looking for somebody who has an account."""

    q = LineField(
        max_length=120,
        label="Name or email",
        help_text=f"Their email as they sign in with it, or their name: {LEAST_LETTERS} letters or more.",
        error_messages={"required": "Enter a name or an email address"},
    )

    def clean_q(self) -> str:
        typed = self.cleaned_data["q"]
        if "@" not in typed and not any(sum(map(str.isalpha, w)) >= LEAST_LETTERS for w in typed.split()):
            raise ValidationError(
                f"Type at least {LEAST_LETTERS} letters of their name, or their whole email"
            )
        return typed


class PersonRadio(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        where = ", ".join(
            dict.fromkeys(str(grant.organisation) for grant in obj.roles.all() if grant.organisation)
        )
        return ", ".join(filter(None, (str(obj), obj.post, where)))


class RolesForm(ServiceForm):
    """The roles that somebody is to have in a group."""

    roles = forms.MultipleChoiceField(
        choices=ROLES,
        widget=forms.CheckboxSelectMultiple,
        label="Roles in the group",
        error_messages={"required": "Tick at least one role"},
    )


class AddPersonForm(RolesForm):
    """One of the people found, and their roles."""

    person = PersonRadio(
        User.objects.none(),
        to_field_name="public_id",
        widget=forms.RadioSelect,
        empty_label=None,
        label="Who it is",
        error_messages={"required": "Choose the person", "invalid_choice": "Find the person again"},
    )
    field_order = ["person", "roles"]

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = people


class ChangeRolesForm(RolesForm):
    """Somebody's roles; `had` is what the page showed them to have, so that another's change beside it stays."""

    had = forms.CharField(required=False, widget=forms.HiddenInput)

    def changes(self) -> tuple[set[str], set[str]]:
        """What to give, and what to take away."""
        wanted = set(self.cleaned_data["roles"])
        had = set(self.cleaned_data["had"].split(",")) & {code for code, _ in ROLES}
        return wanted - had, had - wanted

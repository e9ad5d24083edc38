"""Inviting somebody, and answering an invitation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from register.accounts.models import User
from register.accounts.roles import Role
from register.core.forms import LineField, RegisterForm
from register.reference.models import Organisation

SAYS = {
    Role.READER: "Reader: sees what is for everyone signed in",
    Role.CONTRIBUTOR: "Contributor: logs initiatives and keeps them current",
    Role.ORGANISATION_LEAD: "Organisation lead: the same, verifies money, and manages the people",
    Role.GROUP_MEMBER: "Member: reads the group’s pages and its digest",
    Role.SECRETARY: "Secretary: runs the group, and records its decisions and asks",
    Role.CHAIR: "Chair: records its decisions and asks",
    Role.ADMINISTRATOR: "Administrator: keeps organisations, areas of work and people",
    Role.AUDITOR: "Auditor: reads everything, changes nothing",
}


class AnswerableForm(RegisterForm):
    """A form whose service may refuse: it shows the refusal at the fields that the service names."""

    def refuse(self, error: ValidationError) -> None:
        told = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
        for field, texts in told.items():
            for text in texts:
                self.add_error(field if field in self.fields else None, text)


def role_field(roles: Sequence[Role]) -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=[(role.value, SAYS[role]) for role in roles],
        widget=forms.RadioSelect,
        label="Role",
        error_messages={"required": "Choose a role"},
    )


class InviteForm(AnswerableForm):
    email = forms.EmailField(
        label="Email", help_text="Their own work address. The invitation goes there.", max_length=254
    )
    name = LineField(max_length=120, required=False, label="Name", help_text="They can put it right.")

    def __init__(self, *args: Any, roles: Sequence[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = role_field(roles)


class AcceptForm(AnswerableForm):
    """Who somebody is, and the password they will sign in with."""

    name = LineField(
        max_length=120,
        label="Name",
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
    )
    post = LineField(
        max_length=120,
        required=False,
        label="Post",
        help_text="What you do, such as Estates lead.",
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    password = forms.CharField(
        strip=False,
        label="Password",
        help_text="8 characters or more. Three words that have nothing to do with each other are good.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Choose a password"},
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._email = email

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        if told.get("password"):
            whose = User(email=self._email, name=told.get("name", ""), post=told.get("post", ""))
            try:
                validate_password(told["password"], user=whose)
            except ValidationError as error:
                self.add_error("password", error)
        return told


class AskForm(RegisterForm):
    email = forms.EmailField(
        label="Your work email",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )


class ConfirmForm(AnswerableForm):
    """Who somebody is who asks for access, and where."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        to_field_name="code",
        widget=forms.RadioSelect,
        empty_label=None,
        label="Organisation",
        error_messages={
            "required": "Choose your organisation",
            "invalid_choice": "Choose one of those offered",
        },
    )
    name = LineField(max_length=120, label="Name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    post = LineField(max_length=120, label="Post", help_text="What you do, such as Estates lead.")
    why = LineField(max_length=300, label="What you need it for", help_text="A sentence for whoever answers.")
    field_order = ["name", "post", "organisation", "why"]

    def __init__(self, *args: Any, organisations: Sequence[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Organisation.objects.filter(pk__in=[one.pk for one in organisations]).order_by(
            "name"
        )
        if len(organisations) == 1:
            self.initial["organisation"] = organisations[0].code


REFUSE = "refuse"


class AnswerForm(AnswerableForm):
    """A role, or a no with its reason."""

    why_not = LineField(
        max_length=300, required=False, label="If you refuse: why", help_text="They get your words by email."
    )
    field_order = ["role", "why_not"]

    def __init__(self, *args: Any, roles: Sequence[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        answer = role_field(roles)
        answer.label = "Answer"
        answer.choices = [
            (role.value, f"Approve as {SAYS[role][0].lower()}{SAYS[role][1:]}") for role in roles
        ]
        answer.choices = [*answer.choices, (REFUSE, "Refuse")]
        answer.error_messages["required"] = "Choose an answer"
        self.fields["role"] = answer
        self.order_fields(self.field_order)


class DomainForm(AnswerableForm):
    domain = LineField(
        max_length=253, label="Domain", help_text="What stands behind the @, such as kent.police.uk."
    )

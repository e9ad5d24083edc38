"""The form of moving to another address."""

from __future__ import annotations

from django import forms

from register.accounts.joining.forms import AnswerableForm


class AddressForm(AnswerableForm):
    """Where one wants to sign in with."""

    email = forms.EmailField(
        label="New email address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
    )

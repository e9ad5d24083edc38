"""Finding past editions."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from register.accounts.models import WorkingGroup
from register.core.forms import LineField, RegisterForm


class SearchForm(RegisterForm):
    """Which past editions to show. What can't be read narrows nothing, and says so at its field."""

    q = LineField(max_length=200, required=False, label="Words in them")
    group = forms.ChoiceField(required=False, label="Group")
    year = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label="Year")
    month = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        label="Month",
        choices=[("", "Any month"), *((month, f"{date(2000, month, 1):%B}") for month in range(1, 13))],
    )

    def __init__(self, data: Any, *, groups: list[WorkingGroup], years: list[int]) -> None:
        super().__init__(data)
        fields: Any = self.fields
        fields["group"].choices = [
            ("", "Any"), *((group.code, group.name) for group in groups), (OWN, "What you follow"),
        ]  # fmt: skip
        fields["year"].choices = [("", "Any year"), *((year, str(year)) for year in years)]

    def asked(self) -> dict[str, Any]:
        """What to look for, by field; only what was asked and can be read."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}


# In place of a group's code: the reader's own editions. (No code of a group holds a dot.)
OWN = ".own"

"""Choosing an organisation by typing a few letters: with a script a combobox, without one a "Find" step.

Three inputs share a name: `<name>` what was typed, `<name>_code` the organisation chosen, `<name>_for` the text
that choice was made for. A choice counts only while the text is still that text, so that a name typed over an
old choice is never mistaken for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from register.reference.models import Organisation


@dataclass(frozen=True)
class Picked:
    """What the three inputs held."""

    typed: str
    code: str
    chosen_for: str

    @property
    def choice(self) -> str:
        return self.code if self.code and self.typed == self.chosen_for else ""


class OrganisationInput(forms.Widget):
    """Draws the picker. `found` are the organisations offered for what was typed."""

    template_name = "components/organisation_input.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.found: list[Organisation] = []

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Picked:
        typed = " ".join(str(data.get(name, "")).replace("\x00", "").split())
        return Picked(typed, str(data.get(f"{name}_code", "")), str(data.get(f"{name}_for", "")))

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data

    def format_value(self, value: Any) -> Any:
        if isinstance(value, Organisation):
            return Picked(value.name, value.code, value.name)
        if isinstance(value, str):
            return Picked(value, "", "")
        return value or Picked("", "", "")

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        picked = self.format_value(value)
        context["widget"] |= {
            "typed": picked.typed,
            "code": picked.choice,
            "chosen_for": picked.typed,
            "found": self.found,
        }
        return context


class OrganisationField(forms.Field):
    """An Organisation, chosen or typed in full. Ambiguous or unknown text is an error that offers what was found.

    `on` is the day for which existing organisations are offered first.
    """

    widget = OrganisationInput
    default_error_messages = {
        "required": "Type a few letters of the organisation's name and choose it.",
        "ambiguous": "Choose which organisation you mean by “%(typed)s”.",
        "unknown": "No organisation is called anything like “%(typed)s”. Check the spelling, or ask an"
        " administrator to add it.",
    }

    def __init__(self, *, on: date | None = None, **kwargs: Any) -> None:
        self.on = on
        super().__init__(**kwargs)

    def clean(self, value: Picked | None) -> Organisation | None:
        picked = value or Picked("", "", "")
        if not picked.typed:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required")
            return None
        if len(picked.typed) > 200:
            raise ValidationError("Use no more than 200 characters.", code="too_long")
        if picked.choice:
            chosen = Organisation.objects.filter(code=picked.choice).first()
            if chosen is not None:
                return chosen
        found = list(Organisation.objects.search(picked.typed, on=self.on))
        exact = [o for o in found if picked.typed.casefold() in (o.name.casefold(), o.short_name.casefold())]
        if len(exact) == 1:
            return exact[0]
        self.widget.found = found
        key = "ambiguous" if found else "unknown"
        raise ValidationError(self.error_messages[key], code=key, params={"typed": picked.typed})

    def has_changed(self, initial: Any, data: Any) -> bool:
        before = OrganisationInput().format_value(initial)
        after = data or Picked("", "", "")
        return (before.typed, before.code) != (after.typed, after.choice)

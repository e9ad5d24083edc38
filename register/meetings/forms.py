"""Trimming and ordering an agenda, and ending a meeting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from register.accounts.permissions import Table
from register.core.forms import LineField, RichTextField, dress
from register.groups.forms.common import ServiceForm
from register.initiatives.models import Initiative
from register.meetings.agenda import BY_HAND, Line
from register.meetings.models import AgendaItem

How = AgendaItem.How


class AgendaForm(ServiceForm):
    """For each initiative that may be on the agenda: whether it is, and its place."""

    add = LineField(
        max_length=20,
        required=False,
        label="Put another initiative on",
        help_text="Its reference, such as BL-00042; words of its title offer those of the remit that changed last. "
        "Everybody in the group must be able to see it.",
        widget=forms.TextInput(attrs={"class": "govuk-input govuk-input--width-10", "list": "offered"}),
    )

    # The agenda when the form was opened: what somebody else said of it meanwhile is told first.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, lines: Sequence[Line], table: Table, state: str = "", **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lines, self.table, self.state = lines, table, state
        self.initial.setdefault("seen", state)
        for place, line in enumerate(lines, 1):
            name = line.initiative.title
            self.fields[f"on_{line.initiative.pk}"] = forms.BooleanField(
                required=False, initial=line.is_on, label=name
            )
            self.fields[f"place_{line.initiative.pk}"] = _place(name, place)
        dress(self)

    def rows(self) -> list[tuple[Line, forms.BoundField, forms.BoundField]]:
        """What the page shows of each line: the line, its box, its place."""
        return [
            (line, self[f"on_{line.initiative.pk}"], self[f"place_{line.initiative.pk}"])
            for line in self.lines
        ]

    def clean_add(self) -> Initiative | None:
        typed = self.cleaned_data["add"]
        if not typed:
            return None
        seen = Initiative.objects.visible_to(self.table)  # type: ignore[arg-type]
        found = seen.by_reference(typed)
        if found is None:
            raise ValidationError(
                f"Everybody in the group may see no initiative “{typed}”. A reference looks like BL-00042."
            )
        return found

    def for_service(self) -> dict[str, Any]:
        """The lines in the order of their places, and what was put on last.

        What came into the queue after the page was opened was not there to be ticked: nothing is said of it.
        """
        told, added = self.cleaned_data, self.cleaned_data["add"]
        lines = [line for line in self.lines if self.add_prefix(f"place_{line.initiative.pk}") in self.data]
        lines.sort(key=lambda line: told[f"place_{line.initiative.pk}"] or 100)
        items = [(line.initiative, self._how(line)) for line in lines if line.initiative != added]
        return {"items": [*items, *([(added, How.PUT_ON)] if added else [])], "seen": told["seen"] or None}

    def refuse(self, error: ValidationError) -> None:
        """What was said meanwhile has been told now: the form holds it, and is not stopped by it again."""
        super().refuse(error)
        if getattr(error, "code", "") == "meanwhile":
            self.data = {**{name: self.data[name] for name in self.data}, "seen": self.state}

    def take_up_new_lines(self) -> None:
        """Shown again, it holds what was not there to be ticked when it was opened, as that is now."""
        new: dict[str, str] = {}
        for place, line in enumerate(self.lines, 1):
            key = line.initiative.pk
            if f"place_{key}" not in self.data:
                new |= {f"place_{key}": str(place)} | ({f"on_{key}": "on"} if line.is_on else {})
        self.data = {**{name: self.data[name] for name in self.data}, **new}

    def _how(self, line: Line) -> str:
        if not self.cleaned_data[f"on_{line.initiative.pk}"]:
            return How.LEFT_OFF
        return How.PUT_ON if line.part == BY_HAND else How.QUEUED


def _place(name: str, place: int) -> forms.IntegerField:
    wrong = f"Place of {name}: write a number from 1 to 99"
    attrs = {
        "inputmode": "numeric",
        "class": "govuk-input govuk-input--width-2",
        "aria-label": f"Place of {name}",
    }
    return forms.IntegerField(
        required=False,
        min_value=1,
        max_value=99,
        initial=place,
        label=f"Place of {name}",
        widget=forms.TextInput(attrs=attrs),
        error_messages={"invalid": wrong, "min_value": wrong, "max_value": wrong},
    )


class PresentForm(ServiceForm):
    """Who was at the meeting."""

    present = RichTextField(
        max_length=4000,
        rows=6,
        label="Present and apologies",
        help_text="One line for each, such as “Present: A. Yusuf (chair), T. Ashby” and “Apologies: P. Nair”.",
        error_messages={"required": "Write down who was present"},
    )

    def for_service(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

"""A selection in words: chips that can be taken off, and one line for a remit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet

from register.catalogue.filters import CURSORS, PAGE_PARAMETERS, Parameters, Selection, list_url


@dataclass(frozen=True)
class Chip:
    """One active value: what it filters, in words, and the address without it."""

    label: str
    value: str
    without_url: str


def chips(selection: Selection, parameters: Parameters) -> list[Chip]:
    found = []
    for name, values in parameters.items():
        if name in PAGE_PARAMETERS:
            continue
        field = selection.filterset.filters.get(name)
        names = _names(selection, name)
        for value in values:
            rest = {**_kept(parameters), name: [other for other in values if other != value]}
            label = str(field.label) if field else name
            found.append(Chip(label, names.get(value, value), list_url(rest)))
    return found


def _kept(parameters: Parameters) -> dict[str, Any]:
    """What a change of filters keeps: not where in the pages one was."""
    return {name: values for name, values in parameters.items() if name not in CURSORS}


def in_words(selection: Selection, parameters: Parameters) -> str:
    """Such as "Area of work: Fleet or Estates. Region: East of England."; "Everything" without parameters."""
    parts = []
    for name, values in parameters.items():
        if name in PAGE_PARAMETERS or not values:
            continue
        names = _names(selection, name)
        field = selection.filterset.filters.get(name)
        parts.append(f"{field.label if field else name}: {' or '.join(names.get(v, v) for v in values)}.")
    return " ".join(parts) or "Everything in the register."


def _names(selection: Selection, name: str) -> dict[str, str]:
    """Codes of one parameter and what they are called."""
    field = selection.filterset.form.fields.get(name)
    if field is None:
        return {}
    cleaned: Any = getattr(selection.filterset.form, "cleaned_data", {}).get(name)
    # django-filter hands on the chosen rows as a list: asking the field for all its choices would be a query more.
    if isinstance(cleaned, QuerySet | list) and cleaned and isinstance(cleaned[0], Model):
        key = getattr(field, "to_field_name", None) or "pk"
        return {str(getattr(row, key)): str(row) for row in cleaned}
    return {str(code): str(label) for code, label in getattr(field, "choices", [])}

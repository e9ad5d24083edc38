"""Two people edit the same thing: the second is told, sees both texts, and loses nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@dataclass(frozen=True)
class Difference:
    """One field: what was typed, and what is saved now."""

    label: str
    mine: str
    theirs: str


def conflict_page(
    request: HttpRequest,
    *,
    form: forms.BaseForm,
    theirs: dict[str, Any],
    version: int,
    back_url: str,
    back_label: str = "Record",
    more: tuple[Difference, ...] = (),
    marking: str = "",
) -> HttpResponse:
    """Both texts side by side (409). What was typed rides along: "save mine" sends it again, on what is saved now.

    `theirs` are the form's initial values for what is saved now, `version` its number; `marking` is that
    of the record whose texts they are.
    """
    differences = []
    for bound in form:
        if bound.is_hidden or bound.name == "reason":
            continue
        mine = in_words(bound, bound.value())
        saved = in_words(bound, bound.field.prepare_value(theirs.get(bound.name)))
        if mine != saved:
            differences.append(Difference(str(bound.label), mine, saved))
    carried = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in ("csrfmiddlewaretoken", "version", "save")
    ]
    context = {
        "differences": [*differences, *(d for d in more if d.mine != d.theirs)],
        "carried": carried,
        "version": version,
        "back_url": back_url,
        "back_label": back_label,
        "page_marking": marking,
    }
    return render(request, "initiatives/conflict.html", context, status=409)


def in_words(bound: forms.BoundField, value: Any) -> str:
    """A field's value as people read it."""
    choices = getattr(bound.field, "choices", None)
    if choices is not None:
        labels = {str(getattr(code, "value", code)): str(label) for code, label in choices}
        values = value if isinstance(value, list | tuple) else [] if value in (None, "") else [value]
        return ", ".join(labels.get(str(v), str(v)) for v in values)
    typed = getattr(value, "typed", None)
    return str(typed if typed is not None else "" if value is None else value).replace("\r\n", "\n").strip()

"""What a parameter of the language can be: codes of a list, rows by their code, amounts, days."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet

from register.core.forms import MoneyField

# After the parameter's name and a colon.
WRONG = {
    "invalid_choice": "there is no “%(value)s”.",
    "max_length": "use %(limit_value)d characters or fewer: these are %(show_value)d.",
    "null_characters_not_allowed": "there is a character in it that can’t be read.",
    "invalid": "write a day like 23 November 2026.",
}


class Codes(filters.MultipleChoiceFilter):
    """Any of several codes of a fixed list; `method` names how they narrow."""

    def __init__(self, **kwargs: Any) -> None:
        # A column of the record's own: nothing comes twice.
        super().__init__(distinct=False, error_messages=WRONG, **kwargs)


class Code(filters.ChoiceFilter):
    """One code of a fixed list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(error_messages=WRONG, **kwargs)


class Named(filters.ModelMultipleChoiceFilter):
    """Any of several rows of a reference table, by their permanent code."""

    def __init__(self, queryset: QuerySet, *, key: str = "code", **kwargs: Any) -> None:
        super().__init__(queryset=queryset, to_field_name=key, error_messages=WRONG, **kwargs)


class Pounds(filters.Filter):
    """An amount as people type it, such as £1.2m."""

    field_class = MoneyField


class Day(filters.DateFilter):
    """A day, as 2026-11-23 or as people write it."""

    def __init__(self, **kwargs: Any) -> None:
        formats = ["%Y-%m-%d", "%d/%m/%Y", "%d %B %Y", "%d %b %Y"]
        super().__init__(input_formats=formats, error_messages=WRONG, **kwargs)

"""Columns that come in pairs: a date and how exactly it is known."""

from django.db import models
from django.db.models import Q


def precision_field() -> models.CharField:
    """The column beside a date: day, month or year; empty when there is no date."""
    return models.CharField(
        max_length=5, blank=True, default="", choices=[("day", "Day"), ("month", "Month"), ("year", "Year")]
    )


def limited_date_constraint(model: str, date: str, precision: str) -> models.CheckConstraint:
    """A date goes with a precision, and is the first day of the period that the precision names."""
    first = {f"{date}__day": 1}
    return models.CheckConstraint(
        name=f"{model}_{date}_precision",
        condition=(
            Q(**{f"{date}__isnull": True, precision: ""})
            | Q(**{f"{date}__isnull": False, precision: "day"})
            | Q(**{f"{date}__isnull": False, precision: "month"}, **first)
            | Q(**{f"{date}__isnull": False, precision: "year", f"{date}__month": 1}, **first)
        ),
    )

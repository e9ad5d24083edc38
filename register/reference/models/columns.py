"""Columns that several reference tables share."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

CODE_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"


def field_names() -> ArrayField:
    """A list of this model's own field names."""
    return ArrayField(models.CharField(max_length=40), default=list, blank=True)

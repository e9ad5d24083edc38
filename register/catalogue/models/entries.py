"""What the catalogue keeps of each initiative, so that finding, sorting and counting ask one narrow table.

The database writes it (`register/migrations/_catalogue.py`): statement triggers on the record, on all that hangs
on it and on the names of organisations, places and areas of work. Nothing in Python does.
"""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F

from register.catalogue.models.sets import CodesField, KeysField
from register.initiatives.models import Initiative


class CatalogueWords(models.Model):
    """An initiative's words as they are searched. Apart, so that counting reads only the narrow entries."""

    initiative = models.OneToOneField(
        Initiative, on_delete=models.CASCADE, primary_key=True, related_name="words"
    )
    document = SearchVectorField(
        help_text="Title A; purpose, partners, places, areas B; summary C; the rest D."
    )

    class Meta:
        indexes = [GinIndex(fields=["document"], name="words_document", fastupdate=False)]

    def __str__(self) -> str:
        return f"words of initiative {self.initiative_id}"


class CatalogueEntry(models.Model):
    """An initiative's facets. Amounts are in pence; each is of one year, one kind, never a mixture."""

    initiative = models.OneToOneField(
        Initiative, on_delete=models.CASCADE, primary_key=True, related_name="entry"
    )
    areas = KeysField(help_text="Areas of work, by key, in order.")
    places = KeysField(help_text="Police areas, by key, in order.")
    mix = models.CharField(max_length=40, help_text="Services taking part, such as police-fire.")
    barriers = CodesField(help_text="category:remover of those in the way.")
    benefits = CodesField(help_text="outcome:kind of each benefit.")
    forecast_pence = models.BigIntegerField(null=True, help_text="The most forecast for a year, of one kind.")
    actual_pence = models.BigIntegerField(null=True, help_text="The most saved in a year, of one kind.")
    saving_pence = models.BigIntegerField(
        null=True, help_text="The largest of both and of what is stated a year."
    )
    has_figure = models.BooleanField(help_text="Whether any saving is recorded or stated.")

    class Meta:
        indexes = [
            models.Index(
                F("saving_pence").desc(nulls_last=True), F("initiative").desc(), name="entry_by_saving"
            ),
            models.Index(fields=["mix"], name="entry_mix"),
        ]

    def __str__(self) -> str:
        return f"entry of initiative {self.initiative_id}"

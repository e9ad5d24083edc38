"""In what order initiatives can be listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.postgres.search import SearchRank
from django.db.models import BigIntegerField, CharField, DateField, DateTimeField, F, FloatField
from django.db.models.functions import Cast, Lower

from register.catalogue.search import as_query
from register.core.paging import Key
from register.initiatives.models import Initiative
from register.initiatives.querysets import InitiativeQuerySet

# Weighing every match of a common word is what costs, so of many only those that changed last are weighed.
MOST_WEIGHED = 400
LATEST_FIRST = Key("pk", F("pk"), BigIntegerField(), descending=True)
RELEVANCE, DEFAULT = "relevance", "changed"


@dataclass(frozen=True)
class Order:
    code: str
    label: str
    keys: Sequence[Key]
    # By what the entry holds: said so that the database may begin there. Every record has an entry.
    by_entry: bool = False

    def of(self, initiatives: InitiativeQuerySet) -> InitiativeQuerySet:
        return initiatives.filter(entry__mix__isnull=False) if self.by_entry else initiatives


ORDERS = {
    order.code: order
    for order in (
        Order(
            "changed",
            "Recently changed",
            [Key("changed", F("changed_at"), DateTimeField(), descending=True), LATEST_FIRST],
        ),
        Order(
            "started",
            "Started",
            [
                Key("started", F("starts_on"), DateField(), descending=True, empty_last=True),
                LATEST_FIRST,
            ],
        ),
        Order(
            "saving",
            "Saving a year",
            [
                Key("saving", F("entry__saving_pence"), BigIntegerField(), descending=True, empty_last=True),
                Key("entry", F("entry__pk"), BigIntegerField(), descending=True),
            ],
            by_entry=True,
        ),
        Order(
            "title",
            "Title",
            [Key("title", Lower("title"), CharField()), Key("pk", F("pk"), BigIntegerField())],
        ),
        Order("reference", "Reference", [Key("number", F("number"), BigIntegerField())]),
    )
}


def by_relevance(initiatives: InitiativeQuerySet, words: str) -> tuple[InitiativeQuerySet, Order]:
    """The latest matches (`MOST_WEIGHED`) and how well each matches the words: in the title most, in updates least."""
    latest = initiatives.order_by("-changed_at", "-pk").values("pk")[:MOST_WEIGHED]
    rank = Cast(SearchRank(F("words__document"), as_query(words)), FloatField())
    order = Order(RELEVANCE, "Relevance", [Key("rank", rank, FloatField(), descending=True), LATEST_FIRST])
    return Initiative.objects.filter(pk__in=latest), order

"""Which askings still wait for an answer."""

from __future__ import annotations

from functools import cache
from typing import Self

from django.apps import apps
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from register.history.models import Change


class ChaseItemQuerySet(models.QuerySet):
    def without_answer(self) -> Self:
        """Nobody has confirmed, updated, closed or otherwise changed the record since it was asked about.

        A confirmation is a day, so one of the day of the asking answers it. What a working group puts down about a
        record answers nothing: its owners did not.
        """
        touched = Change.objects.filter(
            root_id=OuterRef("initiative_id"),
            at__gt=OuterRef("chase__round__opened_at"),
            actor_id__isnull=False,
            table_name__in=_tables_of_the_record(),
        )
        confirmed = Q(initiative__confirmed_on__gte=F("chase__round__opened_at__date"))
        return self.exclude(confirmed).filter(~Exists(touched))

    def asked(self) -> Self:
        """Those that reached an owner."""
        return self.filter(chase__kind="owner", chase__state="sent")

    def told(self) -> Self:
        """Those that an organisation's lead is told of, was told of, or may have been told of."""
        return self.filter(chase__kind="lead").exclude(chase__state__in=["skipped", "failed"])


@cache
def _tables_of_the_record() -> list[str]:
    """The tables that its owners keep: the initiative and what hangs on it."""
    models_of_ours = apps.get_app_config("register").get_models()
    return [
        model._meta.db_table
        for model in models_of_ours
        if model.__module__.startswith("register.initiatives.")
    ]

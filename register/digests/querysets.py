"""Which editions, wishes and deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Self, cast

from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import Func, Q, TextField, Value
from django.db.models.fields.json import KeyTextTransform

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User, WorkingGroup
    from register.digests.models import DigestWish, Edition


def item_words() -> SearchVector:
    """What a search looks for in an item: its words, and its reference as one word (BL00042), as in the catalogue."""
    reference = Func(
        KeyTextTransform("reference", "content"), Value("-"), Value(""), function="replace", output_field=TextField()
    )  # fmt: skip
    said = [KeyTextTransform(key, "content") for key in ("title", "sentence", "reason")]
    return SearchVector(*said, reference, config="english")


class EditionQuerySet(models.QuerySet):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Editions of one's groups and one's own; every group's for administrators and auditors.

        What somebody follows is nobody else's business.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.holdings.sees_everything:
            return self.filter(Q(person=None) | Q(person=user))
        return self.filter(Q(group__in=list(user.holdings.groups)) | Q(person=user))

    def built(self) -> Self:
        """Ready or quiet: no longer being built."""
        return self.exclude(state="open")

    def before(self, edition: Edition) -> Self:
        """Earlier editions for the same audience, the latest first."""
        return self.filter(
            group=edition.group_id, person=edition.person_id, ends_at__lte=edition.starts_at
        ).order_by("-ends_at")


class ItemQuerySet(models.QuerySet):
    def of(self, says: Iterable[Sequence[int]]) -> Self:
        """The items of editions that say these, each once."""
        return self.filter(pk__any_of={pk for some in says for pk in some})


class ItemManager(models.Manager.from_queryset(ItemQuerySet)):  # type: ignore[misc]
    """Items without the words for searching, which are of no use once they are found."""

    def get_queryset(self) -> ItemQuerySet:
        found: ItemQuerySet = super().get_queryset().defer("words")
        return found


class WishQuerySet(models.QuerySet):
    def of(self, user: User, group: WorkingGroup | int | None) -> DigestWish | None:
        """What the person said of a group's digest, or of their own (no group); None when nothing."""
        return cast("DigestWish | None", self.filter(user=user, group=group).first())

    def refusing(self) -> Self:
        return self.filter(wish="none")


class DeliveryQuerySet(models.QuerySet):
    def due(self, *, now: datetime) -> Self:
        """Waiting, and their time has come."""
        return self.filter(state="waiting", due_at__lte=now)

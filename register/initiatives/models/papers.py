"""What is written down elsewhere: agreements, documents and sources."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from register.core.clock import RegisterNow
from register.core.tracking import tracked
from register.initiatives.models.initiative import Initiative
from register.initiatives.querysets import HangingQuerySet
from register.initiatives.vocabulary import AgreementKind
from register.reference.models import Organisation


def document_path(document: Document, filename: str) -> str:
    """Files are kept under a name that says nothing; the name people gave is a column."""
    return f"{document.initiative_id}/{uuid4().hex}"


class Document(models.Model):
    """A link or a file, one of the two."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="documents")
    title = models.CharField(max_length=200)
    link = models.URLField(max_length=500, blank=True)
    file = models.FileField(upload_to=document_path, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    added_at = models.DateTimeField(db_default=RegisterNow())
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[HangingQuerySet] = HangingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="document_is_a_link_or_a_file",
                condition=(Q(link="") & ~Q(file="")) | (~Q(link="") & Q(file="")),
            )
        ]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return self.title


class Agreement(models.Model):
    """What the partners signed."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="agreements")
    kind = models.CharField(max_length=12, choices=AgreementKind.choices)
    title = models.CharField(max_length=200, blank=True)
    parties = models.ManyToManyField(Organisation, through="AgreementParty", related_name="agreements")
    signed_on = models.DateField(null=True, blank=True)
    review_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    document = models.ForeignKey(
        Document, null=True, blank=True, on_delete=models.SET_NULL, related_name="agreements"
    )
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[HangingQuerySet] = HangingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["signed_on", "id"]
        constraints = [
            models.CheckConstraint(
                name="agreement_dates_in_order",
                condition=(Q(signed_on=None) | Q(ends_on=None) | Q(ends_on__gte=F("signed_on")))
                & (Q(signed_on=None) | Q(review_on=None) | Q(review_on__gte=F("signed_on"))),
            )
        ]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return self.title or self.get_kind_display()


class AgreementParty(models.Model):
    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="party_links")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="agreement_links")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["agreement", "organisation"], name="party_once")]
        triggers = [tracked(root="agreement_id:register_agreement")]

    def __str__(self) -> str:
        return str(self.organisation)


class Source(models.Model):
    """A publication that a record was compiled from."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="sources")
    citation = models.CharField(max_length=400)
    link = models.URLField(max_length=500, blank=True)
    is_unverified = models.BooleanField(default=False)

    objects: ClassVar[HangingQuerySet] = HangingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["id"]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return self.citation

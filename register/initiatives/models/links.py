"""What an initiative is tied to: organisations with their roles, areas of work, places, and the groups it names."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from register.accounts.models import WorkingGroup
from register.core.columns import limited_date_constraint, precision_field
from register.core.dates import LimitedDate
from register.core.tracking import tracked
from register.initiatives.models.initiative import Initiative
from register.initiatives.querysets import PartnerQuerySet
from register.initiatives.vocabulary import PartnerRole
from register.reference.models import AreaOfWork, Organisation, PoliceArea


class InitiativePartner(models.Model):
    """An organisation's role in an initiative. One lead at most; none means that no source states it."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="partners")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="partnerships")
    role = models.CharField(max_length=10, choices=PartnerRole.choices, default=PartnerRole.PARTY)
    note = models.CharField(max_length=120, blank=True)
    since_on = models.DateField(null=True, blank=True)
    since_precision = precision_field()
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[PartnerQuerySet] = PartnerQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative"], condition=Q(role=PartnerRole.LEAD), name="one_lead_for_each_initiative"
            ),
            models.UniqueConstraint(fields=["initiative", "organisation", "role"], name="partner_role_once"),
            limited_date_constraint("partner", "since_on", "since_precision"),
        ]
        # Whose records, and whose as lead, without reading the partners themselves: every reader's list asks.
        indexes = [
            models.Index(fields=["organisation", "role", "initiative"], name="partner_by_organisation")
        ]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.get_role_display().lower()}"

    @property
    def since(self) -> LimitedDate | None:
        return LimitedDate.of(self.since_on, self.since_precision)


class InitiativeArea(models.Model):
    """An area of work of an initiative, in the order given."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="area_links")
    area_of_work = models.ForeignKey(
        AreaOfWork, on_delete=models.PROTECT, related_name="initiative_links", db_index=False
    )

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "area_of_work"], name="area_of_work_once")
        ]
        indexes = [models.Index(fields=["area_of_work", "initiative"], name="initiatives_of_area")]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return str(self.area_of_work)


class InitiativePlace(models.Model):
    """A police area in which an initiative happens."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="place_links")
    police_area = models.ForeignKey(
        PoliceArea, on_delete=models.PROTECT, related_name="initiative_links", db_index=False
    )

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["initiative", "police_area"], name="place_once")]
        indexes = [models.Index(fields=["police_area", "initiative"], name="initiatives_of_place")]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return str(self.police_area)


class InitiativeGroup(models.Model):
    """A working group named in an initiative's audience."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="group_links")
    group = models.ForeignKey(WorkingGroup, on_delete=models.CASCADE, related_name="initiative_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["initiative", "group"], name="named_group_once")]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return str(self.group)

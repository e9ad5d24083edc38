"""Organisations: what they are, what they were called, who succeeded whom, which places they serve."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse

from register.core.columns import limited_date_constraint, precision_field
from register.core.dates import LimitedDate
from register.core.tracking import tracked
from register.reference.models.columns import CODE_PATTERN, field_names
from register.reference.models.place import PoliceArea
from register.reference.querysets import OrganisationQuerySet

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

_SERVICES = {
    "police": "police",
    "policing_body": "police",
    "fire": "fire",
    "ambulance": "ambulance",
    "council": "council",
}


class Organisation(models.Model):
    """A body that takes part in collaboration, from the day it began to the day it ended.

    `ends_on` is the first day it no longer existed, which is the day its successor took over. `unverified`
    names the fields that rest on memory and not on a source; `corrected_fields` those that an administrator
    has set, which `load_reference` leaves alone ("coverage" among them stands for its police areas).
    """

    class Kind(models.TextChoices):
        POLICE = "police", "Police force"
        POLICING_BODY = "policing_body", "Policing body"
        FIRE = "fire", "Fire and rescue"
        AMBULANCE = "ambulance", "Ambulance"
        COUNCIL = "council", "Council"
        HEALTH = "health", "Health"
        JUSTICE = "justice", "Justice and probation"
        VOLUNTARY = "voluntary", "Voluntary"
        PRIVATE = "private", "Private"
        NATIONAL = "national", "National body"

        @property
        def service(self) -> str:
            """Which of the five marks it has: police, fire, ambulance, council or other."""
            return _SERVICES.get(self.value, "other")

    code = models.CharField(
        max_length=80, unique=True, help_text="For ever: addresses and saved views carry it."
    )
    name = models.CharField(max_length=160)
    short_name = models.CharField(max_length=60, blank=True, default="")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    starts_on = models.DateField(null=True, blank=True)
    starts_precision = precision_field()
    ends_on = models.DateField("ended on", null=True, blank=True, help_text="The first day without it.")
    ends_precision = precision_field()
    governance = models.CharField(
        "type or governance",
        max_length=80,
        blank=True,
        default="",
        help_text="What sort of policing body, fire authority or council it is.",
    )
    official_code = models.CharField(
        max_length=12, blank=True, default="", help_text="ONS or NHS (ODS) code, where it has one."
    )
    nation = models.CharField(max_length=20, blank=True, default="", help_text="England, Wales, or wider.")
    areas = models.ManyToManyField(PoliceArea, through="Coverage", related_name="organisations")
    is_fictional = models.BooleanField(default=False)
    from_tables = models.BooleanField(default=False, editable=False, help_text="Kept by load_reference.")
    unverified = field_names()
    corrected_fields = field_names()
    note = models.TextField(blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    other_names: RelatedManager[OrganisationName]
    coverage: RelatedManager[Coverage]
    succeeded_by: RelatedManager[Succession]
    preceded_by: RelatedManager[Succession]

    objects: ClassVar[OrganisationQuerySet] = OrganisationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["official_code"],
                condition=~Q(official_code=""),
                name="organisation_official_code_once",
            ),
            models.CheckConstraint(name="organisation_code_format", condition=Q(code__regex=CODE_PATTERN)),
            models.CheckConstraint(name="organisation_named", condition=~Q(name="")),
            models.CheckConstraint(
                name="organisation_end_after_start",
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gt=F("starts_on")),
            ),
            limited_date_constraint("organisation", "starts_on", "starts_precision"),
            limited_date_constraint("organisation", "ends_on", "ends_precision"),
        ]
        indexes = [models.Index(fields=["kind", "name"], name="organisation_kind")]
        triggers = [tracked()]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organisation", args=[self.code])

    @property
    def label(self) -> str:
        """The short name where there is one."""
        return self.short_name or self.name

    @property
    def service(self) -> str:
        """Which of the five marks it has: police, fire, ambulance, council or other."""
        return self.Kind(self.kind).service

    @property
    def starts(self) -> LimitedDate | None:
        return LimitedDate.of(self.starts_on, self.starts_precision)

    @property
    def ends(self) -> LimitedDate | None:
        return LimitedDate.of(self.ends_on, self.ends_precision)

    def is_unverified(self, field: str) -> bool:
        return field in self.unverified

    def existed_on(self, on: date | LimitedDate) -> bool:
        """Whether it was there on a day, or for part of a period.

        Between dates of limited precision the doubt is for the organisation: what ended "in 2024" may be
        chosen for the whole of 2024. A start that nobody has verified never says no.
        """
        first, last = _span(on)
        ends = self.ends
        if ends is not None:
            over = ends.first if ends.precision == "day" else _after(ends)
            if first >= over:
                return False
        return self.starts_on is None or "starts_on" in self.unverified or last >= self.starts_on

    def successors_on(self, on: date | LimitedDate) -> list[Organisation]:
        """Who does its work on a day: follows the chain until an organisation that existed then. By name."""
        found: dict[int, Organisation] = {}
        seen = {self.pk}
        queue = [self]
        while queue:
            links = Succession.objects.filter(predecessor__in=queue).select_related("successor")
            queue = []
            for link in links:
                if link.successor_id in seen:
                    continue
                seen.add(link.successor_id)
                if link.successor.existed_on(on):
                    found[link.successor_id] = link.successor
                else:
                    queue.append(link.successor)
        return sorted(found.values(), key=lambda organisation: organisation.name)


def _span(on: date | LimitedDate) -> tuple[date, date]:
    return (on, on) if isinstance(on, date) else (on.first, on.last)


def _after(period: LimitedDate) -> date:
    return date.fromordinal(period.last.toordinal() + 1)


class OrganisationName(models.Model):
    """Another name an organisation is found by: what it was once called, or is also called."""

    class Kind(models.TextChoices):
        FORMER = "former", "Former name"
        ALIAS = "alias", "Also called"

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="other_names")
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.ALIAS)
    used_from = models.DateField(null=True, blank=True)
    used_from_precision = precision_field()
    used_to = models.DateField("used until", null=True, blank=True)
    used_to_precision = precision_field()
    from_tables = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["organisation", "kind", "name"]
        constraints = [
            models.UniqueConstraint("organisation", Lower("name"), name="organisation_name_once"),
            models.CheckConstraint(name="organisation_name_given", condition=~Q(name="")),
            models.CheckConstraint(
                name="organisation_name_dates",
                condition=Q(used_from=None) | Q(used_to=None) | Q(used_to__gte=F("used_from")),
            ),
            limited_date_constraint("organisationname", "used_from", "used_from_precision"),
            limited_date_constraint("organisationname", "used_to", "used_to_precision"),
        ]
        triggers = [tracked()]

    def __str__(self) -> str:
        return self.name


class Succession(models.Model):
    """One organisation took over from another: wholly or in part, on a day that may not be known."""

    class Kind(models.TextChoices):
        RENAMED = "renamed", "Renamed"
        MERGED = "merged", "Merged into"
        REPLACED = "replaced", "Replaced by"
        SPLIT = "split", "Split between"
        FUNCTIONS_TRANSFERRED = "functions_transferred", "Functions transferred to"

    predecessor = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="succeeded_by")
    successor = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="preceded_by")
    on = models.DateField("took over on", null=True, blank=True)
    on_precision = precision_field()
    kind = models.CharField(max_length=24, choices=Kind.choices)
    from_tables = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["on", "predecessor"]
        constraints = [
            models.UniqueConstraint(fields=["predecessor", "successor"], name="succession_once"),
            models.CheckConstraint(name="succession_to_another", condition=~Q(predecessor=F("successor"))),
            limited_date_constraint("succession", "on", "on_precision"),
        ]
        triggers = [tracked()]

    def __str__(self) -> str:
        return f"{self.predecessor}: {self.get_kind_display().lower()} {self.successor}"


class Coverage(models.Model):
    """An organisation serves (part of) a police area."""

    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="coverage")
    area = models.ForeignKey(PoliceArea, on_delete=models.PROTECT, related_name="coverage")
    unverified = models.BooleanField(default=False)
    from_tables = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering = ["organisation", "area"]
        verbose_name_plural = "coverage"
        constraints = [models.UniqueConstraint(fields=["organisation", "area"], name="coverage_once")]
        triggers = [tracked()]

    def __str__(self) -> str:
        return f"{self.organisation} covers {self.area}"

"""Benefits and money. Money is in whole pence; unknown is null, which is not nought.

A total is a sum of lines. Recurring and one-off, forecast and actual, claimed and verified are never added
together, and a stated figure is never spread over years or partners.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q

from register.accounts.permissions import Scope
from register.core import money
from register.core.columns import limited_date_constraint, precision_field
from register.core.dates import financial_year_in_words
from register.core.tracking import tracked
from register.initiatives.models.initiative import Initiative
from register.initiatives.querysets import HangingQuerySet, LineQuerySet
from register.initiatives.vocabulary import BenefitKind, Evidence, FigureBasis, FigureKind, Outcome
from register.reference.models import Organisation

# 1 April 1990 to 31 March 2101: wider than any line should be, narrow enough to catch 20226.
YEAR_RANGE = Q(financial_year__gte=1990, financial_year__lte=2100)


def scope_of(line: SavingLine | CostLine | FundingLine) -> Scope:
    """A line is kept by the people of its own organisation, while that takes part, and of the lead."""
    of_record = line.initiative.permission_scope()
    return replace(of_record, editors=of_record.lead | (of_record.editors & {line.organisation_id}))


def quantity(value: Decimal | None, unit: str) -> str:
    """12 minutes, 4.5 %, £11.4m a year; "" for None."""
    if value is None:
        return ""
    if unit.startswith("£"):
        return f"{money.short(int(value * 100))}{unit[1:]}"
    return f"{value.normalize():,f} {unit}".rstrip()


class Benefit(models.Model):
    """What gets better, how it is measured, and what is known of it."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="benefits")
    title = models.CharField(max_length=160)
    outcome = models.CharField(max_length=20, choices=Outcome.choices)
    kind = models.CharField(max_length=20, choices=BenefitKind.choices)
    is_recurring = models.BooleanField(default=True)
    measure = models.CharField(max_length=160, blank=True)
    unit = models.CharField(max_length=40, blank=True)
    baseline = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    target = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    actual = models.DecimalField(max_digits=16, decimal_places=2, null=True, blank=True)
    actual_on = models.DateField(null=True, blank=True)
    evidence = models.CharField(max_length=15, choices=Evidence.choices, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[HangingQuerySet] = HangingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                name="benefit_actual_has_its_date",
                condition=Q(actual=None, actual_on=None) | Q(actual__isnull=False, actual_on__isnull=False),
            )
        ]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return self.title

    @property
    def measured(self) -> list[tuple[str, str]]:
        """Before, target and now in words, each with what it is called; "" for what is not known."""
        told = ((self.baseline, "before"), (self.target, "target"), (self.actual, "now"))
        return [(quantity(value, self.unit), name) for value, name in told]


class SavingLine(models.Model):
    """What one benefit saves one organisation in one financial year (1 April to 31 March; its first year)."""

    benefit = models.ForeignKey(Benefit, on_delete=models.CASCADE, related_name="lines")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="saving_lines")
    financial_year = models.PositiveSmallIntegerField()
    forecast_pence = models.BigIntegerField(null=True, blank=True)
    actual_pence = models.BigIntegerField(null=True, blank=True)
    verified_by = models.CharField(max_length=120, blank=True, help_text="The post or body that checked it.")
    verified_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[LineQuerySet] = LineQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["financial_year", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["benefit", "organisation", "financial_year"], name="saving_line_once"
            ),
            models.CheckConstraint(name="saving_line_year", condition=YEAR_RANGE),
            models.CheckConstraint(
                name="saving_line_says_something",
                condition=Q(forecast_pence__isnull=False) | Q(actual_pence__isnull=False),
            ),
            models.CheckConstraint(
                name="saving_verified_by_and_on",
                condition=Q(verified_by="", verified_on=None)
                | (~Q(verified_by="") & Q(verified_on__isnull=False, actual_pence__isnull=False)),
            ),
        ]
        triggers = [tracked(root="benefit_id:register_benefit")]

    def __str__(self) -> str:
        return f"{self.organisation}, {financial_year_in_words(self.financial_year)}"

    @property
    def initiative(self) -> Initiative:
        return self.benefit.initiative

    def permission_scope(self) -> Scope:
        return scope_of(self)


class CostLine(models.Model):
    """What an organisation spends on it in a financial year."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="cost_lines")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="cost_lines")
    financial_year = models.PositiveSmallIntegerField()
    what_for = models.CharField(max_length=120)
    is_recurring = models.BooleanField(default=False)
    forecast_pence = models.BigIntegerField(null=True, blank=True)
    actual_pence = models.BigIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[HangingQuerySet] = HangingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["financial_year", "id"]
        constraints = [
            models.CheckConstraint(name="cost_line_year", condition=YEAR_RANGE),
            models.CheckConstraint(
                name="cost_line_says_something",
                condition=Q(forecast_pence__isnull=False) | Q(actual_pence__isnull=False),
            ),
        ]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return f"{self.what_for}, {financial_year_in_words(self.financial_year)}"

    def permission_scope(self) -> Scope:
        return scope_of(self)


class FundingLine(models.Model):
    """What a source gives an organisation for it in a financial year."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="funding_lines")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="funding_lines", help_text="Who receives it."
    )
    funder = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="funded_lines"
    )
    source = models.CharField(max_length=160, help_text="The fund or grant.")
    financial_year = models.PositiveSmallIntegerField()
    forecast_pence = models.BigIntegerField(null=True, blank=True)
    actual_pence = models.BigIntegerField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[HangingQuerySet] = HangingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["financial_year", "id"]
        constraints = [
            models.CheckConstraint(name="funding_line_year", condition=YEAR_RANGE),
            models.CheckConstraint(
                name="funding_line_says_something",
                condition=Q(forecast_pence__isnull=False) | Q(actual_pence__isnull=False),
            ),
        ]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return f"{self.source}, {financial_year_in_words(self.financial_year)}"

    def permission_scope(self) -> Scope:
        return scope_of(self)


class StatedFigure(models.Model):
    """What a publication said, in its words. Shown and counted on its own; never spread or added to lines."""

    initiative = models.ForeignKey(Initiative, on_delete=models.CASCADE, related_name="stated_figures")
    kind = models.CharField(max_length=10, choices=FigureKind.choices, default=FigureKind.SAVING)
    amount_pence = models.BigIntegerField(null=True, blank=True)
    basis = models.CharField(max_length=12, choices=FigureBasis.choices)
    qualifier = models.CharField(max_length=20, blank=True, help_text="Such as up to, at least or about.")
    as_stated = models.CharField(max_length=400)
    period_text = models.CharField(max_length=120, blank=True)
    stated_on = models.DateField(null=True, blank=True)
    stated_precision = precision_field()
    is_unverified = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[HangingQuerySet] = HangingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["id"]
        constraints = [limited_date_constraint("stated", "stated_on", "stated_precision")]
        triggers = [tracked(root="initiative_id")]

    def __str__(self) -> str:
        return self.as_stated

"""What each parameter of the language means: one filter for it, and what it asks of initiatives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from register.catalogue.choices import (
    CHANGED,
    CHANGED_DAYS,
    EXAMPLES,
    FIGURES,
    FRESHNESS,
    MINE,
    MIXES,
    REPLICABLE,
    REPLICATION,
    SERVICE_LABELS,
    barrier_codes,
    benefit_codes,
    freshness,
)
from register.catalogue.fields import WRONG, Code, Codes, Day, Named, Pounds
from register.catalogue.models import InitiativeFollow
from register.catalogue.search import find
from register.initiatives.models import (
    Initiative,
    InitiativeArea,
    InitiativePartner,
    InitiativePlace,
)
from register.initiatives.querysets import InitiativeQuerySet
from register.initiatives.vocabulary import (
    BarrierCategory,
    BenefitKind,
    Depth,
    Marking,
    NoFigureReason,
    Outcome,
    PartnerRole,
    Remover,
    Stage,
    Standing,
)
from register.reference.models import AreaOfWork, Organisation, PoliceArea, Region

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User


class InitiativeFilter(filters.FilterSet):
    """The parameters and what they mean to a reader. `on` is the day on which "in the last 3 months" is read."""

    q = filters.CharFilter(method="by_words", label="Words", max_length=200, error_messages=WRONG)
    area = Named(AreaOfWork.objects.with_merged(), method="by_area", label="Area of work")
    not_area = Named(AreaOfWork.objects.with_merged(), method="by_not_area", label="Not the area of work")
    stage = Codes(choices=Stage.choices, label="Stage")
    not_stage = Codes(choices=Stage.choices, field_name="stage", exclude=True, label="Not the stage")
    standing = Codes(choices=Standing.choices, label="Standing")
    service = Codes(choices=SERVICE_LABELS, method="by_service", label="Service")
    mix = Codes(choices=MIXES, field_name="entry__mix", label="Services working together")
    place = Named(PoliceArea.objects.all(), key="slug", method="by_place", label="Police area")
    not_place = Named(
        PoliceArea.objects.all(), key="slug", method="by_not_place", label="Not in the police area"
    )
    region = Named(Region.objects.all(), method="by_region", label="Region")
    org = Named(Organisation.objects.all(), method="by_organisation", label="Organisation")
    not_org = Named(
        Organisation.objects.all(), method="by_not_organisation", label="Without the organisation"
    )
    also = Named(Organisation.objects.all(), method="by_organisation", label="With the organisation")
    lead = Named(Organisation.objects.all(), method="by_lead", label="Led by")
    kind = Codes(choices=Organisation.Kind.choices, method="by_kind", label="Kind of organisation")
    depth = Codes(
        choices=[*Depth.choices, ("none", "Not stated")], method="by_depth", label="How deep it goes"
    )
    outcome = Codes(choices=Outcome.choices, method="by_benefit", label="Benefit")
    benefit = Codes(choices=BenefitKind.choices, method="by_benefit", label="Kind of benefit")
    barrier = Codes(choices=BarrierCategory.choices, method="by_barrier", label="Barrier")
    remover = Codes(choices=Remover.choices, method="by_barrier", label="Who can remove a barrier")
    figure = Codes(choices=FIGURES, method="by_figure", label="Figures")
    replicable = Codes(choices=REPLICATION, method="by_replication", label="Others may copy it")
    why = Codes(choices=NoFigureReason.choices, method="by_no_figure", label="Why there is no figure")
    forecast_from = Pounds(
        field_name="entry__forecast_pence", lookup_expr="gte", label="Forecast a year from"
    )
    forecast_to = Pounds(field_name="entry__forecast_pence", lookup_expr="lte", label="Forecast a year to")
    actual_from = Pounds(field_name="entry__actual_pence", lookup_expr="gte", label="Saved a year from")
    actual_to = Pounds(field_name="entry__actual_pence", lookup_expr="lte", label="Saved a year to")
    fresh = Codes(choices=FRESHNESS, method="by_freshness", label="Freshness")
    marking = Codes(choices=Marking.choices, label="Sensitivity")
    changed = Code(choices=CHANGED, method="by_change", label="Changed")
    changed_from = Day(field_name="changed_at__date", lookup_expr="gte", label="Changed from")
    changed_to = Day(field_name="changed_at__date", lookup_expr="lte", label="Changed to")
    started_from = Day(field_name="starts_on", lookup_expr="gte", label="Started from")
    started_to = Day(field_name="starts_on", lookup_expr="lte", label="Started to")
    due_from = Day(field_name="next_update_due", lookup_expr="gte", label="Update due from")
    due_to = Day(field_name="next_update_due", lookup_expr="lte", label="Update due to")
    who = Codes(choices=MINE, method="by_reader", label="Whose")
    example = Code(choices=EXAMPLES, method="by_example", label="Example")

    class Meta:
        model = Initiative
        fields: Sequence[str] = ()

    def __init__(self, data: Any, *, on: date, reader: User | AnonymousUser) -> None:
        self.on, self.reader = on, reader
        self._area_keys: dict[str, list[int]] = {}
        # Only what is asked: a filter and its form field for each of forty parameters cost more than the query.
        self.__dict__["base_filters"] = {name: PARAMETERS[name] for name in data if name in PARAMETERS}
        super().__init__(data, queryset=Initiative.objects.none())  # see `meant`

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        if not self.form.cleaned_data.get("example"):
            queryset = queryset.filter(is_fictional=False)
        return super().filter_queryset(queryset)

    def meant(self, *, without: str = "") -> InitiativeQuerySet:
        """What right parameters mean to the reader, when one of them (`without`) is not asked. Nothing is read or
        checked again."""
        asked = self.form.cleaned_data
        self.form.cleaned_data = {key: value for key, value in asked.items() if key != without}
        try:
            return self.filter_queryset(Initiative.objects.visible_to(self.reader))  # type: ignore[return-value]
        finally:
            self.form.cleaned_data = asked

    def by_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return find(queryset, value) if value else queryset

    def by_area(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.filter(self._of_areas(name, value)) if value else queryset

    def by_not_area(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return queryset.exclude(self._of_areas(name, value)) if value else queryset

    def _of_areas(self, name: str, areas: Iterable[AreaOfWork]) -> Exists:
        """Of any of these; an area that was merged into another means the other too."""
        # The keys are asked for first: joined, each record's areas would be looked up to see what they became.
        if name not in self._area_keys:
            self._area_keys[name] = AreaOfWork.objects.keys_with_merged(areas)
        keys = self._area_keys[name]
        return Exists(InitiativeArea.objects.filter(area_of_work__in=keys, initiative=OuterRef("pk")))

    def by_service(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        condition = Q()
        for service in value:
            condition |= Q(entry__mix__contains=service)
        return queryset.filter(condition) if value else queryset

    def by_place(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return _linked(queryset, InitiativePlace, "police_area__in", value)

    def by_not_place(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return _not_linked(queryset, InitiativePlace, "police_area__in", value)

    def by_region(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return _linked(queryset, InitiativePlace, "police_area__region__in", value)

    def by_organisation(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return _linked(queryset, InitiativePartner, "organisation__in", value)

    def by_not_organisation(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return _not_linked(queryset, InitiativePartner, "organisation__in", value)

    def by_kind(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        return _linked(queryset, InitiativePartner, "organisation__kind__in", value)

    def by_lead(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return _linked(queryset, InitiativePartner, "organisation__in", value, role=PartnerRole.LEAD)

    def by_depth(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        return queryset.filter(depth__in=["" if v == "none" else v for v in value]) if value else queryset

    def by_barrier(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        """Held up by one barrier of the category *and* the remover, when both are asked."""
        asked = self.form.cleaned_data
        if not value or (name == "remover" and asked.get("barrier")):
            return queryset
        codes = barrier_codes(asked.get("barrier") or [], asked.get("remover") or [])
        return queryset.filter(entry__barriers__overlap=codes)

    def by_benefit(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        """With one benefit of the outcome *and* the kind, when both are asked."""
        asked = self.form.cleaned_data
        if not value or (name == "benefit" and asked.get("outcome")):
            return queryset
        codes = benefit_codes(asked.get("outcome") or [], asked.get("benefit") or [])
        return queryset.filter(entry__benefits__overlap=codes)

    def by_figure(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        if not value or len(value) == len(FIGURES):
            return queryset
        return queryset.filter(entry__has_figure=value == ["with"])

    def by_replication(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        condition = Q()
        for said, code in REPLICABLE.items():
            if code in value:
                condition |= Q(open_to_replication=said)
        return queryset.filter(condition) if value else queryset

    def by_no_figure(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        if not value:
            return queryset
        return queryset.filter(entry__has_figure=False, no_figure_reason__in=value)

    def by_freshness(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        condition = Q()
        for code in value:
            condition |= freshness(code, self.on)
        return queryset.filter(condition) if value else queryset

    def by_change(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if not value:
            return queryset
        return queryset.filter(changed_at__date__gt=self.on - timedelta(days=CHANGED_DAYS[value]))

    def by_reader(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        """What "mine" and "follows" are depends on who looks; nothing is nobody's."""
        if not value:
            return queryset
        if not self.reader.is_authenticated:
            return queryset.none()
        seen = Q()
        if "mine" in value:
            partners = InitiativePartner.objects.filter(
                organisation__in=list(self.reader.holdings.organisations)
            )
            seen |= Q(created_by=self.reader) | Q(pk__in=partners.values("initiative"))
        if "follows" in value:
            follows = InitiativeFollow.objects.filter(person=self.reader)
            seen |= Q(pk__in=follows.values("initiative"))
        return queryset.filter(seen)

    def by_example(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(is_fictional=True) if value == "only" else queryset


PARAMETERS: dict[str, filters.Filter] = dict(InitiativeFilter.base_filters)


def _linked(queryset: QuerySet, through: Any, path: str, value: Any, **more: Any) -> QuerySet:
    if not value:
        return queryset
    return queryset.filter(Exists(through.objects.filter(initiative=OuterRef("pk"), **{path: value}, **more)))


def _not_linked(queryset: QuerySet, through: Any, path: str, value: Any) -> QuerySet:
    if not value:
        return queryset
    return queryset.filter(~Exists(through.objects.filter(initiative=OuterRef("pk"), **{path: value})))

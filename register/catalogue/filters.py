"""The one language for "which initiatives".

A set of parameters (names to lists of codes) means the same on the list page, in a saved view, a group's remit,
a dashboard's number and a digest. Several values of one parameter mean *or*; several parameters mean *and*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse

from register.catalogue.search import matching
from register.initiatives.models import (
    Barrier,
    Initiative,
    InitiativeArea,
    InitiativePartner,
    InitiativePlace,
)
from register.initiatives.querysets import InitiativeQuerySet
from register.initiatives.vocabulary import (
    EDITING_ROLES,
    STANDING_IN_THE_WAY,
    BarrierCategory,
    Depth,
    NoFigureReason,
    PartnerRole,
    Remover,
    Stage,
    Standing,
)
from register.reference.models import AreaOfWork, Organisation, PoliceArea, Region

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from register.accounts.models import User

Parameters = Mapping[str, Sequence[str]]

SERVICES = {
    "police": ("police", "policing_body"),
    "fire": ("fire",),
    "ambulance": ("ambulance",),
    "council": ("council",),
    "other": ("health", "justice", "voluntary", "private", "national"),
}
SERVICE_LABELS = [
    ("police", "Police"),
    ("fire", "Fire"),
    ("ambulance", "Ambulance"),
    ("council", "Council"),
    ("other", "Others"),
]
FRESHNESS = [
    ("3-months", "Confirmed in the last 3 months"),
    ("6-months", "Confirmed 3 to 6 months ago"),
    ("12-months", "Confirmed 6 to 12 months ago"),
    ("late", "Late for its update"),
    ("never", "Never confirmed"),
]
FIGURES = [("with", "With a figure"), ("none", "With no figure")]
EXAMPLES = [("only", "Exampleshire only"), ("with", "Exampleshire too")]
# What a page adds to the language without changing which initiatives it means.
PAGE_PARAMETERS = frozenset({"sort", "page"})


class Codes(filters.MultipleChoiceFilter):
    """Any of several codes of a fixed list; `method` names how they narrow."""


class Named(filters.ModelMultipleChoiceFilter):
    """Any of several rows of a reference table, by their permanent code."""

    def __init__(self, queryset: QuerySet, *, key: str = "code", **kwargs: Any) -> None:
        super().__init__(queryset=queryset, to_field_name=key, **kwargs)


class InitiativeFilter(filters.FilterSet):
    """The parameters and what they mean. `on` is the day that "late" and "in the last 3 months" are read."""

    q = filters.CharFilter(method="by_words", label="Words", max_length=200)
    area = Named(AreaOfWork.objects.all(), method="by_area", label="Area of work")
    stage = Codes(choices=Stage.choices, label="Stage")
    standing = Codes(choices=Standing.choices, label="Standing")
    service = Codes(choices=SERVICE_LABELS, method="by_service", label="Service")
    mix = filters.CharFilter(method="by_mix", label="Services working together")
    place = Named(PoliceArea.objects.all(), key="slug", method="by_place", label="Police area")
    region = Named(Region.objects.all(), method="by_region", label="Region")
    org = Named(Organisation.objects.all(), method="by_organisation", label="Organisation")
    lead = Named(Organisation.objects.all(), method="by_lead", label="Led by")
    depth = Codes(
        choices=[*Depth.choices, ("none", "Not stated")], method="by_depth", label="How deep it goes"
    )
    barrier = Codes(choices=BarrierCategory.choices, method="by_barrier", label="Barrier")
    remover = Codes(choices=Remover.choices, method="by_barrier", label="Who can remove a barrier")
    figure = Codes(choices=FIGURES, method="by_figure", label="Figures")
    why = Codes(choices=NoFigureReason.choices, method="by_no_figure", label="Why there is no figure")
    fresh = Codes(choices=FRESHNESS, method="by_freshness", label="Freshness")
    example = filters.ChoiceFilter(choices=EXAMPLES, method="by_example", label="Example")

    class Meta:
        model = Initiative
        fields: Sequence[str] = ()

    def __init__(self, data: Any, *, queryset: InitiativeQuerySet, on: date) -> None:
        self.on = on
        super().__init__(data, queryset=queryset)

    def filter_queryset(self, queryset: QuerySet) -> QuerySet:
        if not self.form.cleaned_data.get("example"):
            queryset = queryset.filter(is_fictional=False)
        return super().filter_queryset(queryset)

    def by_words(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(matching(value)) if value else queryset

    def by_area(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        """An area that was merged into another means the other too."""
        if not value:
            return queryset
        pks = {pk for area in value for pk in (area.pk, area.merged_into_id) if pk}
        linked = InitiativeArea.objects.filter(
            Q(area_of_work__in=pks) | Q(area_of_work__merged_into__in=pks), initiative=OuterRef("pk")
        )
        return queryset.filter(Exists(linked))

    def by_service(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        condition = Q()
        for service in value:
            condition |= Q(_takes_part(service))
        return queryset.filter(condition) if value else queryset

    def by_mix(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        """Exactly these services, such as `police-fire`; `police` alone is police with police."""
        wanted = value.split("-") if value else []
        if not wanted:
            return queryset
        for service in SERVICES:
            takes_part = _takes_part(service)
            queryset = queryset.filter(takes_part if service in wanted else ~takes_part)
        return queryset

    def by_place(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return _linked(queryset, InitiativePlace, "police_area__in", value)

    def by_region(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return _linked(queryset, InitiativePlace, "police_area__region__in", value)

    def by_organisation(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return _linked(queryset, InitiativePartner, "organisation__in", value)

    def by_lead(self, queryset: QuerySet, name: str, value: Any) -> QuerySet:
        return _linked(queryset, InitiativePartner, "organisation__in", value, role=PartnerRole.LEAD)

    def by_depth(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        return queryset.filter(depth__in=["" if v == "none" else v for v in value]) if value else queryset

    def by_barrier(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        """Held up by one barrier of the category *and* the remover, when both are asked."""
        cleaned = self.form.cleaned_data
        if not value or (name == "remover" and cleaned.get("barrier")):
            return queryset
        barriers = Barrier.objects.filter(initiative=OuterRef("pk"), state__in=STANDING_IN_THE_WAY)
        if cleaned.get("barrier"):
            barriers = barriers.filter(category__in=cleaned["barrier"])
        if cleaned.get("remover"):
            barriers = barriers.filter(remover__in=cleaned["remover"])
        return queryset.filter(Exists(barriers))

    def by_figure(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        if not value or len(value) == len(FIGURES):
            return queryset
        return queryset.with_figures().filter(has_figure=value == ["with"])  # type: ignore[attr-defined]

    def by_no_figure(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        if not value:
            return queryset
        return queryset.with_figures().filter(has_figure=False, no_figure_reason__in=value)  # type: ignore[attr-defined]

    def by_freshness(self, queryset: QuerySet, name: str, value: list[str]) -> QuerySet:
        condition = Q()
        for code in value:
            condition |= freshness(code, self.on)
        return queryset.filter(condition) if value else queryset

    def by_example(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(is_fictional=True) if value == "only" else queryset


def freshness(code: str, on: date) -> Q:
    """Which records are as fresh as that on a day. Each record that goes on is in exactly one of them."""
    late = Q(standing=Standing.ACTIVE, next_update_due__lt=on)
    if code == "late":
        return late
    if code == "never":
        return Q(confirmed_on=None) & ~late
    newest, oldest = {"3-months": (0, 13), "6-months": (13, 26), "12-months": (26, 5200)}[code]
    return ~late & Q(
        confirmed_on__lte=on - timedelta(weeks=newest) if newest else on,
        confirmed_on__gt=on - timedelta(weeks=oldest),
    )


def _takes_part(service: str) -> Exists:
    return Exists(
        InitiativePartner.objects.filter(
            initiative=OuterRef("pk"), organisation__kind__in=SERVICES[service], role__in=EDITING_ROLES
        )
    )


def _linked(queryset: QuerySet, through: Any, path: str, value: Any, **more: Any) -> QuerySet:
    if not value:
        return queryset
    return queryset.filter(Exists(through.objects.filter(initiative=OuterRef("pk"), **{path: value}, **more)))


@dataclass(frozen=True)
class Selection:
    """What a set of parameters means to one reader: the initiatives, or what is wrong with the parameters."""

    initiatives: InitiativeQuerySet
    errors: tuple[str, ...]
    filterset: InitiativeFilter


def select(parameters: Parameters | QueryDict, *, user: User | AnonymousUser, on: date) -> Selection:
    """The initiatives that the parameters mean, of those the reader may see.

    An unknown parameter or value selects nothing and is named in `errors`.
    """
    data = as_querydict(parameters)
    filterset = InitiativeFilter(data, queryset=Initiative.objects.visible_to(user), on=on)
    known = set(filterset.base_filters) | PAGE_PARAMETERS
    errors = [f"There is no filter called “{name}”." for name in data if name not in known]
    if not filterset.is_valid():
        for name, messages in filterset.form.errors.items():
            label = filterset.filters[name].label
            errors += [f"{label}: {message}" for message in messages]
    for service in (data.get("mix") or "").split("-") if data.get("mix") else []:
        if service not in SERVICES:
            errors.append(f"Services working together: there is no service called “{service}”.")
    if errors:
        return Selection(Initiative.objects.none(), tuple(errors), filterset)
    return Selection(filterset.qs, (), filterset)


def as_querydict(parameters: Parameters | QueryDict) -> QueryDict:
    if isinstance(parameters, QueryDict):
        return parameters
    data = QueryDict(mutable=True)
    for name, values in parameters.items():
        data.setlist(name, list(values))
    return data


def list_url(parameters: Parameters, **more: str | Sequence[str]) -> str:
    """The address of exactly these initiatives in the list, with further parameters or others instead."""
    merged: dict[str, Any] = dict(parameters)
    merged.update({name: [value] if isinstance(value, str) else list(value) for name, value in more.items()})
    query = urlencode({name: values for name, values in merged.items() if values}, doseq=True)
    return reverse("initiative_list") + (f"?{query}" if query else "")

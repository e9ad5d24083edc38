"""The list page: one filter form, its chips, and rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from register.catalogue.filters import (
    EXAMPLES,
    FIGURES,
    FRESHNESS,
    SERVICE_LABELS,
    list_url,
    select,
)
from register.catalogue.words import chips
from register.core.clock import today
from register.initiatives.vocabulary import (
    BarrierCategory,
    Depth,
    Remover,
    Stage,
    Standing,
)
from register.reference.models import AreaOfWork, PoliceArea, Region

PER_PAGE = 25
SORTS = {
    "changed": ("Recently changed", ("-changed_at", "-id")),
    "reference": ("Reference", ("number",)),
    "title": ("Title", ("title", "id")),
    "started": ("Started", ("-starts_on", "-id")),
}


@dataclass(frozen=True)
class Choice:
    code: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Group:
    """One question of the filter panel."""

    name: str
    legend: str
    choices: tuple[Choice, ...]
    is_open: bool

    @property
    def chosen(self) -> int:
        return sum(choice.chosen for choice in self.choices)


@require_safe
def initiative_list(request: HttpRequest) -> HttpResponse:
    """`/initiatives/`: what the parameters mean, as rows. With unknown parameters: nothing, and which they are."""
    on = today()
    selection = select(request.GET, user=request.user, on=on)
    parameters = {name: request.GET.getlist(name) for name in request.GET if request.GET.get(name)}
    sort = request.GET.get("sort", "changed")
    order = SORTS.get(sort, SORTS["changed"])[1]
    page = Paginator(selection.initiatives.order_by(*order).for_rows(), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "selection": selection,
        "page": page,
        "chips": chips(selection, parameters),
        "groups": filter_groups(parameters),
        "sorts": [(code, label, code == sort) for code, (label, _) in SORTS.items()],
        "kept": _kept(parameters),
        "previous_url": list_url(parameters, page=str(page.number - 1)) if page.has_previous() else "",
        "next_url": list_url(parameters, page=str(page.number + 1)) if page.has_next() else "",
        "q": request.GET.get("q", ""),
        "today": on,
    }
    return render(request, "catalogue/list.html", context)


def filter_groups(parameters: dict[str, list[str]]) -> list[Group]:
    """The filter panel's questions. Three are open; one with something chosen is open too."""
    questions: list[tuple[str, str, list[tuple[Any, Any]]]] = [
        ("area", "Area of work", list(AreaOfWork.objects.active().values_list("code", "name"))),
        ("stage", "Stage", Stage.choices),
        ("service", "Services taking part", SERVICE_LABELS),
        ("standing", "Going on, paused or ended", Standing.choices),
        ("region", "Region", list(Region.objects.values_list("code", "name"))),
        ("place", "Police area", list(PoliceArea.objects.real().values_list("slug", "name"))),
        ("depth", "How deep it goes", Depth.choices),
        ("figure", "Saving", FIGURES),
        ("barrier", "Barriers", BarrierCategory.choices),
        ("remover", "Who can remove a barrier", Remover.choices),
        ("fresh", "Freshness", FRESHNESS),
        ("example", "Exampleshire, the worked example", EXAMPLES),
    ]
    return [
        Group(
            name,
            legend,
            tuple(Choice(code, label, code in parameters.get(name, [])) for code, label in choices),
            is_open=index < 3 or bool(parameters.get(name)),
        )
        for index, (name, legend, choices) in enumerate(questions)
    ]


def _kept(parameters: dict[str, list[str]]) -> list[tuple[str, str]]:
    """Parameters that the panel doesn't offer, carried along as hidden fields."""
    offered = {
        "area",
        "stage",
        "service",
        "standing",
        "region",
        "place",
        "depth",
        "figure",
        "barrier",
        "remover",
    }
    offered |= {"fresh", "example", "q", "page", "sort"}
    return [(name, value) for name, values in parameters.items() if name not in offered for value in values]

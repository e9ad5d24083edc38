"""The three pages of a dashboard, whatever it is of, and the rows behind their numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from register.core.clock import today
from register.dashboards.metrics.barriers import barriers
from register.dashboards.metrics.changes import latest_events
from register.dashboards.metrics.frame import Frame
from register.dashboards.metrics.gaps import COLUMNS, gap_matrix
from register.dashboards.metrics.lines import AGES, LINES, figure_parts
from register.dashboards.metrics.opportunities import SOON, doors_listed, opportunities
from register.dashboards.metrics.organisations import organisations
from register.dashboards.metrics.state_of_play import state_of_play
from register.dashboards.metrics.walls import barriers_listed
from register.dashboards.metrics.where import MEASURES
from register.dashboards.subjects import page_context, subject_of
from register.initiatives.marking import SENSITIVE, page_marking
from register.initiatives.vocabulary import FigureBasis, Severity

MOST_EVENTS = 5


@require_safe
def dashboard_page(request: HttpRequest, kind: str, name: str, **key: Any) -> HttpResponse:
    """One of the `PAGES` of what the address names: a group, a saved view, a place, an organisation, everything."""
    page = PAGES[name]
    subject = subject_of(request, kind, **key)
    frame, wrong = Frame.of(subject, request.user, today()), _wrong(request)
    if wrong:  # an address that asks for what there is not shows nothing, never everything
        frame = replace(frame, among=0)
    context = page_context(request, subject, page.tab) | {"frame": frame, "wrong": wrong, "today": frame.on}
    context |= page.content(request, frame)
    context["page_marking"] = SENSITIVE if frame.is_sensitive else context.get("page_marking", "")
    return render(request, page.template, context)


# What a page of a dashboard may be asked for, beside the number of a page: what that is called, and its codes.
KNOWN: dict[str, tuple[str, set[str]]] = {
    "map": ("Shown on the map", {code for code, *_ in MEASURES}),
    "by": ("Columns of the matrix", {code for code, _ in COLUMNS}),
    "age": ("Open for", {code for _, code, _ in AGES}),
    "severity": ("Severity", set(Severity.values)),
    "of": ("Figures", {LINES, *FigureBasis.values}),
}


def _wrong(request: HttpRequest) -> list[str]:
    return [
        f"{label}: there is no “{value[:40]}”."
        for name, (label, codes) in KNOWN.items()
        for value in [request.GET.get(name, "")]
        if value and value not in codes
    ]


def _state_of_play(request: HttpRequest, frame: Frame) -> dict[str, Any]:
    events = latest_events(frame, limit=MOST_EVENTS)
    return {
        "page": state_of_play(frame, measure=request.GET.get("map", "")),
        "events": events,
        "since": frame.subject.since,
        "page_marking": page_marking(events),
    }


def _opportunities(request: HttpRequest, frame: Frame) -> dict[str, Any]:
    return {"page": opportunities(frame), "until": frame.on + SOON}


def _barriers(request: HttpRequest, frame: Frame) -> dict[str, Any]:
    page = barriers(frame)
    # An ask may gather barriers of records that are outside the remit.
    asked_of = (barrier.initiative for row in page.asks for barrier in row.barriers)
    return {"page": page, "page_marking": page_marking(asked_of)}


def _gaps(request: HttpRequest, frame: Frame) -> dict[str, Any]:
    return {"matrix": gap_matrix(frame, request.GET.get("by", ""))}


def _doors(request: HttpRequest, frame: Frame) -> dict[str, Any]:
    return {"page": doors_listed(frame, number=request.GET.get("page")), "until": frame.on + SOON}


def _open_barriers(request: HttpRequest, frame: Frame) -> dict[str, Any]:
    asked = request.GET
    page = barriers_listed(
        frame, age=asked.get("age", ""), severity=asked.get("severity", ""), number=asked.get("page")
    )
    return {"page": page, "query": _query(request, "age", "severity")}


def _organisations(request: HttpRequest, frame: Frame) -> dict[str, Any]:
    return {"page": organisations(frame)}


def _figures(request: HttpRequest, frame: Frame) -> dict[str, Any]:
    only = request.GET.get("of", "")
    parts = figure_parts(frame, only=only, number=request.GET.get("page"))
    return {"parts": parts, "only": only, "query": _query(request, "of")}


def _query(request: HttpRequest, *names: str) -> str:
    """What the pages of a list keep of the address, ready for the number of the page."""
    kept = urlencode({name: request.GET[name] for name in names if request.GET.get(name)})
    return f"{kept}&" if kept else ""


@dataclass(frozen=True)
class Page:
    """A page: among which of the three it stands, its template, and what it shows beside its subject."""

    tab: str
    template: str
    content: Callable[[HttpRequest, Frame], dict[str, Any]]


PAGES = {
    "state_of_play": Page("state_of_play", "dashboards/state_of_play.html", _state_of_play),
    "opportunities": Page("opportunities", "dashboards/opportunities.html", _opportunities),
    "barriers": Page("barriers", "dashboards/barriers.html", _barriers),
    # And the rows behind their numbers.
    "gaps": Page("opportunities", "dashboards/gaps.html", _gaps),
    "doors": Page("opportunities", "dashboards/doors.html", _doors),
    "open_barriers": Page("barriers", "dashboards/open_barriers.html", _open_barriers),
    "organisations": Page("state_of_play", "dashboards/organisations.html", _organisations),
    "figures": Page("state_of_play", "dashboards/figures.html", _figures),
}

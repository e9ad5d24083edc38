"""The three pages of a dashboard, whatever it is of, and the rows behind their numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from register.core.clock import today
from register.dashboards.metrics.barriers import barriers
from register.dashboards.metrics.changes import latest_events
from register.dashboards.metrics.frame import Frame
from register.dashboards.metrics.gaps import gap_matrix
from register.dashboards.metrics.lines import figure_parts
from register.dashboards.metrics.opportunities import SOON, doors_listed, opportunities
from register.dashboards.metrics.organisations import organisations
from register.dashboards.metrics.state_of_play import state_of_play
from register.dashboards.metrics.walls import barriers_listed
from register.dashboards.subjects import page_context, subject_of

MOST_EVENTS = 5


@require_safe
def state_of_play_page(request: HttpRequest, kind: str, **key: Any) -> HttpResponse:
    """`…/state-of-play/`: where are we?"""
    return _page(request, kind, key, "state_of_play", "dashboards/state_of_play.html", _state_of_play)


@require_safe
def opportunities_page(request: HttpRequest, kind: str, **key: Any) -> HttpResponse:
    """`…/opportunities/`: what could we do next?"""
    return _page(request, kind, key, "opportunities", "dashboards/opportunities.html", _opportunities)


@require_safe
def barriers_page(request: HttpRequest, kind: str, **key: Any) -> HttpResponse:
    """`…/barriers/`: what is in the way?"""
    return _page(request, kind, key, "barriers", "dashboards/barriers.html", _barriers)


@require_safe
def gap_matrix_page(request: HttpRequest, kind: str, **key: Any) -> HttpResponse:
    """`…/opportunities/gaps/?by=fire`: the gap matrix by itself, by police areas or by services."""
    return _page(request, kind, key, "opportunities", "dashboards/gaps.html", _gaps)


@require_safe
def doors_page(request: HttpRequest, kind: str, **key: Any) -> HttpResponse:
    """`…/opportunities/dates/`: every date that opens a door."""
    return _page(request, kind, key, "opportunities", "dashboards/doors.html", _doors)


@require_safe
def open_barriers_page(request: HttpRequest, kind: str, **key: Any) -> HttpResponse:
    """`…/barriers/open/?age=over-2-years&severity=high`: every barrier in the way."""
    return _page(request, kind, key, "barriers", "dashboards/open_barriers.html", _open_barriers)


@require_safe
def organisations_page(request: HttpRequest, kind: str, **key: Any) -> HttpResponse:
    """`…/organisations/`: who takes part, and which services of the police areas take part in nothing."""
    return _page(request, kind, key, "state_of_play", "dashboards/organisations.html", _organisations)


@require_safe
def figures_page(request: HttpRequest, kind: str, **key: Any) -> HttpResponse:
    """`…/figures/`: every saving line and stated figure behind the sums."""
    return _page(request, kind, key, "state_of_play", "dashboards/figures.html", _figures)


def _page(
    request: HttpRequest,
    kind: str,
    key: dict[str, Any],
    tab: str,
    template: str,
    content: Callable[[HttpRequest, Frame], dict[str, Any]],
) -> HttpResponse:
    subject = subject_of(request, kind, **key)
    frame = Frame.of(subject, request.user, today())
    context = page_context(request, subject, tab) | {"frame": frame, "today": frame.on}
    return render(request, template, context | content(request, frame))


def _state_of_play(request: HttpRequest, frame: Frame) -> dict[str, Any]:
    events = latest_events(frame, limit=MOST_EVENTS)
    return {
        "page": state_of_play(frame, measure=request.GET.get("map", "")),
        "events": events,
        "since": frame.subject.since,
    }


def _opportunities(request: HttpRequest, frame: Frame) -> dict[str, Any]:
    return {"page": opportunities(frame), "until": frame.on + SOON}


def _barriers(request: HttpRequest, frame: Frame) -> dict[str, Any]:
    return {"page": barriers(frame)}


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

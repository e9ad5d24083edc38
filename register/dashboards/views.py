"""A working group's three pages, and the rows behind two of their numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from register.core.clock import today
from register.dashboards.metrics.barriers import barriers
from register.dashboards.metrics.frame import Frame
from register.dashboards.metrics.money import figure_rows
from register.dashboards.metrics.opportunities import SOON, opportunities
from register.dashboards.metrics.organisations import organisations
from register.dashboards.metrics.state_of_play import state_of_play
from register.groups.views.common import group_for, head
from register.history.recent import recent_events

MOST_EVENTS = 8


@require_safe
def state_of_play_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/state-of-play/`: where are we?"""
    return _page(request, code, "group_state_of_play", "dashboards/state_of_play.html", _state_of_play)


@require_safe
def opportunities_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/opportunities/`: what could we do next?"""
    return _page(request, code, "group_opportunities", "dashboards/opportunities.html", _opportunities)


@require_safe
def barriers_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/barriers/`: what is in the way?"""
    return _page(request, code, "group_barriers", "dashboards/barriers.html", _barriers)


@require_safe
def organisations_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/organisations/`: who takes part, and which services in the remit take part in nothing."""
    return _page(request, code, "group_state_of_play", "dashboards/organisations.html", _organisations)


@require_safe
def figures_page(request: HttpRequest, code: str) -> HttpResponse:
    """`/groups/<code>/figures/`: every saving line and stated figure behind the sums."""
    return _page(request, code, "group_state_of_play", "dashboards/figures.html", _figures)


def _page(
    request: HttpRequest, code: str, tab: str, template: str, content: Callable[[Frame], dict[str, Any]]
) -> HttpResponse:
    group = group_for(request, code)
    frame = Frame.of(group, request.user, today())
    context = head(request, group, tab) | {"frame": frame, "today": frame.on}
    return render(request, template, context | content(frame))


def _state_of_play(frame: Frame) -> dict[str, Any]:
    since = getattr(frame.group, "last_met_at", None)
    within = frame.initiatives.values_list("pk", flat=True)
    events = recent_events(frame.user, limit=MOST_EVENTS, initiatives=within, since=since)
    return {"page": state_of_play(frame), "events": events, "since": since}


def _opportunities(frame: Frame) -> dict[str, Any]:
    return {"page": opportunities(frame), "until": frame.on + SOON}


def _barriers(frame: Frame) -> dict[str, Any]:
    return {"page": barriers(frame)}


def _organisations(frame: Frame) -> dict[str, Any]:
    return {"page": organisations(frame)}


def _figures(frame: Frame) -> dict[str, Any]:
    return {"page": figure_rows(frame)}

"""What a pack says of the state of play: numbers, where it is live, and what changed since the group last met."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from django.utils.timezone import localdate

from register.dashboards.metrics.changes import latest_events
from register.dashboards.metrics.frame import Frame
from register.dashboards.metrics.money import Savings, Stated
from register.dashboards.metrics.state_of_play import StateOfPlay, state_of_play
from register.dashboards.metrics.where import where
from register.meetings.plain import Content, bars, cells, day, record
from register.meetings.rules import met_before

if TYPE_CHECKING:
    from register.groups.models import Meeting

# Of what changed since the group last met, the latest: more is the history's.
MOST_CHANGES = 12


def state_content(frame: Frame, meeting: Meeting) -> Content:
    return _numbers(state_of_play(frame)) | {"where": _where(frame), "changes": _changes(frame, meeting)}


def _where(frame: Frame) -> Content:
    """Where it is live, most first; and the areas where nothing is."""
    page = where(frame)
    return {
        "areas": [[area.name, number.n] for area, number in page.map.rows if number.n],
        "none": [area.name for area, number in page.map.rows if not number.n and area.retired_on is None],
        "beyond": page.beyond,
    }


def _changes(frame: Frame, meeting: Meeting) -> Content:
    """The latest events since the group met before. Without the names of who did it: a pack outlasts them."""
    since = met_before(meeting)
    lately = replace(frame, subject=replace(frame.subject, since=since))
    return {
        "since": day(localdate(since)) if since else "",
        "rows": [
            record(row.initiative)
            | {"on": day(localdate(row.event.at)), "colon": row.colon, "says": row.event.sentence}
            for row in latest_events(lately, limit=MOST_CHANGES)
            if row.initiative is not None
        ],
    }


def _numbers(page: StateOfPlay) -> Content:
    return {
        "everything": page.everything.n,
        "going_on": page.going_on.n,
        "standings": [[word, number.n] for word, number in page.standings if number.n],
        "live": page.live.n,
        "live_share": page.live_share,
        "on_the_way": page.on_the_way.n,
        "early": page.early.n,
        "organisations": page.organisations,
        "organisations_in_none": page.organisations_in_none,
        "without_figure": page.without_figure.n,
        "says_why": page.says_why,
        "stages": ["Considered" if stage == "Under consideration" else stage for stage in page.stages],
        "pipeline": [
            {"label": row.label, "cells": cells(row.cells), "total": row.total.n} for row in page.pipeline
        ],
        "depths": bars(page.depths),
        "mixes": bars(page.mixes),
        "rarer_mixes": sum(bar.number.n for bar in page.rarer_mixes),
        "freshness": bars(page.freshness),
        "reasons": bars(page.reasons),
        "savings": [_savings(series) for series in page.savings],
        "stated": [_stated(row) for row in page.stated],
    }


def _savings(series: Savings) -> Content:
    years = [
        {"label": year.label, "pence": [column.pence for column in year.columns]} for year in series.years
    ]
    return {"title": series.title, "codes": list(series.codes), "years": years}


def _stated(row: Stated) -> Content:
    return {
        "label": row.label,
        "pence": row.pence,
        "figures": row.figures,
        "initiatives": row.initiatives,
        "up_to": row.up_to,
        "without_amount": row.without_amount,
    }

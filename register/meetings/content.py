"""What a pack says, as plain data that can be kept: the only place that knows the dashboards' dataclasses.

Each row about one record carries its key as `initiative`, for `redacting` to take it out of a kept pack when a reader
may no longer see the record. Numbers carry no links: the lists behind them go on changing, a pack does not.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from register.accounts.permissions import Table
from register.core.dates import LimitedDate
from register.dashboards.metrics.barriers import Barriers, barriers
from register.dashboards.metrics.frame import Frame
from register.dashboards.metrics.gaps import GapMatrix
from register.dashboards.metrics.opportunities import Opportunities, opportunities
from register.groups.models import Decision, Meeting
from register.initiatives.models import Initiative
from register.initiatives.vocabulary import Marking
from register.meetings.agenda import Agenda, Line, agenda_of
from register.meetings.plain import Content, cells, day, record
from register.meetings.redacting import keys_in
from register.meetings.state import state_content

if TYPE_CHECKING:
    from register.accounts.models import WorkingGroup


def pack_content(meeting: Meeting, group: WorkingGroup, *, on: date) -> Content:
    """The paper of a meeting as of a day, through the eyes of everybody at its table."""
    frame = Frame.of_group(group, Table.of(group), on)
    agenda = agenda_of(meeting, group, on=on)
    content = {
        "on": on.isoformat(),
        "remit": frame.words,
        "errors": list(frame.errors),
        **agenda_content(agenda),
        "state_of_play": state_content(frame, meeting),
        "opportunities": _opportunities(opportunities(frame)),
        "barriers": _barriers(barriers(frame)),
    }
    return content | {"marking": _marking(frame, content)}


def agenda_content(agenda: Agenda) -> Content:
    return {"agenda": [_line(line) for line in agenda.on], "more": [list(pair) for pair in agenda.more]}


def _marking(frame: Frame, content: Content) -> str:
    """The highest of what is listed or counted."""
    listed = Initiative.objects.filter(pk__in=keys_in(content), marking=Marking.OFFICIAL_SENSITIVE)
    sensitive = frame.is_sensitive or listed.exists()
    return Marking.OFFICIAL_SENSITIVE.value if sensitive else Marking.OFFICIAL.value


def _line(line: Line) -> Content:
    initiative = line.initiative
    return record(initiative) | {
        "purpose": initiative.purpose,
        "stage": initiative.stage,
        "standing": initiative.standing,
        "confirmed": day(initiative.confirmed_on),
        "due": day(initiative.next_update_due),
        "partners": [list(partner) for partner in line.row.partners],
        "areas": list(line.row.areas),
        "places": list(line.row.places),
        "stated": [list(figure) for figure in line.row.stated],
        "part": line.title_of_part,
        "why": list(line.why),
        "said": line.said,
        "last": _decided(line.last) if line.last else None,
    }


def _decided(decision: Decision) -> Content:
    return {
        "on": day(decision.decided_on),
        "outcome": decision.get_outcome_display(),
        "reasons": decision.reasons,
        "conditions": decision.conditions,
        "owner": decision.owner,
        "next": day(decision.next_review_on),
    }


# Opportunities


def _opportunities(page: Opportunities) -> Content:
    return {
        "early": page.early.n,
        "waiting": [
            record(row.initiative)
            | {
                "stage": row.initiative.stage,
                "standing": row.initiative.standing,
                "waited": row.words,
                "since": _limited(row.since),
            }
            for row in page.waiting
        ],
        "doors": [
            record(door.initiative)
            | {"when": day(door.on, door.precision), "what": door.what, "is_late": door.is_late}
            for door in page.doors.shown
        ],
        "more_doors": page.doors.in_all - len(page.doors.shown),
        "gaps": _gaps(page.matrix),
    }


def _limited(since: LimitedDate | None) -> str:
    return str(since) if since else ""


def _gaps(matrix: GapMatrix) -> Content:
    """Turned round for paper: a row for each police area, a column for each area of work."""
    return {
        "work": [row.work for row in matrix.rows],
        "regions": [
            {
                "name": region.name,
                "places": [
                    {
                        "name": column.name,
                        "cells": [
                            {"n": gap.n, "live": gap.live, "says": gap.in_words} for gap in column.gaps
                        ],
                    }
                    for column in region.columns
                ],
            }
            for region in matrix.regions
        ],
    }


# Barriers


def _barriers(page: Barriers) -> Content:
    return {
        "open": page.open.n,
        "high": page.high.n,
        "ever": page.ever,
        "held_up": page.held_up.n,
        "held_up_share": page.held_up_share,
        "held_up_base": page.held_up_base,
        "government": page.government.n,
        "removers": list(page.removers),
        "rows": [
            {
                "label": row.label,
                "cells": cells(row.cells),
                "total": row.total.n,
                "forecasts": list(row.forecasts),
            }
            for row in page.rows
            if row.total.n
        ],
        "year": page.year,
        "forecasts": list(page.forecasts),
        "forecast_totals": list(page.totals.forecasts),
        "totals": [number.n for number in page.totals.cells],
        "total": page.totals.total.n,
        "oldest": [
            record(row.barrier.initiative)
            | {
                "barrier": row.barrier.title,
                "category": row.barrier.get_category_display(),
                "severity": row.barrier.severity,
                "severity_label": row.barrier.get_severity_display(),
                "remover": row.barrier.get_remover_display(),
                "remedy": row.barrier.remedy,
                "age": row.age,
                "is_late": row.is_late,
            }
            for row in page.oldest
        ],
        "more_open": page.open.n - len(page.oldest),
        "asks": [
            {
                "title": row.ask.title,
                "what": row.ask.what,
                "addressee": row.ask.addressee.name,
                "state": row.ask.get_state_display(),
                "asked": day(row.ask.asked_on),
                "answer": row.ask.answer,
                "answered": day(row.ask.answered_on),
                "barriers": [record(one.initiative) | {"barrier": one.title} for one in row.barriers],
            }
            for row in page.asks
        ],
    }

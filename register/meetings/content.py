"""What a pack says, as plain data that can be kept: the only place that knows the dashboards' dataclasses.

Each row about one record carries its key as `initiative`, so that `seen_by` can take it out of a kept pack when a
reader may no longer see the record. Numbers carry no links: the lists behind them go on changing, a pack does not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from register.accounts.permissions import Table
from register.core.charts import Bar, Number
from register.core.dates import LimitedDate, in_words
from register.dashboards.metrics.barriers import Barriers, barriers
from register.dashboards.metrics.frame import Frame
from register.dashboards.metrics.gaps import GapMatrix
from register.dashboards.metrics.money import Savings, Stated
from register.dashboards.metrics.opportunities import Opportunities, opportunities
from register.dashboards.metrics.state_of_play import StateOfPlay, state_of_play
from register.groups.models import Decision, Meeting
from register.initiatives.models import Initiative
from register.initiatives.vocabulary import Marking
from register.meetings.agenda import Agenda, Line, agenda_of

if TYPE_CHECKING:
    from register.accounts.models import WorkingGroup

Content = dict[str, Any]


def pack_content(meeting: Meeting, group: WorkingGroup, *, on: date) -> Content:
    """The paper of a meeting as of a day, through the eyes of everybody at its table."""
    frame = Frame.of_group(group, Table.of(group), on)
    agenda = agenda_of(meeting, group, on=on)
    content = {
        "on": on.isoformat(),
        "remit": frame.words,
        "errors": list(frame.errors),
        **agenda_content(agenda),
        "state_of_play": _state_of_play(state_of_play(frame)),
        "opportunities": _opportunities(opportunities(frame)),
        "barriers": _barriers(barriers(frame)),
    }
    return content | {"marking": _marking(frame, content)}


def agenda_content(agenda: Agenda) -> Content:
    return {"agenda": [_line(line) for line in agenda.on], "more": [list(pair) for pair in agenda.more]}


def keys_in(content: Any) -> set[int]:
    """The keys of all records that a content speaks of one by one."""
    if isinstance(content, dict):
        own = {content["initiative"]} if "initiative" in content else set()
        return own.union(*(keys_in(value) for value in content.values()))
    if isinstance(content, list):
        return set().union(*(keys_in(value) for value in content))
    return set()


def seen_by(content: Any, seen: set[int]) -> tuple[Any, int]:
    """The content without rows of records other than these, and how many rows were taken out."""
    if isinstance(content, dict):
        parts = {name: seen_by(value, seen) for name, value in content.items()}
        return {name: part for name, (part, _) in parts.items()}, sum(n for _, n in parts.values())
    if isinstance(content, list):
        kept = [
            row for row in content if not isinstance(row, dict) or row.get("initiative", -1) in {-1, *seen}
        ]
        rows = [seen_by(row, seen) for row in kept]
        return [row for row, _ in rows], len(content) - len(kept) + sum(n for _, n in rows)
    return content, 0


def mark_sensitive(content: Any, keys: set[int]) -> None:
    """Mark the rows of these records, which have become sensitive since."""
    if isinstance(content, dict):
        if content.get("initiative") in keys:
            content["sensitive"] = True
        content = list(content.values())
    for part in content if isinstance(content, list) else ():
        mark_sensitive(part, keys)


def _marking(frame: Frame, content: Content) -> str:
    """The highest of what is listed or counted."""
    listed = Initiative.objects.filter(pk__in=keys_in(content), marking=Marking.OFFICIAL_SENSITIVE)
    counted = frame.among & frame.tallied.bits("marking", Marking.OFFICIAL_SENSITIVE)
    sensitive = listed.exists() or counted
    return Marking.OFFICIAL_SENSITIVE.value if sensitive else Marking.OFFICIAL.value


def _record(initiative: Initiative) -> Content:
    """What every row about one record starts with."""
    return {
        "initiative": initiative.pk,
        "reference": initiative.reference,
        "title": initiative.title,
        "sensitive": initiative.is_sensitive,
    }


def _line(line: Line) -> Content:
    initiative = line.initiative
    return _record(initiative) | {
        "purpose": initiative.purpose,
        "stage": initiative.stage,
        "standing": initiative.standing,
        "confirmed": _day(initiative.confirmed_on),
        "due": _day(initiative.next_update_due),
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
        "on": _day(decision.decided_on),
        "outcome": decision.get_outcome_display(),
        "reasons": decision.reasons,
        "conditions": decision.conditions,
        "owner": decision.owner,
        "next": _day(decision.next_review_on),
    }


def _day(value: date | None, precision: str = "day") -> str:
    return in_words(value, precision or "day") if value else ""


# State of play


def _state_of_play(page: StateOfPlay) -> Content:
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
            {"label": row.label, "cells": _cells(row.cells), "total": row.total.n} for row in page.pipeline
        ],
        "depths": _bars(page.depths),
        "mixes": _bars(page.mixes),
        "rarer_mixes": sum(bar.number.n for bar in page.rarer_mixes),
        "freshness": _bars(page.freshness),
        "reasons": _bars(page.reasons),
        "savings": [_savings(series) for series in page.savings],
        "stated": [_stated(row) for row in page.stated],
    }


def _cells(numbers: Iterable[Number]) -> list[Content]:
    return [{"n": number.n, "level": number.level} for number in numbers]


def _bars(bars: Sequence[Bar]) -> list[Content]:
    return [
        {
            "label": bar.label,
            "number": bar.number.n,
            "width": bar.width,
            "code": bar.code,
            "is_late": bar.is_late,
            "services": list(bar.services),
        }
        for bar in bars
    ]


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


# Opportunities


def _opportunities(page: Opportunities) -> Content:
    return {
        "early": page.early.n,
        "waiting": [
            _record(row.initiative)
            | {
                "stage": row.initiative.stage,
                "standing": row.initiative.standing,
                "waited": row.words,
                "since": _limited(row.since),
            }
            for row in page.waiting
        ],
        "doors": [
            _record(door.initiative)
            | {"when": _day(door.on, door.precision), "what": door.what, "is_late": door.is_late}
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
                "cells": _cells(row.cells),
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
            _record(row.barrier.initiative)
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
                "asked": _day(row.ask.asked_on),
                "answer": row.ask.answer,
                "answered": _day(row.ask.answered_on),
                "barriers": [_record(one.initiative) | {"barrier": one.title} for one in row.barriers],
            }
            for row in page.asks
        ],
    }

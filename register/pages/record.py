"""The record page: all that is known of one initiative, in the order people ask."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from register.accounts.permissions import has_permission
from register.accounts.roles import Permission
from register.catalogue.saved_views import is_followed
from register.catalogue.similar import similar_to
from register.core.clock import today
from register.dashboards.metrics.money import Savings, by_kind
from register.groups.models import Consideration, Decision
from register.history.models import Change
from register.history.reading import page_of
from register.initiatives.marking import page_marking
from register.initiatives.models import Initiative, SavingLine, StageMove
from register.initiatives.views.common import is_overseen, whole_or_404
from register.initiatives.visibility import keeps_lines_of
from register.initiatives.vocabulary import DEPTHS, STAGES, FigureKind, PartnerRole, Stage, Standing

MOST_UPDATES, MOST_EVENTS, MOST_DECISIONS = 6, 5, 5


@dataclass(frozen=True)
class Step:
    """A stage on the path: when it was reached, as far as anybody has said."""

    label: str
    state: str
    when: str


@require_safe
def record_page(request: HttpRequest, reference: str) -> HttpResponse:
    on = today()
    initiative = whole_or_404(request.user, reference, "decisions", "review_flags", "considerations")
    moves = list(initiative.stage_moves.all())
    lines = [line for benefit in initiative.benefits.all() for line in benefit.lines.all()]
    updates = list(initiative.updates.all())
    may_edit = has_permission(request.user, Permission.EDIT, initiative)
    whose = keeps_lines_of(request.user, initiative)
    similar = similar_to(initiative, request.user, limit=5)
    events = page_of(Change.objects.of(initiative), request.user, limit=MOST_EVENTS, known=[initiative]).rows
    context = {
        "initiative": initiative,
        # Its own is told with how it is handled; that of what is like it, where that is higher.
        "page_marking": ""
        if initiative.is_sensitive
        else page_marking(match.initiative for match in similar),
        "is_followed": is_followed(initiative, request.user),
        "today": on,
        "is_overseen": is_overseen(request.user, initiative),
        "may_edit": may_edit,
        "may_delete": has_permission(request.user, Permission.DELETE, initiative),
        "due_in": due_in(initiative, on),
        "path": path_of(initiative, moves),
        "moves": moves if any(move.why for move in moves) or len(moves) > len(STAGES) else [],
        "stopped": last_stop(initiative, moves),
        "partners": sorted(initiative.partners.all(), key=lambda p: (p.role != PartnerRole.LEAD, p.pk)),
        "depths": depth_steps(initiative),
        "savings": savings_of(lines),
        "lines": kept(sorted(lines, key=lambda line: (line.financial_year, line.pk)), whose),
        "costs": kept(initiative.cost_lines.all(), whose),
        "funding": kept(initiative.funding_lines.all(), whose),
        "has_saving_figure": bool(lines or initiative.stated_savings),
        "figures": sorted(initiative.stated_figures.all(), key=lambda f: f.kind != FigureKind.SAVING),
        "updates": updates[:MOST_UPDATES],
        "older_updates": updates[MOST_UPDATES:],
        "decisions": decided(initiative)[:MOST_DECISIONS],
        "flags": [f for f in initiative.review_flags.all() if not (f.settled_by_id or f.withdrawn_at)],
        "considerations": considered(initiative, request.user, may_edit=may_edit),
        "similar": similar,
        "events": events,
        "was_sensitive": any(row.is_sensitive for row in events),
    }
    return render(request, "pages/record.html", context)


def decided(initiative: Initiative) -> list[tuple[Decision, Decision | None, Decision | None]]:
    """Its decisions, the latest first: each with what corrects it and what it corrects, where there is such."""
    decisions = {decision.pk: decision for decision in initiative.decisions.all()}
    corrected = {one.corrects_id: one for one in decisions.values() if one.corrects_id}
    return [(one, corrected.get(pk), decisions.get(one.corrects_id or 0)) for pk, one in decisions.items()]


def considered(initiative: Initiative, user: Any, *, may_edit: bool) -> list[tuple[Consideration, bool]]:
    """Who was notified of it, and whether this person may say what they answered."""
    mine = user.holdings.organisations_allowing(Permission.EDIT)
    return [(one, may_edit or one.organisation_id in mine) for one in initiative.considerations.all()]


def kept(lines: Iterable[Any], whose: Collection[int] | None) -> list[tuple[Any, bool]]:
    """Lines of money, and of each whether the reader may change it."""
    return [(line, whose is None or line.organisation_id in whose) for line in lines]


def due_in(initiative: Initiative, on: date) -> int | None:
    """Days until its next update is due, fewer than none when it is late; None when nothing is due."""
    if initiative.standing != Standing.ACTIVE or initiative.next_update_due is None:
        return None
    return (initiative.next_update_due - on).days


def last_stop(initiative: Initiative, moves: list[StageMove]) -> StageMove | None:
    """The move that paused, closed or declined it, while that stands."""
    if initiative.standing == Standing.ACTIVE:
        return None
    stops = [m for m in moves if m.to_standing == initiative.standing and m.from_standing != m.to_standing]
    return stops[-1] if stops else None


def path_of(initiative: Initiative, moves: list[StageMove]) -> list[Step]:
    """The six stages with the date each was last reached. A stage before it with no move was passed over."""
    reached = {}
    for move in moves:
        if move.to_stage != move.from_stage:
            reached[move.to_stage] = move
    at = STAGES.index(Stage(initiative.stage))
    first = min((STAGES.index(Stage(code)) for code in reached), default=at)
    steps = []
    for index, stage in enumerate(STAGES):
        known = reached.get(stage)
        if index == at:
            state, when = "now", _when(initiative, known, "since ")
        elif index > at:
            state, when = "ahead", ""
        elif known:
            state, when = "done", _when(initiative, known)
        else:
            state, when = "skip", "passed over" if index > first else "not stated"
        steps.append(Step("Considered" if stage == Stage.CONSIDERED else stage.label, state, when))
    return steps


def _when(initiative: Initiative, move: StageMove | None, before: str = "") -> str:
    if move and move.happened:
        return f"{before}{move.happened}"
    return "date not stated in the source" if initiative.compiled_from_sources else "date not stated"


def depth_steps(initiative: Initiative) -> list[tuple[str, str, int]]:
    """(label, state, height of 48) for each of the eight steps."""
    at = [d.value for d in DEPTHS].index(initiative.depth) if initiative.depth else -1
    return [
        (depth.label, "now" if i == at else "upto" if i < at else "", 6 * (i + 1))
        for i, depth in enumerate(DEPTHS)
    ]


def savings_of(lines: list[SavingLine]) -> tuple[Savings, ...]:
    """Its saving lines by year: forecast, claimed and verified apart, each kind and recurrence on its own."""
    found: dict[tuple[str, bool], dict[int, dict[str, Any]]] = defaultdict(dict)
    for line in lines:
        years = found[(line.benefit.kind, line.benefit.is_recurring)]
        sums = years.setdefault(line.financial_year, {"forecast": None, "claimed": None, "verified": None})
        actual = "verified" if line.verified_on else "claimed"
        for name, pence in (("forecast", line.forecast_pence), (actual, line.actual_pence)):
            if pence is not None:
                sums[name] = (sums[name] or 0) + pence
    return by_kind(found)

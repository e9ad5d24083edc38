"""The record page: all that is known of one initiative, in the order people ask."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from register.accounts.permissions import has_permission
from register.accounts.roles import Permission
from register.catalogue.similar import similar_to
from register.core.clock import today
from register.groups.models import Decision
from register.history.recent import recent_events
from register.initiatives.models import Initiative, SavingLine, StageMove
from register.initiatives.views.common import visible_or_404
from register.initiatives.vocabulary import DEPTHS, STAGES, PartnerRole, Stage

COLUMN_HEIGHT = 132
MOST_YEARS = 8


@dataclass(frozen=True)
class Step:
    """A stage on the path: when it was reached, as far as anybody has said."""

    label: str
    state: str
    when: str


@dataclass(frozen=True)
class Year:
    """What is claimed and what is verified for one financial year: pence, and the height of each column."""

    first: int
    claimed: int | None
    verified: int | None
    claimed_height: int
    verified_height: int


@require_safe
def record_page(request: HttpRequest, reference: str) -> HttpResponse:
    on = today()
    initiative = visible_or_404(request.user, reference)
    moves = list(initiative.stage_moves.all())
    lines = list(
        SavingLine.objects.filter(benefit__initiative=initiative).select_related("benefit", "organisation")
    )
    figures = list(initiative.stated_figures.all())
    context = {
        "initiative": initiative,
        "today": on,
        "may_edit": has_permission(request.user, Permission.EDIT, initiative),
        "may_delete": has_permission(request.user, Permission.DELETE, initiative),
        "path": path_of(initiative, moves),
        "last_move": moves[-1] if moves else None,
        "partners": sorted(initiative.partners.all(), key=lambda p: (p.role != PartnerRole.LEAD, p.pk)),
        "depths": depth_steps(initiative),
        "years": years_of(lines),
        "lines": lines,
        "figures": figures,
        "has_saving_figure": bool(lines) or any(f.kind == "saving" for f in figures),
        "benefits": initiative.benefits.all(),
        "costs": initiative.cost_lines.select_related("organisation"),
        "funding": initiative.funding_lines.select_related("organisation", "funder"),
        "barriers": initiative.barriers.all(),
        "milestones": initiative.milestones.all(),
        "agreements": initiative.agreements.prefetch_related("parties"),
        "documents": initiative.documents.all(),
        "updates": initiative.updates.select_related("organisation")[:6],
        "sources": initiative.sources.all(),
        "decisions": Decision.objects.filter(initiative=initiative).select_related("group")[:5],
        "similar": similar_to(initiative, request.user, limit=3),
        "events": recent_events(request.user, limit=4, initiatives=[initiative.pk]),
    }
    return render(request, "pages/record.html", context)


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
            state, when = "now", _when(known, "since ")
        elif index > at:
            state, when = "ahead", ""
        elif known:
            state, when = "done", _when(known)
        else:
            state, when = "skip", "passed over" if index > first else "not stated"
        steps.append(Step("Considered" if stage == Stage.CONSIDERED else stage.label, state, when))
    return steps


def _when(move: StageMove | None, before: str = "") -> str:
    return f"{before}{move.happened}" if move and move.happened else "date not stated"


def depth_steps(initiative: Initiative) -> list[tuple[str, str, int]]:
    """(label, state, height of 48) for each of the eight steps."""
    at = [d.value for d in DEPTHS].index(initiative.depth) if initiative.depth else -1
    return [
        (depth.label, "now" if i == at else "upto" if i < at else "", 6 * (i + 1))
        for i, depth in enumerate(DEPTHS)
    ]


def years_of(lines: list[SavingLine]) -> list[Year]:
    """Actual savings by year, claimed and verified apart; where no actual is known yet, the forecast is claimed."""
    claimed: dict[int, int] = {}
    verified: dict[int, int] = {}
    for line in lines:
        amount = line.forecast_pence if line.actual_pence is None else line.actual_pence
        told = verified if line.verified_on else claimed
        told[line.financial_year] = told.get(line.financial_year, 0) + (amount or 0)
    years = sorted(claimed.keys() | verified.keys())[-MOST_YEARS:]
    most = max([*claimed.values(), *verified.values(), 1])

    def height(value: int | None) -> int:
        return 0 if value is None else max(2, round(COLUMN_HEIGHT * value / most))

    return [
        Year(y, claimed.get(y), verified.get(y), height(claimed.get(y)), height(verified.get(y)))
        for y in years
    ]

"""The 65 real collaborations of `data/`, read and checked. `data/README.md` says how they were mapped.

No database and no Django here: whoever writes them into the register takes `read_sample()` and knows that every
code, date and reference in it is sound.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from register.core.dates import LimitedDate
from register.pages.sample import codes
from register.pages.sample.rows import Row, grouped, rows_of
from register.reference.tables import Tables, read_tables

FOLDER = Path(__file__).parent / "data"

INITIATIVE_COLUMNS = (
    "key", "title", "purpose", "summary", "stage", "standing", "standing_reason", "standing_text", "depth",
    "depth_basis", "starts", "starts_precision", "ends", "ends_precision", "lead", "no_figure_reason",
    "no_figure_text", "unverified", "as_at", "as_at_precision",
)  # fmt: skip
PARTNER_COLUMNS = ("key", "organisation", "role", "note", "since", "since_precision")
MOVE_COLUMNS = ("key", "to_stage", "to_standing", "happened", "happened_precision", "why", "unverified")
FIGURE_COLUMNS = (
    "key", "kind", "amount_pence", "basis", "as_stated", "qualifier", "claimed_or_reported", "period", "stated",
    "stated_precision", "unverified", "funders",
)  # fmt: skip


@dataclass(frozen=True)
class SamplePartner:
    organisation: str
    role: str
    note: str
    since: LimitedDate | None


@dataclass(frozen=True)
class SampleMove:
    """A step of the path, in order; `happened` is None where no source dates it."""

    to_stage: str
    to_standing: str
    happened: LimitedDate | None
    why: str
    is_unverified: bool


@dataclass(frozen=True)
class SampleFigure:
    """What a publication said. `amount_pence` is None where it names money but no amount. `is_claim`: a forecast,
    a target or a plan, not what is reported to have come about."""

    kind: str
    amount_pence: int | None
    basis: str
    as_stated: str
    qualifier: str
    is_claim: bool
    period: str
    stated: LimitedDate | None
    is_unverified: bool
    funders: tuple[str, ...]


@dataclass(frozen=True)
class SampleSource:
    citation: str
    link: str
    is_unverified: bool


@dataclass(frozen=True)
class SampleInitiative:
    """One collaboration. Organisations and areas of work are codes, places ONS codes of police areas; `lead` is
    empty when no source states one; `as_at` is the latest date of its sources, where one is stated."""

    key: str
    title: str
    purpose: str
    summary: str
    stage: str
    standing: str
    standing_reason: str
    standing_text: str
    depth: str
    depth_basis: str
    starts: LimitedDate | None
    ends: LimitedDate | None
    lead: str
    no_figure_reason: str
    no_figure_text: str
    unverified: tuple[str, ...]
    as_at: LimitedDate | None
    partners: tuple[SamplePartner, ...]
    areas: tuple[str, ...]
    places: tuple[str, ...]
    moves: tuple[SampleMove, ...]
    figures: tuple[SampleFigure, ...]
    sources: tuple[SampleSource, ...]


@dataclass(frozen=True)
class _Hanging:
    """The rows of the other tables that belong to one initiative."""

    partners: Sequence[Row]
    areas: Sequence[Row]
    places: Sequence[Row]
    moves: Sequence[Row]
    figures: Sequence[Row]
    sources: Sequence[Row]


def read_sample(folder: Path = FOLDER, reference: Tables | None = None) -> tuple[SampleInitiative, ...]:
    """All of them, in the order of their keys. TableError names file and line of the first fault."""
    reference = reference or read_tables()
    first: dict[str, Row] = {}
    for row in rows_of(folder / "initiatives.csv", INITIATIVE_COLUMNS):
        key = row.text("key")
        if key in first:
            raise row.fault(f"{key} is there twice")
        first[key] = row
    tables = {
        name: grouped(folder / f"{name}.csv", columns, first)
        for name, columns in (
            ("partners", PARTNER_COLUMNS),
            ("areas", ("key", "area")),
            ("places", ("key", "police_area", "name")),
            ("stage_moves", MOVE_COLUMNS),
            ("stated_figures", FIGURE_COLUMNS),
            ("sources", ("key", "link", "citation", "unverified")),
        )
    }
    return tuple(
        _initiative(row, _Hanging(*(table.get(key, []) for table in tables.values())), reference)
        for key, row in sorted(first.items())
    )


def _initiative(row: Row, hanging: _Hanging, reference: Tables) -> SampleInitiative:
    for what in ("partners", "areas", "moves", "sources"):
        if not getattr(hanging, what):
            raise row.fault(f"{row.text('key')} has no {what}")
    found = SampleInitiative(
        key=row.text("key"),
        title=row.text("title", most=160),
        purpose=row.text("purpose", most=200),
        summary=row.text("summary"),
        stage=row.code("stage", codes.STAGES),
        standing=row.code("standing", codes.STANDINGS),
        standing_reason=row.code("standing_reason", codes.STANDING_REASONS, blank=True),
        standing_text=row.text("standing_text", blank=True),
        depth=row.code("depth", codes.DEPTHS, blank=True),
        depth_basis=row.text("depth_basis", blank=True),
        starts=row.date("starts"),
        ends=row.date("ends"),
        lead=row.code("lead", reference.organisations, blank=True),
        no_figure_reason=row.code("no_figure_reason", codes.NO_FIGURE_REASONS, blank=True),
        no_figure_text=row.text("no_figure_text", most=200, blank=True),
        unverified=row.parts("unverified"),
        as_at=row.date("as_at"),
        partners=_partners(hanging.partners, reference),
        areas=_once(hanging.areas, "area", reference.areas_of_work),
        places=_places(hanging.places, reference),
        moves=_moves(hanging.moves),
        figures=tuple(_figure(line, reference) for line in hanging.figures),
        sources=_sources(hanging.sources),
    )
    for complaint in _complaints(found):
        raise row.fault(complaint)
    return found


def _complaints(found: SampleInitiative) -> Iterator[str]:
    """What is wrong between the columns and tables of one initiative."""
    leads = [partner.organisation for partner in found.partners if partner.role == "lead"]
    if leads != ([found.lead] if found.lead else []):
        yield f"the lead is {found.lead or 'nobody'} here, {', '.join(leads) or 'nobody'} in partners.csv"
    if found.starts and found.ends and found.ends.is_before(found.starts):
        yield "it ends before it starts"
    last = found.moves[-1]
    if (last.to_stage, last.to_standing) != (found.stage, found.standing):
        yield f"its moves lead to {last.to_stage}, {last.to_standing}"
    if {bool(found.standing_reason), bool(found.standing_text)} != {found.standing != "active"}:
        yield "a standing other than active, and only that, has a reason and a text"
    if bool(found.depth) != bool(found.depth_basis):
        yield "a depth, and only that, has a basis"
    if any(figure.kind == "saving" for figure in found.figures):
        if found.no_figure_reason:
            yield "it has a saving and a reason for having none"
    elif found.stage == "live" and not found.no_figure_reason:
        yield "it is live, without a saving, and no reason for that"
    if found.no_figure_text and not found.no_figure_reason:
        yield "a text on having no figure, but no reason"
    paying = {code for figure in found.figures for code in figure.funders}
    if paying - {partner.organisation for partner in found.partners}:
        yield "a funder of a figure is not a partner"
    for part in found.unverified:
        what, _, rest = part.partition(": ")
        if what not in codes.UNVERIFIED or not rest:
            yield f"unverified “{part}”: begin with one of {', '.join(codes.UNVERIFIED)} and a colon"


def _once(lines: Sequence[Row], column: str, known: Container[str]) -> tuple[str, ...]:
    """The codes of a column, each known and there once."""
    found: list[str] = []
    for line in lines:
        code = line.code(column, known)
        if code in found:
            raise line.fault(f"{code} is there twice")
        found.append(code)
    return tuple(found)


def _partners(lines: Sequence[Row], reference: Tables) -> tuple[SamplePartner, ...]:
    """Each organisation once, in the role that says most: who leads and pays is the lead, and a note says so."""
    _once(lines, "organisation", reference.organisations)
    return tuple(
        SamplePartner(
            line.text("organisation"),
            line.code("role", codes.ROLES),
            line.text("note", most=120, blank=True),
            line.date("since"),
        )
        for line in lines
    )


def _places(lines: Sequence[Row], reference: Tables) -> tuple[str, ...]:
    names = {area["code"]: area["name"] for area in reference.police_areas.values()}
    for line in lines:
        if names.get(line.text("police_area")) != line.text("name"):
            raise line.fault(f"{line.text('police_area')} is not {line.text('name')}")
    return _once(lines, "police_area", names)


def _moves(lines: Sequence[Row]) -> tuple[SampleMove, ...]:
    moves = tuple(
        SampleMove(
            line.code("to_stage", codes.STAGES),
            line.code("to_standing", codes.STANDINGS),
            line.date("happened"),
            line.text("why"),
            line.flag("unverified"),
        )
        for line in lines
    )
    latest: LimitedDate | None = None
    for move, line in zip(moves, lines, strict=True):
        if move.happened and latest and move.happened.is_before(latest):
            raise line.fault(f"it happened in {move.happened}, before the move above it")
        latest = move.happened or latest
    for (before, after), line in zip(pairwise(moves), lines[1:], strict=True):
        if (before.to_stage, before.to_standing) == (after.to_stage, after.to_standing):
            raise line.fault("it goes nowhere")
    return moves


def _figure(line: Row, reference: Tables) -> SampleFigure:
    kind = line.code("kind", codes.FIGURE_KINDS)
    if kind == "saving" and not line.text("amount_pence", blank=True):
        raise line.fault(
            "a saving without an amount is no figure: say so in no_figure_text of initiatives.csv"
        )
    funders = line.parts("funders")
    if funders and kind != "funding":
        raise line.fault("only funding has funders")
    for code in funders:
        line.must_know(code, reference.organisations)
    return SampleFigure(
        kind=kind,
        amount_pence=line.amount("amount_pence"),
        basis=line.code("basis", codes.FIGURE_BASES),
        as_stated=line.text("as_stated", most=400),
        qualifier=line.code("qualifier", codes.QUALIFIERS, blank=True),
        is_claim=line.code("claimed_or_reported", ("claimed", "reported")) == "claimed",
        period=line.text("period", most=120, blank=True),
        stated=line.date("stated"),
        is_unverified=line.flag("unverified"),
        funders=funders,
    )


def _sources(lines: Sequence[Row]) -> tuple[SampleSource, ...]:
    _once(lines, "citation", {line.text("citation") for line in lines})
    for line in lines:
        if not (line.text("link", most=500, blank=True) or "https://").startswith(("https://", "http://")):
            raise line.fault(f"“{line.text('link')}” is not a web address")
    return tuple(
        SampleSource(line.text("citation", most=400), line.text("link", blank=True), line.flag("unverified"))
        for line in lines
    )

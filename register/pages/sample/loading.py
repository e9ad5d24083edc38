"""Writing the sample into the register, once, through the same doors as everything else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils.timezone import localdate

from register.accounts.models import User, WorkingGroup
from register.core.clock import database_clock
from register.core.tracking import origin, recorded
from register.digests.choosing.schedules import set_schedule
from register.digests.slots import last_slot
from register.groups.models import Remit
from register.groups.services import set_remit
from register.initiatives.models import Initiative
from register.initiatives.services import Move, Part, cite_source, log_initiative, state_figure
from register.initiatives.vocabulary import Standing
from register.pages.sample.exampleshire import tell
from register.pages.sample.facts import SampleInitiative, read_sample
from register.pages.sample.meeting import hold_meeting
from register.pages.sample.people import GROUPS, add_accounts, add_groups
from register.pages.sample.story import add_place
from register.reference.models import AreaOfWork, Organisation, PoliceArea

# The real records were compiled some time before the story of Exampleshire begins.
COMPILED_BEFORE = timedelta(weeks=40)


@dataclass(frozen=True)
class Report:
    """What was written: records, and how many were there already."""

    written: int
    there: int


def load_sample(*, now: datetime) -> Report:
    """Groups, accounts, the real records, Exampleshire's story and the digests' schedules. Again: nothing new."""
    week = last_slot(0, 7, "Europe/London", now=now)
    with origin("sample"):
        add_place(by=None)
        groups = add_groups()
        people = add_accounts(groups)
    written, there = _real_records(week - COMPILED_BEFORE)
    tell(week, people, groups)
    _remits_and_schedules(groups, people["secretary"], now)
    hold_meeting(week, people, groups["exampleshire"])
    return Report(written, there)


def _real_records(compiled_at: datetime) -> tuple[int, int]:
    """The real records under their own numbers: the first record of the tables is BL-00001."""
    there = set(Initiative.objects.filter(compiled_from_sources=True).values_list("number", flat=True))
    organisations = {o.code: o for o in Organisation.objects.all()}
    areas = {a.code: a for a in AreaOfWork.objects.all()}
    places = {p.code: p for p in PoliceArea.objects.all()}
    written = 0
    records = read_sample()
    for record in records:
        number = int(record.key.removeprefix("F"))
        if number in there:
            continue
        # One transaction, and so one line in its history.
        with origin("sample"), database_clock(compiled_at), recorded(by=None):
            _write(record, number, organisations, areas, places, compiled_at)
        written += 1
    if written:
        _number_from(max(int(record.key.removeprefix("F")) for record in records))
    return written, len(there)


def _write(
    record: SampleInitiative,
    number: int,
    organisations: dict[str, Organisation],
    areas: dict[str, AreaOfWork],
    places: dict[str, PoliceArea],
    compiled_at: datetime,
) -> None:
    initiative = log_initiative(
        by=None,
        number=number,
        title=record.title,
        purpose=record.purpose,
        summary=record.summary,
        stage=record.stage,
        standing=record.standing,
        standing_reason=record.standing_reason,
        standing_text=record.standing_text,
        depth=record.depth,
        starts=record.starts,
        ends=record.ends,
        no_figure_reason=record.no_figure_reason,
        no_figure_text=record.no_figure_text,
        unverified="; ".join(record.unverified),
        compiled_from_sources=True,
        confirmed=False,
        on=localdate(compiled_at),
        areas_of_work=[areas[code] for code in record.areas],
        places=[places[code] for code in record.places],
        partners=[Part(organisations[p.organisation], p.role, p.note, p.since) for p in record.partners],
        path=_path(record),
    )
    for figure in record.figures:
        state_figure(
            by=None,
            initiative=initiative,
            kind=figure.kind,
            amount_pence=figure.amount_pence,
            basis=figure.basis,
            as_stated=figure.as_stated,
            qualifier=figure.qualifier,
            period_text=figure.period,
            stated=figure.stated,
            is_unverified=figure.is_unverified,
        )
    for source in record.sources:
        cite_source(
            by=None,
            initiative=initiative,
            citation=source.citation,
            link=source.link,
            is_unverified=source.is_unverified,
        )


def _path(record: SampleInitiative) -> list[Move]:
    return [
        Move(
            move.to_stage,
            move.to_standing,
            move.happened,
            reason=record.standing_reason if move.to_standing != Standing.ACTIVE else "",
            why=move.why,
        )
        for move in record.moves
    ]


def _number_from(last: int) -> None:
    """The next record gets the number after the sample's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval('register_initiative_number', greatest(%s, (SELECT max(number) FROM register_initiative)))",
            [last],
        )


def _remits_and_schedules(groups: dict[str, WorkingGroup], secretary: User, now: datetime) -> None:
    """Each group's remit, and its digest on Mondays at seven: from now on, so that the sample is no news."""
    with origin("sample"):
        for code, name, _, _, parameters, _, _ in GROUPS:
            group = groups[code]
            if Remit.objects.filter(group=group).exists():
                continue
            set_remit(by=secretary, group=group, name=f"Remit of the {name}", parameters=parameters)
            set_schedule(by=secretary, group=group, at=now)

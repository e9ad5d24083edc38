"""Fictional Exampleshire: four organisations, six initiatives and five weeks of activity.

Written through the ordinary write doors while the database's clock stands at the moments of the story, so that
its history is true history. Weeks count back from the start of the current digest week (`week`): the last of the
five is the week of the edition that the demo sends on its first start.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from register.accounts.models import User, WorkingGroup
from register.catalogue.services import save_view
from register.core.clock import database_clock
from register.core.dates import LimitedDate
from register.core.tracking import origin, write_door
from register.groups.services import (
    arrange_meeting,
    draw_up_ask,
    flag_for_review,
    mark_as_asked,
    notify_organisation,
    record_consideration,
    record_decision,
)
from register.initiatives.models import Barrier, Initiative
from register.initiatives.services import (
    Part,
    add_agreement,
    add_benefit,
    add_cost,
    add_milestone,
    add_saving,
    add_update,
    change_barrier,
    change_saving,
    confirm_still_current,
    log_initiative,
    move_stage,
    raise_barrier,
    verify_saving,
)
from register.reference.models import AreaOfWork, Coverage, Organisation, PoliceArea, Region

ORGANISATIONS = (
    ("exampleshire-police", "Exampleshire Police", Organisation.Kind.POLICE),
    ("exampleshire-fire", "Exampleshire Fire and Rescue Service", Organisation.Kind.FIRE),
    ("exampleshire-ambulance", "Exampleshire Ambulance Service", Organisation.Kind.AMBULANCE),
    ("exampleshire-council", "Exampleshire County Council", Organisation.Kind.COUNCIL),
)


@write_door
def add_place(*, by: User | None) -> PoliceArea:
    """The fictional police area and its four organisations, made once."""
    region = Region.objects.get(code="E12000006")
    area, _ = PoliceArea.objects.get_or_create(
        code="X00000001",
        defaults={
            "slug": "exampleshire",
            "name": "Exampleshire",
            "short_name": "Example",
            "code3": "EXA",
            "region": region,
            "is_fictional": True,
        },
    )
    for code, name, kind in ORGANISATIONS:
        body, _ = Organisation.objects.get_or_create(
            code=code, defaults={"name": name, "kind": kind, "is_fictional": True, "nation": "England"}
        )
        Coverage.objects.get_or_create(organisation=body, area=area)
    return area


class Story:
    """The telling: who does what at which moment."""

    def __init__(self, week: datetime, people: dict[str, User], groups: dict[str, WorkingGroup]) -> None:
        self.week = week
        self.people = people
        self.group = groups["exampleshire"]
        self.area = PoliceArea.objects.get(slug="exampleshire")
        self.bodies = {code: Organisation.objects.get(code=code) for code, _, _ in ORGANISATIONS}

    def day(self, weeks: int, days: int = 0) -> date:
        return timezone.localdate(self.week - timedelta(weeks=weeks) + timedelta(days=days))

    @contextmanager
    def at(self, weeks: int, days: int = 0, hours: int = 3) -> Any:
        """So many weeks before the current one, on its nth day: the database's clock stands there."""
        moment = self.week - timedelta(weeks=weeks) + timedelta(days=days, hours=hours)
        with origin("sample"), database_clock(moment):
            yield self.day(weeks, days)

    def log(
        self, title: str, purpose: str, *, stage: str, areas: list[str], on: date, **more: Any
    ) -> Initiative:
        parties = more.pop("parties")
        lead, *others = parties
        return log_initiative(
            by=self.people[more.pop("by", "contributor")],
            title=title,
            purpose=purpose,
            stage=stage,
            areas_of_work=list(AreaOfWork.objects.filter(code__in=areas)),
            partners=[
                Part(self.bodies[f"exampleshire-{lead}"], "lead"),
                *(Part(self.bodies[f"exampleshire-{code}"], "party") for code in others),
            ],
            places=[self.area],
            on=on,
            **more,
        )


def tell(week: datetime, people: dict[str, User], groups: dict[str, WorkingGroup]) -> None:
    """The whole story, once: nothing if Exampleshire has initiatives already."""
    if Initiative.objects.filter(is_fictional=True).exists():
        return
    story = Story(week, people, groups)
    chapters: tuple[Callable[[Story], None], ...] = (
        _workshop,
        _control_room,
        _hub,
        _guarded,
        _considered,
        _asks,
        _meetings,
        _views,
    )
    for chapter in chapters:
        chapter(story)


def _workshop(s: Story) -> None:
    with s.at(30) as on:
        workshop = s.log(
            "Shared fleet workshop at Millbrook",
            "Service police and fire vehicles in one workshop, so that each is off the road for less time.",
            stage="live",
            areas=["fleet"],
            parties=["police", "fire"],
            on=on,
            stage_since=LimitedDate(date(on.year - 1, 4, 1), "month"),
            depth="shared_service",
            owner="Head of fleet, Exampleshire Police",
            contact_post="Joint fleet manager",
            open_to_replication=True,
            summary="One workshop keeps 410 vehicles of two services on the road.",
        )
        by = s.people["contributor"]
        benefit = add_benefit(
            by=by,
            initiative=workshop,
            title="Fewer workshops to run",
            outcome="reduced_cost",
            kind="cashable",
            measure="Cost of vehicle maintenance",
            unit="£ a year",
        )
        police, fire = s.bodies["exampleshire-police"], s.bodies["exampleshire-fire"]
        last_year = _financial_year(on) - 1
        line = add_saving(
            by=by,
            benefit=benefit,
            organisation=police,
            financial_year=last_year,
            forecast_pence=180_000_00,
            actual_pence=172_500_00,
        )
        add_saving(
            by=by, benefit=benefit, organisation=fire, financial_year=last_year, forecast_pence=60_000_00
        )
        forecast = add_saving(
            by=by,
            benefit=benefit,
            organisation=police,
            financial_year=last_year + 1,
            forecast_pence=190_000_00,
        )
        add_cost(
            by=by,
            initiative=workshop,
            organisation=police,
            financial_year=last_year - 1,
            what_for="Lifts and tooling",
            actual_pence=240_000_00,
        )
    with s.at(5, 1):
        verify_saving(
            by=s.people["lead"],
            line=line,
            verified_by="Internal audit, Exampleshire County Council",
            verified_on=s.day(5, 1),
        )
    with s.at(4, 2) as on:
        add_update(
            by=by,
            initiative=workshop,
            noted_on=on,
            on=on,
            confidence="green",
            organisation=police,
            text="The second lift is in use. Vans now wait two days for a service, not five.",
        )
    with s.at(1, 2):
        change_saving(by=by, line=forecast, version=None, forecast_pence=205_000_00)


def _control_room(s: Story) -> None:
    with s.at(20) as on:
        room = s.log(
            "Joint control room for Exampleshire",
            "Answer police and fire calls from one room, so that both hear of the same emergency at once.",
            stage="considered",
            areas=["control-rooms", "ict-and-data"],
            parties=["police", "fire", "ambulance"],
            on=on,
            stage_since=LimitedDate(on, "day"),
            owner="Assistant chief officer, Exampleshire Police",
        )
        add_milestone(
            by=s.people["contributor"],
            initiative=room,
            what="Business case to both boards",
            due=LimitedDate(s.day(-8), "day"),
        )
    with s.at(3, 1) as on:
        raise_barrier(
            by=s.people["fire"],
            initiative=room,
            raised_on=on,
            on=on,
            title="Two mobilising systems that don't share incidents",
            category="ict_and_data",
            severity="high",
            remover="regional",
            owner="Head of ICT, Exampleshire Fire",
            remedy="A shared incident log under one contract when both end in 2028.",
        )
    with s.at(1, 1) as on:
        move_stage(
            by=s.people["contributor"],
            initiative=room,
            to_stage="business_case",
            on=on,
            happened=LimitedDate(on, "day"),
            why="Both boards paid for a full business case.",
        )
    with s.at(1, 3) as on:
        add_update(
            by=s.people["fire"],
            initiative=room,
            noted_on=on,
            on=on,
            confidence="amber",
            organisation=s.bodies["exampleshire-fire"],
            text="Suppliers can show a shared incident log by spring, not by the new year.",
        )


def _hub(s: Story) -> None:
    with s.at(26) as on:
        hub = s.log(
            "Community safety hub, Market Street",
            "Put neighbourhood policing, home fire safety and the council's wardens behind one front door.",
            stage="agreed",
            areas=["community-safety", "estates"],
            parties=["council", "police", "fire"],
            on=on,
            stage_since=LimitedDate(on.replace(day=1), "month"),
            depth="co_location",
            open_to_replication=True,
        )
        add_agreement(
            by=s.people["contributor"],
            initiative=hub,
            kind="memorandum",
            signed_on=on,
            review_on=s.day(-5),
            parties=[body for body in s.bodies.values() if body.kind != "ambulance"],
        )
        lease = raise_barrier(
            by=s.people["contributor"],
            initiative=hub,
            raised_on=on,
            on=on,
            title="Lease on the ground floor",
            category="estates_and_planning",
            severity="medium",
            remover="local",
            owner="Head of property, Exampleshire County Council",
        )
    with s.at(2, 1) as on:
        move_stage(
            by=s.people["contributor"],
            initiative=hub,
            to_stage="pilot",
            on=on,
            happened=LimitedDate(on, "day"),
            why="The ground floor opened for three days a week.",
        )
    with s.at(1, 1, 5) as on:
        change_barrier(
            by=s.people["contributor"],
            barrier=lease,
            version=None,
            on=on,
            state="removed",
            resolved_on=on,
            reason="The landlord signed.",
        )
    with s.at(1, 4) as on:
        record_decision(
            by=s.people["secretary"],
            initiative=hub,
            group=s.group,
            outcome="support_with_conditions",
            decided_on=on,
            on=on,
            reasons="The pilot is open and used; the running cost is not shared out yet.",
            conditions="A cost-sharing agreement before it goes live.",
            next_review_on=s.day(-6),
        )


def _guarded(s: Story) -> None:
    """One draft, one for its partners only, one OFFICIAL-SENSITIVE."""
    with s.at(2, 3) as on:
        s.log(
            "Shared drones for searches",
            "Fly one set of drones for missing people and for fires.",
            stage="opportunity",
            areas=["specialist-operations"],
            parties=["police", "fire"],
            on=on,
            audience="draft",
        )
    with s.at(4) as on:
        estate = s.log(
            "Station Road site",
            "Decide together whether three services need three sites on Station Road.",
            stage="considered",
            areas=["estates"],
            parties=["council", "police"],
            on=on,
            audience="partners",
        )
    with s.at(1, 2, 6) as on:
        confirm_still_current(by=s.people["contributor"], initiative=estate, on=on)
        add_update(
            by=s.people["contributor"],
            initiative=estate,
            noted_on=on,
            on=on,
            confidence="amber",
            organisation=s.bodies["exampleshire-police"],
            text="Valuations are in; the three services compare them in December.",
        )
    with s.at(3) as on:
        s.log(
            "Joint protection of public figures",
            "Plan protection at public events across three services.",
            stage="agreed",
            areas=["specialist-operations"],
            parties=["police", "fire", "ambulance"],
            on=on,
            marking="official_sensitive",
            audience="partners_and_groups",
            named_groups=[s.group],
        )


def _considered(s: Story) -> None:
    """Who was notified of the control room and of the hub: one would, one would not, one has yet to answer."""
    room = Initiative.objects.get(title="Joint control room for Exampleshire")
    hub = Initiative.objects.get(title="Community safety hub, Market Street")
    by, police = s.people["contributor"], s.bodies["exampleshire-police"]
    fire, ambulance = s.bodies["exampleshire-fire"], s.bodies["exampleshire-ambulance"]
    with s.at(19) as on:
        told = [
            notify_organisation(
                by=by, initiative=room, organisation=body, notified_by=police, notified_on=on, on=on
            )
            for body in (fire, ambulance)
        ]
    with s.at(9) as on:
        record_consideration(
            by=s.people["fire"],
            consideration=told[0],
            version=None,
            on=on,
            answer="in_the_interests",
            considered_on=s.day(10),
            considered_by="Exampleshire Fire Authority",
            decision="collaborate",
            reasons="One room would halve the time in which both services know of the same emergency.",
        )
        record_consideration(
            by=by,
            consideration=told[1],
            version=None,
            on=on,
            answer="not_in_the_interests",
            considered_on=s.day(10, 2),
            considered_by="Board of the ambulance service",
            decision="do_not",
            reasons="Its control room serves four counties; moving one of them out would cost more than it saves.",
        )
    with s.at(6) as on:
        notify_organisation(
            by=by, initiative=hub, organisation=ambulance, notified_by=police, notified_on=on, on=on
        )
    with s.at(2, 4):
        flag_for_review(
            by=by,
            initiative=room,
            group=s.group,
            why="Both boards ask whether the business case may assume one mobilising system.",
        )


def _asks(s: Story) -> None:
    """One that waits for its answer, and a draft."""
    waiting = Barrier.objects.filter(initiative__is_fictional=True, state="open")
    with s.at(6) as on:
        contract = raise_barrier(
            by=s.people["contributor"],
            initiative=Initiative.objects.get(title="Shared fleet workshop at Millbrook"),
            raised_on=on,
            on=on,
            title="Parts are bought under two contracts",
            category="procurement",
            severity="low",
            remover="local",
            owner="Head of procurement, Exampleshire County Council",
            remedy="One framework for both services when the police contract ends.",
        )
    with s.at(2, 4) as on:
        log = waiting.get(title__startswith="Two mobilising systems")
        ask = draw_up_ask(
            by=s.people["secretary"],
            group=s.group,
            title="One contract for what two services buy alike",
            addressee=s.bodies["exampleshire-council"],
            what="Let one contract of the council’s framework cover the shared incident log and the workshop’s parts "
            "from 2028, when the present ones end.",
            barriers=[log, contract],
        )
        mark_as_asked(by=s.people["secretary"], ask=ask, version=None, asked_on=on, on=on)
    with s.at(2, 4, 5):
        draw_up_ask(
            by=s.people["chair"],
            group=s.group,
            title="An incident log before the new systems",
            addressee=s.bodies["exampleshire-fire"],
            what="Show the police the fire service’s open incidents on a screen until 2028.",
            barriers=[log],
        )


def _meetings(s: Story) -> None:
    with origin("sample"):
        for weeks in (3, -3):
            arrange_meeting(
                by=s.people["secretary"],
                group=s.group,
                where="County Hall, room 2, and by video",
                starts_at=s.week - timedelta(weeks=weeks) + timedelta(days=3, hours=3),
            )


def _views(s: Story) -> None:
    with s.at(2) as on:
        save_view(
            by=s.people["contributor"],
            name="Fleet and estates in Exampleshire",
            parameters={"area": ["fleet", "estates"], "example": ["only"]},
            groups=[s.group],
            on=on,
        )


def _financial_year(on: date) -> int:
    return on.year if on.month >= 4 else on.year - 1

"""Fictional Exampleshire: four organisations, six initiatives and five weeks of activity.

Written through the ordinary write doors while the database's clock stands at the moments of the story, so that
its history is true history. Weeks count back from the start of the current digest week (`week`): the last of the
five is the week of the edition that the demo sends on its first start.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from register.accounts.models import User, WorkingGroup
from register.core.dates import LimitedDate, financial_year
from register.groups.services import (
    record_decision,
)
from register.initiatives.models import Initiative
from register.initiatives.services import (
    add_agreement,
    add_benefit,
    add_cost,
    add_milestone,
    add_saving,
    add_update,
    change_barrier,
    change_saving,
    confirm_still_current,
    move_stage,
    raise_barrier,
    verify_saving,
)
from register.pages.sample.exampleshires_group import asks, considered, meetings, views
from register.pages.sample.story import Story


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
        considered,
        asks,
        meetings,
        views,
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
        last_year = financial_year(on) - 1
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

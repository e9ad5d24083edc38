"""What Exampleshire's working group and organisations do: considering, asking, meeting, keeping views."""

from __future__ import annotations

from datetime import timedelta

from register.catalogue.services import save_view
from register.core.tracking import origin
from register.groups.services import (
    arrange_meeting,
    draw_up_ask,
    flag_for_review,
    mark_as_asked,
    notify_organisation,
    record_answer,
    record_consideration,
)
from register.initiatives.models import Barrier, Initiative
from register.initiatives.services import (
    raise_barrier,
)
from register.pages.sample.story import Story


def considered(s: Story) -> None:
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


def asks(s: Story) -> None:
    """One that was answered, one that waits for its answer, and a draft."""
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
    with s.at(5, 1) as on:
        ends = draw_up_ask(
            by=s.people["secretary"],
            group=s.group,
            title="When the police contract for parts ends",
            addressee=s.bodies["exampleshire-police"],
            what="Name the day on which it ends, so that one framework for both services can follow it.",
            barriers=[contract],
        )
        mark_as_asked(by=s.people["secretary"], ask=ends, version=None, asked_on=on, on=on)
    with s.at(3, 1) as on:
        answer = "On 31 March 2028, with a year’s notice."
        record_answer(by=s.people["secretary"], ask=ends, version=None, answered_on=on, answer=answer, on=on)
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


def meetings(s: Story) -> None:
    with origin("sample"):
        for weeks in (3, -3):
            arrange_meeting(
                by=s.people["secretary"],
                group=s.group,
                where="County Hall, room 2, and by video",
                starts_at=s.week - timedelta(weeks=weeks) + timedelta(days=3, hours=3),
            )


def views(s: Story) -> None:
    with s.at(2) as on:
        save_view(
            by=s.people["contributor"],
            name="Fleet and estates in Exampleshire",
            parameters={"area": ["fleet", "estates"], "example": ["only"]},
            groups=[s.group],
            on=on,
        )

"""The stage of Exampleshire's story: its place, its organisations, and a clock that stands where the story is."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from register.accounts.models import User, WorkingGroup
from register.core.clock import database_clock
from register.core.tracking import origin, write_door
from register.initiatives.models import Initiative
from register.initiatives.services import (
    Part,
    log_initiative,
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

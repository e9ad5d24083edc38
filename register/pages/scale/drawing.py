"""Drawing initiatives: which organisations, how far it has come, what hangs on it, what was done when.

Shares follow the real records of the sample: a few areas of work and pairs of services are most of it, most are
live and for everyone, few have figures. An initiative depends on its seed and its ordinal alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from random import Random

from django.utils.timezone import make_aware

from register.initiatives.models import (
    Initiative,
    InitiativeArea,
    InitiativeGroup,
    InitiativePartner,
    InitiativePlace,
    StageMove,
)
from register.initiatives.services import UPDATE_EVERY
from register.initiatives.vocabulary import STAGES, Audience, Marking, PartnerRole, Stage, Standing
from register.pages.scale import words
from register.pages.scale.bodies import Bodies
from register.pages.scale.hanging import hang_something
from register.pages.scale.rows import Batch, Moment, Row
from register.pages.scale.shares import (
    AUDIENCE,
    DEPTH,
    DONE,
    EARLY_STANDING,
    LATE_STANDING,
    LATER,
    MIX,
    MORE,
    NO_FIGURE,
    REASON,
    ROLE,
    STAGE,
)
from register.pages.scale.texts import Writer, services, site

# How long the register has been in use, and how the pace has grown since.
YEARS = timedelta(days=4 * 365)
PACE = 0.7
MOST_PARTNERS = 8


@dataclass(frozen=True)
class Setting:
    """What all initiatives of one seeding share: areas of work, groups and people by their keys."""

    seed: int
    size: int
    first: int
    on: date
    bodies: Bodies
    areas: dict[str, int]
    groups: Sequence[int]
    people: dict[int, int]

    def logged_at(self, index: int) -> datetime:
        """The first of this seeding was logged years ago, the last yesterday, more and more a week."""
        last = self.until - timedelta(hours=7)
        return last - YEARS * (1 - ((index + 0.5) / self.size) ** PACE)

    @property
    def until(self) -> datetime:
        """The story ends at midnight before the day: nothing in it is still to come."""
        return make_aware(datetime.combine(self.on, time())).astimezone(UTC)


def draw_initiative(batch: Batch, setting: Setting, index: int) -> None:
    """One initiative and all that hangs on it, into the batch."""
    ordinal = setting.first + index
    Drawing(batch, setting, ordinal, Random(f"{setting.seed}:{ordinal}"), setting.logged_at(index)).all()  # noqa: S311


class Drawing:
    """One initiative on its way: decided first, then told moment by moment."""

    def __init__(self, batch: Batch, setting: Setting, ordinal: int, draw: Random, at: datetime) -> None:
        self.batch, self.setting, self.draw = batch, setting, draw
        self.position = len(batch.rows[Initiative])
        self.place = setting.bodies.places[setting.bodies.somewhere(draw)]
        self.partners, self.lead = self._partners()
        self.areas = self._areas()
        self.author = next((setting.people[pk] for pk in self.partners if pk in setting.people), None)
        self.logged = self._moment(0, at)
        self.latest = at
        other = (
            setting.bodies.places[draw.choice(self.place.neighbours)] if self.place.neighbours else self.place
        )
        self.writer = Writer(
            draw,
            words.FIELDS[self.areas[0]],
            site(ordinal),
            draw.choice(self.place.towns),
            self.place.name,
            other.name,
            services([setting.bodies.kind[pk] for pk in self.partners]),
            at.year,
        )
        self.ends_at = STAGES.index(STAGE.draw(draw))
        self.steps = self._steps()

    def all(self) -> None:
        row = self._record()
        self._links()
        self._arrive(row)
        later = self._moments(max(LATER.draw(self.draw), len(self.steps)))
        hang_something(self, row, self.logged, at_once=True)
        at_moves = sorted(self.draw.sample(range(len(later)), len(self.steps)))
        for number, moment in enumerate(later):
            if number in at_moves:
                self._move(row, moment, *self.steps[at_moves.index(number)])
            else:
                hang_something(self, row, moment, what=DONE.draw(self.draw))
        if not self.has_figure and (row.values["stage"] == Stage.LIVE or self.draw.random() < 0.3):
            row.values["no_figure_reason"] = NO_FIGURE.draw(self.draw)
        row.values["changed_at"] = max([self.latest, *(moment.at for moment in later)])

    has_figure = False

    # -- who, where and what about

    def _partners(self) -> tuple[list[int], int | None]:
        """One to eight organisations, the first of them the lead, if anybody said who leads."""
        draw, bodies, place = self.draw, self.setting.bodies, self.place
        found: list[int] = []
        for kind in MIX.draw(draw):
            here = [pk for pk in place.bodies[kind] if pk not in found]
            if not here or (kind in ("police", "fire") and len(found) == 1 and bodies.kind[found[0]] == kind):
                here = self._next_door(kind, found) or here
            if here:
                found.append(draw.choice(here))
        for _ in range(MORE.draw(draw)):
            others = self._more(found)
            if others and len(found) < MOST_PARTNERS:
                found.append(draw.choice(others))
        lead = draw.choice(found[:2]) if draw.random() < 0.88 else None
        return found, lead

    def _next_door(self, kind: str, found: list[int]) -> list[int]:
        if not self.place.neighbours:
            return []
        near = self.setting.bodies.places[self.draw.choice(self.place.neighbours)]
        return [pk for pk in near.bodies[kind] if pk not in found]

    def _more(self, found: list[int]) -> list[int]:
        chance = self.draw.random()
        if chance < 0.45:
            others = self.place.bodies["council"]
        elif chance < 0.6:
            others = self.place.bodies["policing_body"]
        elif chance < 0.85:
            others = self._next_door(self.draw.choice(("police", "fire")), found)
        else:
            others = self.setting.bodies.national
        return [pk for pk in others if pk not in found]

    def _areas(self) -> list[str]:
        number = 1 if self.draw.random() < 0.72 else 2 if self.draw.random() < 0.85 else 3
        codes = [code for code in words.FIELDS if code in self.setting.areas]
        weights = [words.FIELDS[code].weight for code in codes]
        return list(dict.fromkeys(self.draw.choices(codes, weights, k=number)))

    def _steps(self) -> list[tuple[str, str]]:
        """What it goes through after it was logged: stages one by one, and perhaps an end."""
        draw = self.draw
        begins = max(0, self.ends_at - draw.choice((0, 0, 0, 1, 1, 2)))
        self.begins_at = begins
        early = self.ends_at < STAGES.index(Stage.AGREED)
        self.standing = (EARLY_STANDING if early else LATE_STANDING).draw(draw)
        steps = [("stage", str(STAGES[at])) for at in range(begins + 1, self.ends_at + 1)]
        if self.standing != Standing.ACTIVE:
            steps.append(("standing", str(self.standing)))
        return steps

    # -- when

    def _moment(self, number: int, at: datetime) -> Moment:
        return Moment(self.position, number, at, self.author)

    def _moments(self, number: int) -> list[Moment]:
        """Moments between its logging and now, in order."""
        span = self.setting.until - self.logged.at
        parts = sorted(self.draw.random() for _ in range(number))
        return [self._moment(i + 1, self.logged.at + span * part) for i, part in enumerate(parts)]

    def _limited(self, day: date) -> tuple[date, str]:
        chance = self.draw.random()
        if chance < 0.45:
            return day, "day"
        return (day.replace(day=1), "month") if chance < 0.8 else (day.replace(month=1, day=1), "year")

    # -- the record itself

    def _record(self) -> Row:
        draw, at, writer = self.draw, self.logged.at, self.writer
        audience = AUDIENCE.draw(draw)
        sensitive = audience != Audience.EVERYONE and draw.random() < 0.3
        start = at.date() + timedelta(days=draw.randint(-900, 240 if self.begins_at < 4 else -5))
        starts_on, precision = self._limited(start) if draw.random() < 0.85 else (None, "")
        ends = (
            starts_on
            and self.standing == Standing.CLOSED
            and at.date() + timedelta(days=draw.randint(300, 900))
        )
        confirmed = at.date() if draw.random() < 0.92 else None
        self.audience = audience
        return self.batch.add(
            Initiative,
            self.logged,
            title=writer.title(),
            purpose=writer.purpose(),
            summary=writer.summary(),
            description=writer.description() if draw.random() < 0.35 else "",
            stage=str(STAGES[self.begins_at]),
            standing="active",
            standing_reason="",
            standing_text="",
            depth=str(DEPTH.draw(draw)),
            starts_on=starts_on,
            starts_precision=precision,
            ends_on=ends or None,
            ends_precision="day" if ends else "",
            owner=draw.choice(words.POSTS) if draw.random() < 0.7 else "",
            contact_post=draw.choice(words.POSTS) if draw.random() < 0.4 else "",
            marking=str(Marking.OFFICIAL_SENSITIVE if sensitive else Marking.OFFICIAL),
            audience=str(audience),
            open_to_replication=draw.choice((True, True, False, None, None)),
            no_figure_reason="",
            confirmed_on=confirmed,
            next_update_due=confirmed + UPDATE_EVERY if confirmed else None,
            version=1,
            created_by_id=self.author,
            created_at=at,
            changed_at=at,
        )

    def _links(self) -> None:
        add, moment, draw = self.batch.add, self.logged, self.draw
        for pk in self.partners:
            role = PartnerRole.LEAD if pk == self.lead else ROLE.draw(draw)
            add(InitiativePartner, moment, initiative_id=self.position, organisation_id=pk, role=str(role))
        for code in self.areas:
            add(InitiativeArea, moment, initiative_id=self.position, area_of_work_id=self.setting.areas[code])
        for pk in self._places():
            add(InitiativePlace, moment, initiative_id=self.position, police_area_id=pk)
        if self.audience == Audience.PARTNERS_AND_GROUPS and self.setting.groups:
            add(
                InitiativeGroup,
                moment,
                initiative_id=self.position,
                group_id=draw.choice(self.setting.groups),
            )

    def _places(self) -> list[int]:
        """Where its forces and fire services are; one of many places only sometimes everywhere it serves."""
        bodies, found = self.setting.bodies, {self.place.id: None}
        for pk in self.partners:
            served = bodies.served[pk]
            if bodies.kind[pk] in ("police", "fire") and (
                self.place.id not in served or self.draw.random() < 0.4
            ):
                found |= dict.fromkeys(served)
        return list(found)[:6]

    # -- its path

    def _arrive(self, row: Row) -> None:
        """The moves that had brought it to where it was when it was logged."""
        back = self.draw.choice((0, 0, 0, 1, 1, 2)) if self.begins_at > 1 else 0
        path = STAGES[self.begins_at - back : self.begins_at + 1]
        day = self.logged.at.date() - timedelta(days=self.draw.randint(1, 200))
        days = [day - timedelta(days=210 * back) for back in range(len(path))][::-1]
        for (before, stage), when in zip(pairwise(["", *path]), days, strict=True):
            self._write_move(self.logged, str(before), str(stage), "active" if before else "", "active", when)

    def _move(self, row: Row, moment: Moment, what: str, to: str) -> None:
        values, day = row.values, moment.at.date()
        when = day - timedelta(days=self.draw.randint(0, 20))
        current = {"confirmed_on": day, "next_update_due": day + UPDATE_EVERY}
        if what == "stage":
            self._write_move(moment, values["stage"], to, values["standing"], values["standing"], when)
            self.batch.change(row, moment, stage=to, **current)
            return
        reason = str(REASON.draw(self.draw))
        text = words.ENDINGS[reason]
        self._write_move(moment, values["stage"], values["stage"], values["standing"], to, when, reason, text)
        self.batch.change(row, moment, standing=to, standing_reason=reason, standing_text=text, **current)

    def _write_move(
        self,
        moment: Moment,
        from_stage: str,
        to_stage: str,
        from_standing: str,
        to_standing: str,
        when: date,
        reason: str = "",
        why: str = "",
    ) -> None:
        happened_on, precision = self._limited(when) if self.draw.random() < 0.9 else (None, "")
        self.batch.add(
            StageMove,
            moment,
            initiative_id=self.position,
            from_stage=from_stage,
            to_stage=to_stage,
            from_standing=from_standing,
            to_standing=to_standing,
            reason=reason,
            why=why,
            happened_on=happened_on,
            happened_precision=precision,
        )

"""Others do this: of one gap of the matrix, the closest live examples elsewhere, and why each of them is there.

Closest first: next door, of the same region, of the same kind of place, of the same nation. Among those as close:
with the most of the services that the place has, open to replication, with the best evidence, confirmed last, and
about little else. All of it is asked in the whole register, not only in a remit, and only of what the reader may see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Case,
    Exists,
    F,
    Func,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.db.models.aggregates import Count
from django.db.models.functions import Coalesce

from register.catalogue.filters import list_url
from register.core.charts import Number
from register.dashboards.metrics.closeness import Surroundings, Tier, surroundings
from register.dashboards.metrics.examples import Example, examples_of
from register.initiatives.models import (
    Benefit,
    Initiative,
    InitiativeArea,
    InitiativePartner,
    InitiativePlace,
)
from register.initiatives.rows import SHOWN
from register.initiatives.vocabulary import Evidence, Stage, Standing
from register.reference.models import AreaOfWork

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from register.initiatives.querysets import InitiativeQuerySet
    from register.reference.models import Organisation, PoliceArea

MOST, MOST_HERE, MOST_WEIGHED = 12, 8, 600
# The closest are asked for first. Where there are enough of them, nobody looks further.
CLOSE = (Tier.HERE, Tier.NEXT_DOOR)
EVIDENCE = {Evidence.WORKED: 3, Evidence.PROMISING: 2, Evidence.NEW: 1, Evidence.DID_NOT_WORK: -1}
# What goes on there comes before what was stopped or turned down.
NAMED = ("number", "title", "stage", "standing", "marking", "audience")
IN_ORDER = (Standing.ACTIVE, Standing.PAUSED, Standing.CLOSED, Standing.DECLINED)
READ = (*SHOWN, "owner", "contact_post", "contact_email", "open_to_replication", "is_fictional")


@dataclass(frozen=True)
class Others:
    """One area of work in one place, or of one organisation: what is there already, and who else does it."""

    area: AreaOfWork
    place: PoliceArea | None
    organisation: Organisation | None
    services: tuple[str, ...]
    examples: tuple[Example, ...]
    total: Number
    here: tuple[Initiative, ...]
    here_total: Number
    coming_url: str

    @property
    def where(self) -> str:
        """Such as "in Kent", "with Kent Police" or "in Kent, with Kent Police"."""
        parts = [f"in {self.place}"] if self.place else []
        return ", ".join(parts + ([f"with {self.organisation.label}"] if self.organisation else []))

    @property
    def is_sensitive(self) -> bool:
        return any(one.is_sensitive for one in (*self.here, *(e.row.initiative for e in self.examples)))


def others(
    area: AreaOfWork,
    place: PoliceArea | None,
    organisation: Organisation | None,
    *,
    user: Any,
    on: date,
    services: Sequence[str] = (),
) -> Others:
    """The closest live examples of an area of work outside a place, or without an organisation: eight queries at most.

    `services` are those that are to work together; without any, those of police, fire and ambulance that are there.
    """
    if place is None and organisation is None:
        raise ValueError("A gap is of a place or of an organisation.")
    cell = _Cell(area, place, organisation, user)
    around = surroundings(place, organisation, on)
    wanted = tuple(services) or around.services
    found = _closest(cell, around, wanted)
    where = place.name if place else organisation.label if organisation else ""
    here = cell.here()
    return Others(
        area,
        place,
        organisation,
        wanted,
        examples_of(found, around, wanted, where=where, area=area, place=place, on=on),
        cell.number(cell.elsewhere().count(), "not_", stage=Stage.LIVE, standing=Standing.ACTIVE),
        tuple(here),
        cell.number(here[0].total if here else 0),
        list_url({"area": [area.code]} | cell.example, standing=Standing.ACTIVE),
    )


@dataclass(frozen=True)
class _Cell:
    """One cell of a gap matrix through one reader's eyes; fictional with fictional only."""

    area: AreaOfWork
    place: PoliceArea | None
    organisation: Organisation | None
    user: Any

    @property
    def is_fictional(self) -> bool:
        return bool((self.place or self.organisation).is_fictional)  # type: ignore[union-attr]

    @property
    def example(self) -> dict[str, list[str]]:
        return {"example": ["only"]} if self.is_fictional else {}

    @property
    def bounds(self) -> list[tuple[str, str, QuerySet]]:
        """The parameter of the catalogue, its value, and its links: in the place, with the organisation."""
        found: list[tuple[str, str, QuerySet]] = []
        if self.place is not None:
            links = InitiativePlace.objects.filter(police_area=self.place)
            found.append(("place", self.place.slug, links))
        if self.organisation is not None:
            parts = InitiativePartner.objects.filter(organisation=self.organisation)
            found.append(("org", self.organisation.code, parts))
        return found

    @property
    def seen(self) -> InitiativeQuerySet:
        """What the reader may see, of any area of work."""
        return Initiative.objects.visible_to(self.user).filter(is_fictional=self.is_fictional)

    def of_area(self, initiative: str = "pk") -> Exists:
        keys = AreaOfWork.objects.keys_with_merged([self.area])
        return Exists(InitiativeArea.objects.filter(initiative=OuterRef(initiative), area_of_work__in=keys))

    def linked(self, links: QuerySet) -> Func:
        """Being one of those that these links lead to in this area of work.

        Two indexes give their keys as an array, which is made once and before any record is asked: as a subquery
        it is joined to all records.
        """
        keys = ArraySubquery(links.order_by().filter(self.of_area("initiative")).values("initiative"))
        return Func(
            F("pk"),
            keys,
            template="(%(expressions)s))",
            arg_joiner=" = ANY (",
            output_field=BooleanField(),
        )

    def elsewhere(self, near: QuerySet | None = None) -> InitiativeQuerySet:
        """What is live outside the cell; with links to places, there only."""
        rows = self.seen.filter(stage=Stage.LIVE, standing=Standing.ACTIVE)
        rows = rows.filter(self.of_area() if near is None else self.linked(near))
        for _, _, links in self.bounds:
            rows = rows.filter(~Exists(links.filter(initiative=OuterRef("pk"))))
        return rows.order_by()

    def here(self) -> list[Any]:
        """What is recorded in the cell, the first few with how many there are in all."""
        rows = self.seen
        for _, _, links in self.bounds:
            rows = rows.filter(self.linked(links))
        order = Case(*(When(standing=standing, then=Value(n)) for n, standing in enumerate(IN_ORDER)))
        stages = Case(*(When(stage=stage, then=Value(n)) for n, stage in enumerate(Stage.values)))
        # Which and how many come from indexes alone.
        best: list[Any] = [order, stages.desc(), "-pk"]
        total = rows.order_by().values("is_fictional").annotate(n=Count("pk")).values("n")
        few = Initiative.objects.filter(pk__in=rows.order_by(*best).values("pk")[:MOST_HERE])
        return list(few.only(*NAMED).annotate(total=Subquery(total)).order_by(*best))

    def number(self, n: int, without: str = "", **more: str) -> Number:
        """A count, linked to the list that holds exactly these."""
        cell = {f"{without}{name}": [value] for name, value, _ in self.bounds}
        return Number(n, list_url({"area": [self.area.code]} | cell | self.example, **more) if n else "")


def _closest(cell: _Cell, around: Surroundings, wanted: Sequence[str]) -> list[Initiative]:
    """The best few, close ones first; those further away only where there are too few close ones."""
    near = InitiativePlace.objects.filter(police_area__in=around.within(*CLOSE))
    found = list(_ranked(cell.elsewhere(near), around, wanted)[:MOST])
    if len(found) < MOST:
        further = cell.elsewhere().filter(~Exists(near.filter(initiative=OuterRef("pk"))))
        found += _ranked(further, around, wanted)[: MOST - len(found)]
    return found


def _ranked(
    candidates: InitiativeQuerySet, around: Surroundings, wanted: Sequence[str]
) -> QuerySet[Initiative]:
    """Best first. Where there are very many candidates, only the latest logged are weighed."""
    # Their keys come from indexes alone, and of the few that are left the rest is read.
    rows = Initiative.objects.filter(pk__in=candidates.order_by("-pk").values("pk")[:MOST_WEIGHED])
    evidence = Benefit.objects.filter(initiative=OuterRef("pk")).order_by().values("initiative")
    worth = Case(*(When(evidence=code, then=Value(n)) for code, n in EVIDENCE.items()), default=Value(0))
    areas = InitiativeArea.objects.filter(initiative=OuterRef("pk")).order_by().values("initiative")
    return (
        rows.only(*READ)
        .annotate(
            mix=F("entry__mix"),
            tier=Coalesce(_tier(around), Value(Tier.EVERYWHERE)),
            together=_together(wanted),
            openness=Case(
                When(open_to_replication=True, then=Value(2)),
                When(open_to_replication=None, then=Value(1)),
                default=Value(0),
            ),
            evidence=Coalesce(Subquery(evidence.annotate(best=Max(worth)).values("best")), Value(0)),
            breadth=Subquery(areas.annotate(n=Count("pk")).values("n")),
        )
        .order_by(
            "tier",
            "-together",
            "-openness",
            "-evidence",
            F("confirmed_on").desc(nulls_last=True),
            "breadth",
            "-pk",
        )
    )


def _tier(around: Surroundings) -> Subquery:
    """How close the closest of its places is."""
    links = InitiativePlace.objects.filter(initiative=OuterRef("pk")).order_by().values("initiative")
    tiers = [When(police_area__in=keys, then=Value(tier)) for tier in Tier if (keys := around.within(tier))]
    closest = Min(Case(*tiers, default=Value(Tier.BEYOND), output_field=IntegerField()))
    return Subquery(links.annotate(closest=closest).values("closest"))


def _together(wanted: Sequence[str]) -> Any:
    """How many of the services wanted work together in it."""
    total: Any = Value(0)
    for service in wanted:
        there = Q(entry__mix__contains=service)
        total = total + Case(When(there, then=Value(1)), default=Value(0))
    return total

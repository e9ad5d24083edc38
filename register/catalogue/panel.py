"""The filter panel: what may be asked, what is chosen, and how many each choice would show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.db import connection
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from register.catalogue.choices import (
    CHANGED,
    EXAMPLES,
    FIGURES,
    FRESHNESS,
    MINE,
    MIXES,
    REPLICATION,
    SERVICE_LABELS,
)
from register.initiatives.vocabulary import (
    BarrierCategory,
    BenefitKind,
    Depth,
    Marking,
    Outcome,
    Remover,
    Stage,
    Standing,
)
from register.reference.models import Organisation

Pairs = Iterable[tuple[str, str]]
# Sets of services that the panel always offers; a rarer one shows when it is chosen.
COMMON_MIXES = {
    "police-fire",
    "police-ambulance",
    "fire-ambulance",
    "police-fire-ambulance",
    "police-council",
    "fire-council",
    "police-fire-council",
    "police-fire-ambulance-council",
    "police",
    "fire",
}
OPEN = 3  # groups that are open before anything is chosen


@dataclass(frozen=True)
class Choice:
    code: str
    label: str
    chosen: bool
    number: int | None

    @property
    def services(self) -> list[str]:
        return self.code.split("-")


@dataclass(frozen=True)
class Question:
    """One parameter with its choices, or (`typed`) parameters that one types into."""

    name: str
    legend: str
    choices: tuple[Choice, ...] = ()
    typed: tuple[tuple[str, str, str], ...] = ()  # parameter, label, what is in it
    hint: str = ""
    one: bool = False  # only one choice at a time

    @property
    def chosen(self) -> int:
        return sum(choice.chosen for choice in self.choices) + sum(bool(value) for *_, value in self.typed)


@dataclass(frozen=True)
class Group:
    legend: str
    questions: tuple[Question, ...]
    is_open: bool

    @property
    def chosen(self) -> int:
        return sum(question.chosen for question in self.questions)

    @property
    def html(self) -> SafeString:
        return drawn(self)


def panel(parameters: Mapping[str, Sequence[str]], numbers: Mapping[str, Mapping[str, int]]) -> list[Group]:
    """The panel for these parameters; `numbers` by question and code, or empty while nobody has counted."""
    areas, regions, places = _reference()
    mixes = [
        (code, label) for code, label in MIXES if code in COMMON_MIXES or code in parameters.get("mix", ())
    ]

    def ask(name: str, legend: str, pairs: Pairs, *, one: bool = False) -> Question:
        counted = numbers.get(name)
        return Question(
            name,
            legend,
            tuple(
                Choice(
                    code,
                    label,
                    code in parameters.get(name, ()),
                    None if counted is None else counted.get(code, 0),
                )
                for code, label in pairs
            ),
            one=one,
        )

    def typed(legend: str, *boxes: tuple[str, str], hint: str = "") -> Question:
        told = tuple((name, label, next(iter(parameters.get(name, ())), "")) for name, label in boxes)
        return Question(boxes[0][0], legend, typed=told, hint=hint)

    groups = [
        ("Area of work", [ask("area", "Area of work", areas)]),
        ("Stage", [ask("stage", "Stage", Stage.choices), ask("standing", "Standing", Standing.choices)]),
        (
            "Services working together",
            [ask("mix", "Exactly these", mixes), ask("service", "Any of these", SERVICE_LABELS)],
        ),
        ("Region and police area", [ask("region", "Region", regions), ask("place", "Police area", places)]),
        (
            "Organisation",
            [
                typed(
                    "By name",
                    ("find_lead", "Led by"),
                    ("find_org", "Taking part, in any role"),
                    ("find_also", "Together with"),
                ),
                ask("kind", "Of a kind", Organisation.Kind.choices),
            ],
        ),
        ("How deep it goes", [ask("depth", "How deep it goes", [*Depth.choices, ("none", "Not stated")])]),
        (
            "Saving",
            [
                ask("figure", "Figures", FIGURES),
                typed(
                    "Forecast a year",
                    ("forecast_from", "From"),
                    ("forecast_to", "To"),
                    hint="Such as £250,000 or £1.2m",
                ),
                typed("Saved a year", ("actual_from", "From"), ("actual_to", "To")),
            ],
        ),
        (
            "Benefits",
            [
                ask("outcome", "What gets better", Outcome.choices),
                ask("benefit", "Kind", BenefitKind.choices),
                ask("replicable", "Others may copy it", REPLICATION),
            ],
        ),
        (
            "Barriers",
            [
                ask("barrier", "In the way", BarrierCategory.choices),
                ask("remover", "Who can remove it", Remover.choices),
            ],
        ),
        ("Freshness", [ask("fresh", "Freshness", FRESHNESS)]),
        (
            "Dates",
            [
                ask("changed", "Changed", CHANGED, one=True),
                typed("Changed", ("changed_from", "From"), ("changed_to", "To"), hint="Such as 23/11/2026"),
                typed("Started", ("started_from", "From"), ("started_to", "To")),
                typed("Update due", ("due_from", "From"), ("due_to", "To")),
            ],
        ),
        (
            "Leave out",
            [ask("not_area", "Areas of work", areas), ask("not_stage", "Stages", Stage.choices)],
        ),
        (
            "Mine, sensitive, Exampleshire",
            [
                ask("who", "Mine", MINE),
                ask("marking", "Sensitivity", Marking.choices),
                ask("example", "Exampleshire, the worked example", EXAMPLES, one=True),
            ],
        ),
    ]
    return [
        Group(
            legend,
            tuple(questions),
            is_open=index < OPEN or any(question.chosen for question in questions),
        )
        for index, (legend, questions) in enumerate(groups)
    ]


@lru_cache(maxsize=400)
def drawn(group: Group) -> SafeString:
    """A group as HTML. Most groups of most pages look as on the page before, and drawing is what costs."""
    return render_to_string("catalogue/_group.html", {"group": group})


# Written out: a union of three querysets takes Django longer to write than PostgreSQL to answer.
_REFERENCE = """
    SELECT 'area', position, code, name FROM register_areaofwork WHERE retired_on IS NULL
    UNION ALL SELECT 'region', 0, code, name FROM register_region
    UNION ALL SELECT 'place', 0, slug, name FROM register_policearea WHERE NOT is_fictional
    ORDER BY 2, 4
"""


def _reference() -> tuple[Pairs, Pairs, Pairs]:
    """Areas of work, regions and police areas to choose from: one query."""
    with connection.cursor() as cursor:
        cursor.execute(_REFERENCE)
        rows = cursor.fetchall()

    def of(kind: str) -> Pairs:
        return [(code, name) for told, _, code, name in rows if told == kind]

    return of("area"), of("region"), of("place")

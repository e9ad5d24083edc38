"""A register with something of everything, and walking what a page links."""

from __future__ import annotations

import dataclasses
import random
import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from django.http import QueryDict

from register.accounts.models import User, WorkingGroup
from register.catalogue.filters import select
from register.core.charts import Number
from register.core.dates import LimitedDate
from register.core.tracking import origin
from register.groups.services import set_remit
from register.initiatives.models import Initiative
from register.initiatives.services import (
    add_benefit,
    add_saving,
    raise_barrier,
    state_figure,
)
from register.initiatives.vocabulary import BarrierCategory, Depth, Remover, Severity, Stage
from tests.factories import TODAY, initiative, working_group

PLACES = ["derbyshire", "norfolk", "suffolk", "kent", "essex", "humberside"]
WORK = ["fleet", "estates", "training", "control-rooms"]
PARTIES = [
    "derbyshire-fire",
    "norfolk-police",
    "suffolk-fire",
    "emas-ambulance",
    "hertfordshire-council",
    "home-office",
]


def group_with(parameters: dict[str, list[str]] | None, **fields: Any) -> WorkingGroup:
    group = working_group(**fields)
    if parameters is not None:
        with origin("test"):
            set_remit(by=None, group=group, name=group.name, parameters=parameters)
    return WorkingGroup.objects.select_related("remit__view").get(pk=group.pk)


def anything(dice: random.Random, group: WorkingGroup, number: int) -> Initiative:
    """An initiative that may be of any kind, for any audience."""
    fields: dict[str, Any] = {}
    standing = dice.choice(["active"] * 5 + ["paused", "closed", "declined"])
    if standing != "active":
        fields |= {"standing": standing, "standing_reason": "other", "standing_text": "It was."}
    audience = dice.choice(["everyone"] * 3 + ["partners", "partners_and_groups", "draft"])
    if audience != "everyone" and dice.random() < 0.5:
        fields["marking"] = "official_sensitive"
    if audience == "partners_and_groups":
        fields["named_groups"] = [group]
    record = initiative(
        f"Number {number}",
        parties=dice.sample(PARTIES, dice.randint(1, 3)),
        areas=dice.sample(WORK, dice.randint(1, 2)),
        places=dice.sample(PLACES, dice.randint(0, 3)),
        stage=dice.choice(Stage.values),
        depth=dice.choice([*Depth.values, ""]),
        audience=audience,
        on=TODAY - timedelta(days=dice.randrange(400)),
        confirmed=dice.random() < 0.8,
        open_to_replication=dice.choice([True, False, None]),
        stage_since=dice.choice([None, LimitedDate(TODAY.replace(month=1, day=1), "year")]),
        **fields,
    )
    with origin("test"):
        _hang(dice, record)
    return record


def _hang(dice: random.Random, record: Initiative) -> None:
    if dice.random() < 0.3:
        state_figure(
            by=None,
            initiative=record,
            kind="saving",
            basis=dice.choice(["a_year", "in_total"]),
            as_stated="much",
            amount_pence=dice.choice([None, 1_000_000_00]),
        )
    elif dice.random() < 0.3:
        benefit = add_benefit(
            by=None, initiative=record, title="Less to pay", outcome="reduced_cost", kind="cashable"
        )
        add_saving(
            by=None,
            benefit=benefit,
            organisation=record.partners.all()[0].organisation,
            financial_year=2025,
            forecast_pence=dice.randrange(10_000_00),
        )
    for _ in range(dice.choice([0, 0, 1, 3])):
        raise_barrier(
            by=None,
            initiative=record,
            raised_on=TODAY - timedelta(days=dice.randrange(900)),
            on=TODAY,
            title="A wall",
            category=dice.choice(BarrierCategory.values[:3]),
            severity=dice.choice(Severity.values),
            remover=dice.choice(Remover.values),
        )


def numbers(of: Any) -> Iterator[Number]:
    """Every Number in a page's dataclasses, however deep."""
    if isinstance(of, Number):
        yield of
    elif dataclasses.is_dataclass(of):
        for field in dataclasses.fields(of):
            yield from numbers(getattr(of, field.name))
    elif isinstance(of, tuple | list):
        for item in of:
            yield from numbers(item)


def listed(href: str, user: User) -> int:
    """How many initiatives the list at an address shows a reader today."""
    selection = select(QueryDict(href.partition("?")[2]), user=user, on=TODAY)
    assert not selection.errors, (href, selection.errors)
    return selection.initiatives.count()


class Links(HTMLParser):
    """The links of a page: (address, what it says, its accessible name)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._open: list[Any] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            told = dict(attrs)
            self._open = [told.get("href") or "", told.get("aria-label") or "", ""]

    def handle_data(self, data: str) -> None:
        if self._open is not None:
            self._open[2] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._open is not None:
            href, label, text = self._open
            self.found.append((href, (label.rpartition(": ")[2] if label else text).strip()))
            self._open = None


def links(html: str) -> list[tuple[str, str]]:
    parser = Links()
    parser.feed(html)
    return parser.found


def numbered_links(html: str) -> list[tuple[str, int]]:
    """Links to the list of initiatives that say a number, with the number."""
    found = []
    for href, says in links(html):
        number = re.search(r"\d[\d,]*", says)
        if number and re.match(r"/initiatives/(\?|$)", href):
            found.append((href, int(number[0].replace(",", ""))))
    return found

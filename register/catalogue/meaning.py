"""What a saved view means to one reader on one day.

A view holds codes, which are for ever: a renamed area of work keeps working. What else became of them is asked
whenever the view is used: one that was merged leads to where it went, one that was taken out of use or is unknown is
named. A view that can't be read means nothing, never everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError
from django.db.models import IntegerField, Subquery
from django.http import QueryDict

from register.accounts.models import User
from register.catalogue.columns import LONGEST, read_columns
from register.catalogue.filters import PAGE_PARAMETERS, Parameters, Selection, list_url, select
from register.catalogue.models import SavedView
from register.catalogue.orders import ORDERS, RELEVANCE
from register.catalogue.words import in_words
from register.reference.models import AreaOfWork

if TYPE_CHECKING:
    from register.initiatives.querysets import InitiativeQuerySet

# Parameters that mean something else to each reader.
PERSONAL = ("who",)
# Parameters that name areas of work.
OF_AREAS = ("area", "not_area")
MOST_TEXT = 4000
# Beyond this a list of views says "more than": counting every match of a common word is what costs.
COUNTED_TO = 1000


@dataclass(frozen=True)
class Kept:
    """What a view keeps of an address of the list: which initiatives, the columns and the order."""

    parameters: dict[str, list[str]]
    columns: tuple[str, ...] = ()
    sort: str = ""

    @classmethod
    def of(cls, told: QueryDict | str) -> Kept:
        """From an address's query; where in the pages one was, and how many to a page, is left behind."""
        data = told if isinstance(told, QueryDict) else QueryDict(told[: 2 * MOST_TEXT])
        return cls(
            {
                name: values
                for name in data
                if name not in PAGE_PARAMETERS and (values := [v for v in data.getlist(name) if v])
            },
            tuple(code for text in data.getlist("cols") for code in text.split(",") if code),
            data.get("sort") or "",
        )

    @classmethod
    def by(cls, view: SavedView) -> Kept:
        return cls(
            {name: list(values) for name, values in view.parameters.items()}, tuple(view.columns), view.sort
        )

    @property
    def url(self) -> str:
        """The list, filtered and shown like this."""
        more = {"cols": ",".join(self.columns), "sort": self.sort}
        return list_url(self.parameters, **{name: value for name, value in more.items() if value})

    @property
    def query(self) -> str:
        return self.url.partition("?")[2]


@dataclass(frozen=True)
class Meaning:
    """A view to one reader: in words, what is wrong with it or worth knowing, and how many it matches."""

    view: SavedView
    words: str
    errors: tuple[str, ...]
    notes: tuple[str, ...]
    number: int
    url: str

    @property
    def said(self) -> str:
        if self.number > COUNTED_TO:
            return f"More than {COUNTED_TO:,} initiatives"
        return f"{self.number:,} initiative{'' if self.number == 1 else 's'}"


def personal(parameters: Mapping[str, Any]) -> list[str]:
    """The parameters that depend on who looks."""
    return [name for name in PERSONAL if parameters.get(name)]


def checked(
    parameters: Parameters, *, columns: Sequence[str], sort: str, user: User | None, on: date
) -> Kept:
    """What a view is to keep, when it means something; ValidationError on `parameters` naming what does not."""
    kept = {
        name: list(dict.fromkeys(str(value) for value in values if value))
        for name, values in parameters.items()
    }
    kept = {name: values for name, values in kept.items() if values}
    told = Kept(kept, tuple(dict.fromkeys(columns)), sort)
    wrong = [*select(kept, user=user or AnonymousUser(), on=on).errors, *_shown_wrongly(told)]
    wrong += [
        f"“{name}” says how to show a list, not which initiatives." for name in PAGE_PARAMETERS & set(kept)
    ]
    if sum(len(name) + len(value) for name, values in kept.items() for value in values) > MOST_TEXT:
        wrong.append("There is too much in this filter to keep. Take some of it off.")
    if wrong:
        raise ValidationError({"parameters": wrong})
    return told


def _shown_wrongly(kept: Kept) -> list[str]:
    """What is wrong with the columns and the order."""
    wrong = read_columns(kept.columns)[1]
    if kept.sort and kept.sort not in ORDERS and not (kept.sort == RELEVANCE and kept.parameters.get("q")):
        wrong.append(f"Sort by: there is no order called “{kept.sort[:LONGEST]}”.")
    return wrong


def meaning_of(view: SavedView, *, user: User, on: date) -> Meaning:
    return meanings([view], user=user, on=on)[0]


def meanings(views: Iterable[SavedView], *, user: User, on: date) -> list[Meaning]:
    """What each view means to a reader. All are counted by one query."""
    views = list(views)
    kept = [Kept.by(view) for view in views]
    selections = [select(one.parameters, user=user, on=on) for one in kept]
    numbers = counted([selection.initiatives for selection in selections], user)
    gone = _gone_areas(kept)
    return [
        Meaning(
            view,
            in_words(selection, one.parameters),
            (*selection.errors, *_shown_wrongly(one)),
            () if selection.errors else tuple(_notes(one, gone)),
            number,
            one.url,
        )
        for view, one, selection, number in zip(views, kept, selections, numbers, strict=True)
    ]


def words_of(kept: Kept, *, user: User, on: date) -> tuple[str, Selection]:
    """A filter in words, and what it selects."""
    selection = select(kept.parameters, user=user, on=on)
    return in_words(selection, kept.parameters), selection


class Number(Subquery):
    """How many rows a query finds."""

    template = "(SELECT count(*) FROM (%(subquery)s) found)"
    output_field = IntegerField()
    empty_result_set_value = 0


def counted(querysets: Sequence[InitiativeQuerySet], user: User) -> list[int]:
    """How many there are in each, as far as `COUNTED_TO` and one more, by one query."""
    wanted = {
        f"number_{index}": Number(found.order_by().values("pk")[: COUNTED_TO + 1])
        for index, found in enumerate(querysets)
    }
    row = User.objects.filter(pk=user.pk).values(**wanted).first() if wanted else None
    return [(row or {}).get(name, 0) for name in wanted]


def _gone_areas(kept: Sequence[Kept]) -> dict[str, AreaOfWork]:
    """The areas of work that these name and that are no longer in use."""
    codes = {code for one in kept for name in OF_AREAS for code in one.parameters.get(name, [])}
    if not codes:
        return {}
    gone = AreaOfWork.objects.filter(code__in=codes, retired_on__isnull=False).select_related("merged_into")
    return {area.code: area for area in gone}


def _notes(kept: Kept, gone: Mapping[str, AreaOfWork]) -> Iterable[str]:
    named = dict.fromkeys(code for name in OF_AREAS for code in kept.parameters.get(name, []))
    for area in (gone[code] for code in named if code in gone):
        when = f"{area.retired_on:%-d %B %Y}"
        if area.merged_into:
            yield f"“{area}” became part of “{area.merged_into}” on {when}. This view means both."
        else:
            yield (
                f"“{area}” was taken out of use on {when}. Records that carry it are still meant; "
                "new ones can’t be given it."
            )

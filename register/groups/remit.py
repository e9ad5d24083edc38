"""What a working group looks at: its remit, a set of the catalogue's parameters, through one reader's eyes."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser

from register.catalogue.filters import Parameters, Selection, as_querydict, select
from register.catalogue.parameters import InitiativeFilter
from register.catalogue.words import in_words
from register.initiatives.vocabulary import Marking

if TYPE_CHECKING:
    from register.accounts.models import User, WorkingGroup
    from register.reference.atlas import Atlas
    from register.reference.models import PoliceArea

MOST_OFFERED = 50
NO_REMIT = (
    "This group has no remit yet, so there is nothing to count. Its secretary or an administrator sets one."
)


def remit_parameters(group: WorkingGroup) -> dict[str, list[str]] | None:
    """The saved parameters; None when nobody has set a remit. An empty remit means everything real."""
    remit = getattr(group, "remit", None)
    if remit is None:
        return None
    return {name: list(values) for name, values in remit.view.parameters.items() if values}


def in_remit(group: WorkingGroup, user: User | AnonymousUser, on: date) -> Selection:
    """The initiatives of a group's remit that the reader may see; without a remit none, and a message."""
    parameters = remit_parameters(group)
    if parameters is None:
        return Selection(InitiativeFilter(as_querydict({}), on=on, reader=user), (NO_REMIT,))
    return select(parameters, user=user, on=on)


def offered(group: WorkingGroup, reader: Any, on: date) -> list[tuple[str, str]]:
    """References and titles to choose from where one is asked for: those of the remit that changed last.

    None that is OFFICIAL-SENSITIVE: a page that only offers records is not marked for what they are called.
    """
    common = in_remit(group, reader, on).initiatives.filter(marking=Marking.OFFICIAL)
    rows = common.order_by("-changed_at", "-id").only("number", "title")[:MOST_OFFERED]
    return [(row.reference, row.title) for row in rows]


def remit_in_words(group: WorkingGroup, selection: Selection | None = None) -> str:
    """One line for people, such as "Region: East of England."; `selection`, if at hand, saves asking again."""
    parameters = remit_parameters(group)
    if parameters is None:
        return "Not set yet."
    return in_words(selection or select(parameters, user=AnonymousUser(), on=date.min), parameters)


def areas_of_remit(atlas: Atlas, remit: Parameters) -> list[PoliceArea]:
    """The police areas that a remit speaks of: those it names, those of its regions, or all of its kind."""
    places, regions = list(remit.get("place", ())), list(remit.get("region", ()))
    is_example = list(remit.get("example", ())) == ["only"]
    return [
        area
        for area in atlas.places
        if area.retired_on is None
        and (area.slug in places if places else area.is_fictional == is_example)
        and (not regions or area.region.code in regions)
    ]

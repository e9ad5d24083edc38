"""Logging an opportunity from an example elsewhere: what is taken over from it as a starting point."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import Http404

from register.accounts.roles import Permission
from register.initiatives.forms.initiative import LogForm
from register.initiatives.models import Initiative
from register.initiatives.models.initiative import PURPOSE_LENGTH, TITLE_LENGTH
from register.initiatives.views.common import visible_or_404
from register.initiatives.vocabulary import EDITING_ROLES, Audience, Depth, PartnerRole, Stage
from register.reference.models import AreaOfWork, Organisation, PoliceArea

# Which of an example's partners have their like elsewhere: of councils, a place has too many to guess.
TAKEN_OVER = (
    Organisation.Kind.POLICE,
    Organisation.Kind.POLICING_BODY,
    Organisation.Kind.FIRE,
    Organisation.Kind.AMBULANCE,
)
# "West Sussex" is not Sussex.
PART_OF = r"(?<!north )(?<!south )(?<!east )(?<!west )(?<!mid )"


class LikeForm(LogForm):
    """Logging with an example at hand: how deep it goes is known, and which example it is goes along."""

    depth = forms.ChoiceField(
        choices=[("", "Not stated"), *Depth.choices], required=False, label="How deep it goes"
    )
    like = forms.CharField(required=False, widget=forms.HiddenInput)

    def for_service(self) -> dict[str, Any]:
        fields = super().for_service()
        fields.pop("like", None)
        return fields


@dataclass(frozen=True)
class Like:
    """An example, and what the page opens with. Its words come along only when everybody may read them."""

    example: Initiative
    place: PoliceArea | None
    has_words: bool
    replaced: str
    initial: dict[str, Any]
    rows: list[dict[str, Any]]

    @property
    def has_lead(self) -> bool:
        return any(row["role"] == PartnerRole.LEAD for row in self.rows)


def like_of(user: Any, asked: Any, on: date) -> Like | None:
    """What `?like=BL-00012&place=kent&area=fleet` opens with; None when no example is named.

    404 for an example that the reader may not see, as for one that is not there.
    """
    if not asked.get("like"):
        return None
    example = visible_or_404(user, asked["like"])
    mine = list(
        Organisation.objects.filter(pk__in=user.holdings.organisations_allowing(Permission.LOG)).order_by(
            "pk"
        )
    )
    place = _place(asked.get("place", ""), mine, example)
    there = [one.name for one in example.places.all()]
    has_words = example.audience == Audience.EVERYONE
    initial: dict[str, Any] = {
        "like": example.reference,
        "stage": Stage.OPPORTUNITY,
        "depth": example.depth,
        "areas": _areas(example, asked.get("area", "")),
        "places": [place.slug] if place else [],
    }
    replaced = ""
    if has_words:
        initial["title"] = adapted(example.title, there, place, TITLE_LENGTH)
        initial["purpose"] = adapted(example.purpose, there, place, PURPOSE_LENGTH)
        if (initial["title"], initial["purpose"]) != (example.title, example.purpose):
            replaced = " and ".join(there)
    return Like(example, place, has_words, replaced, initial, _rows(example, place, mine, on))


def modelled_on(user: Any, reference: str) -> Initiative | None:
    """The example that a posted form names; None when there is none, or the writer may not see it (any more)."""
    try:
        return visible_or_404(user, reference)
    except Http404:
        return None


def adapted(text: str, there: Sequence[str], place: PoliceArea | None, most: int) -> str:
    """The text with the name of where the example is replaced by the place's; as it was, where that can't be said."""
    if place is None or not there or len(there) > 2:
        return text
    names = [there[0]] if len(there) == 1 else [" and ".join(there), " and ".join(reversed(there))]
    told = "|".join(re.escape(name).replace("\\&", "(?:&|and)") for name in names)
    pattern = rf"\b{PART_OF}(?:{told})\b"
    found = re.sub(pattern, lambda _: _called(place), text, flags=re.IGNORECASE)
    return found if len(found) <= most else text


def _called(place: PoliceArea) -> str:
    """A place's name in a sentence: the Metropolitan Police's area is London."""
    return place.region.name if place.name.endswith(" Police") else place.name


def _place(slug: str, mine: Sequence[Organisation], example: Initiative) -> PoliceArea | None:
    """The place asked for, or the only one that the writer's organisations cover. Fictional with fictional."""
    areas = PoliceArea.objects.filter(is_fictional=example.is_fictional, retired_on=None).select_related(
        "region"
    )
    if slug:
        return next((area for area in areas if area.slug == slug), None)
    own = list(areas.covered_by(mine)) if mine else []
    return own[0] if len(own) == 1 else None


def _areas(example: Initiative, asked: str) -> list[str]:
    """The example's areas of work as they are called today, and the one asked for first."""
    areas = example.areas_of_work.select_related("merged_into")
    today = [area.merged_into or area for area in areas]
    codes = [area.code for area in today if area.is_active]
    known = {area.code for area in AreaOfWork.objects.active()}
    return list(dict.fromkeys([*([asked] if asked in known else []), *codes]))


def _rows(
    example: Initiative, place: PoliceArea | None, mine: Sequence[Organisation], on: date
) -> list[dict[str, Any]]:
    """The services there of the kinds that take part in the example. The writer's own leads, if it is one of them."""
    kinds = {p.organisation.kind for p in example.partners.all() if p.role in EDITING_ROLES}
    wanted = [kind for kind in TAKEN_OVER if kind in kinds]
    there: Iterable[Organisation] = (
        Organisation.objects.current(on).of_kind(*wanted).covering(place) if place and wanted else ()
    )
    found = sorted(there, key=lambda one: (wanted.index(Organisation.Kind(one.kind)), one.name))
    lead = next((one for one in mine if one in found), None)
    ordered = [lead, *(one for one in found if one != lead)] if lead else found
    return [
        {"organisation": one, "role": PartnerRole.LEAD if one == lead else PartnerRole.PARTY}
        for one in ordered
    ]

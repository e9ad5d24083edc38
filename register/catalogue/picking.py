"""Organisations in the filter panel: names are typed, codes are what the address carries."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict

from register.catalogue.filters import Parameters, list_url
from register.reference.models import Organisation
from register.reference.picker import OrganisationInput

# What is typed into, and the parameter that the organisation's code goes to.
LOOKED_FOR = {"find_lead": "lead", "find_org": "org", "find_also": "also"}
MOST_OFFERED = 12


@dataclass(frozen=True)
class Offer:
    """A name that means several organisations, or none: each with the address that takes it."""

    typed: str
    organisations: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Looked:
    """The parameters with what was found, and what was not clear."""

    parameters: dict[str, list[str]]
    unclear: tuple[Offer, ...]

    @property
    def found(self) -> bool:
        return not self.unclear


def look_for(data: QueryDict, parameters: Parameters) -> Looked:
    """Turn typed names into codes: a choice from the list, the one that bears the name, or the only one like it."""
    typed = {f"{name}{end}" for name in LOOKED_FOR for end in ("", "_code", "_for")}
    settled = {name: list(values) for name, values in parameters.items() if name not in typed}
    unclear = []
    for name, parameter in LOOKED_FOR.items():
        picked = OrganisationInput().value_from_datadict(data, None, name)
        if not picked.typed:
            continue
        codes = [picked.choice] if picked.choice else _codes(picked.typed)
        if len(codes) == 1:
            settled[parameter] = [*settled.get(parameter, []), *codes]
            continue
        named = dict(Organisation.objects.filter(code__in=codes).values_list("code", "name"))
        unclear.append((parameter, picked.typed, [(code, named[code]) for code in codes]))
    offers = tuple(
        Offer(
            text[:80],
            tuple(
                (name, list_url(settled, **{parameter: [*settled.get(parameter, []), code]}))
                for code, name in found
            ),
        )
        for parameter, text, found in unclear
    )
    return Looked(settled, offers)


def _codes(typed: str) -> list[str]:
    found = list(Organisation.objects.search(typed, limit=MOST_OFFERED))
    named = [organisation.code for organisation in found if organisation.name.casefold() == typed.casefold()]
    return named if len(named) == 1 else [organisation.code for organisation in found]

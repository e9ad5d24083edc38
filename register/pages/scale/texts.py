"""Sentences made of the words: every title, purpose and summary is its initiative's own."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from register.initiatives.models.initiative import PURPOSE_LENGTH, TITLE_LENGTH
from register.pages.scale import words
from register.pages.scale.words import Field

SITES = len(words.FIRST) * len(words.SECOND) * len(words.KINDS)
# Prime to SITES, so that neighbours in number are strangers by name.
STRIDE = 48_271
SERVICE_NAMES = {
    "police": "police",
    "policing_body": "the commissioner",
    "fire": "fire",
    "ambulance": "ambulance",
    "council": "the council",
}


def site(ordinal: int) -> str:
    """A place name that no other ordinal has: Ashgate Lane, and from the second round on Ashgate Lane, phase 2."""
    again, number = divmod(ordinal, SITES)
    number = number * STRIDE % SITES
    number, kind = divmod(number, len(words.KINDS))
    first, second = divmod(number, len(words.SECOND))
    name = f"{words.FIRST[first]}{words.SECOND[second]} {words.KINDS[kind]}"
    return f"{name}, phase {again + 1}" if again else name


def services(kinds: list[str]) -> str:
    """police, fire and the council."""
    names = list(dict.fromkeys(SERVICE_NAMES.get(kind, "others") for kind in kinds))
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


@dataclass(frozen=True)
class Writer:
    """Writes of one initiative: of what kind, where and by whom."""

    draw: Random
    field: Field
    site: str
    town: str
    area: str
    other: str
    services: str
    year: int

    def title(self) -> str:
        thing = self.draw.choice(self.field.things)
        opening = self.draw.choice(words.OPENINGS)
        for town in (self.town, self.area):
            title = opening.format(
                thing=thing, thing_low=_low(thing), site=self.site, town=town, area=self.area
            )
            if len(title) <= TITLE_LENGTH:
                return title
        return f"{thing} at {self.site}"

    def purpose(self) -> str:
        doing, aim = self.draw.choice(self.field.doing), self.draw.choice(self.field.aims)
        who = self.services if " and " in self.services else f"{self.services} and partners"
        whole = f"At {self.site}, {who} of {self.area} {doing}, so that {aim}."
        return whole if len(whole) <= PURPOSE_LENGTH else f"At {self.site}, {who} {doing}, so that {aim}."

    def summary(self) -> str:
        thing = self.draw.choice(self.field.things)
        first = f"{thing} at {self.site}: {self.services} {self.draw.choice(self.field.doing)}."
        return " ".join([first, *self.sentences(self.draw.randint(1, 3))])

    def description(self) -> str:
        return " ".join(self.sentences(self.draw.randint(3, 7)))

    def sentences(self, number: int) -> list[str]:
        return [self.said(sentence) for sentence in self.draw.sample(words.SENTENCES, number)]

    def note(self) -> str:
        return self.said(self.draw.choice(words.NOTES))

    def remedy(self) -> str:
        return self.said(self.draw.choice(words.REMEDIES))

    def said(self, sentence: str) -> str:
        """A sentence with its gaps filled."""
        draw, field = self.draw, self.field
        text = sentence.format(
            site=self.site,
            town=self.town,
            area=self.area,
            other=self.other,
            services=self.services,
            number=draw.randint(12, 480),
            few=draw.randint(2, 12),
            year=self.year - draw.randint(0, 3),
            month=draw.choice(words.MONTHS),
            milestone=draw.choice(field.milestones),
            benefit_low=_low(draw.choice(field.benefits)),
            barrier_low=_low(draw.choice(field.barriers)),
        )
        return text[:1].upper() + text[1:]


def _low(text: str) -> str:
    """For the middle of a sentence, unless its first word is a name such as JESIP or VAT."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]

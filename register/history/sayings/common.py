"""What every sentence is made with."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from register.history.columns import COLUMNS, Reader, day, show, text
from register.history.folding import Net
from register.history.lookup import Names, Rows
from register.history.models import Change

LONGEST = 200
# Words that may start a reason typed as a sentence and go on in ours with a small letter; any other word may be a
# name.
SMALL = frozenset(
    """
    a after all an and another as at because before both but by each either every few for from if in it its many
    more most neither no nobody none not nothing of on once one only our savings several since some staff that
    the their there these they this those three to two until we when while with without
    """.split()  # noqa: SIM905 — a list of sixty quoted words is no better to read
)


@dataclass(frozen=True)
class Said:
    """What one row's change did: its kind, and a sentence that reads on after the title of the record.

    `reason` is what people wrote on why; `minor` is worth saying only where nothing else is.
    """

    kind: str
    sentence: str
    reason: str = ""
    minor: bool = False


@dataclass(frozen=True)
class Teller:
    """What saying a record's changes needs: names, the rows as they were, and what else changed with them.

    `names_people` where the sentence is made to be read now, and not to be kept, as a digest keeps its own.
    """

    names: Names
    rows: Rows
    others: Sequence[Net] = ()
    changes: Sequence[Change] = ()
    names_people: bool = False

    def word(self, net: Net, column: str, *, was: bool = False) -> str:
        """A column's value in words, after the change or before it."""
        return show(net.table, column, net.before if was else net.after or net.before, self.names)

    def person(self, pk: int | None) -> str:
        """A name amid a sentence; empty for nobody."""
        name = self.names.person(pk) if pk else ""
        return small(name) if name.startswith("Someone ") else name

    def small(self, net: Net, column: str, *, was: bool = False) -> str:
        return small(self.word(net, column, was=was))


Sayer = Callable[[Net, Teller], Iterator[Said]]
SAYERS: dict[str, Sayer] = {}


def says(table: str) -> Callable[[Sayer], Sayer]:
    def keep(sayer: Sayer) -> Sayer:
        SAYERS[f"register_{table}"] = sayer
        return sayer

    return keep


def small(word: str) -> str:
    """With a small first letter, but for OFFICIAL and ICT and data."""
    return word[:1].lower() + word[1:] if word[1:2].islower() or word[1:2] == " " else word


def listed(names: Sequence[str]) -> str:
    """a, b and c"""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def the(group: str) -> str:
    return group if group.lower().startswith(("the ", "a ")) else f"the {group}"


def line(words: str) -> str:
    """A text as part of a sentence: on one line, without its full stop, and not for ever."""
    flat = re.sub(r"\s+", " ", words).strip()
    if len(flat) > LONGEST:
        return flat[:LONGEST].rsplit(" ", 1)[0].rstrip(",;:.") + "…"
    return flat.removesuffix(".")


def because(words: str) -> str:
    """ ", because the bid failed" for "The bid failed."; in quotes where its first word may be a name."""
    flat = line(words)
    if not flat:
        return ""
    first = re.split(r"[\s,;:’']", flat, maxsplit=1)[0]
    if first.lower() in SMALL:
        return f", because {flat[0].lower()}{flat[1:]}"
    return f", because {flat}" if flat[0].islower() else f", with the reason “{flat}”"


def had(net: Net, column: str, teller: Teller, *, long: Sequence[str] = ()) -> str:
    """ "its depth changed from co-location to shared service", to follow "had"; long texts are not quoted."""
    name, reader = COLUMNS[net.table][column]
    before, after = (line(teller.word(net, column, was=was)) for was in (True, False))
    if column in long:
        return f"its {name} {'rewritten' if before and after else 'written' if after else 'removed'}"
    before, after = (_value(word, reader) for word in (before, after))
    if before and after:
        return f"its {name} changed from {before} to {after}"
    return f"its {name} set to {after}" if after else f"its {name} removed (it was {before})"


def _value(word: str, reader: Reader) -> str:
    """Typed words in quotes, days with their capital, labels small."""
    if reader is text:
        return f"“{word}”" if word else ""
    return word if reader is day else small(word)

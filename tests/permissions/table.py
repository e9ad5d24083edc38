"""Reading the table: what each reader is to each thing, what each address asks, and so what it answers.

`expected/addresses.csv` says of every address what it is of and what a GET and a POST ask. One more file for each
kind of thing says what each kind of reader may do to it. A word of a cell may hold others (see HOLDS).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

EXPECTED = Path(__file__).parent / "expected"
STRANGER = "stranger"

# What a word of a cell holds beside itself.
HOLDS = {
    "opens": {"sees", "history"},
    "sees": {"follows", "history"},
    "answers": {"sees", "follows", "history"},
    "keeps": {"answers", "sees", "follows", "history"},
    "leads": {"deletes", "keeps", "answers", "sees", "follows", "history"},
    "restores": {"history"},
    "changes": {"deletes", "keeps", "answers", "sees"},
}
# Things that are not there for who may not see them. Of all others everyone signed in may know that they exist.
HIDDEN = {"record", "open record", "line", "view", "edition", "person", "invitation", "request"}
# Asked of nobody in particular.
EVERYONE, BY_LINK, THEIR_OWN, NOTHING = "everyone", "by link", "their own", "-"
# Only some objects of another kind of thing, so that what is alike is not asked six times.
PART_OF = {"open record": ("record", ["open"])}


@dataclass(frozen=True)
class Row:
    """An address: `name` of the URL, for a section of the record with its slug (section_new:costs)."""

    address: str
    of: str
    get: str
    post: str

    @property
    def name(self) -> str:
        return self.address.partition(":")[0]

    @property
    def slug(self) -> str:
        return self.address.partition(":")[2]

    def asks(self, method: str) -> str:
        return self.get if method == "GET" else self.post


@cache
def rows() -> tuple[Row, ...]:
    with (EXPECTED / "addresses.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Row(r["address"], r["of"], r["get"], r["post"]) for r in csv.DictReader(file))


@cache
def cells(thing: str) -> dict[str, dict[str, str]]:
    """Of each object of a kind of thing: what each kind of reader may do, as it is written."""
    kind, only = PART_OF.get(thing, (thing, None))
    found: dict[str, dict[str, str]] = {}
    with (EXPECTED / f"{kind}.csv").open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            reader = line.pop("reader")
            for name, cell in line.items():
                if only is None or name in only:
                    found.setdefault(name, {})[reader] = cell or ""
    return found


def may(cell: str) -> set[str]:
    """All that a cell allows."""
    words = {word.strip() for word in cell.split(",") if word.strip()}
    return words.union(*(HOLDS.get(word, set()) for word in words))


def answer(row: Row, method: str, reader: str, cell: str) -> str:
    """What the address answers: "open", "sign in", "403", "404" or "405"."""
    asked = row.asks(method)
    if asked == BY_LINK:
        return "404"  # the walk has no link of anybody's
    if reader == STRANGER and row.get != EVERYONE:
        return "sign in"
    if asked == NOTHING:
        return "405"
    if asked == THEIR_OWN:
        return "404"  # nor anything that is theirs alone
    if asked == EVERYONE:
        return "open"
    allowed = may(cell)
    if asked in allowed:
        return "open"
    if row.of in HIDDEN and (asked in ("restores", "history") or "sees" not in allowed):
        return "404"
    return "403"

"""The name that a file is kept and fetched under."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath

LONGEST = 200
# What file systems and shells take for something else.
SPECIAL = set('<>:"|?*%;&$`')


def cleaned(name: str) -> str:
    """The last part of a path, without what can't be seen, turns text round or means something to a computer."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(" " if c.isspace() else "-" if c in SPECIAL else c for c in last if _is_seen(c))
    whole = " ".join(shown.split()).strip(". ")
    ending = PurePosixPath(whole).suffix[:20]
    return whole.removesuffix(ending)[: LONGEST - len(ending)].rstrip(". ") + ending


def _is_seen(character: str) -> bool:
    """Controls, marks of direction, joiners, private and unassigned characters are not; white space counts."""
    return character.isspace() or not unicodedata.category(character).startswith("C")

"""docs/exports.md is what an import will be written from: it names every column there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from register.catalogue.columns import COLUMNS, Column
from register.transfer.parts import PARTS

PAGE = Path(__file__).parents[2] / "docs" / "exports.md"
LINE = re.compile(r"^\| (.+) \| `(\w+)` \| (.+) \|$", re.MULTILINE)
HEAD = 3  # columns that every part begins with


def _lines(columns: list[Column]) -> list[tuple[str, str, str]]:
    return [(column.label, column.code, column.kind.value) for column in columns]


def test_every_column_of_every_sheet_is_in_the_documentation() -> None:
    text = PAGE.read_text()
    before, *parts = re.split(r"^### ", text, flags=re.MULTILINE)
    initiatives, head = before.split("## Initiatives")[1].split("## Parts")
    assert LINE.findall(initiatives) == _lines(list(COLUMNS.values()))
    for part in PARTS.values():
        assert LINE.findall(head) == _lines(list(part.columns[:HEAD]))
    told = {section.splitlines()[0]: LINE.findall(section) for section in parts}
    assert told == {
        f"{part.label}: `{part.code}`": _lines(list(part.columns[HEAD:])) for part in PARTS.values()
    }

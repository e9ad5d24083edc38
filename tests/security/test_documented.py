"""docs/security.md says of every requirement of the standard what is true of it, and names tests that there are."""

from __future__ import annotations

import ast
import re
from collections import Counter

from tests.support.run import BASE

# OWASP ASVS 5.0.0, levels 1 and 2: the numbers of each section. (What is left out is of level 3.)
NUMBERS = """
    1.1: 1-2; 1.2: 1-9; 1.3: 1-11; 1.4: 1-3; 1.5: 1-2
    2.1: 1-3; 2.2: 1-3; 2.3: 1-4; 2.4: 1
    3.2: 1-2; 3.3: 1-4; 3.4: 1-6; 3.5: 1-5; 3.7: 1-2
    4.1: 1-3; 4.2: 1; 4.3: 1-2; 4.4: 1-4
    5.1: 1; 5.2: 1-3; 5.3: 1-2; 5.4: 1-3
    6.1: 1-3; 6.2: 1-12; 6.3: 1-4; 6.4: 1-4; 6.5: 1-5; 6.6: 1-3; 6.8: 1-4
    7.1: 1-3; 7.2: 1-4; 7.3: 1-2; 7.4: 1-5; 7.5: 1-2; 7.6: 1-2
    8.1: 1-2; 8.2: 1-3; 8.3: 1; 8.4: 1
    9.1: 1-3; 9.2: 1-4
    10.1: 1-2; 10.2: 1-2; 10.3: 1-4; 10.4: 1-11; 10.5: 1-5; 10.6: 1-2; 10.7: 1-3
    11.1: 1-2; 11.2: 1-3; 11.3: 1-3; 11.4: 1-4; 11.5: 1; 11.6: 1
    12.1: 1-3; 12.2: 1-2; 12.3: 1-4
    13.1: 1; 13.2: 1-5; 13.3: 1-2; 13.4: 1-5
    14.1: 1-2; 14.2: 1-4; 14.3: 1-3
    15.1: 1-3; 15.2: 1-3; 15.3: 1-7
    16.1: 1; 16.2: 1-5; 16.3: 1-4; 16.4: 1-3; 16.5: 1-3
    17.1: 1; 17.2: 1-4; 17.3: 1-2
"""
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| (.+?) \| (met|not met|not applicable): (.+) \|$", re.MULTILINE)


def expected() -> list[str]:
    found = []
    for section, ranges in re.findall(r"(\d+\.\d+): ([\d -]+)", NUMBERS):
        for one in ranges.split():
            first, _, last = one.partition("-")
            found += [f"{section}.{number}" for number in range(int(first), int(last or first) + 1)]
    return found


def rows() -> list[tuple[str, str, str, str]]:
    return ROW.findall((BASE / "docs" / "security.md").read_text(encoding="utf-8"))


def test_every_requirement_stands_in_it_once() -> None:
    numbers = [number for number, *_ in rows()]
    assert len(expected()) == 253, "70 of level 1 and 183 of level 2"
    assert [number for number, times in Counter(numbers).items() if times > 1] == []
    assert numbers == expected()


def test_what_is_met_names_tests_that_there_are() -> None:
    known: dict[str, set[str]] = {}
    for number, _, verdict, how in rows():
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", how)
        assert bool(named) is (verdict == "met"), number
        for file, test in named:
            if file not in known:
                tree = ast.parse((BASE / file).read_text(encoding="utf-8"))
                known[file] = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
            assert test in known[file], (number, file, test)

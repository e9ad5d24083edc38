"""`make mutants` believes no test that fails by itself."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from tests.mutants import __main__ as mutants
from tests.mutants.guards import Mutant

CODE = "def may(who):\n    return who == 'owner'\n"
GUARD = Mutant("who may", "guarded.py", "who == 'owner'", "True", ("test_guarded.py",))
NOTICES = "from guarded import may\n\ndef test_it():\n    assert not may('x')\n"
NOTICES_NOTHING = "from guarded import may\n\ndef test_it():\n    assert may('owner')\n"
FAILS_BY_ITSELF = "def test_it():\n    assert 0\n"


@pytest.fixture
def copied(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A register of one line, and its test."""

    def of(test: str) -> None:
        def copy(into: Path) -> None:
            (into / "guarded.py").write_text(CODE)
            (into / "test_guarded.py").write_text(test)
            (into / "pytest.ini").write_text("[pytest]\npythonpath = .\naddopts = -p no:django -p no:xdist\n")

        monkeypatch.setattr(mutants, "copy_of_the_code", copy)

    monkeypatch.setattr(mutants, "MUTANTS", (GUARD,))
    monkeypatch.setattr(sys, "argv", ["mutants"])
    return of


def test_a_test_that_notices_is_named(copied: Any, capsys: Any) -> None:
    copied(NOTICES)
    assert mutants.main() == 0
    assert "who may  test_guarded.py::test_it" in capsys.readouterr().out


def test_a_mutant_that_no_test_notices_survives(copied: Any, capsys: Any) -> None:
    copied(NOTICES_NOTHING)
    assert mutants.main() == 1
    assert "SURVIVES" in capsys.readouterr().out


def test_a_test_that_fails_with_nothing_taken_out_stops_the_run(copied: Any, capsys: Any) -> None:
    copied(FAILS_BY_ITSELF)
    with pytest.raises(SystemExit, match=r"test_guarded\.py::test_it fails with nothing taken out"):
        mutants.main()
    assert "who may" not in capsys.readouterr().out

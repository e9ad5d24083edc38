"""Counts what the register was attacked with: distinct pairs of a kind of attack and an input.

`attack("IDOR", address)` is said just before each attack is made. A run of all of tests/security ends with the tally,
and fails when there are too few: an attack that is no longer made is noticed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

PROPERTY = "hostile"
FOLDER = Path(__file__).resolve().parents[1] / "security"
LEAST, LEAST_OF_A_KIND = 300, 10

Attack = Callable[[str, object], None]
_met: dict[str, set[str]] = defaultdict(set)
_files: set[str] = set()


@pytest.fixture
def attack(record_property: Callable[[str, object], None]) -> Attack:
    """Says what is tried next: the kind of attack and its input. A pair said twice counts once."""

    def tell(kind: str, told: object) -> None:
        record_property(PROPERTY, [kind, str(told)[:300]])

    return tell


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed:
        _files.add(Path(report.nodeid.split("::")[0]).name)
        for name, value in report.user_properties:
            if name == PROPERTY:
                kind, told = map(str, value) if isinstance(value, list) else ("", "")
                _met[kind].add(told)


def tally(met: dict[str, set[str]]) -> tuple[str, list[str]]:
    """The tally in a line, and what is wrong with it."""
    total = sum(map(len, met.values()))
    kinds = ", ".join(f"{kind} {len(inputs)}" for kind, inputs in sorted(met.items()))
    wrong = [
        f"only {len(inputs)} of {kind}, {LEAST_OF_A_KIND} are wanted"
        for kind, inputs in sorted(met.items())
        if len(inputs) < LEAST_OF_A_KIND
    ]
    if total < LEAST:
        wrong.append(f"only {total} in all, {LEAST} are wanted")
    return f"hostile inputs: {total} in {len(met)} kinds: {kinds}", wrong


def _is_whole(config: pytest.Config) -> bool:
    """Every file of the folder was run, and nothing chosen among its tests."""
    chosen = config.option.keyword or any("::" in argument for argument in config.args)
    return not chosen and {path.name for path in FOLDER.glob("test_*.py")} <= _files


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput") or not _is_whole(session.config):
        return
    if tally(_met)[1] and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if not _met:
        return
    line, wrong = tally(_met)
    terminalreporter.write_sep("=", "attacks")
    terminalreporter.write_line(line)
    if _is_whole(config):
        for one in wrong:
            terminalreporter.write_line(f"too few hostile inputs: {one}", red=True)

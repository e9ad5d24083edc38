"""What the tests of servers and launcher share."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bluelight.embedded.processes import wait_until

BASE = Path(__file__).resolve().parents[2]


def descendants(pid: int) -> list[int]:
    """All processes that `pid` started, and those that they started."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        parent = int(stat[stat.rindex(")") + 2 :].split()[1])
        parents.setdefault(parent, []).append(int(entry.name))
    found, new = [], [pid]
    while new:
        new = [child for one in new for child in parents.get(one, [])]
        found += new
    return found


def is_alive(pid: int) -> bool:
    """Whether it runs; a zombie does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat[stat.rindex(")") + 2] not in "ZX"


def all_gone(pids: list[int], seconds: float = 15) -> bool:
    return wait_until(lambda: not any(is_alive(pid) for pid in pids), seconds)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short folder that everybody may enter (pytest's own are long, and closed to `nobody`)."""
    made = Path(tempfile.mkdtemp(prefix="bl-", dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


def python(program: str, *arguments: str, **more: object) -> subprocess.Popen[str]:
    """Run a small program beside the test, with the project on its path."""
    return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
        [sys.executable, "-c", program, *arguments],
        cwd=BASE,
        env=os.environ | {"PYTHONPATH": str(BASE)},
        stdout=subprocess.PIPE,
        text=True,
        **more,
    )

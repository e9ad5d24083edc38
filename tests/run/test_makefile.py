"""What `make` says when the machine lacks something, without touching the real environment."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.run.conftest import BASE


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    shutil.copy(BASE / "Makefile", tmp_path)
    shutil.copytree(BASE / "requirements", tmp_path / "requirements")
    return tmp_path


def make(clone: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", *arguments], cwd=clone, env=kept | environment, capture_output=True, text=True
    )


def stub(clone: Path, body: str) -> str:
    """A Python that is not what it should be."""
    path = clone / "python"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def test_make_alone_lists_every_target_that_a_person_may_want(clone: Path) -> None:
    listed = make(clone).stdout
    for target in ("demo", "clean-demo", "test", "test-fast", "test-faults", "bench", "check", "lock"):
        assert f"make {target} " in listed


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ('[ "$1" = -V ] && echo Python 3.9.2; exit 1', "Python 3.11 or newer is needed"),
        ('case "$2" in *ensurepip*) exit 1;; esac', "apt-get install python3-venv"),
    ],
)
def test_a_python_that_will_not_do_is_one_clear_line(clone: Path, body: str, line: str) -> None:
    done = make(clone, "demo", PYTHON=stub(clone, body))
    assert done.returncode != 0
    told = [text for text in (done.stdout + done.stderr).splitlines() if not text.startswith("make: ***")]
    assert len(told) == 1
    assert line in told[0]
    assert not (clone / ".venv").exists()


def test_no_python_at_all_is_one_clear_line(clone: Path) -> None:
    done = make(clone, "test", PYTHON="python-that-is-not-there")
    assert "python-that-is-not-there was not found: Python 3.11 or newer is needed." in done.stdout

"""Takes one guard out of a copy of the code at a time, and says which test notices: `make mutants`.

A mutant that no test notices survives, and the run fails. So it does when the text that a mutant replaces is not in the
code any more: then it is to be written anew; and when a test fails in the copy with nothing taken out: it would notice
anything. Nothing here touches the work tree.

    make mutants                      all of them
    make mutants MUTANTS="--only csrf"  those whose name has this in it
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.mutants.guards import MUTANTS, Mutant

BASE = Path(__file__).resolve().parents[2]
# What a copy may share: what is installed, and the databases and static files that tests remember between runs.
SHARED = (".venv", "var/tests")


def copy_of_the_code(into: Path) -> None:
    """What git knows and what it would take in, as it is now."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=BASE, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        if name and (BASE / name).is_file():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(BASE / name, into / name)
    for name in SHARED:
        if (BASE / name).exists():
            (into / name).parent.mkdir(parents=True, exist_ok=True)
            (into / name).symlink_to((BASE / name).resolve())


def first_failing(copy: Path, tests: Iterable[str], what: str) -> str:
    """The first test that fails in the copy as it is; "" when none does. RuntimeError when they could not be run."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *tests, "-q", "-x", "--no-header", "--tb=no", "-p", "no:cacheprovider"],
        cwd=copy, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode == 0:
        return ""
    found = re.search(r"^FAILED (\S+)", done.stdout, re.MULTILINE)
    if done.returncode != 1 or found is None:
        raise RuntimeError(f"{what}: the tests could not be run\n{done.stdout[-3000:]}{done.stderr[-2000:]}")
    return found[1]


def tried(copy: Path, mutant: Mutant) -> str:
    path = copy / mutant.file
    whole = path.read_text(encoding="utf-8")
    if whole.count(mutant.guard) != 1:
        raise SystemExit(
            f"{mutant.name}: {mutant.file} has the guard {whole.count(mutant.guard)} times; once is wanted"
        )
    path.write_text(whole.replace(mutant.guard, mutant.without), encoding="utf-8")
    try:
        return first_failing(copy, mutant.tests, mutant.name)
    finally:
        path.write_text(whole, encoding="utf-8")


def main() -> int:
    asked = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    asked.add_argument("--only", default="", help="those whose name has this in it")
    chosen = [mutant for mutant in MUTANTS if asked.parse_args().only in mutant.name]
    survivors = 0
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        copy = Path(folder) / "copy"
        copy.mkdir()
        copy_of_the_code(copy)
        every = dict.fromkeys(test for mutant in chosen for test in mutant.tests)
        fails = first_failing(copy, every, "nothing taken out")
        if fails:
            raise SystemExit(f"{fails} fails with nothing taken out, so it proves nothing of any guard")
        width = max(len(mutant.name) for mutant in chosen)
        for mutant in chosen:
            noticed = tried(copy, mutant)
            survivors += not noticed
            print(f"{mutant.name:{width}}  {noticed or 'SURVIVES'}", flush=True)
    print(f"{len(chosen)} mutants, {survivors} survive")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())

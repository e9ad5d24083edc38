"""Who listens to what others do is there in every process, a worker's and a command's too."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]


def test_every_module_that_listens_is_loaded_as_the_register_starts() -> None:
    listening = {
        ".".join(path.relative_to(BASE).with_suffix("").parts)
        for path in (BASE / "register").rglob("*.py")
        if "\n@receiver(" in path.read_text(encoding="utf-8")
    }
    assert len(listening) > 3
    loaded = subprocess.run(
        [sys.executable, "-c", "import django, sys; django.setup(); print(*sys.modules)"],
        cwd=BASE,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert listening - set(loaded) == set()

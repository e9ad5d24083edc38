"""Poppler's pdftotext, reading what was printed: `python -m tests.support.poppler` gets it where it may.

Nobody must have it: without it that one test is left out, and says so.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.support.packages import installs

NAME, PACKAGE = "pdftotext", "poppler-utils"
MISSING = f"Poppler ({NAME}) is not installed here"


def installed() -> str | None:
    return shutil.which(NAME)


def pages(pdf: Path) -> list[str]:
    """The text of each page."""
    done = subprocess.run([NAME, "-layout", str(pdf), "-"], capture_output=True, check=True, text=True)
    return done.stdout.split("\f")[:-1]


if __name__ == "__main__":
    if not installed():
        installs(PACKAGE, seconds=180)
    print(f"Printed pages: {installed() or MISSING}")

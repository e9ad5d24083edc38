"""LibreOffice, in which a test opens our spreadsheets: `python -m tests.support.office` gets it where it may.

Nobody must have it: without it that one test is left out, and says so.
"""

from __future__ import annotations

import shutil

from tests.support.packages import installs

NAME, PACKAGE = "soffice", "libreoffice-calc-nogui"
MISSING = f"LibreOffice ({NAME}) is not installed here"


def installed() -> str | None:
    return shutil.which(NAME)


if __name__ == "__main__":
    if not installed():
        installs(PACKAGE, seconds=180)
    print(f"Spreadsheets: {installed() or MISSING}")

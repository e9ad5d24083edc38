"""Find Chromium, or get it: `python -m tests.support.browser` prints which one the tests will use.

One that is installed; else Playwright's own, downloaded; else Debian's, when we may install it; else one line
that says how to get one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.packages import installs, quietly

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ELSEWHERE = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
HOW = "No Chromium for the browser tests: install one (Debian: apt-get install chromium) or set CHROMIUM to its path."

# Without these Chromium looks for its maker's servers all the time.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-default-apps",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-dev-shm-usage",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)


def options() -> list[str]:
    """Chromium refuses its sandbox to root."""
    return [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def _runs(path: str) -> bool:
    """A name on the path may be a stub that only says how to install it, or lack a library."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=60).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def installed() -> str | None:
    """The path of a Chromium that runs."""
    given = os.environ.get("CHROMIUM", "")
    if given:
        if not _runs(given):
            raise SystemExit(f"CHROMIUM={given} does not run.")
        return given
    found = (shutil.which(name) for name in NAMES)
    return next((path for path in (*found, _playwrights(), *ELSEWHERE) if path and _runs(path)), None)


def _playwrights() -> str | None:
    """Where Playwright keeps its own, if it was downloaded."""
    program = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    path = done.stdout.strip()
    return path if path and Path(path).exists() else None


def get() -> str:
    """The path of a Chromium, installed first if need be. SystemExit with one line when none can be had."""
    path = installed()
    if path:
        return path
    print("No Chromium found; downloading Playwright's …", flush=True)
    quietly([sys.executable, "-m", "playwright", "install", "chromium"])
    path = installed()
    if not path and installs("chromium"):
        path = installed()
    if not path:
        raise SystemExit(HOW)
    return path


if __name__ == "__main__":
    print(f"Browser: {get()}")

"""What the tests can get for themselves where they run as root on Debian, as on a clean machine of CI."""

from __future__ import annotations

import os
import shutil
import subprocess


def installs(package: str, *, seconds: int = 900) -> bool:
    """Whether apt-get may install the package and said that it did."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"Installing Debian's {package} …", flush=True)
    quietly(["apt-get", "-qq", "update"], seconds)
    return quietly(["apt-get", "-qq", "install", "--yes", "--no-install-recommends", package], seconds)


def quietly(command: list[str], seconds: int = 900) -> bool:
    """Whether a command that may fail did not."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(
            command, env=environment, timeout=seconds, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0

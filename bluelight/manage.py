"""Django's command line in the running demo: `make manage DO="send_due_digests --dry-run"`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from urllib.parse import urlsplit

from bluelight import services

# What the register reads; the rest of its environment is everybody's.
NAMES = (
    "DJANGO_SETTINGS_MODULE",
    "DATABASE_URL",
    "REDIS_URL",
    "SECRET_KEY",
    "ALLOWED_HOSTS",
    "EMAIL_URL",
    "SITE_URL",
    "DEMO",
    "STATE_DIR",
)
NOT_RUNNING = "The demo is not running from this folder. Start it with `make demo`, then try again."


def write(state: Path, environment: dict[str, str]) -> None:
    """What the demo's programs are told. It holds secrets: for whoever runs the demo only."""
    told = {name: environment[name] for name in NAMES}
    place = _place(state)
    place.unlink(missing_ok=True)
    with open(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(told, file)


def main() -> None:
    place = _place(Path(os.environ.get("STATE_DIR") or services.BASE / "var").resolve())
    try:
        told = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise SystemExit(NOT_RUNNING) from None
    if not services.is_healthy(urlsplit(told["SITE_URL"]).port or 80):
        raise SystemExit(NOT_RUNNING)
    os.environ.update(told)
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    os.execv(sys.executable, [sys.executable, str(services.BASE / "manage.py"), *sys.argv[1:]])  # noqa: S606 ourselves


def _place(state: Path) -> Path:
    return state / "environment.json"


if __name__ == "__main__":
    main()

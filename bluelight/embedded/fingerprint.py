"""Has a part of the source tree changed since something was made from it?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

BASE = Path(__file__).resolve().parents[2]


def fingerprint(places: Iterable[str], *more: str) -> str:
    """Of the content of files and folders (relative to the project's), and of other texts."""
    told = hashlib.sha256("\n".join(more).encode())
    for place in places:
        root = BASE / place
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file() and "__pycache__" not in path.parts:
                told.update(str(path.relative_to(BASE)).encode() + b"\0" + path.read_bytes())
    return told.hexdigest()[:16]

"""Files of others: each is the one that was vendored, and none came in by another door."""

import hashlib
import json
from pathlib import Path

VENDOR = Path(__file__).resolve().parents[2] / "static" / "vendor"
OURS = {"update.py", "versions.json"}


def test_every_vendored_file_is_recorded_with_its_hash_and_licence() -> None:
    recorded: dict[str, str] = {}
    for package in json.loads((VENDOR / "versions.json").read_text(encoding="utf-8")):
        assert package["version"]
        assert package["licence"]
        recorded |= package["files"]
    there = {
        str(path.relative_to(VENDOR)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in VENDOR.rglob("*")
        if path.is_file() and path.name not in OURS and "__pycache__" not in path.parts
    }
    assert there == recorded

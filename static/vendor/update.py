"""Fetch the front-end files of others: `python static/vendor/update.py`. Needs npm, which users of the register don't.

Files are taken from their packages as they are, but for one thing: the @font-face rules of govuk-frontend go, since
its fonts are GOV.UK's own, are not taken, and a browser would ask for them while ours still load. `versions.json`
records package, version, licence and the SHA-256 of each file as it is kept.
"""

import hashlib
import json
import re
import subprocess
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
PACKAGES = {
    "govuk-frontend@6.6": {
        "dist/govuk/govuk-frontend.min.css": "govuk/govuk-frontend.min.css",
        "dist/govuk/govuk-frontend.min.css.map": "govuk/govuk-frontend.min.css.map",
    },
    "@fontsource-variable/atkinson-hyperlegible-next@5": {
        "files/atkinson-hyperlegible-next-latin-wght-normal.woff2": "fonts/atkinson-hyperlegible-next-normal.woff2",
        "files/atkinson-hyperlegible-next-latin-wght-italic.woff2": "fonts/atkinson-hyperlegible-next-italic.woff2",
        "LICENSE": "fonts/LICENSE",
    },
    "htmx.org@2": {"dist/htmx.min.js": "htmx/htmx.min.js", "LICENSE": "htmx/LICENSE"},
}


def main() -> None:
    record = []
    with tempfile.TemporaryDirectory() as folder:
        for wanted, files in PACKAGES.items():
            said = subprocess.run(
                ["npm", "pack", "--json", wanted], cwd=folder, check=True, capture_output=True, text=True
            )
            packed = json.loads(said.stdout)
            [packed] = packed.values() if isinstance(packed, dict) else packed
            archive = next(Path(folder).glob("*.tgz"))
            record.append({"package": packed["name"], "version": packed["version"]} | _take(archive, files))
            archive.unlink()
    (HERE / "versions.json").write_text(json.dumps(record, indent=2) + "\n")


def _take(archive: Path, files: dict[str, str]) -> dict[str, object]:
    hashes = {}
    with tarfile.open(archive) as package:
        for inside, outside in files.items():
            member = package.extractfile(f"package/{inside}")
            if member is None:
                raise SystemExit(f"{archive.name} has no {inside}")
            data = member.read()
            if outside.endswith(".css"):
                data = re.sub(rb"@font-face\{[^}]*\}", b"", data)
            target = HERE / outside
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
            hashes[outside] = hashlib.sha256(data).hexdigest()
        described = package.extractfile("package/package.json")
        licence = json.loads(described.read())["license"] if described else ""
    return {"licence": licence, "files": hashes}


if __name__ == "__main__":
    main()

"""`make audit`: known weaknesses, careless code, settings, and secrets that were left in the code.

Each check says what it found, that it is clean, or that it could not look. It ends with 1 for what was found, and where
a check that needs nothing but this machine could not look: what is wrong then is here. A machine without a way to the
database of weaknesses is told so, and is no reason to stop.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import transient_settings

BASE = Path(__file__).resolve().parent.parent
DATABASE = "https://api.osv.dev/v1/query"
# Locks and migrations (of triggers) are full of hashes, and what is vendored is others'.
NOT_READ = ("requirements/", "static/vendor/", "register/migrations/0")
PICTURES = {".png", ".jpg", ".woff2", ".svg"}
# They take any word beside the word "password", and any number of a version, for one.
TOO_EAGER = {"KeywordDetector", "IPPublicDetector"}
# What examples and tests have between ":" and "@" of an address.
EXAMPLES = [r"^(secret|password|nothing|…|\{.*|owner|web|x)$"]


@dataclass(frozen=True)
class Result:
    """`found` is what is wrong, a line each; `not_checked` why it could not look, `at_fault` that it should have."""

    found: tuple[str, ...] = ()
    not_checked: str = ""
    at_fault: bool = False


def ran(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=BASE, capture_output=True, text=True, check=False)


def locked(lock: Path, database: str) -> Result:
    """Known weaknesses of the versions in the lock, from an OSV database."""
    told = ran(
        "-m", "pip_audit", "-r", str(lock), "--disable-pip", "--require-hashes", "--progress-spinner", "off",
        "--timeout", "10", "-f", "json", "-s", "osv", "--osv-url", database,
    )  # fmt: skip
    try:
        packages = json.loads(told.stdout)["dependencies"]
    except (ValueError, KeyError):
        why = (told.stderr.strip() or "no answer").splitlines()[-1]
        return Result(not_checked=f"no database of weaknesses within reach ({why[:200]})")
    return Result(tuple(_weaknesses(packages)))


def _weaknesses(packages: list[dict]) -> Iterator[str]:
    for package in packages:
        for weakness in package.get("vulns", []):
            mended = ", ".join(weakness["fix_versions"]) or "no version yet"
            yield f"{package['name']} {package['version']}: {weakness['id']}, mended in {mended}"


def careless() -> Result:
    """ruff's rules about security. What a line is excused from, it says itself."""
    told = ran("-m", "ruff", "check", "--output-format", "concise", "--quiet", ".")
    if told.returncode not in (0, 1):  # as for a mistake in its settings
        return _not_run("ruff", told)
    return Result(tuple(line for line in told.stdout.splitlines() if re.search(r": S\d", line)))


def deployed() -> Result:
    """Django's own look at the settings of an installation."""
    told = ran("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    if told.returncode and not told.stderr.strip():
        return _not_run("manage.py check", told)
    return Result(tuple(told.stderr.splitlines()) if told.returncode else ())


def _not_run(what: str, told: subprocess.CompletedProcess[str]) -> Result:
    said = (told.stderr.strip() or told.stdout.strip() or "it said nothing").splitlines()[-1]
    return Result(not_checked=f"{what} ended with {told.returncode} ({said[:200]})", at_fault=True)


def secrets(files: list[Path]) -> Result:
    """What looks like a key, a token or a password in the files that are kept."""
    known: dict[str, type] = get_mapping_from_secret_type_to_class()
    plugins = sorted({plugin.__name__ for plugin in known.values()} - TOO_EAGER)
    filters = [
        {"path": "detect_secrets.filters.regex.should_exclude_secret", "pattern": EXAMPLES},
        {"path": "detect_secrets.filters.allowlist.is_line_allowlisted"},
        {"path": "detect_secrets.filters.heuristic.is_sequential_string"},
        {"path": "detect_secrets.filters.heuristic.is_potential_uuid"},
        {"path": "detect_secrets.filters.heuristic.is_templated_secret"},
    ]
    with transient_settings({"plugins_used": [{"name": name} for name in plugins], "filters_used": filters}):
        found = [
            f"{path}:{secret.line_number}: {secret.type}" for path in files for secret in scan_file(str(path))
        ]
    return Result(tuple(found))


def kept_files() -> list[Path]:
    told = subprocess.run(["git", "ls-files"], cwd=BASE, capture_output=True, text=True, check=True).stdout
    names = [name for name in told.splitlines() if not name.startswith(NOT_READ)]
    return [BASE / name for name in names if Path(name).suffix not in PICTURES and (BASE / name).is_file()]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make audit")
    parser.add_argument("--lock", type=Path, default=BASE / "requirements" / "dev.txt")
    parser.add_argument("--osv-url", default=DATABASE)
    told = parser.parse_args(arguments)
    checks: dict[str, Callable[[], Result]] = {
        "Known weaknesses in the lock": lambda: locked(told.lock, told.osv_url),
        "Careless code (ruff's S rules)": careless,
        "Settings (check --deploy)": deployed,
        "Secrets in the code": lambda: secrets(kept_files()),
    }
    results = {name: check() for name, check in checks.items()}
    for name, result in results.items():
        state = f"{len(result.found)} found" if result.found else "clean"
        print(f"{name}: {f'NOT CHECKED, {result.not_checked}' if result.not_checked else state}")
        for line in result.found:
            print(f"  {line}")
    return int(any(result.found or result.at_fault for result in results.values()))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

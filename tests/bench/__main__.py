"""`python -m tests.bench --rows 10000 100000`: prepare databases, measure in each, print, write bench.json."""

from __future__ import annotations

import argparse
import json
import os
import statistics
from pathlib import Path
from typing import Any

from tests.bench.preparing import BASE, Bench, say
from tests.bench.telling import CASES, HEAD, foot, growth_lines, line


def main() -> None:
    arguments = _arguments()
    sizes = sorted(set(arguments.rows))
    with Bench(Path(os.environ.get("BENCH_DIR") or BASE / "var" / "bench").resolve()) as bench:
        for rows in sizes:
            bench.prepare(rows)
        if arguments.prepare:
            return
        more = ["--slowest"] if arguments.slowest else []
        measured = [_measure(bench, rows, arguments.cases, more) for rows in sizes]
    for told in growth_lines(measured):
        say(told)
    place = Path(arguments.json)
    place.parent.mkdir(parents=True, exist_ok=True)
    *smaller, largest = measured
    whole = largest | ({"smaller": smaller} if smaller else {})
    place.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    say(f"\nWritten to {arguments.json}")


def _measure(bench: Bench, rows: int, cases: list[str], more: list[str]) -> dict[str, Any]:
    """Each case in a process of its own, so that none pays for what another left behind."""
    say(f"\n{rows:,} initiatives\n{HEAD}")
    bench.warm(rows)
    found = []
    for name in cases:
        case = bench.measure(rows, name, *more)
        if case is None:
            say(f"{name:<25} left out: there is no such page yet")
            continue
        found.append(case)
        say(line(case))
    told = {
        "rows": rows,
        "baseline_ms": round(
            statistics.median([c["baseline_ms"] for c in found if "baseline_ms" in c] or [0]), 3
        ),
        "load": round(os.getloadavg()[1], 2),  # of the last five minutes
        "cases": found,
    }
    say(foot(told))
    return told


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--rows", type=int, nargs="+", default=[100_000], help="sizes, each a database of its own"
    )
    parser.add_argument(
        "--cases", nargs="+", choices=CASES, default=list(CASES), metavar="CASE", help="only these"
    )
    parser.add_argument(
        "--slowest", action="store_true", help="show the slowest statement of each case and its plan"
    )
    parser.add_argument("--prepare", action="store_true", help="make the databases and stop")
    parser.add_argument("--json", default="var/bench.json")
    return parser.parse_args()


if __name__ == "__main__":
    main()

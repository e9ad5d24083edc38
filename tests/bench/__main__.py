"""`python -m tests.bench --rows 10000 100000`: prepare databases, measure in each, print, write bench.json."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from tests.bench.preparing import BASE, Bench, say
from tests.bench.telling import growth_lines, table


def main() -> None:
    arguments = _arguments()
    sizes = sorted(set(arguments.rows))
    passed = [
        *(["--cases", *arguments.cases] if arguments.cases else []),
        *(["--slowest"] if arguments.slowest else []),
    ]
    measured: list[dict[str, Any]] = []
    with Bench(Path(os.environ.get("BENCH_DIR") or BASE / "var" / "bench").resolve()) as bench:
        for rows in sizes:
            bench.prepare(rows)
        if arguments.prepare:
            return
        for rows in sizes:
            measured.append({"rows": rows} | bench.measure(rows, *passed))
            say(table(measured[-1]))
    for line in growth_lines(measured):
        say(line)
    place = Path(arguments.json)
    place.parent.mkdir(parents=True, exist_ok=True)
    *smaller, largest = measured
    place.write_text(
        json.dumps(largest | ({"smaller": smaller} if smaller else {}), indent=1) + "\n", "utf-8"
    )
    say(f"\nWritten to {arguments.json}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--rows", type=int, nargs="+", default=[100_000], help="sizes, each a database of its own"
    )
    parser.add_argument("--cases", nargs="+", default=[], help="only these")
    parser.add_argument(
        "--slowest", action="store_true", help="show the slowest statement of each case and its plan"
    )
    parser.add_argument("--prepare", action="store_true", help="make the databases and stop")
    parser.add_argument("--json", default="var/bench.json")
    return parser.parse_args()


if __name__ == "__main__":
    main()

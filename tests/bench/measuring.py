"""In one process: `python -m tests.bench.measuring OUT.json`, started by `python -m tests.bench`."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

RUNS, WARMING = 25, 3
# A case that takes longer than this altogether (seconds) has had its say after a few runs.
PATIENCE, FEWEST = 120.0, 3


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--cases", nargs="+", default=[])
    parser.add_argument("--slowest", action="store_true")
    arguments = parser.parse_args()
    import django
    from django.conf import settings

    settings.ROOT_URLCONF = "tests.bench.urls"
    django.setup()
    told = measure(arguments.cases, slowest=arguments.slowest)
    arguments.out.write_text(json.dumps(told), encoding="utf-8")


def measure(wanted: list[str], *, slowest: bool) -> dict[str, Any]:
    from tests.bench.asking import Browser
    from tests.bench.cases import Cases, is_there
    from tests.bench.exporting import measure_export

    browser = Browser()
    cases = Cases(browser)
    baselines: list[float] = []
    measured: list[dict[str, Any]] = []
    left_out: list[str] = []
    for name, (address, ask) in cases.all().items():
        if wanted and name not in wanted:
            continue
        if not is_there(address):
            left_out.append(f"{name}: left out, because there is no {address} yet")
            continue
        measured.append(_measure(name, ask, cases, baselines, slowest))
        _say(f"{name} {measured[-1]['median_ms']:.1f} ms")
    if not wanted or "export_csv" in wanted:
        if is_there("initiative_export"):
            measured.append(measure_export(cases))
        else:
            left_out.append("export_csv: left out, because there is no initiative_export yet")
    return {
        "baseline_ms": round(statistics.median(baselines or [0]), 3),
        "load": round(os.getloadavg()[1], 2),  # of the last five minutes
        "cases": measured,
        "left_out": left_out,
    }


def _measure(name: str, ask: Any, cases: Any, baselines: list[float], slowest: bool) -> dict[str, Any]:
    """25 runs, each beside a run of the baseline page by the same person."""
    from django.urls import reverse

    answers, beside = [], []
    began = time.monotonic()
    for run in range(-WARMING, RUNS):
        asked = ask(run % (RUNS + WARMING))
        url = reverse("bench_baseline", args=[cases.write.any_number()])
        if run % 2:
            base, answer = cases.browser.get(asked.user, url), cases.browser.get(asked.user, asked.url)
        else:
            answer, base = cases.browser.get(asked.user, asked.url), cases.browser.get(asked.user, url)
        if answer.status != 200 or base.status != 200:
            raise SystemExit(f"{name}: {asked.url} answered {answer.status}, the baseline {base.status}")
        asked.check(answer)
        if run < 0:
            continue
        answers.append(answer)
        beside.append(base.ms)
        if len(answers) >= FEWEST and time.monotonic() - began > PATIENCE:
            break
    baselines += beside
    times = [answer.ms for answer in answers]
    median = statistics.median(times)
    told: dict[str, Any] = {
        "case": name,
        "median_ms": round(median, 3),
        "p95_ms": round(_p95(times), 3),
        "queries": max(answer.queries for answer in answers),
        "ratio": round(median / statistics.median(beside), 3),
        "sql_ms": round(statistics.median(answer.sql_ms for answer in answers), 3),
        "bytes": int(statistics.median(len(answer.body) for answer in answers)),
        "runs": len(answers),
    }
    if slowest:
        worst = max((one for answer in answers for one in answer.statements), key=lambda one: one.ms)
        told["notes"] = [f"slowest statement, {worst.ms:.1f} ms: {worst.whole}", *worst.plan()]
    return told


def _p95(times: list[float]) -> float:
    return sorted(times)[max(0, round(len(times) * 0.95) - 1)]


def _say(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bluelight.settings")
    main()

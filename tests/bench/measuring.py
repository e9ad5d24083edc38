"""One case, in a process of its own: `python -m tests.bench.measuring CASE OUT.json`, started by `tests.bench`."""

from __future__ import annotations

import argparse
import gc
import json
import os
import statistics
from pathlib import Path
from typing import Any

RUNS, WARMING = 25, 3
# A case whose pages take longer than this altogether (milliseconds) has had its say after a few runs.
PATIENCE, FEWEST = 60_000.0, 3


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("case")
    parser.add_argument("out", type=Path)
    parser.add_argument("--slowest", action="store_true")
    arguments = parser.parse_args()
    import django
    from django.conf import settings

    settings.ROOT_URLCONF = "tests.bench.urls"
    django.setup()
    told = measure(arguments.case, slowest=arguments.slowest)
    arguments.out.write_text(json.dumps(told), encoding="utf-8")


def measure(name: str, *, slowest: bool = False) -> dict[str, Any] | None:
    """What the case took; None when its feature is not there."""
    from register.catalogue.tallies import tally
    from tests.bench.asking import Browser
    from tests.bench.cases import Cases, is_there
    from tests.bench.exporting import measure_export

    tally()  # as beat does every minute: what a case writes stays untallied, what others wrote before does not
    cases = Cases(Browser())
    if name == "digest_send":
        from tests.bench.digests import measure_digests

        return measure_digests()
    if name.startswith("permission_"):
        from tests.bench.permitting import measure_permission

        return measure_permission(name, cases)
    if name == "export_csv":
        return measure_export(cases) if is_there("initiative_export") else None
    address, ask = cases.all()[name]
    return _measure(name, ask, cases, slowest) if is_there(address) else None


def _measure(name: str, ask: Any, cases: Any, slowest: bool) -> dict[str, Any]:
    """25 runs, each beside a run of the baseline page by the same person."""
    from django.urls import reverse

    answers, beside = [], []
    spent = 0.0
    for run in range(-WARMING, RUNS):
        asked = ask(run % (RUNS + WARMING))
        url = reverse("bench_baseline", args=[cases.write.any_number()])
        gc.collect()  # what the bench itself left behind is nobody's time
        cases.browser.get(asked.user, url)  # nor is waking up after its own questions
        if run % 2:
            base, answer = cases.browser.get(asked.user, url), cases.browser.get(asked.user, asked.url)
        else:
            answer, base = cases.browser.get(asked.user, asked.url), cases.browser.get(asked.user, url)
        if answer.status != 200 or base.status != 200:
            raise SystemExit(f"{name}: {asked.url} answered {answer.status}, the baseline {base.status}")
        asked.check(answer)
        spent += answer.ms
        if run < 0 and spent < PATIENCE:
            continue
        answers.append(answer)
        beside.append(base.ms)
        if len(answers) >= FEWEST and spent > PATIENCE:
            break
    times = [answer.ms for answer in answers]
    median = statistics.median(times)
    told: dict[str, Any] = {
        "case": name,
        "median_ms": round(median, 3),
        "p95_ms": round(_p95(times), 3),
        "queries": max(answer.queries for answer in answers),
        "ratio": round(median / statistics.median(beside), 3),
        "baseline_ms": round(statistics.median(beside), 3),
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


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bluelight.settings")
    main()

"""What was measured, as a table, and how it grows from one size to the next."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

# Times the baseline page of the same run; export_csv: times PostgreSQL's own COPY of the same columns.
CASES = (
    "list", "filtered", "search_common", "search_rare", "deep_page", "record", "facets", "export_csv",
    "state_of_play", "opportunities", "barriers", "local_dashboard", "gap_matrix", "queue", "home",
    "digest_send", "permission_list", "permission_record", "permission_state_of_play",
)  # fmt: skip
GOALS = {
    "list": 5.0,
    "filtered": 6.0,
    "search_common": 8.0,
    "search_rare": 5.0,
    "deep_page": 6.0,
    "record": 5.0,
    "facets": 15.0,
    "export_csv": 1.5,
    "state_of_play": 15.0,
    "opportunities": 15.0,
    "barriers": 15.0,
    "local_dashboard": 6.0,
    "gap_matrix": 12.0,
    "queue": 6.0,
    # Times the same page without the rule of who sees what.
    "permission_list": 1.15,
    "permission_record": 1.15,
    "permission_state_of_play": 1.15,
}
# The least that is wanted, where more is better: of bare smtplib's rate.
LEAST = {"digest_send": 0.5}
# Dashboards may ask a little more.
MOST_QUERIES, MOST_OF_A_DASHBOARD = 12, 15
DASHBOARDS = {
    "state_of_play",
    "opportunities",
    "barriers",
    "local_dashboard",
    "gap_matrix",
    "queue",
    "permission_state_of_play",
}
HEAD = f"{'case':<25}{'median':>10}{'p95':>10}{'ratio':>8}{'goal':>7}{'SQL':>5}{'SQL ms':>9}{'bytes':>12}{'runs':>6}"


def line(case: dict[str, Any]) -> str:
    """A case's line of the table, with its notes below."""
    goal, least = GOALS.get(case["case"]), LEAST.get(case["case"])
    over = " over" if goal and case["ratio"] > goal else " under" if least and case["ratio"] < least else ""
    most = MOST_OF_A_DASHBOARD if case["case"] in DASHBOARDS else MOST_QUERIES
    many = f" more than {most} queries" if case["queries"] > most else ""
    told = (
        f"{case['case']:<25}{case['median_ms']:>10.2f}{case['p95_ms']:>10.2f}{case['ratio']:>8.2f}"
        f"{goal or least or '':>7}{case['queries']:>5}{case['sql_ms']:>9.2f}{case['bytes']:>12,}{case['runs']:>6}"
        f"{over}{many}"
    )
    return "\n".join([told, *(f"  {note}" for note in case.get("notes", []))])


def foot(measured: dict[str, Any]) -> str:
    """Under the table: the baseline, and whether the machine had other things to do."""
    told = f"The baseline page took {measured['baseline_ms']:.2f} ms."
    if measured["load"] > (processors := os.cpu_count() or 1) + 0.5:
        told += f" The machine was busy with other things: {measured['load']:.1f} wanted its {processors} processors."
    return told


def growth_lines(measured: list[dict[str, Any]]) -> Iterator[str]:
    """By case the exponent: 0 costs the same at any size, 1 grows as the register does."""
    for small, large in pairwise(measured):
        yield f"\nFrom {small['rows']:,} to {large['rows']:,}: times, and as a power of the size"
        before = {case["case"]: case["median_ms"] for case in small["cases"]}
        for case in large["cases"]:
            if case["case"] in before:
                times = case["median_ms"] / before[case["case"]]
                exponent = math.log(times) / math.log(large["rows"] / small["rows"])
                case["exponent"] = round(exponent, 3)
                yield f"{case['case']:<25}{times:>8.2f}{exponent:>9.3f}"

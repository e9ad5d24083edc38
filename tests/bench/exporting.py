"""The export of everything, against PostgreSQL's own COPY of the same columns in the same run."""

from __future__ import annotations

import csv
import io
import statistics
import time
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse

from register.accounts.models import User
from tests.bench import expected
from tests.bench.asking import must, must_be
from tests.bench.preparing import HOST

RUNS = 5
# The columns that a list shows, as somebody at psql would ask for them, as codes.
COLUMNS = f"""
SELECT 'BL-' || lpad(i.number::text, 5, '0'), i.title, i.purpose, i.stage, i.standing,
  (SELECT o.name FROM register_initiativepartner p JOIN register_organisation o ON o.id = p.organisation_id
    WHERE p.initiative_id = i.id AND p.role = 'lead'),
  (SELECT string_agg(DISTINCT o.name, '; ') FROM register_initiativepartner p
     JOIN register_organisation o ON o.id = p.organisation_id WHERE p.initiative_id = i.id AND p.role <> 'lead'),
  (SELECT string_agg(a.name, '; ' ORDER BY l.id) FROM register_initiativearea l
     JOIN register_areaofwork a ON a.id = l.area_of_work_id WHERE l.initiative_id = i.id),
  (SELECT string_agg(a.name, '; ' ORDER BY l.id) FROM register_initiativeplace l
     JOIN register_policearea a ON a.id = l.police_area_id WHERE l.initiative_id = i.id),
  (SELECT string_agg(f.as_stated, '; ' ORDER BY f.id) FROM register_statedfigure f
    WHERE f.initiative_id = i.id AND f.kind = 'saving'),
  i.no_figure_reason, i.confirmed_on, i.marking
FROM register_initiative i WHERE {expected.REAL} ORDER BY {expected.LATEST}
"""


def measure_export(cases: Any) -> dict[str, Any]:
    """Five runs: the whole register is written each time. Its ratio is to COPY, not to the baseline page."""
    times, copies, firsts, sizes, queries, growth = [], [], [], [], [], []
    for run in range(-1, RUNS):
        user = cases.person(run)
        changed = cases.write.confirm()
        copied = _copy(user)
        before = _memory("VmRSS")
        Path("/proc/self/clear_refs").write_text("5", "ascii")  # the peak counts from here
        took, first, body_length, counted, body = _export(user)
        grown = _memory("VmHWM") - before
        _check(user, changed.reference, body)
        if run < 0:
            continue
        times.append(took)
        copies.append(copied)
        firsts.append(first)
        sizes.append(body_length)
        queries.append(counted)
        growth.append(grown)
    copy = statistics.median(copies)
    return {
        "case": "export_csv",
        "median_ms": round(statistics.median(times), 3),
        "p95_ms": round(max(times), 3),
        "queries": max(queries),
        "ratio": round(statistics.median(t / c for t, c in zip(times, copies, strict=True)), 3),
        "sql_ms": round(copy, 3),
        "bytes": int(statistics.median(sizes)),
        "runs": RUNS,
        "copy_ms": round(copy, 3),
        "first_byte_ms": round(max(firsts), 3),
        "memory_mib": round(max(growth) / 1024, 1),
        "notes": [
            f"ratio to COPY of the same columns ({copy:.0f} ms); first byte within {max(firsts):.0f} ms;"
            f" memory grew by {max(growth) / 1024:.0f} MiB at most"
        ],
    }


def _export(user: User) -> tuple[float, float, int, int, Path]:
    """Written to a file as it comes: what is held in memory is the worker's, not ours."""
    client = Client()
    client.force_login(user)
    queries = 0

    def watch(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        nonlocal queries
        queries += 1
        return execute(sql, parameters, many, context)

    target = Path("/dev/shm/bench-export.csv")
    length = 0
    with target.open("wb") as file, connection.execute_wrapper(watch):
        began = time.perf_counter()
        response = client.get(
            f"{reverse('initiative_export')}?format=csv", secure=True, headers={"host": HOST}
        )
        first = 0.0
        must_be(response.status_code, 200, "status of the export")
        for chunk in response.streaming_content:
            first = first or (time.perf_counter() - began) * 1000
            length += file.write(chunk)
        took = (time.perf_counter() - began) * 1000
    response.close()
    return took, first, length, queries, target


def _copy(user: User) -> float:
    """How long PostgreSQL takes to write the same to us."""
    with connection.cursor() as cursor:
        sql = cursor.mogrify(COLUMNS, expected.values_of(user))
        began = time.perf_counter()
        with cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)") as rows:
            for _ in rows:
                pass
        return (time.perf_counter() - began) * 1000


def _check(user: User, changed: str, path: Path) -> None:
    """Every initiative that the reader may see is there once, the one that has just changed first."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        at = next(rows).index("Reference")
        found = [row[at] for row in rows]
    must(len(found) == len(set(found)), "rows come twice")
    must_be(len(found), expected.count(user), "rows of the export")
    must_be(found[:25], expected.references(user), "the first rows of the export")
    must_be(found[0], changed, "the first row")
    path.unlink()


def _memory(name: str) -> int:
    """A line of /proc/self/status, in KiB."""
    for line in io.StringIO(Path("/proc/self/status").read_text(encoding="ascii")):
        if line.startswith(name):
            return int(line.split()[1])
    return 0

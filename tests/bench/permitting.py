"""What permission costs: a page with the rule of who sees what and the same page without it, by turns.

The person is in three organisations and five groups. Without: every record that is kept is seen. Only the bench can
ask so: it puts another rule in place of the register's for the length of a request.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from register.accounts import permissions
from register.accounts.models import User, WorkingGroup
from register.accounts.roles import Role
from register.accounts.services import add_working_group
from register.catalogue.tallies.selecting import Tallied
from register.core.tracking import origin
from register.initiatives.querysets import InitiativeQuerySet
from tests.bench.asking import Answer
from tests.bench.cases import Cases
from tests.bench.people import GROUP, bodies, make_person

RUNS, WARMING = 25, 3
CASES = {f"permission_{name}": name for name in ("list", "record", "state_of_play")}


def somebody() -> User:
    """A contributor in two organisations who leads a third, in the national group and four more."""
    groups = [WorkingGroup.objects.get(code=GROUP)]
    for n in range(4):
        found = WorkingGroup.objects.filter(code=f"bench-{n}").first()
        with origin("test"):
            groups.append(
                found or add_working_group(by=None, code=f"bench-{n}", name=f"Group {n}", kind="local")
            )
    forces, fire = bodies("police"), bodies("fire")
    roles = [
        (Role.CONTRIBUTOR, forces[0], None),
        (Role.CONTRIBUTOR, fire[0], None),
        (Role.ORGANISATION_LEAD, forces[1], None),
        *((Role.GROUP_MEMBER, None, group) for group in groups),
    ]
    return make_person("permitted", roles)


@contextmanager
def without_the_rule() -> Iterator[None]:
    """Everybody sees whatever is not deleted."""
    with (
        patch.object(InitiativeQuerySet, "visible_to", lambda found, user: found.kept()),
        patch.object(Tallied, "seen_by", lambda tallied, user: tallied.bits("kept")),
        patch.object(permissions, "_may_see", lambda holdings, scope: not scope.deleted),
    ):
        yield


def measure_permission(name: str, cases: Cases) -> dict[str, Any]:
    """`ratio` is of the medians with and without; `cpu_ratio` of this process's own time alone."""
    user = somebody()
    cases.people = cases.members = [user]
    _, ask = cases.all()[CASES[name]]
    found: dict[bool, list[tuple[Answer, float]]] = {True: [], False: []}
    for run in range(-WARMING, RUNS):
        asked = ask(run % (RUNS + WARMING))
        for ruled in (True, False) if run % 2 else (False, True):
            gc.collect()
            answer, spent = _get(cases, asked, ruled)
            if ruled:
                asked.check(answer)
            if run >= 0:
                found[ruled].append((answer, spent))
    ms = {ruled: [answer.ms for answer, _ in told] for ruled, told in found.items()}
    cpu = {ruled: statistics.median(spent for _, spent in told) for ruled, told in found.items()}
    with_it = [answer for answer, _ in found[True]]
    median, bare = statistics.median(ms[True]), statistics.median(ms[False])
    return {
        "case": name,
        "median_ms": round(median, 3),
        "p95_ms": round(sorted(ms[True])[round(RUNS * 0.95) - 1], 3),
        "queries": max(answer.queries for answer in with_it),
        "ratio": round(median / bare, 3),
        "without_ms": round(bare, 3),
        "cpu_ratio": round(cpu[True] / cpu[False], 3),
        "sql_ms": round(statistics.median(answer.sql_ms for answer in with_it), 3),
        "bytes": int(statistics.median(len(answer.body) for answer in with_it)),
        "runs": RUNS,
        "notes": [
            f"without the rule {bare:.2f} ms; of this process's own time {cpu[True] / cpu[False]:.2f} times"
        ],
    }


def _get(cases: Cases, asked: Any, ruled: bool) -> tuple[Answer, float]:
    if not ruled:
        with without_the_rule():
            return _timed(cases, asked)
    return _timed(cases, asked)


def _timed(cases: Cases, asked: Any) -> tuple[Answer, float]:
    began = time.process_time()
    answer = cases.browser.get(asked.user, asked.url)
    spent = (time.process_time() - began) * 1000
    if answer.status != 200:
        raise SystemExit(f"{asked.url} answered {answer.status}")
    return answer, spent

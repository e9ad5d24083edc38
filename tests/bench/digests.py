"""2,000 personal digests of a week with 1,000 changes, built and sent, against bare `smtplib` in the same run."""

from __future__ import annotations

import resource
import smtplib
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any

from django.conf import settings
from django.db import connection

from bluelight.worker import settle
from register.accounts.models import User
from register.catalogue.models import InitiativeFollow
from register.catalogue.tallies import tally
from register.core.clock import now, today
from register.core.tracking import origin, recorded
from register.digests.making import following
from register.digests.making.editions import build_open_editions, open_due_editions
from register.digests.models import Delivery, Edition
from register.digests.reading.readers import Readers
from register.digests.sending.delivery import deliver
from register.digests.slots import next_slot
from register.digests.tasks import SHARE
from register.digests.writing.letter import Writer
from register.initiatives.models import Initiative
from register.initiatives.services import add_update, move_stage, raise_barrier
from register.initiatives.vocabulary import STAGES, BarrierCategory
from tests.bench.asking import must_be
from tests.bench.sink import Sink, sink

READERS, CHANGES, FOLLOWED, RUNS = 2000, 1000, 29, 5
DOMAIN = "digest.bench.example"
# Messages that are prepared for bare smtplib.
PREPARED = 500


def measure_digests(
    readers: int = READERS,
    changes: int = CHANGES,
    followed: int = FOLLOWED,
    *,
    runs: int = RUNS,
    two: bool = True,
) -> dict[str, Any]:
    """The rate of building and sending, as a part of bare smtplib's with prepared messages over one connection."""
    people = _people(readers)
    records = _records(changes)
    _follow(people, records, followed)
    _change(records)
    tally()  # as beat does every minute
    _forget(people)
    slot = next_slot(following.WEEKDAY, following.HOUR, following.ZONE, after=now())
    found = []
    with sink() as server:
        mail_to(server.port)
        messages = prepared(_built(people, slot))
        settle()  # as a worker does
        for _ in range(runs):
            found.append(_run(people, slot, server, messages, two))
    must_be(min(run["sent"] for run in found), len(people), "digests sent")
    expected = runs * (len(messages) + (2 if two else 1) * len(people))
    must_be(server.taken, expected, "messages that the mail server took")
    return _told(found, messages)


def _run(
    people: Sequence[int], slot: datetime, server: Sink, messages: Sequence[bytes], two: bool
) -> dict[str, float]:
    bare = _bare(server, messages)
    _forget(people)
    began = time.perf_counter()
    ready = _built(people, slot)
    built = time.perf_counter()
    sent = send(ready, slot)
    ended = time.perf_counter()
    alone = sent / (ended - built)
    return {
        "sent": sent,
        "bare": bare,
        "rate": sent / (ended - began),
        "alone": alone,
        "two": _two_workers(ready, slot) if two else alone,
        "built": built - began,
    }


def _people(number: int) -> list[int]:
    """Readers of the digest, made once in each database."""
    have = User.objects.filter(email__endswith=f"@{DOMAIN}").count()
    with origin("test"), recorded(by=None):
        User.objects.bulk_create(
            User(email=f"reader-{n}@{DOMAIN}", name=f"Reader {n}", password="!") for n in range(have, number)
        )
    people = User.objects.filter(email__endswith=f"@{DOMAIN}").order_by("pk")
    return list(people.values_list("pk", flat=True)[:number])


def _records(number: int) -> list[Initiative]:
    records = Initiative.objects.filter(audience="everyone", is_fictional=False, standing="active").kept()
    return list(records.exclude(stage="live").order_by("-number")[:number])


def _follow(people: Sequence[int], records: Sequence[Initiative], number: int) -> None:
    """Each follows some of what will change; everybody since before it does."""
    draw = Random(5)
    InitiativeFollow.objects.filter(person__in=people).delete()
    InitiativeFollow.objects.bulk_create(
        (
            InitiativeFollow(person_id=person, initiative=record)
            for person in people
            for record in draw.sample(records, number)
        ),
        batch_size=5000,
    )


def _change(records: Sequence[Initiative]) -> None:
    """A week of changes through the register's own doors."""
    on = today()
    with origin("test"):
        for place, record in enumerate(records):
            match place % 3:
                case 0:
                    onward = STAGES[min(STAGES.index(record.stage) + 1, len(STAGES) - 1)]
                    move_stage(
                        by=None,
                        initiative=record,
                        to_stage=onward,
                        on=on,
                        happened=None,
                        reason="Both boards agreed it at their joint meeting, subject to the lease.",
                    )
                case 1:
                    raise_barrier(
                        by=None,
                        initiative=record,
                        title=f"The lease of site {place} does not allow it yet",
                        category=BarrierCategory.values[place % len(BarrierCategory.values)],
                        severity="high",
                        remover="local",
                        raised_on=on,
                        on=on,
                    )
                case _:
                    add_update(
                        by=None,
                        initiative=record,
                        text=f"Work at site {place} began, two weeks later than was planned.",
                        confidence="amber",
                        noted_on=on,
                        on=on,
                    )


def mail_to(port: int) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = False


def _forget(people: Sequence[int]) -> None:
    Edition.objects.filter(person__in=people).delete()


def _built(people: Sequence[int], slot: datetime) -> list[int]:
    """The week's editions of these people, opened, built and addressed."""
    with origin("test"):
        open_due_editions(now=slot)
        build_open_editions(now=slot)
    waiting = Delivery.objects.filter(edition__person__in=people, state=Delivery.State.WAITING)
    return list(waiting.order_by("pk").values_list("pk", flat=True))


def send(ready: Sequence[int], slot: datetime) -> int:
    with origin("test"):
        outcomes = [
            outcome
            for first in range(0, len(ready), SHARE)
            for outcome in deliver(ready[first : first + SHARE], clock=lambda: slot)
        ]
    return sum(outcome.state == Delivery.State.SENT for outcome in outcomes)


def prepared(ready: Sequence[int]) -> list[bytes]:
    """Messages as they would go out."""
    deliveries = list(
        Delivery.objects.filter(pk__in=ready[:PREPARED])
        .select_related("edition__group", "user")
        .order_by("pk")
    )
    writer, readers = Writer(now=now()), Readers(deliveries, now=now())
    written = [writer.write(delivery, readers) for delivery in deliveries]
    return [message.message().as_bytes(linesep="\r\n") for message in written if message]


def _bare(server: Sink, messages: Sequence[bytes]) -> float:
    """Messages a second that bare smtplib hands over."""
    with smtplib.SMTP("127.0.0.1", server.port) as smtp:
        began = time.perf_counter()
        for place, message in enumerate(messages):
            smtp.sendmail("register@bench.example", [f"reader-{place}@{DOMAIN}"], message)
        return len(messages) / (time.perf_counter() - began)


def _two_workers(ready: Sequence[int], slot: datetime) -> float:
    """Messages a second that two processes send, each half, from when both are ready."""
    Delivery.objects.filter(pk__in=ready).update(state=Delivery.State.WAITING, sent_at=None, attempts=0)
    connection.close()
    command = [sys.executable, "-m", "tests.bench.digest_worker", str(settings.EMAIL_PORT), slot.isoformat()]
    workers = [
        subprocess.Popen(
            [*command, str(ready[half * len(ready) // 2]), str(ready[(half + 1) * len(ready) // 2 - 1])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for half in range(2)
    ]
    for worker in workers:
        assert worker.stdout
        worker.stdout.readline()
    began = time.perf_counter()
    for worker in workers:
        assert worker.stdin
        worker.stdin.close()
    sent = 0
    for worker in workers:
        assert worker.stdout
        sent += int(worker.stdout.readline())
    took = time.perf_counter() - began
    for worker in workers:
        worker.wait()
    must_be(sent, len(ready), "digests that two workers sent")
    return sent / took


def _told(runs: Sequence[dict[str, float]], messages: Sequence[bytes]) -> dict[str, Any]:
    def middle(name: str) -> float:
        return statistics.median(run[name] for run in runs)

    ratio = statistics.median(run["rate"] / run["bare"] for run in runs)
    two = statistics.median(run["two"] / run["alone"] for run in runs)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "case": "digest_send",
        "median_ms": round(1000 / middle("rate"), 3),
        "p95_ms": round(1000 / min(run["rate"] for run in runs), 3),
        "queries": 0,
        "ratio": round(ratio, 3),
        "sql_ms": 0.0,
        "bytes": int(statistics.median(len(message) for message in messages)),
        "runs": len(runs),
        "rate": round(middle("rate"), 1),
        "bare_rate": round(middle("bare"), 1),
        "two_workers": round(two, 3),
        "memory_mib": round(memory),
        "notes": [
            f"{middle('rate'):.0f} digests a second, built and sent, of {middle('bare'):.0f} messages by bare smtplib"
            f" (goal 0.5); sending alone {middle('alone'):.0f}, two workers {two:.2f} times one (goal 1.6);"
            f" building {middle('built'):.2f} s; {memory:.0f} MiB at most"
        ],
    }

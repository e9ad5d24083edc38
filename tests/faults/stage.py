"""What the scripts are played on: servers, mail server, beats and workers, all of which can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import psycopg

from bluelight import services
from bluelight.embedded import AS_APPLICATION, OWNER, Servers, processes, with_database
from bluelight.embedded.postgres import free_port
from tests.faults.moving import MovedClock
from tests.support.run import BASE, Remembered, Run, make_template

DATABASE = "faults"
TEMPLATE = "register_template"
WORKERS = [f"worker {number}" for number in (1, 2, 3, 4)]
BEATS = [f"beat {number}" for number in (1, 2)]
# Two work in their own process, two in a child's, as a real register's do: either half may die.
IN_A_CHILD = WORKERS[2:]
# What a crash must not lose has to be on its way to the disk; that the disk itself fails is not played.
DURABLE_ENOUGH = {"synchronous_commit": "on", "full_page_writes": "on"}


class Program:
    """A helper of ours that obeys a line of JSON at a time."""

    def __init__(self, *command: str, log: Path) -> None:
        self.process = processes.spawn(
            [sys.executable, *command],
            cwd=BASE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log.open("ab"),
        )
        self.answer()

    def tell(self, **command: Any) -> str:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(command).encode() + b"\n")
        self.process.stdin.flush()
        return self.answer()

    def answer(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline().decode().strip()
        if not line:
            raise RuntimeError(f"{self.process.args!r} has died; see its log.")
        return line

    def stop(self) -> None:
        processes.stop(self.process, signal.SIGKILL)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


class Stage:
    """A context manager. `begin()` gives each script a database of its own and an empty broker."""

    def __init__(self, state: Path) -> None:
        self.state = state
        self.log = state / "log"
        self.taken = state / "mail.jsonl"
        self.log.mkdir(parents=True)
        self.servers = Servers(state, durable=False, settings=DURABLE_ENOUGH)
        self.clock = MovedClock(state / "clock")
        self.mail_port = free_port()
        self.up: set[str] = set()
        self.still: set[str] = set()
        self.ended: list[str] = []  # by themselves
        self.kills: list[tuple[float, str]] = []
        self._open = ExitStack()

    def __enter__(self) -> Self:
        remembered = Remembered()
        fetched = remembered.fetch(self.state)
        self._open.enter_context(self.servers)
        os.environ |= services.environment(
            # Logged in as the owner, who may set the ledger's clock, and acting as the application.
            database_url=with_database(self.servers.owner_url, DATABASE, options=AS_APPLICATION),
            redis_url=self.servers.redis_url(),
            secret_key="only-the-tests-use-this-key-and-they-keep-nothing",
            port=8000,
            mail_port=self.mail_port,
            state=self.state,
        ) | {"LOG_LEVEL": "INFO"}
        assert self.servers.postgres
        if not fetched:
            run = Run(self.servers.admin_url, self.servers.owner_url, self.servers.web_url, "", TEMPLATE, "")
            make_template(run, OWNER)
            self.servers.postgres.stop()
            remembered.keep(self.state)
            self.servers.postgres.start()
        self.clock.file.write_text("0.0", encoding="ascii")
        self.mail = self._program("tests.faults.sink", str(self.mail_port), str(self.taken))
        self.nursery = self._program("tests.faults.process", str(self.clock.file))
        return self

    def __exit__(self, *_: Any) -> None:
        self._open.close()

    def _program(self, module: str, *arguments: str) -> Program:
        program = Program("-m", module, *arguments, log=self.log / "helpers.log")
        self._open.callback(program.stop)
        return program

    # -- from script to script

    def begin(self) -> None:
        for name in sorted(self.up):
            self.nursery.tell(kill=name)
        self.up.clear()
        self.still.clear()
        self.kills.clear()
        self.ended.clear()
        self.sink("ok")
        os.truncate(self.taken, 0)
        for log in [*self.log.glob("worker*"), *self.log.glob("beat*"), *self.state.glob("schedule*")]:
            log.unlink()
        self.flush()
        assert self.servers.postgres
        with self.servers.postgres.connect() as server:
            server.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
            server.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {TEMPLATE} OWNER {OWNER} STRATEGY FILE_COPY")

    def look(self, query: str) -> list[dict[str, Any]]:
        """Rows, read with a connection of our own and none of the register's code."""
        assert self.servers.postgres
        # It may be recovering.
        processes.wait_until(self._database_answers, 60)
        with psycopg.connect(
            self.servers.postgres.url(OWNER, DATABASE), row_factory=psycopg.rows.dict_row
        ) as database:
            return database.execute(query).fetchall()

    def mail_log(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.taken.read_text(encoding="utf-8").splitlines()]

    # -- programs

    def start(self, name: str) -> None:
        if name in self.up:
            return
        slug = name.replace(" ", "-")
        if name in BEATS:
            arguments = ["beat", "--pidfile=", f"--schedule={self.state / f'schedule-{slug}'}"]
        else:
            pool = "prefork" if name in IN_A_CHILD else "solo"
            arguments = ["worker", f"--hostname={slug}@faults", f"--pool={pool}", "--concurrency=1"]
            arguments += ["--without-gossip", "--without-mingle"]
        self.nursery.tell(
            start=name, arguments=[*arguments, "--loglevel=INFO"], log=str(self.log / f"{slug}.log")
        )
        self.up.add(name)

    def start_all(self) -> None:
        for name in (*WORKERS, *BEATS):
            self.start(name)

    def kill(self, name: str, *, child: bool = False) -> None:
        self.kills.append((time.time(), name))
        self.nursery.tell(kill=name, child=child)
        if not child:
            self.up.discard(name)
            self.still.discard(name)

    def stand_still(self, name: str) -> None:
        """As in a machine that is suspended: until `heal` it does nothing, and then goes on as if nothing had been."""
        self.kills.append((time.time(), name))
        self.nursery.tell(signal=signal.SIGSTOP, to=name)
        self.still.add(name)

    # -- servers

    def kill_database(self, *, whole: bool) -> None:
        """kill -9 of the server, or of one of its sessions, after which it ends all others and recovers."""
        assert self.servers.postgres
        assert self.servers.postgres.process
        self.kills.append((time.time(), "database"))
        if whole:
            self.servers.postgres.process.kill()
            self.servers.postgres.process.wait()
            return
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        with psycopg.connect(self.servers.postgres.url(OWNER, DATABASE), autocommit=True) as ours:
            query = f"SELECT pid FROM pg_stat_activity WHERE {others} ORDER BY random() LIMIT 1"
            if found := ours.execute(query).fetchone():
                os.kill(found[0], signal.SIGKILL)
                # It ends our session too, when it begins to recover.
                processes.wait_until(lambda: not _answers(ours), 5)

    def start_database(self) -> None:
        assert self.servers.postgres
        process = self.servers.postgres.process
        if process and process.poll() is not None:
            self.servers.postgres.start()
        if not processes.wait_until(self._database_answers, 60):
            raise RuntimeError("The database did not come back.")

    def _database_answers(self) -> bool:
        assert self.servers.postgres
        try:
            psycopg.connect(self.servers.postgres.url(OWNER, DATABASE)).close()
        except psycopg.OperationalError:
            return False
        return True

    def kill_broker(self) -> None:
        """Kept in memory only, it comes back empty."""
        assert self.servers.valkey
        if self.servers.valkey.process:
            self.servers.valkey.process.kill()
            self.servers.valkey.process.wait()
            self.servers.valkey.process = None

    def start_broker(self) -> None:
        assert self.servers.valkey
        if not self.servers.valkey.process:
            self.servers.valkey.start()

    def flush(self) -> None:
        assert self.servers.valkey
        if self.servers.valkey.process:
            with self.servers.valkey.client() as client:
                client.flushall()

    def sink(self, mode: str, who: list[str] | None = None, delay: float = 0.5) -> None:
        self.mail.tell(mode=mode, who=who or [], delay=delay)

    def state_of_things(self) -> str:
        """For a person who wonders why something is left."""
        alive = self.nursery.tell(alive=sorted(self.up))
        told = [f"Started: {sorted(self.up)}; of these alive: {alive}"]
        assert self.servers.valkey
        with self.servers.valkey.client() as client:
            told.append(f"Queue: {client.llen('celery')}, taken by a worker: {client.hlen('unacked')}")
        sessions = (
            "SELECT state, wait_event, left(query, 100) AS query FROM pg_stat_activity WHERE usename <> ''"
        )
        told += [str(row) for row in self.look(sessions)]
        for log in sorted(self.log.glob("*.log")):
            lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
            told += [f"-- {log.name}", *lines[-12:]]
        return "\n".join(told)

    def heal(self) -> None:
        """All faults end; everything runs."""
        self.start_database()
        self.start_broker()
        self.sink("ok")
        for name in self.still:
            self.nursery.tell(signal=signal.SIGCONT, to=name)
        self.still.clear()
        self._miss()
        self.start_all()

    def _miss(self) -> None:
        """Notice what has ended by itself: whoever runs a register starts it again."""
        alive = json.loads(self.nursery.tell(alive=sorted(self.up)))
        for name in sorted(self.up - set(alive)):
            self.nursery.tell(kill=name)
            self.up.discard(name)
            self.ended.append(name)


def _answers(connection: psycopg.Connection[Any]) -> bool:
    try:
        connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True

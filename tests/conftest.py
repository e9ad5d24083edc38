"""How the tests are run: see docs/running.md.

`db` (a transaction, rolled back) is what most tests want; `undone` where the tests of a file share what is slow to
make; `restored_database` for those that need commits, `fresh_database` where a test may spoil more than rows; `site`
and `page` for those in a browser; `clock` to tell the time.
"""

from __future__ import annotations

import atexit
import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from django.test.client import ClientHandler

from tests.support import quiet
from tests.support.database import Database
from tests.support.run import Run, scratch_folder, servers

# What a person gave pytest to use instead of embedded servers.
GIVEN = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
OUTER = Run.inherited()

for name in [name for name in os.environ if name.startswith("PG")]:
    del os.environ[name]
if OUTER is None:
    _state = scratch_folder()
    atexit.register(shutil.rmtree, _state, ignore_errors=True)
    os.environ["STATE_DIR"] = str(_state)
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "bluelight.settings",
    "SECRET_KEY": "only-the-tests-use-this-key-and-they-keep-nothing",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/not_yet",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1],testserver",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "SITE_URL": "http://localhost:8000",
    "DEMO": "1",
    "LOG_LEVEL": "WARNING",
}
quiet.stay_home()

from django.conf import settings  # noqa: E402
from django.db import transaction  # noqa: E402
from django.test import TestCase  # noqa: E402

assert settings.DATABASES  # read now: pytest-django sets Django up only when the settings have been read
# Argon2 is slow on purpose. Where hashing is the point, a test takes `real_hashers`.
REAL_HASHERS = settings.PASSWORD_HASHERS
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *REAL_HASHERS]

_open = ExitStack()


def the_run() -> Run:
    """This run's servers, started by whoever asks first: xdist's controller, or the only process."""
    global OUTER
    if OUTER is None:
        OUTER = _open.enter_context(servers(GIVEN))
        OUTER.hand_down()
    return OUTER


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    the_run()


def pytest_unconfigure() -> None:
    _open.close()
    os.environ.pop("REGISTER_TEST_RUN", None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow files first, so that no worker is left alone with one in the end; those in a browser and those that
    wait for programs by turns, so that one works while the other waits."""
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    browsing = [path for path, found in files.items() if found[0].get_closest_marker("browser")]
    running = [path for path in files if path.parent.name in ("run", "faults")]
    slow = [path for pair in zip_longest(browsing, running) for path in pair if path]
    items[:] = [item for path in dict.fromkeys([*slow, *files]) for item in files[path]]


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end. To look through it for garbage takes a tenth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session")
def worker_number(request: pytest.FixtureRequest) -> int:
    told = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
    return int(told.removeprefix("gw"))


@pytest.fixture(scope="session")
def worker_database(worker_number: int) -> Iterator[Database]:
    run = the_run()
    mine = Database(run, f"{run.template.replace('template', 'test')}_{worker_number}", run.template)
    mine.renew()
    yield mine
    mine.drop()


@pytest.fixture(scope="session")
def django_db_setup(
    worker_database: Database, worker_number: int, django_test_environment: None, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock():
        worker_database.use()
    settings.REDIS_URL = settings.CELERY_BROKER_URL = the_run().redis(worker_number + 1)
    os.environ["REDIS_URL"] = settings.CELERY_BROKER_URL
    from bluelight.celery import app

    app.conf.broker_url = settings.CELERY_BROKER_URL


@pytest.fixture(scope="module")
def shared_by_the_file(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One transaction round all tests of a file, rolled back: for a world that is slow to make and made once."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def undone(shared_by_the_file: None) -> Iterator[None]:
    """Instead of `db` in such a file: whatever a test does to the shared world is undone."""
    kept: Any = transaction.atomic()
    kept._from_testcase = True  # as Django's own: what wants to commit at once may think that it did
    with kept:
        yield
        transaction.set_rollback(True)


@pytest.fixture
def fresh_database(
    django_db_setup: None, worker_database: Database, django_db_blocker: Any
) -> Iterator[Database]:
    """The database without a transaction around the test; cloned again afterwards.

    For commits, threads and other processes: `fresh_database.web_url` is the application's own login. Nothing is
    truncated: the ledger and the application's role would both refuse.
    """
    with django_db_blocker.unblock():
        worker_database.forget()
        try:
            yield worker_database
        finally:
            worker_database.renew()


@pytest.fixture
def restored_database(
    django_db_setup: None, worker_database: Database, django_db_blocker: Any
) -> Iterator[Database]:
    """Like `fresh_database`, for tests that write rows and nothing else: those are taken out again afterwards."""
    with django_db_blocker.unblock():
        worker_database.know()
        try:
            yield worker_database
        finally:
            worker_database.restore()


@pytest.fixture
def transactional_db() -> None:
    pytest.fail("Use fresh_database: pytest-django's way truncates tables, which the ledger refuses.")


@pytest.fixture(scope="session", autouse=True)
def middleware_once() -> Iterator[None]:
    """Every test client shares one chain of middleware: reading the folders of static files anew for each takes
    a tenth of a second, which is more than most pages."""
    load: Any = ClientHandler.load_middleware
    loaded: list[Any] = []

    def load_once(handler: Any, is_async: bool = False) -> None:
        if not loaded:
            load(handler, is_async)
            loaded.append(handler._middleware_chain)
        handler._middleware_chain = loaded[0]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ClientHandler, "load_middleware", load_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def connection_kept() -> Iterator[None]:
    """Tests in transactions share a worker's connection, as pages do that of a web server.

    Django closes it after each of them, and a new one has to read the catalogue and make every trigger ready again:
    longer than most tests take. What a test sets for the session is undone with its transaction.
    """

    def roll_back(case: Any) -> None:
        case._rollback_atomics(case.cls_atomics)
        super(TestCase, case).tearDownClass()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TestCase, "tearDownClass", classmethod(roll_back))
        yield


@pytest.fixture
def real_hashers(settings: Any) -> None:
    """Passwords are hashed as in a real installation."""
    settings.PASSWORD_HASHERS = REAL_HASHERS


@pytest.fixture
def clock() -> Iterator[Any]:
    """`clock.set("2026-11-23 09:00")`, `clock.advance(days=7)`, `clock.now`: Python's and PostgreSQL's clock."""
    from tests.support.clock import Clock

    told = Clock()
    yield told
    told.stop()


pytest_plugins = ["tests.support.browsing", "tests.support.hostile"]

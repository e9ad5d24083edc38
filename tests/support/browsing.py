"""Fixtures for a running site and a browser."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Response, sync_playwright

from tests.support import browser
from tests.support.database import Database
from tests.support.run import BASE
from tests.support.site import Site, sample_template

FAILURES = BASE / "var" / "tests" / "failures"


@pytest.fixture(scope="session")
def running_site(worker_database: Database, worker_number: int, django_db_setup: None) -> Iterator[Site]:
    """The programs, started once per worker. Tests want `site`."""
    run = worker_database.run
    own = Database(run, f"{worker_database.name}_site", sample_template(run))
    own.renew()
    made = Site(run, own, run.redis(worker_number + 32), f"site{worker_number}")
    try:
        made.start()
        yield made
    finally:
        made.stop()
        own.drop()


@pytest.fixture(scope="module")
def site(running_site: Site, worker_database: Database, django_db_blocker: Any) -> Iterator[Site]:
    """A running register with the sample in it, new for every test file.

    `site.url`, `site.password("contributor")`, `site.outbox()`, `site.manage("send_due_digests")`. The ORM in
    the test sees the same database, so what one test saves the next one finds.
    """
    running_site.renew()
    with django_db_blocker.unblock():
        running_site.database.use()
        try:
            yield running_site
        finally:
            worker_database.use()


@pytest.fixture(scope="session")
def sample_database(worker_database: Database, django_db_setup: None) -> Iterator[Database]:
    own = Database(
        worker_database.run, f"{worker_database.name}_sample", sample_template(worker_database.run)
    )
    own.renew()
    yield own
    own.drop()


@pytest.fixture
def sample(
    sample_database: Database, worker_database: Database, django_db_blocker: Any
) -> Iterator[Database]:
    """Like `db`, but with the sample loaded: a transaction round the test, rolled back. Not together with `db`."""
    from django.db import transaction

    with django_db_blocker.unblock():
        sample_database.use()
        try:
            with transaction.atomic():
                yield sample_database
                transaction.set_rollback(True)
        finally:
            worker_database.use()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, started once per worker."""
    # Playwright's loop makes Django think that every call comes from asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser.get(), args=browser.options())
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def problems() -> list[str]:
    """What went wrong in the pages of this test: script errors, console errors, answers from 400 on.

    The test fails when something is left in it; a test that provokes an error clears it.
    """
    return []


@pytest.fixture
def new_page(
    chromium: Browser, problems: list[str], request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Makes pages, each with cookies of its own: `new_page(java_script_enabled=False)`, `new_page(viewport=…)`."""
    contexts = []

    def make(**options: Any) -> Page:
        context = chromium.new_context(**({"locale": "en-GB", "timezone_id": "Europe/London"} | options))
        contexts.append(context)
        context.set_default_timeout(10_000)
        context.on("page", lambda page: _watch(page, problems))
        return context.new_page()

    yield make
    failed = getattr(request.node, "failed", False)
    for number, context in enumerate(contexts):
        if failed and context.pages:
            FAILURES.mkdir(parents=True, exist_ok=True)
            context.pages[-1].screenshot(path=FAILURES / f"{request.node.name}-{number}.png", full_page=True)
        context.close()
    if not failed:
        assert not problems


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A browser's page that remembers what went wrong in it (see `problems`)."""
    return new_page()


@pytest.fixture
def page_without_script(new_page: Callable[..., Page]) -> Page:
    return new_page(java_script_enabled=False)


def _watch(page: Page, problems: list[str]) -> None:
    def console(message: ConsoleMessage) -> None:
        # What a failed request says on the console is told with its address below.
        if message.type == "error" and "Failed to load resource" not in message.text:
            problems.append(f"{page.url}: console: {message.text}")

    def answered(response: Response) -> None:
        if response.status >= 400:
            problems.append(f"{page.url}: {response.status} from {response.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: problems.append(f"{page.url}: script: {error}"))
    page.on("response", answered)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Let fixtures know whether the test failed."""
    report = yield
    if report.when == "call":
        item.failed = report.failed
    return report

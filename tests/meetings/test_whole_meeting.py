"""A whole meeting in a real browser: one records what is decided, another watches it appear."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from register.accounts.models import WorkingGroup
from register.core.clock import now
from register.core.tracking import origin
from register.groups.models import Meeting
from register.groups.services import arrange_meeting, flag_for_review
from register.initiatives.models import Initiative
from register.meetings.services import start_meeting
from tests.browser.test_walk import sign_in

pytestmark = pytest.mark.browser

DECISIONS = (
    ("Shared fleet workshop at Millbrook", "Support", "It keeps vans on the road."),
    ("Joint control room for Exampleshire", "Pause", "Both contracts end in 2028."),
    ("Community safety hub, Market Street", "Escalate", "The lease is for the council to sign."),
)
ASK = "One log for both control rooms"
# A page that watches asks every five seconds.
SOON = 15_000


def put_before_the_group(*titles: str) -> None:
    for title in titles:
        record = Initiative.objects.get(title=title)
        with origin("test"):
            flag_for_review(by=None, initiative=record, group=the_group(), why=f"Decide on {title}.")


def the_group() -> WorkingGroup:
    return WorkingGroup.objects.get(code="exampleshire")


def arranged(site: Any) -> tuple[Meeting, str]:
    """A meeting that starts now, and its address."""
    with origin("test"):
        meeting = arrange_meeting(by=None, group=the_group(), starts_at=now(), where="County Hall")
    return meeting, f"{site.url}/groups/exampleshire/meetings/{meeting.pk}/"


def decide(page: Page, meeting: str, title: str, outcome: str, reasons: str) -> None:
    """From the item of the agenda to a decision of this meeting."""
    page.goto(meeting)
    page.get_by_role("link", name=f"Record a decision on {title}").click()
    page.get_by_role("radio", name=outcome, exact=True).check()
    page.get_by_label("Reasons").fill(reasons)
    chosen = page.get_by_label("At the meeting of").locator("option:checked")
    expect(chosen).not_to_have_text("Outside a meeting")
    page.get_by_role("button", name="Record the decision").click()
    expect(page.get_by_role("status").first).to_contain_text("Recorded")


def test_a_meeting_is_held_and_somebody_watches(new_page: Callable[..., Page], site: Any) -> None:
    put_before_the_group(*(title for title, _, _ in DECISIONS))
    secretary, watcher = new_page(), new_page()
    sign_in(secretary, site, "secretary")
    sign_in(watcher, site, "member")
    _, meeting = arranged(site)

    # The pack is live until the meeting starts, and kept from then on.
    secretary.goto(f"{meeting}pack/")
    expect(secretary.locator(".bl-pack__cover")).to_contain_text("Live:")
    for title, _, _ in DECISIONS:
        expect(secretary.locator("#agenda ~ ol")).to_contain_text(title)
    secretary.goto(meeting)
    secretary.get_by_role("button", name="Start the meeting").click()
    expect(secretary.get_by_role("status").first).to_contain_text("The meeting has begun")
    secretary.goto(f"{meeting}pack/")
    expect(secretary.locator(".bl-pack__cover")).to_contain_text("Kept as it was when the meeting began")

    watcher.goto(meeting)
    expect(watcher.locator("#decided-count")).to_have_text(re.compile("No decision is recorded yet"))
    watcher.evaluate("window.neverReloaded = true")
    for number, (title, outcome, reasons) in enumerate(DECISIONS, 1):
        decide(secretary, meeting, title, outcome, reasons)
        expect(watcher.locator("#decided")).to_contain_text(reasons, timeout=SOON)
        expect(watcher.locator("#decided-count")).to_contain_text(f"{number} decision")

    # One ask: it is drawn up and made at once, and stands in the minutes.
    secretary.goto(meeting)
    secretary.get_by_role("link", name="Draw up an ask").click()
    secretary.get_by_label("Title").fill(ASK)
    secretary.get_by_label("Of whom").fill("Exampleshire Fire and Rescue Service")
    secretary.get_by_label("What is asked").fill("Please let both services see one log.")
    secretary.get_by_label(re.compile("Two mobilising systems")).check()
    secretary.get_by_role("button", name="Save the draft").click()
    secretary.get_by_role("link", name="Mark as asked").click()
    secretary.get_by_role("button", name="Mark as asked").click()

    secretary.goto(meeting)
    secretary.get_by_role("link", name="End the meeting").click()
    secretary.get_by_label("Present and apologies").fill("Present: David Lloyd, Helen Marsh")
    secretary.get_by_role("button", name="End the meeting").click()
    expect(secretary.get_by_role("heading", level=1)).to_contain_text("Minutes")

    # Who watched is told that it is over, and asks no more.
    expect(watcher.locator("#decided-count")).to_contain_text("The meeting has ended", timeout=SOON)
    assert watcher.evaluate("window.neverReloaded") is True
    expect(watcher.locator("[hx-trigger^='every']")).to_have_count(0)
    watcher.get_by_role("link", name="read its minutes").click()
    expect(watcher.get_by_role("heading", level=1)).to_contain_text("Minutes")
    for words in ("Helen Marsh", ASK, *(words for decision in DECISIONS for words in decision)):
        expect(watcher.locator("main")).to_contain_text(words)


def test_without_script_a_watcher_refreshes(new_page: Callable[..., Page], site: Any) -> None:
    secretary, watcher = new_page(java_script_enabled=False), new_page(java_script_enabled=False)
    sign_in(secretary, site, "secretary")
    sign_in(watcher, site, "member")
    put_before_the_group(DECISIONS[0][0])
    _, meeting = arranged(site)
    secretary.goto(meeting)
    secretary.get_by_role("button", name="Start the meeting").click()
    watcher.goto(meeting)
    decide(secretary, meeting, DECISIONS[0][0], "Stop", "It is too dear.")
    watcher.get_by_role("link", name="Refresh").click()
    expect(watcher.locator("#decided")).to_contain_text("It is too dear.")


def test_a_page_that_watches_is_left_alone_when_nothing_is_new(
    new_page: Callable[..., Page], site: Any
) -> None:
    """A part that is put in again is read out again: so nothing is put in unless something is new."""
    watcher = new_page()
    sign_in(watcher, site, "member")
    meeting, address = arranged(site)
    with origin("test"):
        start_meeting(by=None, meeting=meeting, at=now())
    watcher.goto(address)
    watcher.evaluate(
        "window.changes = 0; new MutationObserver(() => window.changes++)"
        ".observe(document.querySelector('main'), {childList: true, subtree: true, characterData: true})"
    )
    with watcher.expect_response(lambda answer: "/decided/" in answer.url) as told:
        pass
    assert told.value.status == 204
    assert watcher.evaluate("window.changes") == 0

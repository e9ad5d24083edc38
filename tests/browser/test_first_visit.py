"""Somebody who was invited is in and has logged an initiative, by what the pages themselves say."""

from __future__ import annotations

import email
import re
import time
from email import policy

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_walk import sign_in

pytestmark = pytest.mark.browser

# What a person types into or presses, from the email to the saved record. A page that asks for more must earn it.
MOST_STEPS = 14


class Visitor:
    """Uses a page as a newcomer does, by what its labels say, and counts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.steps = 0

    def type(self, label: str, text: str) -> None:
        self.steps += 1
        self.page.get_by_label(label, exact=True).fill(text)

    def press(self, what: Locator) -> None:
        self.steps += 1
        what.click()


def invitation_to(site, address: str) -> str:
    """The link in the email, once it has come."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        for path in site.outbox():
            message = email.message_from_bytes(path.read_bytes(), policy=policy.default)
            if message["To"] == address:
                return re.search(r"http://\S+/invitation/\S+", message.get_content())[0]
        time.sleep(0.1)
    raise AssertionError(f"no email to {address} came:\n{site.log('worker')}")


def test_an_invited_newcomer_is_in_and_has_logged_an_initiative_without_help(new_page, site) -> None:
    lead = new_page()
    sign_in(lead, site, "lead")
    lead.goto(f"{site.url}/organisations/exampleshire-police/people/")
    lead.get_by_role("link", name="Invite somebody").click()
    lead.get_by_label("Email").fill("rosa.quinn@exampleshire.example")
    lead.get_by_label("Contributor").check()
    lead.get_by_role("button", name="Send the invitation").click()
    expect(lead.get_by_text("An invitation goes to rosa.quinn@exampleshire.example.")).to_be_visible()

    page = new_page()
    link = invitation_to(site, "rosa.quinn@exampleshire.example")
    began = time.monotonic()
    page.goto(link)
    rosa = Visitor(page)
    rosa.steps += 1  # opening the link
    rosa.type("Name", "Rosa Quinn")
    rosa.type("Password", "a kettle of seven herons")
    rosa.press(page.get_by_role("button", name="Come in"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Good")

    rosa.press(page.get_by_role("navigation", name="Menu").get_by_role("link", name="Log an initiative"))
    rosa.type("Title", "Shared boat for river searches")
    rosa.type("Purpose", "Police and fire search the river with one boat.")
    rosa.press(page.get_by_label("Specialist operations"))
    rosa.press(page.get_by_role("radio", name="Pilot"))
    rosa.press(page.get_by_role("button", name="Save initiative"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Shared boat for river searches")
    expect(page.locator("main")).to_contain_text("Exampleshire Police")
    took = time.monotonic() - began
    print(f"\nFrom the email to the record: {rosa.steps} steps, {took:.0f} s of machine time")
    assert rosa.steps <= MOST_STEPS

    # The lead sees that they have come.
    lead.goto(f"{site.url}/organisations/exampleshire-police/people/")
    expect(lead.locator("main")).to_contain_text("Rosa Quinn")

"""A day in the register, walked in a real browser against the running stack."""

import email
import re
from datetime import timedelta
from email import policy

import pytest
from playwright.sync_api import Page, expect

from register.core.clock import now
from register.digests.slots import next_slot

pytestmark = pytest.mark.browser

TITLE = "Hertfordshire shared drone team"


def sign_in(page: Page, site, who: str) -> None:
    page.goto(f"{site.url}/account/login/")
    page.get_by_label("Email").fill(f"{who}@exampleshire.example")
    page.get_by_label("Password", exact=True).fill(site.password(who))
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Good")


def add_partner(page: Page, row: int, typed: str, name: str, role: str | None = None) -> None:
    """Type a few letters, choose from the list with the keyboard."""
    box = page.locator(f"#id_partners-{row}-organisation")
    box.fill("")
    box.press_sequentially(typed)
    expect(page.get_by_role("option", name=name).first).to_be_visible()
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value(name)
    if role:
        page.locator(f"#id_partners-{row}-role").select_option(role)


def live_count(page: Page, site) -> int:
    page.goto(f"{site.url}/groups/national/state-of-play/")
    figure = (
        page.locator(".bl-figure, .bl-fig, li, div").filter(has_text=re.compile(r"^\s*\d+\s*Live\b")).first
    )
    return int(re.search(r"\d+", figure.inner_text())[0])


def test_an_initiative_is_logged_edited_closed_found_counted_and_told(
    page: Page, site, problems: list[str]
) -> None:
    sign_in(page, site, "contributor")
    before = live_count(page, site)

    # Log it, with three partners, a short page and a few key presses.
    page.goto(f"{site.url}/initiatives/new/")
    page.get_by_label("Title").fill(TITLE)
    page.get_by_label("Purpose").fill("Fly one set of drones for missing people, fires and floods.")
    page.get_by_label("Specialist operations").check()
    add_partner(page, 0, "hertfordshire const", "Hertfordshire Constabulary")
    add_partner(page, 1, "hertfordshire fire", "Hertfordshire Fire and Rescue Service")
    add_partner(page, 2, "hertfordshire county", "Hertfordshire County Council", "host")
    expect(page.get_by_label("Hertfordshire", exact=True)).to_be_checked()
    page.get_by_role("radio", name="Live").check()
    page.get_by_role("button", name="Save initiative").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(TITLE)
    record = page.url
    reference = re.search(r"BL-\d{5}", record)[0]
    assert live_count(page, site) == before + 1

    # Two tabs: the second is told, sees both texts, loses nothing.
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(f"{record}edit/")
    page.get_by_label("Purpose").fill("Fly one set of drones for missing people and fires.")
    page.get_by_role("button", name="Save changes").click()
    expect(page.get_by_text("Your changes are saved.")).to_be_visible()
    other.get_by_label("Purpose").fill("Fly one set of drones for floods.")
    other.get_by_role("button", name="Save changes").click()
    expect(other.get_by_role("heading", level=1)).to_contain_text("changed")
    expect(other.locator("main")).to_contain_text("missing people and fires")
    expect(other.locator("main")).to_contain_text("drones for floods")
    other.close()
    assert problems == [f"{record}edit/: 409 from {record}edit/"]
    problems.clear()

    # Close it, with a reason.
    page.goto(f"{record}standing/")
    page.get_by_role("radio", name="Closed").check()
    page.get_by_label("Why", exact=False).first.select_option("superseded")
    page.locator("textarea").first.fill("The regional drone team took it over.")
    page.get_by_role("button").filter(has_text=re.compile("save|close", re.IGNORECASE)).last.click()
    expect(page.locator("main")).to_contain_text("The regional drone team took it over.")
    assert live_count(page, site) == before

    # Find it, and read what happened.
    page.goto(f"{site.url}/initiatives/")
    page.get_by_label("Search the register").fill("drone hertfordshire")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name=TITLE)).to_be_visible()
    page.goto(f"{record}history/")
    expect(page.locator("main")).to_contain_text("The regional drone team took it over.")

    # Next Monday's digest tells it, by email and in the archive.
    monday = next_slot(0, 7, "Europe/London", after=now()) + timedelta(minutes=5)
    site.manage("send_due_digests", "--now", monday.isoformat(), "--group", "national")
    messages = [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in site.outbox()]
    mine = [m for m in messages if m["To"] and "contributor@" in m["To"] and "National" in str(m["Subject"])]
    assert len(mine) == 1
    text = mine[0].get_body(("plain",)).get_content()
    assert TITLE in text
    assert reference in text or TITLE in text
    page.goto(f"{site.url}/digests/")
    page.get_by_role("link", name=re.compile("National")).first.click()
    expect(page.locator("main")).to_contain_text(TITLE)

"""Finding in a real browser: filters in place, chips, the back button, the keyboard, a phone, and no script."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_walk import sign_in

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}


def number(page: Page) -> int:
    return int(re.search(r"\d+", page.locator("#number").inner_text())[0])


def test_filters_act_at_once_and_the_address_is_the_whole_state(page: Page, site) -> None:
    sign_in(page, site, "contributor")
    page.goto(f"{site.url}/initiatives/")
    everything = number(page)
    # The numbers beside the choices come after the list.
    beside = page.locator("#n-area-fleet")
    expect(beside).to_have_text(re.compile(r"^\d+$"))
    fleet = int(beside.inner_text())

    page.get_by_label("Fleet", exact=False).first.check()
    expect(page).to_have_url(re.compile(r"\?area=fleet$"))
    expect(page.locator("#number")).to_have_text(re.compile(rf"^{fleet} initiative"))
    expect(page.get_by_role("status").first).to_have_text(re.compile(rf"^{fleet} initiative"))
    expect(page.get_by_label("Fleet", exact=False).first).to_be_checked()

    page.go_back()
    expect(page.locator("#number")).to_have_text(re.compile(rf"^{everything} initiative"))
    page.go_forward()
    expect(page.locator("#number")).to_have_text(re.compile(rf"^{fleet} initiative"))

    page.get_by_role("link", name="Area of work: Fleet").click()
    expect(page).to_have_url(f"{site.url}/initiatives/")
    expect(page.locator("#number")).to_have_text(re.compile(rf"^{everything} initiative"))


def test_an_organisation_is_chosen_by_typing_and_the_keyboard_alone(page: Page, site) -> None:
    sign_in(page, site, "contributor")
    page.goto(f"{site.url}/initiatives/")
    page.locator("summary", has_text="Organisation").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("kent pol")
    expect(page.get_by_role("option", name="Kent Police").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?lead=kent-police$"))
    expect(page.get_by_role("link", name="Led by: Kent Police")).to_be_visible()
    expect(page.get_by_role("heading", name="Kent and Essex Serious Crime Directorate")).to_be_visible()


def test_a_misspelt_search_says_what_it_shows_and_marks_it(page: Page, site) -> None:
    sign_in(page, site, "reader")
    page.goto(f"{site.url}/initiatives/")
    page.get_by_label("Search the register").fill("Derbishire headquaters")
    page.keyboard.press("Enter")
    expect(page.get_by_text("This is what")).to_contain_text("Derbyshire headquarters")
    expect(page.locator("mark", has_text="Derbyshire").first).to_be_visible()


def test_without_a_script_filters_are_applied_and_counts_shown_by_request(page_without_script, site) -> None:
    page = page_without_script
    sign_in(page, site, "contributor")
    page.goto(f"{site.url}/initiatives/")
    page.get_by_label("Fleet", exact=False).first.check()
    page.get_by_role("button", name="Apply filters").click()
    expect(page).to_have_url(re.compile(r"\?area=fleet$"))
    fleet = number(page)
    page.get_by_role("link", name="Show counts").click()
    expect(page.locator("#n-area-fleet")).to_have_text(str(fleet))


def test_on_a_phone_the_filters_are_folded_and_nothing_scrolls_sideways(new_page, site) -> None:
    page = new_page(viewport=PHONE)
    sign_in(page, site, "contributor")
    for shape in ("", "?as=table", "?area=fleet&stage=live&q=vehicles"):
        page.goto(f"{site.url}/initiatives/{shape}")
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], shape
    page.goto(f"{site.url}/initiatives/")
    expect(page.get_by_role("button", name="Apply filters")).not_to_be_visible()
    page.locator(".bl-filters > summary").click()
    expect(page.get_by_role("button", name="Apply filters")).to_be_visible()

"""The masthead on a phone: one bar, and a menu that needs no script."""

import pytest
from playwright.sync_api import expect

from tests.browser.pages import PHONE, WIDE, faults_of
from tests.browser.test_walk import sign_in

pytestmark = pytest.mark.browser


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard_without_a_script(new_page, site) -> None:
    page = new_page(java_script_enabled=False, viewport=PHONE)
    sign_in(page, site, "member")
    assert page.locator(".bl-mast").bounding_box()["height"] <= 60, "one row"
    button, link = page.get_by_role("button", name="Menu"), page.get_by_role("link", name="Working groups")
    expect(link).to_be_hidden()
    button.press("Enter")
    expect(link).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Home")).to_be_focused()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    button.click()
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Working groups")
    page.set_viewport_size(WIDE)
    expect(button).to_be_hidden()
    expect(link).to_be_visible()


def test_the_open_menu_keeps_nobody_out(new_page, site) -> None:
    page = new_page(viewport=PHONE)
    sign_in(page, site, "member")
    page.get_by_role("button", name="Menu").click()
    expect(page.get_by_role("link", name="Your account")).to_be_visible()
    assert faults_of(page) == []

"""A secretary runs a group and makes an ask, in a real browser: without a script, and whole for everyone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import GROUP, every_page, walk
from tests.browser.test_walk import sign_in
from tests.house.addresses import pages

pytestmark = pytest.mark.browser


def test_an_ask_is_drawn_up_asked_answered_and_closed_without_a_script(
    page_without_script: Page, site, problems: list[str]
) -> None:
    page = page_without_script
    sign_in(page, site, "secretary")
    page.goto(f"{site.url}{GROUP}/barriers/")
    page.get_by_role("link", name=re.compile("Ask for it.*Two mobilising")).click()
    expect(page.get_by_label("What is asked")).to_have_value(re.compile("A shared incident log"))
    page.get_by_label("Title").fill("A log for two")
    page.get_by_text("Choose others").click()
    page.get_by_label("Kind of barrier").select_option("Procurement")
    page.get_by_role("button", name="Show these").click()
    expect(page.get_by_label("Title")).to_have_value("A log for two")
    page.get_by_label("Parts are bought under two contracts").check()
    page.get_by_label("Of whom").fill("Exampleshire")
    page.get_by_role("button", name="Save the draft").click()
    # Four organisations are called that: the form asks which.
    assert [problem for problem in problems if ": 422 from" in problem] == problems
    problems.clear()
    page.get_by_role("radio", name="Exampleshire County Council").check()
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A log for two")
    main = page.locator("main")
    expect(main).to_contain_text("2 barriers were taken in")

    page.get_by_role("link", name="Mark as asked").click()
    page.get_by_role("button", name="Mark as asked").click()
    page.get_by_role("link", name="Record the answer").click()
    page.get_by_label("The answer").fill("From April.")
    page.get_by_role("button", name="Record the answer").click()
    page.get_by_role("link", name="Close the ask").click()
    expect(main).to_contain_text("Exampleshire Police keeps the record.")
    page.get_by_role("radio", name="Done as asked").check()
    page.get_by_role("button", name="Close the ask").click()
    expect(main).to_contain_text("The ask was closed: done as asked")


def test_a_secretary_runs_the_group_without_a_script(page_without_script: Page, site) -> None:
    page = page_without_script
    sign_in(page, site, "secretary")
    page.goto(f"{site.url}{GROUP}/members/")
    page.get_by_role("link", name="Add a person").click()
    page.get_by_label("Name or email").fill("brennan")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Add to the group").click()
    expect(page.locator("main")).to_contain_text("Jo Brennan is in the group.")

    page.goto(f"{site.url}{GROUP}/remit/")
    page.get_by_role("link", name="Filter the register").click()
    page.get_by_role("checkbox", name="Fleet", exact=True).check()
    page.get_by_role("button", name="Apply filters").click()
    page.get_by_role("link", name="Make this the remit of Exampleshire").click()
    expect(page.get_by_role("row", name="As it would be")).to_contain_text("Fleet")
    page.get_by_role("button", name="Make this the remit").click()
    expect(page.locator("main")).to_contain_text("Area of work: Fleet.")

    page.get_by_role("link", name="Change when it goes out").click()
    page.get_by_label("Day", exact=True).select_option("Thursday")
    page.get_by_role("button", name="Show when it would come").click()
    expect(page.get_by_role("listitem").filter(has_text="Thursday")).to_have_count(3)
    page.get_by_role("button", name="Save this schedule").click()
    expect(page.locator("main")).to_contain_text("Every Thursday at 07:00")


def test_the_secretarys_pages_are_whole_and_open_to_everyone(new_page, site) -> None:
    addresses = [a for name, a in pages() if name.startswith("group") and GROUP in a]
    addresses += [a for a in every_page(site) if a.startswith(GROUP)]
    addresses += [
        f"{GROUP}/members/add/?q=marsh",
        f"{GROUP}/remit/change/?area=fleet",
        f"{GROUP}/asks/new/?words=x",
    ]
    addresses += [f"{GROUP}/digest/schedule/?rhythm=week&turn=0&weekday=0&hour=7&zone=Europe/London&is_on=on"]
    assert len(addresses) > 20
    walk(new_page, site, list(dict.fromkeys(addresses)), "secretary")

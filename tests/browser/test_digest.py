"""A secretary’s desk for the digest and a reader’s choice, in a real browser: without a script, and whole for all."""

import re

import pytest
from playwright.sync_api import Page, expect

from register.core.clock import today
from register.core.tracking import origin
from register.initiatives.models import Initiative
from register.initiatives.services import raise_barrier
from tests.browser.pages import all_faults, faults_of
from tests.browser.test_walk import sign_in

pytestmark = pytest.mark.browser

DESK = "/groups/exampleshire/digest"


@pytest.fixture
def news(site) -> None:
    with origin("test"):
        raise_barrier(
            by=None,
            initiative=Initiative.objects.get(title="Shared fleet workshop at Millbrook"),
            title="The lease ends in March",
            category="estates_and_planning",
            severity="high",
            remover="local",
            raised_on=today(),
            on=today(),
        )


def test_the_next_digest_is_given_a_note_looked_at_and_sent_to_oneself_without_a_script(
    page_without_script: Page, site, news: None
) -> None:
    page = page_without_script
    sign_in(page, site, "secretary")
    page.goto(f"{site.url}{DESK}/")
    page.get_by_role("link", name="Write a covering note").click()
    page.get_by_label("Covering note").fill("The board meets on Thursday.")
    page.get_by_role("button", name="Save the note").click()
    main = page.locator("main")
    expect(main).to_contain_text("The board meets on Thursday.")
    expect(main).to_contain_text("The lease ends in March")
    email = page.frame_locator("iframe")
    expect(email.get_by_role("heading", level=1)).to_have_text("Exampleshire working group, this week")
    expect(email.locator("body")).to_contain_text("The board meets on Thursday.")
    before = len(site.outbox())
    page.get_by_role("button", name="Send it to myself").click()
    expect(main).to_contain_text("on its way to your own address")
    assert len(site.outbox()) == before + 1


def test_a_pause_asks_for_its_day_without_a_script(page_without_script: Page, site) -> None:
    page = page_without_script
    sign_in(page, site, "secretary")
    page.goto(f"{site.url}/account/digests/")
    day = page.get_by_label("Pause Exampleshire working group until")
    expect(day).to_be_hidden()
    choice = page.get_by_role("group", name=re.compile("Exampleshire"))
    choice.get_by_label("Pause it until a day").check()
    expect(day).to_be_visible()
    day.fill(f"31 December {today().year}" if today().month < 12 else f"31 January {today().year + 1}")
    page.get_by_role("button", name="Save what I get").click()
    expect(page.locator("main")).to_contain_text("Your choice of digests is saved.")
    expect(day).to_be_visible()


def test_its_pages_are_whole_and_open_to_everyone(page: Page, site, news: None) -> None:
    site.manage("send_due_digests", "--last-week", "exampleshire")
    sign_in(page, site, "secretary")
    faults = []
    for address in (
        f"{DESK}/",
        f"{DESK}/preview/",
        "/digests/?q=fleet",
        "/digests/?q=unheard-of",
        "/digests/?year=1066",
    ):
        page.goto(f"{site.url}{address}")
        faults += all_faults(page)
    page.goto(f"{site.url}/account/digests/")
    page.get_by_label("Pause it until a day").first.check()
    faults += faults_of(page)
    assert not faults, "\n".join(faults)
